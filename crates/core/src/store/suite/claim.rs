//! Handing out work.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::{
    ClaimId, Claimed, Due, EventOutcome, Lane, Millis, Outcome, State, Store, Verdict,
};
use super::Bench;
use super::make::{
    accept_event, at, balance, claim, claim_one, due, event, intake, settle, show, state,
};

pub(super) async fn gives_the_oldest_first_and_never_twice(bench: &dyn Bench) {
    let store = bench.open().await;
    for order in 0..10 {
        accept_event(&*store, intake(order, 1, at(0))).await;
    }
    let first = store.claim(due(Lane::Fresh, 4, at(1))).await.unwrap();
    let rest = store.claim(due(Lane::Fresh, 100, at(1))).await.unwrap();
    let orders = |claimed: &[Claimed]| -> Vec<String> {
        claimed.iter().map(|it| it.event_id.clone()).collect()
    };
    assert_eq!(orders(&first), ["order-0", "order-1", "order-2", "order-3"]);
    assert_eq!(rest.len(), 6);
    assert_eq!(claim(&*store, Lane::Fresh, at(2)).await.len(), 0);
    balance(&*store).await;
}

pub(super) async fn keeps_lanes_and_destinations_apart(bench: &dyn Bench) {
    let store = bench.open().await;
    accept_event(&*store, intake(1, 1, at(0))).await;
    let mut other = event(2, 1);
    other.destination = "second".to_owned();
    let mut payload = intake(2, 1, at(0));
    payload.outcome = Outcome::Events(vec![other]);
    accept_event(&*store, payload).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    assert_eq!(claimed.event_id, "order-1");
    let verdict = Verdict::Retry { not_before: at(10) };
    settle(&*store, &claimed, verdict, at(2)).await;
    assert_eq!(claim(&*store, Lane::Fresh, at(99)).await.len(), 0);
    assert_eq!(claim(&*store, Lane::Retry, at(9)).await.len(), 0);
    assert_eq!(claim(&*store, Lane::Retry, at(10)).await.len(), 1);
    let second = Due {
        destination: "second".to_owned(),
        ..due(Lane::Fresh, 9, at(99))
    };
    assert_eq!(store.claim(second).await.unwrap().len(), 1);
    let nobody = Due {
        destination: "nobody".to_owned(),
        ..due(Lane::Fresh, 9, at(99))
    };
    assert_eq!(store.claim(nobody).await.unwrap().len(), 0);
}

pub(super) async fn a_lease_that_ran_out_is_taken_back_and_counts(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    assert_eq!(state(&*store, outcome).await, State::Sending);
    assert_eq!(claim(&*store, Lane::Retry, at(60)).await.len(), 0);
    let again = claim_one(&*store, Lane::Retry, at(61)).await;
    assert_eq!(*again.body, *claimed.body);
    assert_eq!(again.attempts, 1, "nobody knows whether it arrived");
    assert_ne!(again.claim, claimed.claim);
    let attempts = show(&*store, outcome).await.attempts;
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].class, "abandoned");
    balance(&*store).await;
}

pub(super) async fn a_former_owner_can_change_nothing(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    let former = claim_one(&*store, Lane::Fresh, at(1)).await;
    let owner = claim_one(&*store, Lane::Retry, at(61)).await;
    let until = at(500);
    let renewed = store.renew(former.claim, vec![former.id], until).await;
    assert_eq!(renewed.unwrap(), []);
    for verdict in [
        Verdict::Delivered,
        Verdict::Released,
        Verdict::Parked(super::super::Reason::new("rejected", "")),
    ] {
        assert!(!settle(&*store, &former, verdict, at(62)).await);
        assert_eq!(state(&*store, outcome).await, State::Sending);
    }
    assert!(settle(&*store, &owner, Verdict::Delivered, at(63)).await);
    assert!(
        !settle(&*store, &owner, Verdict::Delivered, at(64)).await,
        "once"
    );
    assert_eq!(show(&*store, outcome).await.attempts.len(), 2);
    balance(&*store).await;
}

pub(super) async fn renewing_keeps_a_lease_and_only_ours(bench: &dyn Bench) {
    let store = bench.open().await;
    for order in 0..3 {
        accept_event(&*store, intake(order, 1, at(0))).await;
    }
    let ours = claim(&*store, Lane::Fresh, at(1)).await;
    settle(&*store, &ours[2], Verdict::Delivered, at(2)).await;
    let ids = ours.iter().map(|it| it.id).collect();
    let kept = store.renew(ours[0].claim, ids, at(200)).await.unwrap();
    assert_eq!(kept, [ours[0].id, ours[1].id]);
    let foreign = store.renew(ClaimId::random(), vec![ours[0].id], at(900));
    assert_eq!(foreign.await.unwrap(), []);
    assert_eq!(claim(&*store, Lane::Retry, at(199)).await.len(), 0);
    assert_eq!(claim(&*store, Lane::Retry, at(200)).await.len(), 2);
}

pub(super) async fn a_restart_gives_back_what_was_being_sent(bench: &dyn Bench) {
    let store = bench.open().await;
    accept_event(&*store, intake(1, 1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    drop(store);
    let store = bench.open().await;
    let latest = at(61);
    let again = claim_one(&*store, Lane::Retry, latest).await;
    assert_eq!(*again.body, *claimed.body);
    assert!(!settle(&*store, &claimed, Verdict::Delivered, latest).await);
    balance(&*store).await;
}

pub(super) async fn a_clock_that_is_set_back_delays_nothing_new(bench: &dyn Bench) {
    let store = bench.open().await;
    accept_event(&*store, intake(1, 1, at(0))).await;
    let yesterday = at(-86_400);
    let claimed = claim_one(&*store, Lane::Fresh, yesterday).await;
    assert!(claimed.due_at >= claimed.received_at);
    let verdict = Verdict::Retry {
        not_before: yesterday.plus(std::time::Duration::from_secs(5)),
    };
    assert!(settle(&*store, &claimed, verdict, yesterday).await);
    assert_eq!(claim(&*store, Lane::Retry, at(-86_395)).await.len(), 1);
    balance(&*store).await;
}

pub(super) async fn tells_when_there_is_work(bench: &dyn Bench) {
    let store = bench.open().await;
    let next = async |store: &dyn Store| store.next_due("main").await.unwrap();
    assert_eq!(next(&*store).await, None);
    let mut held = intake(1, 1, at(0));
    held.hold_until = Some(at(600));
    accept_event(&*store, held).await;
    assert_eq!(next(&*store).await, Some(at(600)));
    accept_event(&*store, intake(2, 1, at(0))).await;
    assert!(next(&*store).await.unwrap() <= at(0), "now");
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    assert_eq!(next(&*store).await, Some(at(61)), "the end of the lease");
    let verdict = Verdict::Retry { not_before: at(30) };
    settle(&*store, &claimed, verdict, at(2)).await;
    assert_eq!(next(&*store).await, Some(at(30)));
    assert_eq!(
        store.backlog("main").await.unwrap().oldest_pending,
        Some(at(0))
    );
    let claimed = claim_one(&*store, Lane::Retry, at(30)).await;
    settle(&*store, &claimed, Verdict::Delivered, at(31)).await;
    let outcome = EventOutcome::New(claimed.id);
    assert_eq!(state(&*store, outcome).await, State::Delivered);
    assert_eq!(next(&*store).await, Some(at(600)));
}

pub(super) async fn many_claimers_share_without_overlap(bench: &dyn Bench) {
    let store: Arc<dyn Store> = bench.open().await.into();
    for order in 0..60 {
        accept_event(&*store, intake(order, 1, at(0))).await;
    }
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            let mut ours = Vec::new();
            loop {
                let now: Millis = at(1);
                let claimed = store.claim(due(Lane::Fresh, 5, now)).await.unwrap();
                if claimed.is_empty() {
                    return ours;
                }
                ours.extend(claimed.iter().map(|it| it.id));
            }
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    assert_eq!(all.len(), 60);
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 60);
}
