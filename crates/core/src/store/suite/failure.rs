//! Commits that fail, before they happen and after.

use super::super::{EventOutcome, Lane, Page, State, Verdict};
use super::Bench;
use super::make::{
    accept_event, at, balance, claim_one, deliver_all, due, intake, settle, settlement, state,
};

pub(super) async fn a_commit_that_failed_leaves_nothing_and_the_next_works(bench: &dyn Bench) {
    let store = bench.open().await;
    accept_event(&*store, intake(1, 1, at(0))).await;
    bench.fail_commit(false);
    let failed = store.accept(Page::one(intake(2, 1, at(0)))).await;
    assert_eq!(failed.unwrap_err().operation, "accept");
    assert_eq!(balance(&*store).await.payloads, 1);
    let again = accept_event(&*store, intake(2, 1, at(0))).await;
    assert!(matches!(again, EventOutcome::New(_)));
    assert_eq!(deliver_all(&*store, at(1)).await, 2);
    balance(&*store).await;
}

pub(super) async fn a_commit_of_unknown_outcome_is_absorbed_by_a_repetition(bench: &dyn Bench) {
    let store = bench.open().await;
    bench.fail_commit(true);
    let failed = store.accept(Page::one(intake(1, 1, at(0)))).await;
    assert!(failed.is_err());
    // It is there; the source does not know, and sends it again.
    let again = accept_event(&*store, intake(1, 1, at(5))).await;
    assert!(matches!(again, EventOutcome::Duplicate(_)));
    assert_eq!(deliver_all(&*store, at(6)).await, 1);
    balance(&*store).await;
}

pub(super) async fn a_claim_and_a_settlement_survive_a_failed_commit(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    bench.fail_commit(false);
    assert!(store.claim(due(Lane::Fresh, 9, at(1))).await.is_err());
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    bench.fail_commit(false);
    let lost = vec![settlement(&claimed, Verdict::Delivered, at(2))];
    assert!(store.settle(lost).await.is_err());
    assert_eq!(state(&*store, outcome).await, State::Sending);
    assert!(settle(&*store, &claimed, Verdict::Delivered, at(3)).await);
    // A claim that happened and that nobody got: its lease runs out, and the event is sent.
    accept_event(&*store, intake(2, 1, at(4))).await;
    bench.fail_commit(true);
    assert!(store.claim(due(Lane::Fresh, 9, at(5))).await.is_err());
    let again = claim_one(&*store, Lane::Retry, at(65)).await;
    // A settlement that happened and that nobody knows of: a repetition is refused.
    bench.fail_commit(true);
    let done = vec![settlement(&again, Verdict::Delivered, at(66))];
    assert!(store.settle(done.clone()).await.is_err());
    let repeated = store.settle(done).await.unwrap();
    assert_eq!(repeated.stale, [again.id]);
    assert_eq!(
        state(&*store, EventOutcome::New(again.id)).await,
        State::Delivered
    );
    balance(&*store).await;
}

pub(super) async fn the_sum_adds_up_after_everything(bench: &dyn Bench) {
    let store = bench.open().await;
    for order in 0..5 {
        for version in [1, 1, 2] {
            let mut payload = intake(order, version, at(0));
            if order < 2 {
                payload.hold_until = Some(at(10));
            }
            accept_event(&*store, payload).await;
        }
    }
    deliver_all(&*store, at(20)).await;
    let accounts = balance(&*store).await;
    assert_eq!((accounts.payloads, accounts.events), (15, 15));
    assert_eq!((accounts.deliveries, accounts.merged), (5, 10));
    let health = store.health().await.unwrap();
    assert_eq!(health.writable, Ok(()));
    assert!(health.bytes > 0);
}
