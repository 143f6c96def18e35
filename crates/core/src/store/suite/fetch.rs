//! What only says that something is to be fetched.

use super::super::{
    Accepted, ConflictPolicy, Filter, Intake, Millis, OpenFetch, Outcome, PayloadId, Reason, Remap,
    Remapped, Retention, State, Store,
};
use super::Bench;
use super::make::{accept, at, balance, intake, items};

fn notification(order: u32, now: Millis) -> Intake {
    let mut intake = intake(order, 1, now);
    intake.outcome = Outcome::Fetch;
    intake.order = None;
    intake
}

async fn stored(store: &dyn Store, intake: Intake) -> PayloadId {
    match accept(store, intake).await {
        Accepted::Stored { payload, .. } => payload,
        Accepted::Duplicate { .. } => panic!("not stored"),
    }
}

async fn open(store: &dyn Store, after: Option<PayloadId>) -> Vec<PayloadId> {
    let open = store.open_fetches("shop", after, 100).await.unwrap();
    open.iter().map(|fetch| fetch.payload).collect()
}

async fn settle(store: &dyn Store, payload: PayloadId, outcome: Outcome) -> Remapped {
    let remap = Remap {
        payload,
        now: at(100),
        mapping: "amazon 0.1.0".to_owned(),
        order: None,
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        outcome,
    };
    store.remap(remap).await.unwrap()
}

pub(super) async fn it_is_open_until_it_is_settled(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = stored(&*store, notification(1, at(0))).await;
    let second = stored(&*store, notification(2, at(1))).await;
    let mut elsewhere = notification(3, at(2));
    elsewhere.source = "other".to_owned();
    stored(&*store, elsewhere).await;
    drop(store);

    let store = bench.open().await;
    assert_eq!(open(&*store, None).await, [first, second], "after a crash");
    assert_eq!(open(&*store, Some(first)).await, [second]);
    let found = store.open_fetches("shop", None, 1).await.unwrap();
    let expected = OpenFetch {
        payload: first,
        topic: "orders/create".to_owned(),
        received_at: at(0),
        body: notification(1, at(0)).body,
    };
    assert_eq!(found, [expected]);
    assert!(
        store
            .open_fetches("nobody", None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    let accounts = balance(&*store).await;
    assert_eq!((accounts.payloads, accounts.fetches), (3, 3));

    let done = Outcome::Ignored(Reason::new("pull.fetched", "fetched"));
    let missing = Outcome::Unmappable(Reason::new("pull.missing", "not there"));
    assert!(matches!(
        settle(&*store, first, done).await,
        Remapped::Done(_)
    ));
    assert!(matches!(
        settle(&*store, second, missing).await,
        Remapped::Done(_)
    ));
    assert!(open(&*store, None).await.is_empty());
    let accounts = balance(&*store).await;
    assert_eq!(
        (accounts.dropped, accounts.parked, accounts.fetches),
        (1, 1, 1)
    );
    // What was put aside can be asked for once more.
    settle(&*store, second, Outcome::Fetch).await;
    assert_eq!(open(&*store, None).await, [second]);
    balance(&*store).await;
}

pub(super) async fn it_is_seen_and_keeps_its_body_while_it_is_open(bench: &dyn Bench) {
    let store = bench.open().await;
    let payload = stored(&*store, notification(1, at(0))).await;
    let filter = Filter {
        states: Some(vec![State::Pending]),
        reason: Some(Reason::FETCH_PENDING.to_owned()),
        ..Filter::default()
    };
    let found = items(&*store, filter).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].state, State::Pending);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts[0].state, counts[0].count), (State::Pending, 1));

    let retention = Retention {
        bodies_before: at(1_000),
        orders_before: at(0),
        after: None,
        limit: 100,
    };
    assert_eq!(store.erase(retention).await.unwrap().payloads, 0);
    assert!(store.raw(payload).await.unwrap().is_some());
    let done = Outcome::Ignored(Reason::new("pull.fetched", "fetched"));
    settle(&*store, payload, done).await;
    assert_eq!(store.erase(retention).await.unwrap().payloads, 1);
    balance(&*store).await;
}
