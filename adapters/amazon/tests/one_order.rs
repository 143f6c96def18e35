//! One order, in each form in which Amazon tells of it, is one event.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_amazon::Amazon;
use orderbridge_event::{Adapter, Alias, Context, Event, Kind, Mapped, Payload, Pieces};

fn event(topic: &str, body: &[u8]) -> Event {
    let payload = Payload { topic, body };
    let payload = match Amazon.split(payload).unwrap() {
        Pieces::One(payload) => payload,
        Pieces::Many(pieces) => *pieces.first().unwrap(),
    };
    match Amazon.map(payload, &Context::default()).unwrap() {
        Mapped::Events(events) => events.iter().next().unwrap().clone(),
        Mapped::Ignored(ignored) => panic!("{}", ignored.message),
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
    let order = event("order", include_bytes!("../fixtures/us-order.json"));
    let aliases: Vec<&str> = order.aliases.iter().map(Alias::as_str).collect();
    assert_eq!(aliases, ["urn:amazon:order_id:111-2223334-5556667"]);
    same(&[
        order,
        event("v0-order", include_bytes!("../fixtures/us-order-v0.json")),
        event("report", include_bytes!("../fixtures/us-order-report.json")),
    ]);
}

#[test]
fn a_german_order_with_tax_inside_and_a_discount() {
    same(&[
        event("order", include_bytes!("../fixtures/de-order.json")),
        event("v0-order", include_bytes!("../fixtures/de-order-v0.json")),
        event("report", include_bytes!("../fixtures/de-order-report.json")),
    ]);
}

#[test]
fn a_japanese_order_with_gift_wrap_and_cash_on_delivery() {
    let topic = "GET /orders/2026-01-01/orders/249-1234567-7654321";
    same(&[
        event(topic, include_bytes!("../fixtures/jp-gift-cod-points.json")),
        event(
            "v0-order",
            include_bytes!("../fixtures/jp-gift-cod-points-v0.json"),
        ),
    ]);
}
