//! What is known beside the payloads.

use orderbridge_event::{Amount, Refunded};

use super::super::{
    Accepted, ConflictPolicy, Customer, Intake, OrderVersion, Outcome, Private, Reason, Remap,
    Seen, Store, SubjectHash,
};
use super::Bench;
use super::make::{accept, at, bytes, event, intake, known};

pub(super) async fn a_refund_finds_its_order(bench: &dyn Bench) {
    let store = bench.open().await;
    accept(&*store, intake(1, 2, at(0))).await;
    // A refund knows its order's key and nothing else of it.
    let mut refund = intake(1, 3, at(1));
    refund.order = Some(OrderVersion {
        key: "1".to_owned(),
        updated_at: None,
        known: None,
    });
    refund.outcome = Outcome::Ignored(Reason::new("topic.ignored", ""));
    accept(&*store, refund).await;
    // An older version of the order does not undo what a newer one said.
    let mut older = intake(1, 1, at(2));
    older.order.as_mut().unwrap().known = Some(Private::new(known(77)));
    accept(&*store, older).await;
    drop(store);
    let store = bench.open().await;
    let found = store.known_order("shop", "1").await.unwrap();
    assert_eq!(found.unwrap().into_inner(), known(1));
    assert!(store.known_order("other", "1").await.unwrap().is_none());
    assert!(store.known_order("shop", "2").await.unwrap().is_none());
}

/// A refund that brings the sum to this much, of which so much is new.
fn refund(order: u32, sum: u32, amount: &str) -> Intake {
    let mut event = event(order, sum);
    event.id = format!("order-{order}:refund:{sum}");
    event.refunded = Amount::parse(amount);
    let mut intake = intake(order, sum, at(i64::from(sum)));
    intake.outcome = Outcome::Events(vec![event]);
    intake
}

pub(super) async fn refunds_are_told_in_the_order_they_came(bench: &dyn Bench) {
    let store = bench.open().await;
    let told = async |store: &dyn Store| store.refunded("shop", "1").await.unwrap();
    assert!(told(&*store).await.is_empty());
    accept(&*store, refund(1, 5, "5.00")).await;
    accept(&*store, refund(2, 9, "9.00")).await;
    accept(&*store, refund(1, 8, "3.00")).await;
    // A repetition, and the same refund with other content, tell nothing new.
    accept(&*store, refund(1, 8, "3.00")).await;
    let mut other = refund(1, 5, "4.00");
    if let Outcome::Events(events) = &mut other.outcome {
        events[0].body = Private::new(bytes(1, 77));
    }
    accept(&*store, other).await;
    let expected: Refunded = ["5.00", "3.00"]
        .into_iter()
        .filter_map(Amount::parse)
        .collect();
    assert_eq!(told(&*store).await, expected);
    // One that was parked and is mapped later is told when it is.
    let mut parked = refund(1, 10, "2.00");
    let outcome = std::mem::replace(
        &mut parked.outcome,
        Outcome::Unmappable(Reason::new("payload.type", "expected text")),
    );
    let Accepted::Stored { payload, .. } = accept(&*store, parked.clone()).await else {
        panic!("not stored");
    };
    assert_eq!(told(&*store).await, expected);
    let remap = Remap {
        payload,
        now: at(20),
        mapping: parked.mapping,
        order: parked.order,
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        outcome,
    };
    store.remap(remap.clone()).await.unwrap();
    store.remap(remap).await.unwrap();
    drop(store);
    let store = bench.open().await;
    let expected: Refunded = ["5.00", "3.00", "2.00"]
        .into_iter()
        .filter_map(Amount::parse)
        .collect();
    assert_eq!(told(&*store).await, expected);
    let elsewhere = store.refunded("other", "1").await.unwrap();
    assert!(elsewhere.is_empty());
}

fn customer(person: u8, order: &str, ordered_at: i64) -> Customer {
    Customer {
        source: "shop".to_owned(),
        subjects: vec![
            SubjectHash::from_bytes([person; 16]),
            SubjectHash::from_bytes([person + 100; 16]),
        ],
        order_key: order.to_owned(),
        ordered_at: at(ordered_at),
        complete_from: Some(at(0)),
    }
}

pub(super) async fn a_customer_is_new_once(bench: &dyn Bench) {
    let store = bench.open().await;
    let seen = async |customer| store.seen(customer).await.unwrap();
    assert_eq!(seen(customer(1, "a", 10)).await, Seen::New);
    assert_eq!(
        seen(customer(1, "a", 10)).await,
        Seen::New,
        "the same order"
    );
    assert_eq!(seen(customer(1, "b", 20)).await, Seen::Returning);
    assert_eq!(seen(customer(2, "c", 20)).await, Seen::New);
    // One identity in common is enough.
    let mut changed = customer(1, "d", 30);
    changed.subjects[0] = SubjectHash::from_bytes([50; 16]);
    assert_eq!(seen(changed).await, Seen::Returning);
    // History that comes in late.
    assert_eq!(seen(customer(2, "earlier", 5)).await, Seen::New);
    assert_eq!(seen(customer(2, "c", 20)).await, Seen::Returning);
    let mut elsewhere = customer(1, "e", 40);
    elsewhere.source = "other".to_owned();
    assert_eq!(seen(elsewhere).await, Seen::New);
}

pub(super) async fn nothing_is_said_of_what_nobody_knows(bench: &dyn Bench) {
    let store = bench.open().await;
    let seen = async |customer| store.seen(customer).await.unwrap();
    assert_eq!(seen(customer(1, "a", -10)).await, Seen::Unknown);
    assert_eq!(seen(customer(1, "b", 10)).await, Seen::Returning);
    let mut nobody = customer(3, "c", 10);
    nobody.subjects.clear();
    assert_eq!(seen(nobody).await, Seen::Unknown);
    let mut off = customer(4, "d", 10);
    off.complete_from = None;
    assert_eq!(seen(off).await, Seen::Unknown);
}
