//! What is remembered of destinations.

use std::time::Duration;

use super::super::{DestinationChange, Due, End, Lane, OpenBreaker, Reason};
use super::Bench;
use super::make::{MAIN, accept_event, at, claim, due, intake};

pub(super) async fn a_pause_outlives_a_restart_and_stops_claims(bench: &dyn Bench) {
    let store = bench.open().await;
    accept_event(&*store, intake(1, 1, at(0))).await;
    let reason = Reason::new("destination", "answered 401");
    let pause = DestinationChange::Pause(reason.clone());
    store.change_destination(MAIN, pause, at(1)).await.unwrap();
    drop(store);
    let store = bench.open().await;
    let paused = store.destination(MAIN).await.unwrap().paused.unwrap();
    assert_eq!((paused.since, paused.reason), (at(1), reason));
    assert_eq!(claim(&*store, Lane::Fresh, at(2)).await.len(), 0);
    let probe = Due {
        probe: Some(End::Oldest),
        ..due(Lane::Fresh, 1, at(2))
    };
    assert_eq!(store.claim(probe).await.unwrap().len(), 1);
    let resume = DestinationChange::Resume;
    let state = store
        .change_destination(MAIN, resume, at(11))
        .await
        .unwrap();
    assert_eq!(state.paused, None);
    assert_eq!(state.idle(at(50)), Duration::from_secs(10));
}

pub(super) async fn a_probe_is_taken_from_either_end(bench: &dyn Bench) {
    let store = bench.open().await;
    let mut stored = Vec::new();
    for order in 0..5 {
        let received = at(i64::from(order));
        stored.push(accept_event(&*store, intake(order, 1, received)).await);
    }
    let probe = async |end, limit| {
        let due = Due {
            probe: Some(end),
            ..due(Lane::Fresh, limit, at(9))
        };
        let claimed = store.claim(due).await.unwrap();
        let ids = claimed.iter().map(|it| it.id);
        ids.collect::<Vec<_>>()
    };
    let ids: Vec<_> = stored.iter().map(|it| it.delivery()).collect();
    assert_eq!(probe(End::Newest, 2).await, [ids[4], ids[3]]);
    assert_eq!(probe(End::Oldest, 2).await, [ids[0], ids[1]]);
    assert_eq!(probe(End::Newest, 2).await, [ids[2]]);
}

pub(super) async fn changes_do_not_overwrite_each_other(bench: &dyn Bench) {
    let store = bench.open().await;
    let breaker = OpenBreaker {
        until: at(30),
        pause: Duration::from_secs(4),
    };
    for change in [
        DestinationChange::NotBefore(Some(at(20))),
        DestinationChange::Breaker(Some(breaker)),
        DestinationChange::Pause(Reason::new("by_hand", "")),
    ] {
        store.change_destination(MAIN, change, at(1)).await.unwrap();
    }
    let state = store.destination(MAIN).await.unwrap();
    assert_eq!(state.not_before, Some(at(20)));
    assert_eq!(state.breaker, Some(breaker));
    assert!(state.paused.is_some());
    let other = store.destination("other").await.unwrap();
    assert_eq!(other, super::super::DestinationState::default());
}

pub(super) async fn a_persons_pause_takes_the_place_of_any_other(bench: &dyn Bench) {
    let store = bench.open().await;
    let change = |change, second| store.change_destination(MAIN, change, at(second));
    let token = Reason::new("token", "answered 401");
    let by_hand = Reason::new("by_hand", "a sale");
    let recovered = || DestinationChange::Recovered("token".to_owned());
    change(DestinationChange::Pause(token.clone()), 1)
        .await
        .unwrap();
    let state = change(DestinationChange::PauseByHand(by_hand.clone()), 2).await;
    let paused = state.unwrap().paused.unwrap();
    assert_eq!((paused.since, &paused.reason), (at(2), &by_hand));
    // A probe that was under way must not undo it, nor another refusal hide it.
    for late in [recovered(), DestinationChange::Pause(token.clone())] {
        let state = change(late, 3).await.unwrap();
        assert_eq!(state.paused.unwrap().reason, by_hand);
    }
    let state = change(DestinationChange::Resume, 5).await.unwrap();
    assert_eq!(
        (state.idle(at(9)), state.paused),
        (Duration::from_secs(4), None)
    );
    change(DestinationChange::Pause(token), 10).await.unwrap();
    assert_eq!(change(recovered(), 11).await.unwrap().paused, None);
}

pub(super) async fn a_wait_that_was_asked_for_makes_nothing_older(bench: &dyn Bench) {
    let store = bench.open().await;
    let wait = |until| DestinationChange::NotBefore(Some(at(until)));
    store
        .change_destination(MAIN, wait(20), at(10))
        .await
        .unwrap();
    drop(store);
    let store = bench.open().await;
    let state = store.destination(MAIN).await.unwrap();
    assert_eq!(state.idle(at(90)), Duration::from_secs(10));
    let state = store
        .change_destination(MAIN, wait(60), at(50))
        .await
        .unwrap();
    assert_eq!(state.idle(at(90)), Duration::from_secs(20));
}

pub(super) async fn a_not_before_holds_for_everybody(bench: &dyn Bench) {
    let store = bench.open().await;
    accept_event(&*store, intake(1, 1, at(0))).await;
    let wait = DestinationChange::NotBefore(Some(at(20)));
    store.change_destination(MAIN, wait, at(1)).await.unwrap();
    assert_eq!(claim(&*store, Lane::Fresh, at(19)).await.len(), 0);
    assert_eq!(claim(&*store, Lane::Fresh, at(20)).await.len(), 1);
}
