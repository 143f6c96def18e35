//! Event ids: derived from the platform's own keys, never generated.

use std::fmt;

use crate::Text;

/// What Converge deduplicates on, inside one source.
///
/// The same payload always gives the same id, however often and on whatever way it arrives. Ids of
/// different kinds of event differ even for one object, because it is not documented whether the
/// event name is part of Converge's key.
/// <https://docs.runconverge.com/sources/concepts/deduplication>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Text);

impl EventId {
    /// A placed order: the platform's order id itself, which is also what a store's pixel sends.
    pub fn order(order: &Text) -> Self {
        Self(order.clone())
    }

    /// A subscription's start, known by its first order or by itself.
    pub fn started(object: &Text) -> Self {
        Self(Text::joined([object.as_str(), "-started-subscription"]))
    }

    /// A renewal, known by its order, charge or invoice; never by the subscription, which would
    /// make the second renewal a duplicate of the first.
    pub fn renewal(object: &Text) -> Self {
        Self(Text::joined([object.as_str(), "-renewal"]))
    }

    /// A refund of an order.
    pub fn refund(order: &Text, refund: &Text) -> Self {
        Self(Text::joined([order.as_str(), "-refund-", refund.as_str()]))
    }

    /// A change in a subscription's life that can come more than once: `occurrence` tells the
    /// first cancellation from the second (a revision number, a time).
    pub fn lifecycle(subscription: &Text, what: &'static str, occurrence: &str) -> Self {
        Self(Text::joined([
            subscription.as_str(),
            "-",
            what,
            "-",
            occurrence,
        ]))
    }

    /// An event known by one of a platform's objects that is no order: `recharge:charge:580`.
    pub fn of(platform: &'static str, object: &'static str, id: &Text) -> Self {
        Self(Text::joined([platform, ":", object, ":", id.as_str()]))
    }

    /// What happened to that object, for the first and only time: `stripe:sub:sub_1:started`.
    #[must_use]
    pub fn once(self, what: &'static str) -> Self {
        Self(Text::joined([self.as_str(), ":", what]))
    }

    /// What happened to that object and can happen again; `occurrence` tells one time from the
    /// other: `recharge:sub:1:cancelled:2026-06-10T14:05:20Z`.
    #[must_use]
    pub fn each(self, what: &'static str, occurrence: &str) -> Self {
        Self(Text::joined([self.as_str(), ":", what, ":", occurrence]))
    }

    /// An id that is already one: read back from an event body.
    pub fn given(id: Text) -> Self {
        Self(id)
    }

    /// The same id in a namespace: the configured prefix of a source.
    #[must_use]
    pub fn prefixed(self, prefix: &str) -> Self {
        if prefix.is_empty() {
            self
        } else {
            Self(Text::joined([prefix, self.as_str()]))
        }
    }

    /// The id as it is sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_a_cancellation_and_the_next_one_differ() {
        let id = Text::new("330044").unwrap();
        let object = || EventId::of("recharge", "sub", &id);
        let ids = [
            object().once("started"),
            object().each("cancelled", "2026-06-10T14:05:20Z"),
            object().each("cancelled", "2026-08-01T09:00:00Z"),
        ];
        let texts = ids.each_ref().map(EventId::as_str);
        assert_eq!(texts[0], "recharge:sub:330044:started");
        assert_eq!(
            texts[1],
            "recharge:sub:330044:cancelled:2026-06-10T14:05:20Z"
        );
        assert_ne!(texts[1], texts[2]);
        assert_eq!(object().prefixed("b-").as_str(), "b-recharge:sub:330044");
    }
}
