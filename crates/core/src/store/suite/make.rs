//! Payloads, events and attempts for tests, and the steps that most cases have in common.

use std::time::Duration;

use bytes::Bytes;
use orderbridge_event::{Alias, Aliases, Currency, KnownOrder, SalesChannel};

use super::super::{
    Accepted, Accounts, Attempt, AttemptClass, ClaimId, Claimed, ConflictPolicy, Detail, Direction,
    Due, EventOutcome, Filter, Intake, Item, ItemId, Lane, List, Millis, NewEvent, OrderVersion,
    Outcome, Page, Private, Reason, Settlement, State, Store, Verdict,
};

/// The only destination of most cases.
pub const MAIN: &str = "main";

/// The time at which most cases begin, and so many seconds later.
pub fn at(second: i64) -> Millis {
    Millis::new(1_700_000_000_000 + second * 1_000)
}

/// An event of an order: its bytes tell the version.
pub fn event(order: u32, version: u32) -> NewEvent {
    NewEvent {
        destination: MAIN.to_owned(),
        name: "Placed Order".to_owned(),
        id: format!("order-{order}"),
        body: Private::new(bytes(order, version)),
        channel: SalesChannel::Web,
        because: "`source_name` is web".to_owned(),
        notes: vec![Reason::new("phone.invalid", "left out")],
        order_time: at(-60),
        dropped: None,
        refunded: None,
    }
}

/// The bytes of an event.
pub fn bytes(order: u32, version: u32) -> Bytes {
    let name = person(order);
    format!(r#"{{"event_id":"order-{order}","version":{version},"$email":"{name}"}}"#).into()
}

/// The plain value that must not remain of an order once it is redacted.
pub fn person(order: u32) -> String {
    format!("customer.{order}.plain@example.com")
}

/// A payload of an order at a version, received then.
pub fn intake(order: u32, version: u32, now: Millis) -> Intake {
    let name = person(order);
    // Long enough to need pages of its own, as real ones do.
    let filler = name.repeat(150);
    Intake {
        source: "shop".to_owned(),
        topic: "orders/create".to_owned(),
        body: Private::new(
            format!(r#"{{"id":{order},"version":{version},"note":"{filler}"}}"#).into(),
        ),
        delivery_id: None,
        sent_at: None,
        is_test: false,
        received_at: now,
        mapping: "shopify 0.1.0".to_owned(),
        order: Some(OrderVersion {
            key: order.to_string(),
            updated_at: Some(at(i64::from(version))),
            known: Some(Private::new(known(order))),
        }),
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        outcome: Outcome::Events(vec![event(order, version)]),
    }
}

/// What is known of an order.
pub fn known(order: u32) -> KnownOrder {
    let alias = Alias::new("urn:email:", &person(order)).unwrap();
    KnownOrder {
        aliases: Aliases::new(alias, []),
        currency: Currency::parse("EUR").unwrap(),
        channel: SalesChannel::Web,
    }
}

/// Stores one payload.
pub async fn accept(store: &dyn Store, intake: Intake) -> Accepted {
    let mut accepted = store.accept(Page::one(intake)).await.unwrap();
    assert_eq!(accepted.len(), 1);
    accepted.remove(0)
}

/// Stores one payload with one event, and tells what became of it.
pub async fn accept_event(store: &dyn Store, intake: Intake) -> EventOutcome {
    match accept(store, intake).await {
        Accepted::Stored { events, .. } if events.len() == 1 => *events.first().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A request for work.
pub fn due(lane: Lane, limit: usize, now: Millis) -> Due {
    Due {
        destination: MAIN.to_owned(),
        lane,
        limit,
        claim: ClaimId::random(),
        lease_until: now.plus(Duration::from_secs(60)),
        now,
        probe: None,
    }
}

/// Claims what is due.
pub async fn claim(store: &dyn Store, lane: Lane, now: Millis) -> Vec<Claimed> {
    store.claim(due(lane, 1_000, now)).await.unwrap()
}

/// Claims the one delivery that is due.
pub async fn claim_one(store: &dyn Store, lane: Lane, now: Millis) -> Claimed {
    let mut claimed = claim(store, lane, now).await;
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed.remove(0)
}

/// An attempt with an answer.
pub fn attempt(class: AttemptClass, status: u16, now: Millis) -> Attempt {
    Attempt {
        at: now,
        duration: Duration::from_millis(20),
        class,
        status: Some(status),
        answer: Private::new(format!("answer {status}")),
        spent: true,
        idle: Duration::ZERO,
    }
}

/// What became of a claimed delivery.
pub fn settlement(claimed: &Claimed, verdict: Verdict, now: Millis) -> Settlement {
    use crate::FailureKind::{Rejected, Temporary};
    let attempt = match verdict {
        Verdict::Delivered => Some(attempt(AttemptClass::Delivered, 200, now)),
        Verdict::Retry { .. } => Some(attempt(AttemptClass::Failed(Temporary), 500, now)),
        Verdict::Parked(_) => Some(attempt(AttemptClass::Failed(Rejected), 422, now)),
        Verdict::HeldBack { .. } | Verdict::Released => None,
    };
    Settlement {
        id: claimed.id,
        claim: claimed.claim,
        now,
        attempt,
        verdict,
    }
}

/// Settles one delivery; true if it was still ours.
pub async fn settle(store: &dyn Store, claimed: &Claimed, verdict: Verdict, now: Millis) -> bool {
    let settled = store.settle(vec![settlement(claimed, verdict, now)]).await;
    settled.unwrap().applied == 1
}

/// Claims and delivers whatever is due.
pub async fn deliver_all(store: &dyn Store, now: Millis) -> usize {
    let mut delivered = 0;
    for lane in [Lane::Fresh, Lane::Retry] {
        for claimed in claim(store, lane, now).await {
            assert!(settle(store, &claimed, Verdict::Delivered, now).await);
            delivered += 1;
        }
    }
    delivered
}

/// The items of a filter, the oldest first.
pub async fn items(store: &dyn Store, filter: Filter) -> Vec<Item> {
    let list = List {
        filter,
        direction: Direction::OldestFirst,
        after: None,
        limit: 1_000,
    };
    store.list(list).await.unwrap()
}

/// All that is known of a delivery.
pub async fn show(store: &dyn Store, outcome: EventOutcome) -> Detail {
    let id = ItemId::Delivery(outcome.delivery());
    store.show(id).await.unwrap().unwrap()
}

/// The state of a delivery.
pub async fn state(store: &dyn Store, outcome: EventOutcome) -> State {
    show(store, outcome).await.item.state
}

/// Adds everything up; nothing may be missing.
pub async fn balance(store: &dyn Store) -> Accounts {
    let accounts = store.accounts().await.unwrap();
    assert!(accounts.balanced(), "{accounts:?}");
    accounts
}
