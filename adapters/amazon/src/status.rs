//! How far an order is, in one word for all of Amazon's spellings.

use orderbridge_event::Text;

/// What a status means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Payment is being checked, or the goods are not out yet: there are no prices.
    Pending,
    /// Past pending.
    Placed,
    Cancelled,
    /// Only orders of other shops that Amazon ships are ever in this state.
    Unfulfillable,
}

/// A status, and its word in the current API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub stage: Stage,
    pub word: Text,
}

/// The current API's word, v0's or the report's, and the stage. Pages differ on cancelled's l.
const WORDS: &[(&str, &[&str], Stage)] = &[
    ("SHIPPED", &[], Stage::Placed),
    ("UNSHIPPED", &[], Stage::Placed),
    ("PARTIALLY_SHIPPED", &["PartiallyShipped"], Stage::Placed),
    ("PENDING", &[], Stage::Pending),
    (
        "PENDING_AVAILABILITY",
        &["PendingAvailability"],
        Stage::Pending,
    ),
    ("CANCELLED", &["Canceled"], Stage::Cancelled),
    ("UNFULFILLABLE", &[], Stage::Unfulfillable),
    (
        "INVOICE_UNCONFIRMED",
        &["InvoiceUnconfirmed"],
        Stage::Placed,
    ),
];

impl Status {
    /// Reads any spelling. A word that is not known is data: the order is past pending.
    pub(crate) fn read(text: Text) -> Self {
        let is = |word: &str| text.as_str().eq_ignore_ascii_case(word);
        let known = WORDS
            .iter()
            .find(|(word, more, _)| is(word) || more.iter().any(|other| is(other)));
        match known {
            Some((word, _, stage)) => Self {
                stage: *stage,
                word: Text::labelled(word, ""),
            },
            None => Self {
                stage: Stage::Placed,
                word: text,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_spellings() {
        for (text, word, stage) in [
            ("Unshipped", "UNSHIPPED", Stage::Placed),
            ("PartiallyShipped", "PARTIALLY_SHIPPED", Stage::Placed),
            (
                "PENDING_AVAILABILITY",
                "PENDING_AVAILABILITY",
                Stage::Pending,
            ),
            (
                "PendingAvailability",
                "PENDING_AVAILABILITY",
                Stage::Pending,
            ),
            ("Canceled", "CANCELLED", Stage::Cancelled),
            ("Cancelled", "CANCELLED", Stage::Cancelled),
            ("Unfulfillable", "UNFULFILLABLE", Stage::Unfulfillable),
            ("Shipped - Picked Up", "Shipped - Picked Up", Stage::Placed),
        ] {
            let status = Status::read(Text::new(text).unwrap());
            assert_eq!((status.word.as_str(), status.stage), (word, stage));
        }
    }
}
