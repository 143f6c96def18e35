//! One order, in each form in which Amazon tells of it, is one event.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use orderbridge_amazon::Amazon;
use orderbridge_event::{Adapter, Alias, Context, Event, Kind, Mapped, Payload, Pieces};

fn event(topic: &str, name: &str) -> Event {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let body = fs::read(folder.join(format!("{name}.json"))).unwrap();
    let payload = Payload { topic, body: &body };
    let payload = match Amazon.split(payload).unwrap() {
        Pieces::One(payload) => payload,
        Pieces::Many(pieces) => pieces[0],
    };
    match Amazon.map(payload, &Context::default()).unwrap() {
        Mapped::Events(events) => events.iter().next().unwrap().clone(),
        Mapped::Ignored(ignored) => panic!("{name}: {}", ignored.message),
    }
}

fn same(events: &[Event]) {
    let (first, others) = events.split_first().unwrap();
    for other in others {
        assert_eq!(first.id, other.id);
        assert_eq!(first.timestamp, other.timestamp);
        assert_eq!(first.channel, other.channel);
        assert_eq!(first.place, other.place);
        assert_eq!(first.aliases, other.aliases);
        let (Kind::PlacedOrder { order, .. }, Kind::PlacedOrder { order: again, .. }) =
            (&first.kind, &other.kind)
        else {
            panic!("an order is Placed Order");
        };
        // Totals, tax, shipping, discount and every item.
        assert_eq!(order, again);
        // A report lacks some facts, and contradicts none.
        for (name, value) in other.custom.iter() {
            assert_eq!(
                first.custom.get(name.as_str()),
                Some(value),
                "{}",
                name.as_str()
            );
        }
    }
}

#[test]
fn an_american_order_with_tax_on_top() {
    let order = event("order", "us-order");
    let aliases: Vec<&str> = order.aliases.iter().map(Alias::as_str).collect();
    assert_eq!(aliases, ["urn:amazon:order_id:111-2223334-5556667"]);
    same(&[
        order,
        event("v0-order", "us-order-v0"),
        event("report", "us-order-report"),
    ]);
}

#[test]
fn a_german_order_with_tax_inside_and_a_discount() {
    same(&[
        event("order", "de-order"),
        event("v0-order", "de-order-v0"),
        event("report", "de-order-report"),
    ]);
}

#[test]
fn a_japanese_order_with_gift_wrap_and_cash_on_delivery() {
    let topic = "GET /orders/2026-01-01/orders/249-1234567-7654321";
    same(&[
        event(topic, "jp-gift-cod-points"),
        event("v0-order", "jp-gift-cod-points-v0"),
    ]);
}
