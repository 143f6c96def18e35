//! Erasing people.

use super::super::{
    Accepted, Command, EventOutcome, Intake, Lane, Millis, Outcome, PrivacyRequest, Reason,
    RedactTarget, State, Store, SubjectHash, SubjectKind, Verdict,
};
use super::Bench;
use super::make::{
    accept, accept_event, at, balance, claim, claim_one, intake, person, settle, settlement, show,
    state,
};

async fn subject(store: &dyn Store, order: u32) -> SubjectHash {
    let key = store.subject_key().await.unwrap();
    key.hash(SubjectKind::Email, &person(order))
}

async fn about(store: &dyn Store, order: u32, version: u32, now: Millis) -> Intake {
    let mut intake = intake(order, version, now);
    intake.subjects = vec![subject(store, order).await];
    intake
}

async fn redact(store: &dyn Store, order: u32) -> u64 {
    let target = RedactTarget::Subjects(vec![subject(store, order).await]);
    let command = Command::Redact {
        target,
        request: None,
    };
    let applied = store.apply(command, at(500)).await.unwrap();
    assert!(!applied.journal_pending);
    applied.changed
}

fn remains(bench: &dyn Bench, order: u32) -> bool {
    let person = person(order);
    let bytes = bench.all_bytes();
    bytes
        .windows(person.len())
        .any(|part| part == person.as_bytes())
}

pub(super) async fn redaction_leaves_no_plain_value_anywhere(bench: &dyn Bench) {
    let store = bench.open().await;
    // Neighbours before and after, so that pages are shared.
    for order in 0..40 {
        let mut payload = about(&*store, order, 1, at(0)).await;
        if order == 7 {
            payload.hold_until = Some(at(900));
        }
        accept(&*store, payload).await;
    }
    // In all states: replaced while held, parked with an answer that repeats it, pending.
    let mut newer = about(&*store, 7, 2, at(1)).await;
    newer.hold_until = Some(at(900));
    accept(&*store, newer).await;
    let claimed = claim(&*store, Lane::Fresh, at(2)).await;
    for delivery in claimed.iter().take(20) {
        let reason = Reason::new(Reason::REJECTED, "");
        let mut parked = settlement(delivery, Verdict::Parked(reason), at(2));
        let answer = String::from_utf8(delivery.body.to_vec()).unwrap();
        parked.attempt.as_mut().unwrap().answer = super::super::Private::new(answer);
        store.settle(vec![parked]).await.unwrap();
    }
    // A refund that names nobody, but belongs to the order.
    let mut refund = intake(7, 3, at(3));
    refund.topic = "refunds/create".to_owned();
    refund.outcome = Outcome::Unmappable(Reason::new("payload.type", ""));
    accept(&*store, refund).await;
    assert!(remains(bench, 7) && remains(bench, 3));
    assert_eq!(redact(&*store, 7).await, 3);
    assert_eq!(redact(&*store, 3).await, 1);
    assert!(!remains(bench, 7), "while it is open");
    assert!(!remains(bench, 3), "while it is open");
    assert!(remains(bench, 6) && remains(bench, 8));
    balance(&*store).await;
    store.close().await.unwrap();
    assert!(
        !remains(bench, 7) && !remains(bench, 3),
        "after it was closed"
    );
}

pub(super) async fn redaction_of_a_source_leaves_the_others(bench: &dyn Bench) {
    let store = bench.open().await;
    for order in 0..4 {
        let mut payload = intake(order, 1, at(0));
        if order >= 2 {
            payload.source = "other".to_owned();
        }
        accept(&*store, payload).await;
    }
    let command = Command::Redact {
        target: RedactTarget::Source("shop".to_owned()),
        request: None,
    };
    assert_eq!(store.apply(command, at(1)).await.unwrap().changed, 2);
    let left: Vec<bool> = (0..4).map(|order| remains(bench, order)).collect();
    assert_eq!(left, [false, false, true, true]);
    assert_eq!(claim(&*store, Lane::Fresh, at(2)).await.len(), 2);
    balance(&*store).await;
}

pub(super) async fn what_was_redacted_does_not_come_back(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, about(&*store, 1, 1, at(0)).await).await;
    redact(&*store, 1).await;
    for version in [1, 2] {
        // A poller reads the order again, as it was and changed.
        let again = about(&*store, 1, version, at(600)).await;
        let again = accept_event(&*store, again).await;
        assert_eq!(again, EventOutcome::Redacted(outcome.delivery()));
    }
    // Another event of the same order, and one of the same key whose order is not told.
    let mut renewal = about(&*store, 1, 3, at(601)).await;
    if let Outcome::Events(events) = &mut renewal.outcome {
        events[0].id = "order-1-refund".to_owned();
    }
    assert!(matches!(
        accept_event(&*store, renewal).await,
        EventOutcome::Redacted(_)
    ));
    let mut orderless = about(&*store, 1, 4, at(602)).await;
    orderless.order = None;
    assert!(matches!(
        accept_event(&*store, orderless).await,
        EventOutcome::Redacted(_)
    ));
    assert!(!remains(bench, 1));
    assert!(store.known_order("shop", "1").await.unwrap().is_none());
    for lane in [Lane::Fresh, Lane::Retry] {
        assert_eq!(claim(&*store, lane, at(9_999)).await.len(), 0);
    }
    balance(&*store).await;
}

pub(super) async fn a_request_stays_open_until_it_is_done(bench: &dyn Bench) {
    let store = bench.open().await;
    accept(&*store, about(&*store, 1, 1, at(0)).await).await;
    let mut request = about(&*store, 1, 1, at(1)).await;
    request.topic = "customers/redact".to_owned();
    request.order = None;
    request.outcome = Outcome::Privacy(PrivacyRequest::RedactSubjects);
    let Accepted::Stored { payload, .. } = accept(&*store, request.clone()).await else {
        panic!("not stored");
    };
    request.outcome = Outcome::Privacy(PrivacyRequest::Data);
    accept(&*store, request).await;
    drop(store);
    let store = bench.open().await;
    let open = store.open_requests().await.unwrap();
    assert_eq!(open.len(), 2);
    assert_eq!(open[0].payload, payload);
    assert_eq!(open[0].request, PrivacyRequest::RedactSubjects);
    assert_eq!(open[0].subjects, [subject(&*store, 1).await]);
    assert_eq!(open[1].request, PrivacyRequest::Data);
    assert!(store.raw(payload).await.unwrap().is_none());
    let command = Command::Redact {
        target: RedactTarget::Subjects(open[0].subjects.clone()),
        request: Some(payload),
    };
    let applied = store.apply(command, at(2)).await.unwrap();
    assert_eq!(applied.changed, 2, "the order, and the other request");
    assert_eq!(store.open_requests().await.unwrap(), []);
    assert!(!remains(bench, 1));
    balance(&*store).await;
}

pub(super) async fn a_pending_event_that_is_redacted_is_not_sent(bench: &dyn Bench) {
    let store = bench.open().await;
    let pending = accept_event(&*store, about(&*store, 1, 1, at(0)).await).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    redact(&*store, 1).await;
    assert!(!settle(&*store, &claimed, Verdict::Delivered, at(2)).await);
    assert_eq!(state(&*store, pending).await, State::Dropped);
    let detail = show(&*store, pending).await;
    assert_eq!(detail.item.reason.unwrap().code, Reason::REDACTED);
    assert!(detail.raw.is_none() && detail.event.is_none());
    let retry = super::command::retry_one(pending);
    assert_eq!(store.apply(retry, at(3)).await.unwrap().changed, 0);
    assert_eq!(claim(&*store, Lane::Retry, at(9_999)).await.len(), 0);
    balance(&*store).await;
}

pub(super) async fn everything_about_a_person_is_found(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = about(&*store, 1, 1, at(0)).await;
    accept(&*store, first).await;
    let other = about(&*store, 2, 1, at(0)).await;
    accept(&*store, other).await;
    // A refund that names nobody, but belongs to the order.
    let mut refund = intake(1, 2, at(1));
    refund.outcome = Outcome::Unmappable(Reason::new("payload.type", ""));
    accept(&*store, refund).await;
    let one = RedactTarget::Subjects(vec![subject(&*store, 1).await]);
    let found = store.find(one.clone()).await.unwrap();
    assert_eq!(found.iter().map(|it| it.get()).collect::<Vec<_>>(), [1, 3]);
    let source = RedactTarget::Source("shop".to_owned());
    assert_eq!(store.find(source).await.unwrap().len(), 3);
    assert_eq!(redact(&*store, 1).await, 2);
    assert!(
        store
            .find(one)
            .await
            .unwrap()
            .iter()
            .all(|it| it.get() != 2)
    );
}
