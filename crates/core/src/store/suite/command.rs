//! What people ask.

use orderbridge_event::Timestamp;

use super::super::{
    Accepted, Command, ConflictPolicy, EventOutcome, Filter, ItemId, Lane, Outcome, PayloadId,
    Reason, Remap, Remapped, Selection, State, Store, Verdict,
};
use super::Bench;
use super::make::{
    accept, accept_event, at, balance, bytes, claim, claim_one, deliver_all, event, intake, items,
    settle, state,
};

/// Sends one delivery again, delivered or not.
pub(super) fn retry_one(outcome: EventOutcome) -> Command {
    let filter = Filter {
        ids: Some(vec![ItemId::Delivery(outcome.delivery())]),
        ..Filter::default()
    };
    Command::Retry {
        items: Selection::all(filter),
        delivered: true,
    }
}

fn in_state(state: State) -> Selection {
    Selection::all(Filter {
        states: Some(vec![state]),
        ..Filter::default()
    })
}

async fn park(store: &dyn Store, order: u32) -> EventOutcome {
    let outcome = accept_event(store, intake(order, 1, at(0))).await;
    let claimed = claim_one(store, Lane::Fresh, at(1)).await;
    let verdict = Verdict::Parked(Reason::new(Reason::REJECTED, ""));
    assert!(settle(store, &claimed, verdict, at(1)).await);
    outcome
}

pub(super) async fn retry_sends_parked_ones_again(bench: &dyn Bench) {
    let store = bench.open().await;
    let parked = park(&*store, 1).await;
    let retry = Command::Retry {
        items: in_state(State::Parked),
        delivered: false,
    };
    let applied = store.apply(retry, at(5)).await.unwrap();
    assert_eq!((applied.changed, applied.skipped), (1, 0));
    let claimed = claim_one(&*store, Lane::Retry, at(5)).await;
    assert_eq!(*claimed.body, bytes(1, 1));
    assert_eq!((claimed.attempts, claimed.first_attempt), (0, None));
    // What is being sent is left alone.
    let applied = store.apply(retry_one(parked), at(6)).await.unwrap();
    assert_eq!((applied.changed, applied.skipped), (0, 1));
    // One that waits for its next attempt is tried at once.
    let verdict = Verdict::Retry {
        not_before: at(9_999),
    };
    settle(&*store, &claimed, verdict, at(6)).await;
    assert_eq!(claim(&*store, Lane::Retry, at(7)).await.len(), 0);
    store.apply(retry_one(parked), at(7)).await.unwrap();
    assert_eq!(claim(&*store, Lane::Retry, at(7)).await.len(), 1);
    balance(&*store).await;
}

pub(super) async fn retry_sends_delivered_ones_only_when_told(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    deliver_all(&*store, at(1)).await;
    let careless = Command::Retry {
        items: Selection::all(Filter::default()),
        delivered: false,
    };
    let applied = store.apply(careless, at(2)).await.unwrap();
    assert_eq!((applied.changed, applied.skipped), (0, 1));
    let applied = store.apply(retry_one(outcome), at(2)).await.unwrap();
    assert_eq!(applied.changed, 1);
    assert_eq!(deliver_all(&*store, at(3)).await, 1);
    balance(&*store).await;
}

pub(super) async fn drop_gives_up_and_leaves_the_rest(bench: &dyn Bench) {
    let store = bench.open().await;
    let parked = park(&*store, 1).await;
    let done = accept_event(&*store, intake(2, 1, at(0))).await;
    deliver_all(&*store, at(1)).await;
    let waiting = accept_event(&*store, intake(3, 1, at(0))).await;
    let mut bad = intake(4, 1, at(0));
    bad.outcome = Outcome::Unmappable(Reason::new("payload.type", ""));
    accept(&*store, bad).await;
    let drop = Command::Drop {
        items: Selection::all(Filter::default()),
        reason: Reason::new("by_hand", "not needed"),
    };
    let applied = store.apply(drop, at(5)).await.unwrap();
    assert_eq!((applied.changed, applied.skipped), (3, 1));
    for (outcome, expected) in [
        (parked, State::Dropped),
        (done, State::Delivered),
        (waiting, State::Dropped),
    ] {
        assert_eq!(state(&*store, outcome).await, expected);
    }
    assert_eq!(claim(&*store, Lane::Fresh, at(9)).await.len(), 0);
    assert_eq!(balance(&*store).await.parked, 0);
}

pub(super) async fn commands_go_on_where_they_ended(bench: &dyn Bench) {
    let store = bench.open().await;
    for order in 0..7 {
        accept_event(&*store, intake(order, 1, at(0))).await;
    }
    let mut after = None;
    let mut calls = 0;
    let mut changed = 0;
    loop {
        let drop = Command::Drop {
            items: Selection {
                filter: Filter::default(),
                after,
                limit: 3,
            },
            reason: Reason::new("by_hand", ""),
        };
        let applied = store.apply(drop, at(1)).await.unwrap();
        assert!(applied.changed <= 3);
        calls += 1;
        changed += applied.changed;
        after = applied.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((calls, changed), (3, 7));
    balance(&*store).await;
}

fn remap(payload: PayloadId, outcome: Outcome) -> Remap {
    Remap {
        payload,
        now: at(100),
        mapping: "shopify 0.2.0".to_owned(),
        order: intake(1, 1, at(0)).order,
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        outcome,
    }
}

pub(super) async fn a_new_mapping_takes_the_place_of_the_old(bench: &dyn Bench) {
    let store = bench.open().await;
    let mut bad = intake(1, 1, at(0));
    bad.outcome = Outcome::Unmappable(Reason::new("payload.type", ""));
    let Accepted::Stored { payload, .. } = accept(&*store, bad.clone()).await else {
        panic!("not stored");
    };
    let raw = store.raw(payload).await.unwrap().unwrap();
    assert_eq!(
        (raw.source.as_str(), raw.topic.as_str()),
        ("shop", "orders/create")
    );
    assert_eq!(raw.body, bad.body);
    // Still not mappable: parked with the new reason.
    let still = Outcome::Unmappable(Reason::new("amount.invalid", ""));
    store.remap(remap(payload, still)).await.unwrap();
    let found = items(&*store, Filter::default()).await;
    assert_eq!(found[0].reason.as_ref().unwrap().code, "amount.invalid");
    let events = Outcome::Events(vec![event(1, 1)]);
    let done = store.remap(remap(payload, events.clone())).await.unwrap();
    let Remapped::Done(Accepted::Stored { events: new, .. }) = done else {
        panic!("{done:?}");
    };
    assert!(matches!(new[0], EventOutcome::New(_)));
    assert_eq!(balance(&*store).await.parked, 0);
    assert_eq!(deliver_all(&*store, at(101)).await, 1);
    // Once more: the event is known.
    let again = store.remap(remap(payload, events)).await.unwrap();
    let Remapped::Done(Accepted::Stored { events: new, .. }) = again else {
        panic!("{again:?}");
    };
    assert!(matches!(new[0], EventOutcome::Duplicate(_)));
    assert_eq!(deliver_all(&*store, at(102)).await, 0);
    let nobody = remap(PayloadId::new(99), Outcome::Events(vec![event(9, 1)]));
    assert_eq!(store.remap(nobody).await.unwrap(), Remapped::NotPossible);
    balance(&*store).await;
}

pub(super) async fn a_new_mapping_is_told_what_the_old_one_was(bench: &dyn Bench) {
    let store = bench.open().await;
    let sent_at = Timestamp::parse("2026-11-02T10:15:30.123456+01:00");
    assert!(sent_at.is_some());
    let mut bad = intake(1, 1, at(0));
    bad.outcome = Outcome::Unmappable(Reason::new("payload.type", ""));
    bad.sent_at = sent_at;
    bad.is_test = true;
    let Accepted::Stored { payload, .. } = accept(&*store, bad).await else {
        panic!("not stored");
    };
    let raw = store.raw(payload).await.unwrap().unwrap();
    assert_eq!((raw.sent_at, raw.is_test), (sent_at, true));
    assert_eq!(
        raw.sent_at.map(|it| it.to_string()),
        sent_at.map(|it| it.to_string())
    );
    // It waits for a newer version of its order, as it would have when it came in.
    let mut held = remap(payload, Outcome::Events(vec![event(1, 1)]));
    held.hold_until = Some(at(600));
    store.remap(held).await.unwrap();
    assert_eq!(deliver_all(&*store, at(599)).await, 0);
    assert_eq!(deliver_all(&*store, at(600)).await, 1);
    balance(&*store).await;
}
