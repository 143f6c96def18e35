//! Tags: one text with commas, and what subscription apps write into it.
//!
//! Compared without regard to case and to the white space around them. Apps add tags a moment
//! after the order is made; with tag-based apps a source should `hold` its orders.

/// The tags of an order, one by one.
pub(crate) fn each(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(str::trim).filter(|tag| !tag.is_empty())
}

/// Whether a tag is among them.
pub(crate) fn has(tags: &str, wanted: &str) -> bool {
    each(tags).any(|tag| tag.eq_ignore_ascii_case(wanted.trim()))
}

/// The tag that marks a renewal, if there is one.
pub(crate) fn recurring(tags: &str) -> Option<&str> {
    each(tags).find(|tag| is_among(RECURRING, tag) || numbered(tag).is_some_and(|n| n > 1))
}

/// The tag that marks a shipment of a prepaid subscription, if there is one.
pub(crate) fn prepaid(tags: &str) -> Option<&str> {
    each(tags).find(|tag| is_among(PREPAID, tag))
}

/// The tag that marks the first order of a subscription, if there is one.
pub(crate) fn first(tags: &str) -> Option<&str> {
    each(tags).find(|tag| is_among(FIRST, tag) || numbered(tag) == Some(1))
}

fn is_among(list: &[&str], tag: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(tag))
}

/// Skio counts: `Subscription Order: 3`.
fn numbered(tag: &str) -> Option<u32> {
    let (name, number) = tag.split_once(':')?;
    name.trim()
        .eq_ignore_ascii_case("Subscription Order")
        .then(|| number.trim().parse().ok())?
}

const RECURRING: &[&str] = &[
    "Subscription Recurring Order",
    "appstle_subscription_recurring_order",
    "Firmhouse-Recurring-Order",
    "Ordergroove Subscription Order",
    "recurring_order",
];

const PREPAID: &[&str] = &[
    "Prepaid",
    "Ordergroove Prepaid Order",
    "Prepaid Fulfillment Order",
];

const FIRST: &[&str] = &[
    "Subscription First Order",
    "appstle_subscription_first_order",
    "Firmhouse-First-Order",
    "Ordergroove Trigger Order",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_first_orders_from_renewals() {
        let table = [
            (
                "Subscription, Subscription First Order",
                (Some("Subscription First Order"), None),
            ),
            (
                "vip,subscription recurring order ",
                (None, Some("subscription recurring order")),
            ),
            (
                "Subscription Order: 1",
                (Some("Subscription Order: 1"), None),
            ),
            (
                "Subscription Order: 12",
                (None, Some("Subscription Order: 12")),
            ),
            ("Subscription Order: many, Active Subscriber", (None, None)),
            ("not a recurring_order at all", (None, None)),
            ("", (None, None)),
        ];
        for (tags, expected) in table {
            assert_eq!((first(tags), recurring(tags)), expected, "{tags}");
        }
    }
}
