//! Orders that are held, refunds, and who is new.

use std::time::Duration;

use orderbridge_connect::{Limits, NewCustomer};
use orderbridge_core::store::{Accepted, ConflictPolicy, EventOutcome, Millis};
use orderbridge_event::Refunds;
use serde_json::json;

use crate::support::client::Hook;
use crate::support::{Bench, bench, changed, fixture, start, us_store};

const HOLD: Duration = Duration::from_secs(600);

async fn holding() -> Bench {
    let mut source = us_store();
    source.hold = Some(HOLD);
    source.conflict = ConflictPolicy::Send;
    start(source, Limits::default()).await
}

/// The web order at a minute of its life, with a total.
fn order(topic: &str, minute: u32, total: &str) -> Hook {
    let fields = [
        (
            "updated_at",
            json!(format!("2026-11-02T10:{minute}:00-05:00")),
        ),
        ("total_price", json!(total)),
    ];
    Hook::new(topic, changed("web-order", &fields))
}

fn last(bench: &Bench) -> EventOutcome {
    match bench.store.known().outcomes.last() {
        Some(Accepted::Stored { events, .. }) => events[0],
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_order_waits_and_a_newer_version_takes_its_place() {
    let bench = holding().await;
    let address = bench.running.addr();
    assert_eq!(
        order("orders/create", 16, "49.20")
            .send(address)
            .await
            .status,
        200
    );
    {
        let known = bench.store.known();
        let intake = &known.intakes[0];
        let until = intake.hold_until.unwrap();
        assert_eq!(until.since(intake.received_at), HOLD);
        assert!(intake.order.as_ref().unwrap().updated_at.is_some());
    }
    // The upsell arrives as an update, and only then counts.
    assert_eq!(
        order("orders/updated", 18, "59.20")
            .send(address)
            .await
            .body,
        "stored"
    );
    assert!(matches!(last(&bench), EventOutcome::Replaced(_)));
    assert!(
        bench
            .store
            .event("Placed Order")
            .contains("\"total_price\":59.2")
    );
    // An older one that was under way for longer does not.
    assert_eq!(
        order("orders/updated", 17, "54.20")
            .send(address)
            .await
            .status,
        200
    );
    assert!(matches!(last(&bench), EventOutcome::Older(_)));
    assert!(
        bench
            .store
            .event("Placed Order")
            .contains("\"total_price\":59.2")
    );
    // Whatever the source says of conflicts: a hold that just ended is not sent twice.
    let known = bench.store.known();
    assert_eq!(known.intakes[0].conflict, ConflictPolicy::Send);
    assert_eq!(known.intakes[1].conflict, ConflictPolicy::KeepFirst);
    assert_eq!(known.intakes[1].topic, "orders/updated");
}

#[tokio::test]
async fn a_change_of_an_order_that_is_not_held_is_no_order() {
    let bench = holding().await;
    let address = bench.running.addr();
    // Never heard of.
    assert_eq!(
        order("orders/updated", 18, "59.20")
            .send(address)
            .await
            .body,
        "ignored"
    );
    order("orders/create", 16, "49.20").send(address).await;
    // On its way already.
    for event in bench.store.known().events.values_mut() {
        event.held_until = None;
    }
    assert_eq!(
        order("orders/updated", 18, "59.20")
            .send(address)
            .await
            .body,
        "ignored"
    );
    // Nobody can tell whether it is newer.
    let timeless = Hook::new("orders/updated", fixture("web-order"));
    assert_eq!(timeless.send(address).await.body, "ignored");
    assert!(
        bench
            .store
            .event("Placed Order")
            .contains("\"total_price\":49.2")
    );
}

#[tokio::test]
async fn without_a_hold_nothing_waits_and_nothing_is_replaced() {
    let bench = bench().await;
    let address = bench.running.addr();
    order("orders/create", 16, "49.20").send(address).await;
    assert_eq!(
        order("orders/updated", 18, "59.20")
            .send(address)
            .await
            .body,
        "ignored"
    );
    assert_eq!(bench.store.known().intakes[0].hold_until, None);
}

#[tokio::test]
async fn a_refund_finds_its_order_and_does_not_wait() {
    let bench = holding().await;
    let address = bench.running.addr();
    let order = json!(5_551_234_567_890_u64);
    let refund = Hook::new("refunds/create", changed("refund", &[("order_id", order)]));
    order_first(&bench).await;
    assert_eq!(refund.send(address).await.body, "stored");
    let event = bench.store.event("Received Refund");
    assert!(
        event.contains("urn:email:jane.example@example.com"),
        "{event}"
    );
    assert!(event.contains("\"$sales_channel_type\":\"web\""), "{event}");
    let known = bench.store.known();
    let intake = known.intakes.last().unwrap();
    assert_eq!(intake.hold_until, None);
    // Found again by its order, since it names nobody.
    assert_eq!(intake.subjects.len(), 1);
}

async fn order_first(bench: &Bench) {
    let hook = Hook::new("orders/create", fixture("web-order"));
    assert_eq!(hook.send(bench.running.addr()).await.body, "stored");
}

#[tokio::test]
async fn a_refund_without_its_order_is_sent_all_the_same() {
    let mut source = us_store();
    source.options.refunds = Refunds::Topic;
    let bench = start(source, Limits::default()).await;
    let refund = Hook::new("refunds/create", fixture("refund"));
    assert_eq!(refund.send(bench.running.addr()).await.body, "stored");
    let event = bench.store.event("Received Refund");
    assert!(
        event.contains("\"$sales_channel_type\":\"offline\""),
        "{event}"
    );
}

#[tokio::test]
async fn the_stores_history_tells_who_is_new() {
    let mut source = us_store();
    let complete_from = Some(Millis::new(0));
    source.new_customer = NewCustomer::Store { complete_from };
    let bench = start(source, Limits::default()).await;
    let address = bench.running.addr();
    let first = Hook::new("orders/create", fixture("web-order"));
    for _ in 0..2 {
        first.send(address).await;
        let event = bench.store.event("Placed Order");
        assert!(event.contains("\"$is_new_customer\":true"), "{event}");
    }
    let id = json!(5_551_234_567_891_u64);
    let fields = [("id", id), ("admin_graphql_api_id", json!(null))];
    let second = Hook::new("orders/create", changed("web-order", &fields));
    second.send(address).await;
    let known = bench.store.known();
    let of_second = known
        .events
        .iter()
        .find(|((_, _, id), _)| id.ends_with('1'));
    let (_, event) = of_second.unwrap();
    let event = String::from_utf8(event.body.to_vec()).unwrap();
    assert!(event.contains("\"$is_new_customer\":false"), "{event}");
}
