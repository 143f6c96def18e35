//! The orders that are posted, and what each has to become.

use std::hash::{DefaultHasher, Hasher as _};

use orderbridge_event::{Context, Mapped, Payload};

use super::plan::Kind;

const PLAIN: (&str, &str) = (
    include_str!("../../../../adapters/shopify/fixtures/web-order.json"),
    "5551234567890",
);
/// Becomes two events.
const SUBSCRIPTION: (&str, &str) = (
    include_str!("../../../../adapters/shopify/fixtures/subscription-first-order.json"),
    "5915217631662",
);

pub(crate) const TOPIC: &str = "orders/create";

/// What a receiver takes at most, and one byte more.
const TOO_LARGE: usize = 2 * 1024 * 1024 + 1;

/// The key of an event: `event_name` and `event_id`.
pub(crate) type Key = (String, String);

/// An event by its key, with a digest of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) key: Key,
    pub(crate) digest: u64,
}

/// The platform's id of an order.
pub(crate) fn id(order: u64) -> String {
    (100_000_000 + order).to_string()
}

/// The order that an id of the platform belongs to.
pub(crate) fn order_of(id: &str) -> Option<u64> {
    id.parse::<u64>().ok()?.checked_sub(100_000_000)
}

/// The body of an order.
pub(crate) fn body(order: u64, kind: Kind) -> String {
    let (text, known) = if order.is_multiple_of(5) {
        SUBSCRIPTION
    } else {
        PLAIN
    };
    let text = text.replace(known, &id(order));
    match kind {
        Kind::Good | Kind::Refused | Kind::Unsigned => text,
        // What an order costs has to be a number.
        Kind::Unmappable => text.replace("\"total_price\": \"", "\"total_price\": \"none "),
        Kind::TooLarge => text + &" ".repeat(TOO_LARGE),
    }
}

/// What the mapping makes of a body: nothing, if it cannot be mapped.
pub(crate) fn expected(body: &str) -> Vec<Expected> {
    let shopify = orderbridge_registry::find("shopify").unwrap();
    let payload = Payload {
        topic: TOPIC,
        body: body.as_bytes(),
    };
    match shopify.adapter.map(payload, &Context::default()) {
        Ok(Mapped::Events(events)) => events
            .iter()
            .map(|event| Expected {
                key: (event.kind.name().to_owned(), event.id.as_str().to_owned()),
                digest: digest(&event.to_json()),
            })
            .collect(),
        Ok(Mapped::Ignored(_)) | Err(_) => Vec::new(),
    }
}

/// Tells bodies apart.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// The key in the body of an event, if it is one.
pub(crate) fn key(body: &[u8]) -> Option<Key> {
    let event: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| Some(event.get(name)?.as_str()?.to_owned());
    Some((text("event_name")?, text("event_id")?))
}

#[test]
fn each_kind_becomes_what_it_should() {
    for order in [1, 5] {
        let events = expected(&body(order, Kind::Good));
        assert_eq!(events.len(), if order == 5 { 2 } else { 1 });
        assert_eq!(events[0].key, ("Placed Order".to_owned(), id(order)));
        assert_eq!(expected(&body(order, Kind::Unmappable)), []);
        assert!(body(order, Kind::TooLarge).len() > 2 * 1024 * 1024);
    }
    assert_eq!(order_of(&id(17)), Some(17));
}
