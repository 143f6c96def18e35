//! What is done and old enough loses its body.

use super::super::{EventOutcome, Lane, Outcome, Reason, Retention, Verdict};
use super::Bench;
use super::make::{
    accept, accept_event, at, balance, claim_one, deliver_all, intake, person, settle, show,
};

fn before(second: i64) -> Retention {
    Retention {
        bodies_before: at(second),
        orders_before: at(second),
        after: None,
        limit: 100,
    }
}

pub(super) async fn erases_what_is_done_and_keeps_the_keys(bench: &dyn Bench) {
    let store = bench.open().await;
    let old = accept_event(&*store, intake(1, 1, at(0))).await;
    deliver_all(&*store, at(5)).await;
    let young = accept_event(&*store, intake(2, 1, at(50))).await;
    deliver_all(&*store, at(55)).await;
    let erased = store.erase(before(20)).await.unwrap();
    assert_eq!((erased.payloads, erased.orders, erased.next), (1, 1, None));
    let detail = show(&*store, old).await;
    assert!(detail.raw.is_none() && detail.event.is_none());
    assert_eq!(detail.attempts[0].status, Some(200));
    assert!(detail.attempts[0].answer.is_empty());
    assert!(show(&*store, young).await.raw.is_some());
    assert!(store.known_order("shop", "1").await.unwrap().is_none());
    // Its key is known for ever.
    let again = accept_event(&*store, intake(1, 1, at(90))).await;
    assert_eq!(again, EventOutcome::Duplicate(old.delivery()));
    let other = accept_event(&*store, intake(1, 9, at(91))).await;
    assert_eq!(other, EventOutcome::Kept(old.delivery()));
    // There is nothing left to send again.
    let retry = super::command::retry_one(old);
    assert_eq!(store.apply(retry, at(92)).await.unwrap().skipped, 1);
    balance(&*store).await;
}

pub(super) async fn keeps_what_is_not_done(bench: &dyn Bench) {
    let store = bench.open().await;
    let pending = accept_event(&*store, intake(1, 1, at(0))).await;
    let parked = {
        let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
        let verdict = Verdict::Parked(Reason::new(Reason::REJECTED, ""));
        settle(&*store, &claimed, verdict, at(1)).await;
        pending
    };
    let waiting = accept_event(&*store, intake(2, 1, at(0))).await;
    let mut bad = intake(3, 1, at(0));
    bad.outcome = Outcome::Unmappable(Reason::new("payload.type", ""));
    accept(&*store, bad).await;
    let mut ignored = intake(4, 1, at(0));
    ignored.outcome = Outcome::Ignored(Reason::new("order.test", ""));
    accept(&*store, ignored).await;
    let erased = store.erase(before(1_000)).await.unwrap();
    assert_eq!(erased.payloads, 1, "only the ignored one");
    for outcome in [parked, waiting] {
        let detail = show(&*store, outcome).await;
        assert!(detail.raw.is_some() && detail.event.is_some());
    }
    assert_eq!(deliver_all(&*store, at(2_000)).await, 1);
    // Delivered a moment ago, though it came in long before.
    assert_eq!(store.erase(before(1_500)).await.unwrap().payloads, 0);
    balance(&*store).await;
}

pub(super) async fn goes_on_where_it_ended(bench: &dyn Bench) {
    let store = bench.open().await;
    for order in 0..9 {
        accept_event(&*store, intake(order, 1, at(0))).await;
        if order == 4 {
            claim_one(&*store, Lane::Fresh, at(1)).await;
        } else {
            deliver_all(&*store, at(1)).await;
        }
    }
    let mut retention = Retention {
        limit: 2,
        ..before(50)
    };
    let mut erased = 0;
    let mut calls = 0;
    loop {
        let step = store.erase(retention).await.unwrap();
        erased += step.payloads;
        calls += 1;
        retention.after = step.next;
        if step.next.is_none() {
            break;
        }
    }
    assert_eq!(erased, 8);
    assert!(calls <= 6);
    drop(store);
    let store = bench.open().await;
    store.close().await.unwrap();
    let left = bench.all_bytes();
    let holds = |text: &str| left.windows(text.len()).any(|part| part == text.as_bytes());
    for order in 0..9 {
        assert_eq!(holds(&person(order)), order == 4, "order {order}");
    }
}
