//! Waiting for a newer version of an order.

use super::super::{
    Command, EventOutcome, Filter, Intake, ItemId, Lane, Millis, Outcome, Reason, Selection, State,
    Verdict,
};
use super::Bench;
use super::make::{
    accept_event, at, balance, bytes, claim, claim_one, deliver_all, event, intake, settle, show,
    state,
};

fn held(version: u32, now: Millis) -> Intake {
    let mut intake = intake(1, version, now);
    intake.hold_until = Some(at(600));
    intake
}

pub(super) async fn a_held_event_waits(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, held(1, at(0))).await;
    let item = show(&*store, outcome).await.item;
    assert_eq!((item.state, item.not_before), (State::Held, Some(at(600))));
    assert_eq!(claim(&*store, Lane::Fresh, at(599)).await.len(), 0);
    drop(store);
    let store = bench.open().await;
    assert_eq!(claim(&*store, Lane::Fresh, at(599)).await.len(), 0);
    let claimed = claim_one(&*store, Lane::Fresh, at(600)).await;
    assert_eq!(claimed.id, outcome.delivery());
    balance(&*store).await;
}

pub(super) async fn a_newer_version_replaces_what_is_held(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, held(1, at(0))).await;
    let second = accept_event(&*store, held(2, at(60))).await;
    assert_eq!(second, EventOutcome::Replaced(first.delivery()));
    let claimed = claim_one(&*store, Lane::Fresh, at(600)).await;
    assert_eq!(*claimed.body, bytes(1, 2));
    // The bytes of the first version are not known any more: were it to come again, it is older.
    assert!(settle(&*store, &claimed, Verdict::Delivered, at(601)).await);
    let accounts = balance(&*store).await;
    assert_eq!((accounts.events, accounts.deliveries), (2, 1));
}

pub(super) async fn an_older_version_changes_nothing(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, held(5, at(0))).await;
    let older = accept_event(&*store, held(3, at(60))).await;
    assert_eq!(older, EventOutcome::Older(first.delivery()));
    // The same bytes again, as a later version: from then on what lies between is older.
    let mut same = held(5, at(70));
    same.order.as_mut().unwrap().updated_at = Some(at(9));
    let again = accept_event(&*store, same).await;
    assert_eq!(again, EventOutcome::Duplicate(first.delivery()));
    let between = accept_event(&*store, held(7, at(80))).await;
    assert_eq!(between, EventOutcome::Older(first.delivery()));
    let claimed = claim_one(&*store, Lane::Fresh, at(600)).await;
    assert_eq!(*claimed.body, bytes(1, 5));
    balance(&*store).await;
}

pub(super) async fn without_a_time_of_its_own_nothing_is_replaced(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, held(1, at(0))).await;
    let mut timeless = held(2, at(60));
    timeless.order.as_mut().unwrap().updated_at = None;
    let outcome = accept_event(&*store, timeless).await;
    assert_eq!(outcome, EventOutcome::Kept(first.delivery()));
    balance(&*store).await;
}

pub(super) async fn an_attempt_freezes_the_bytes(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, held(1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(600)).await;
    let meanwhile = accept_event(&*store, held(2, at(601))).await;
    assert_eq!(meanwhile, EventOutcome::Kept(first.delivery()));
    let verdict = Verdict::Retry {
        not_before: at(700),
    };
    assert!(settle(&*store, &claimed, verdict, at(602)).await);
    let later = accept_event(&*store, held(3, at(603))).await;
    assert_eq!(later, EventOutcome::Kept(first.delivery()));
    let again = claim_one(&*store, Lane::Retry, at(700)).await;
    assert_eq!(*again.body, *claimed.body, "the same bytes at each attempt");
    balance(&*store).await;
}

pub(super) async fn what_was_given_back_untried_can_still_be_replaced(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, held(1, at(0))).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(600)).await;
    assert!(settle(&*store, &claimed, Verdict::Released, at(601)).await);
    assert_eq!(state(&*store, first).await, State::Pending);
    let newer = accept_event(&*store, held(2, at(602))).await;
    assert_eq!(newer, EventOutcome::Replaced(first.delivery()));
    let claimed = claim_one(&*store, Lane::Fresh, at(603)).await;
    assert_eq!(*claimed.body, bytes(1, 2));
    balance(&*store).await;
}

pub(super) async fn a_rule_decides_anew_until_somebody_has_seen_the_event(bench: &dyn Bench) {
    let store = bench.open().await;
    let ruled = |version, now, reason: Option<&str>| {
        let mut intake = held(version, now);
        let mut event = event(1, 1);
        event.dropped = reason.map(|code| Reason::new(code, "for this test"));
        intake.outcome = Outcome::Events(vec![event]);
        intake
    };
    let first = accept_event(&*store, ruled(2, at(0), None)).await;
    // What a rule looks at need not be in the body: the bytes are the same.
    let dropped = accept_event(&*store, ruled(3, at(60), Some("rule.drop"))).await;
    assert_eq!(dropped, EventOutcome::Replaced(first.delivery()));
    assert_eq!(state(&*store, first).await, State::Dropped);
    let older = accept_event(&*store, ruled(1, at(61), None)).await;
    assert_eq!(older, EventOutcome::Duplicate(first.delivery()));
    assert_eq!(claim(&*store, Lane::Fresh, at(601)).await.len(), 0);
    balance(&*store).await;
    let undone = accept_event(&*store, ruled(4, at(602), None)).await;
    assert_eq!(undone, EventOutcome::Replaced(first.delivery()));
    assert_eq!(state(&*store, first).await, State::Pending);
    assert_eq!(deliver_all(&*store, at(603)).await, 1);
    let late = accept_event(&*store, ruled(5, at(604), Some("rule.drop"))).await;
    assert_eq!(
        late,
        EventOutcome::Duplicate(first.delivery()),
        "it was sent"
    );
    balance(&*store).await;
}

pub(super) async fn what_a_person_dropped_stays_dropped(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, held(1, at(0))).await;
    let filter = Filter {
        ids: Some(vec![ItemId::Delivery(first.delivery())]),
        ..Filter::default()
    };
    let drop = Command::Drop {
        items: Selection::all(filter),
        reason: Reason::new("dropped", "by hand"),
    };
    assert_eq!(store.apply(drop, at(1)).await.unwrap().changed, 1);
    accept_event(&*store, held(1, at(2))).await;
    assert_eq!(state(&*store, first).await, State::Dropped);
    balance(&*store).await;
}
