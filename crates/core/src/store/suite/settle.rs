//! Recording what became of claimed deliveries.

use std::time::Duration;

use super::super::{AttemptClass, ClaimId, Lane, Private, Reason, Settlement, State, Verdict};
use super::Bench;
use super::make::{
    accept_event, at, attempt, balance, claim, claim_one, intake, settle, settlement, show, state,
};

pub(super) async fn a_delivered_event_is_done_for_good(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    assert!(settle(&*store, &claimed, Verdict::Delivered, at(2)).await);
    drop(store);
    let store = bench.open().await;
    for lane in [Lane::Fresh, Lane::Retry] {
        assert_eq!(claim(&*store, lane, at(1_000_000)).await.len(), 0);
    }
    let detail = show(&*store, outcome).await;
    assert_eq!(detail.item.state, State::Delivered);
    assert_eq!(detail.item.settled_at, Some(at(2)));
    assert_eq!(detail.attempts[0].status, Some(200));
    assert_eq!(detail.attempts[0].duration, Duration::from_millis(20));
    balance(&*store).await;
}

pub(super) async fn a_retry_waits_in_the_retry_lane(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    for (number, wait) in [(1, 10), (2, 100)] {
        let lane = if number == 1 {
            Lane::Fresh
        } else {
            Lane::Retry
        };
        let now = at(wait);
        let claimed = claim_one(&*store, lane, now).await;
        assert_eq!(claimed.attempts, number - 1);
        let not_before = at(wait * 10);
        assert!(settle(&*store, &claimed, Verdict::Retry { not_before }, now).await);
        let item = show(&*store, outcome).await.item;
        assert_eq!(item.attempts, number);
        assert_eq!(item.not_before, Some(not_before));
    }
    assert_eq!(state(&*store, outcome).await, State::Pending);
    balance(&*store).await;
}

pub(super) async fn a_parked_event_keeps_its_answer(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    let reason = Reason::new(Reason::REJECTED, "the destination refused it");
    let verdict = Verdict::Parked(reason.clone());
    assert!(settle(&*store, &claimed, verdict, at(2)).await);
    let detail = show(&*store, outcome).await;
    assert_eq!(detail.item.state, State::Parked);
    assert_eq!(detail.item.reason, Some(reason));
    assert_eq!(*detail.attempts[0].answer, "answer 422");
    assert_eq!(detail.attempts[0].class, "rejected");
    assert_eq!(claim(&*store, Lane::Retry, at(9_999)).await.len(), 0);
    balance(&*store).await;
}

pub(super) async fn held_back_and_released_spend_nothing(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    let mut throttled = attempt(
        AttemptClass::Failed(crate::FailureKind::Throttled),
        429,
        at(1),
    );
    throttled.spent = false;
    let settlement = Settlement {
        attempt: Some(throttled),
        ..settlement(
            &claimed,
            Verdict::HeldBack {
                not_before: at(100),
            },
            at(2),
        )
    };
    assert_eq!(store.settle(vec![settlement]).await.unwrap().applied, 1);
    assert_eq!(claim(&*store, Lane::Fresh, at(99)).await.len(), 0);
    let claimed = claim_one(&*store, Lane::Fresh, at(100)).await;
    assert_eq!(claimed.attempts, 0);
    assert!(settle(&*store, &claimed, Verdict::Released, at(101)).await);
    let detail = show(&*store, outcome).await;
    assert_eq!((detail.item.attempts, detail.attempts.len()), (0, 1));
    assert_eq!(claim(&*store, Lane::Fresh, at(101)).await.len(), 1);
    balance(&*store).await;
}

pub(super) async fn a_batch_settles_what_it_can(bench: &dyn Bench) {
    let store = bench.open().await;
    for order in 0..4 {
        accept_event(&*store, intake(order, 1, at(0))).await;
    }
    let claimed = claim(&*store, Lane::Fresh, at(1)).await;
    let mut batch: Vec<Settlement> = claimed
        .iter()
        .map(|it| settlement(it, Verdict::Delivered, at(2)))
        .collect();
    batch[1].claim = ClaimId::random();
    let settled = store.settle(batch).await.unwrap();
    assert_eq!(settled.applied, 3);
    assert_eq!(settled.stale, [claimed[1].id]);
    balance(&*store).await;
}

pub(super) async fn an_answer_is_kept_to_500_characters(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    let mut settlement = settlement(&claimed, Verdict::Delivered, at(2));
    settlement.attempt.as_mut().unwrap().answer = Private::new("é".repeat(600));
    store.settle(vec![settlement]).await.unwrap();
    let answer = &show(&*store, outcome).await.attempts[0].answer;
    assert_eq!(answer.chars().count(), 500);
}

pub(super) async fn the_first_attempt_is_remembered(bench: &dyn Bench) {
    let store = bench.open().await;
    accept_event(&*store, intake(1, 1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    assert_eq!(claimed.first_attempt, None);
    let verdict = Verdict::Retry { not_before: at(10) };
    let mut first = settlement(&claimed, verdict, at(1));
    first.attempt.as_mut().unwrap().idle = Duration::from_secs(7);
    store.settle(vec![first]).await.unwrap();
    let claimed = claim_one(&*store, Lane::Retry, at(10)).await;
    let verdict = Verdict::Retry { not_before: at(20) };
    settle(&*store, &claimed, verdict, at(10)).await;
    let first = claim_one(&*store, Lane::Retry, at(20)).await.first_attempt;
    let first = first.unwrap();
    assert_eq!((first.at, first.idle), (at(1), Duration::from_secs(7)));
}
