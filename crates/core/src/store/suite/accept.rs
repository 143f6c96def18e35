//! What comes in.

use std::sync::Arc;

use super::super::{
    Accepted, ConflictPolicy, Cursor, EventOutcome, Filter, ItemId, Lane, Outcome, Page, Reason,
    State,
};
use super::Bench;
use super::make::{
    MAIN, accept, accept_event, at, balance, bytes, claim, claim_one, deliver_all, event, intake,
    items, show, state,
};

pub(super) async fn what_was_accepted_is_there_after_a_crash(bench: &dyn Bench) {
    let store = bench.open().await;
    let outcome = accept_event(&*store, intake(1, 1, at(0))).await;
    assert!(matches!(outcome, EventOutcome::New(_)));
    drop(store);
    let store = bench.open().await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    assert_eq!(claimed.id, outcome.delivery());
    assert_eq!(*claimed.body, bytes(1, 1));
    assert_eq!(
        (claimed.event_name.as_str(), claimed.event_id.as_str()),
        ("Placed Order", "order-1")
    );
    assert_eq!((claimed.source.as_str(), claimed.attempts), ("shop", 0));
    balance(&*store).await;
}

pub(super) async fn the_same_delivery_id_is_stored_once(bench: &dyn Bench) {
    let store = bench.open().await;
    let with_id = |order| {
        let mut intake = intake(order, 1, at(0));
        intake.delivery_id = Some("webhook-7".to_owned());
        intake
    };
    let Accepted::Stored { payload, .. } = accept(&*store, with_id(1)).await else {
        panic!("not stored");
    };
    let again = accept(&*store, with_id(2)).await;
    assert_eq!(again, Accepted::Duplicate { payload });
    let mut elsewhere = with_id(3);
    elsewhere.source = "other".to_owned();
    assert!(matches!(
        accept(&*store, elsewhere).await,
        Accepted::Stored { .. }
    ));
    assert_eq!(balance(&*store).await.payloads, 2);
}

pub(super) async fn the_same_event_is_sent_once(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, intake(1, 1, at(0))).await;
    let again = accept_event(&*store, intake(1, 1, at(5))).await;
    assert_eq!(again, EventOutcome::Duplicate(first.delivery()));
    assert_eq!(deliver_all(&*store, at(6)).await, 1);
    let later = accept_event(&*store, intake(1, 1, at(9))).await;
    assert_eq!(later, EventOutcome::Duplicate(first.delivery()));
    assert_eq!(deliver_all(&*store, at(10)).await, 0);
    let accounts = balance(&*store).await;
    assert_eq!((accounts.events, accounts.merged), (3, 2));
}

pub(super) async fn the_same_id_under_another_name_or_destination_is_another_event(
    bench: &dyn Bench,
) {
    let store = bench.open().await;
    let mut all = vec![event(1, 1), event(1, 1), event(1, 1)];
    all[1].name = "Started Subscription".to_owned();
    all[2].destination = "second".to_owned();
    let mut intake = intake(1, 1, at(0));
    intake.outcome = Outcome::Events(all);
    let Accepted::Stored { events, .. } = accept(&*store, intake).await else {
        panic!("not stored");
    };
    assert!(events.iter().all(|it| matches!(it, EventOutcome::New(_))));
    assert_eq!(claim(&*store, Lane::Fresh, at(1)).await.len(), 2);
    balance(&*store).await;
}

pub(super) async fn the_same_key_twice_in_one_payload_is_one_event(bench: &dyn Bench) {
    let store = bench.open().await;
    let mut intake = intake(1, 1, at(0));
    intake.outcome = Outcome::Events(vec![event(1, 1), event(1, 1), event(1, 2)]);
    let Accepted::Stored { events, .. } = accept(&*store, intake).await else {
        panic!("not stored");
    };
    let id = events[0].delivery();
    let expected = [
        EventOutcome::New(id),
        EventOutcome::Duplicate(id),
        EventOutcome::Kept(id),
    ];
    assert_eq!(events, expected);
    assert_eq!(deliver_all(&*store, at(1)).await, 1);
    balance(&*store).await;
}

pub(super) async fn other_bytes_under_a_known_key_are_a_visible_conflict(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, intake(1, 1, at(0))).await;
    let kept = accept_event(&*store, intake(1, 2, at(5))).await;
    assert_eq!(kept, EventOutcome::Kept(first.delivery()));
    let detail = show(&*store, first).await;
    assert_eq!(detail.conflicts.len(), 1);
    assert_eq!(detail.conflicts[0].at, at(5));
    let claimed = claim_one(&*store, Lane::Fresh, at(6)).await;
    assert_eq!(*claimed.body, bytes(1, 1), "the first bytes are final");
    balance(&*store).await;
}

pub(super) async fn what_two_sources_tell_is_one_event_whoever_comes_first(bench: &dyn Bench) {
    let store = bench.open().await;
    let of = |source: &str, order, version, second| {
        let mut intake = intake(order, version, at(second));
        source.clone_into(&mut intake.source);
        intake.conflict = ConflictPolicy::Join;
        intake
    };
    let first = accept_event(&*store, of("tool", 1, 1, 0)).await;
    let second = accept_event(&*store, of("shop", 1, 2, 1)).await;
    assert_eq!(second, EventOutcome::Joined(first.delivery()));
    assert_eq!(deliver_all(&*store, at(2)).await, 1);
    // Delivered already, it stays what it was.
    let late = accept_event(&*store, of("shop", 1, 3, 3)).await;
    assert_eq!(late, EventOutcome::Joined(first.delivery()));
    assert!(show(&*store, first).await.conflicts.is_empty());
    // A newer version takes the place of one that is held only if it is of the same source.
    let mut held = of("shop", 2, 1, 4);
    held.hold_until = Some(at(600));
    let held = accept_event(&*store, held).await;
    let other = accept_event(&*store, of("tool", 2, 2, 5)).await;
    assert_eq!(other, EventOutcome::Joined(held.delivery()));
    let same = accept_event(&*store, of("shop", 2, 3, 6)).await;
    assert_eq!(same, EventOutcome::Replaced(held.delivery()));
    // Within one source other content is a conflict as ever.
    let again = accept_event(&*store, of("tool", 1, 4, 7)).await;
    assert_eq!(again, EventOutcome::Kept(first.delivery()));
    assert_eq!(deliver_all(&*store, at(700)).await, 1);
    balance(&*store).await;
}

pub(super) async fn a_conflict_can_be_parked_or_sent(bench: &dyn Bench) {
    let store = bench.open().await;
    let first = accept_event(&*store, intake(1, 1, at(0))).await;
    let with = |version, policy| {
        let mut intake = intake(1, version, at(1));
        intake.conflict = policy;
        intake
    };
    let parked = accept_event(&*store, with(2, ConflictPolicy::Park)).await;
    assert!(matches!(parked, EventOutcome::ConflictParked(_)));
    let item = show(&*store, parked).await.item;
    assert_eq!(item.state, State::Parked);
    assert_eq!(item.reason.unwrap().code, Reason::CONFLICT);
    let sent = accept_event(&*store, with(3, ConflictPolicy::Send)).await;
    assert!(matches!(sent, EventOutcome::ConflictSent(_)));
    assert_eq!(show(&*store, first).await.conflicts.len(), 2);
    // Each of the three is known now.
    for (version, outcome) in [(1, first), (2, parked), (3, sent)] {
        let again = accept_event(&*store, with(version, ConflictPolicy::Send)).await;
        assert_eq!(again, EventOutcome::Duplicate(outcome.delivery()));
    }
    assert_eq!(claim(&*store, Lane::Fresh, at(2)).await.len(), 2);
    balance(&*store).await;
}

pub(super) async fn the_cursor_moves_with_its_page(bench: &dyn Bench) {
    let store = bench.open().await;
    let cursor = |position: &str| Cursor {
        source: "shop".to_owned(),
        stream: "orders".to_owned(),
        position: position.to_owned(),
    };
    let page = |from, position| Page {
        intakes: (from..from + 3)
            .map(|order| intake(order, 1, at(0)))
            .collect(),
        cursor: Some(cursor(position)),
    };
    assert_eq!(store.cursor("shop", "orders").await.unwrap(), None);
    store.accept(page(1, "a")).await.unwrap();
    bench.fail_commit(false);
    assert!(store.accept(page(4, "b")).await.is_err());
    let known = store.cursor("shop", "orders").await.unwrap();
    assert_eq!(known, Some(cursor("a")));
    assert_eq!(balance(&*store).await.payloads, 3);
    store.accept(page(4, "b")).await.unwrap();
    drop(store);
    let store = bench.open().await;
    let known = store.cursor("shop", "orders").await.unwrap();
    assert_eq!(known, Some(cursor("b")));
    assert_eq!(store.cursor("shop", "refunds").await.unwrap(), None);
    assert_eq!(balance(&*store).await.payloads, 6);
}

pub(super) async fn an_ignored_payload_is_kept_with_its_reason(bench: &dyn Bench) {
    let store = bench.open().await;
    let mut ignored = intake(1, 1, at(0));
    ignored.outcome = Outcome::Ignored(Reason::new("order.test", "a test order"));
    let Accepted::Stored { payload, .. } = accept(&*store, ignored.clone()).await else {
        panic!("not stored");
    };
    let found = items(&*store, Filter::default()).await;
    assert_eq!(found[0].id, ItemId::Payload(payload));
    assert_eq!(found[0].state, State::Dropped);
    assert_eq!(found[0].reason.as_ref().unwrap().code, "order.test");
    let raw = store.raw(payload).await.unwrap().unwrap();
    assert_eq!(raw.body, ignored.body);
    balance(&*store).await;
}

pub(super) async fn an_unmappable_payload_is_parked_with_code_and_path(bench: &dyn Bench) {
    let store = bench.open().await;
    let reason = Reason {
        code: "payload.missing".to_owned(),
        message: "is missing".to_owned(),
        path: Some("line_items[0].price".to_owned()),
    };
    let mut bad = intake(1, 1, at(0));
    bad.outcome = Outcome::Unmappable(reason.clone());
    accept(&*store, bad).await;
    let filter = Filter {
        states: Some(vec![State::Parked]),
        ..Filter::default()
    };
    let found = items(&*store, filter).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reason, Some(reason));
    let detail = store.show(found[0].id).await.unwrap().unwrap();
    assert!(detail.raw.is_some() && detail.event.is_none());
    assert_eq!(balance(&*store).await.parked, 1);
}

pub(super) async fn a_rule_drops_and_the_drop_can_be_undone(bench: &dyn Bench) {
    let store = bench.open().await;
    let mut dropped = event(1, 1);
    dropped.dropped = Some(Reason::new("internal-test", "internal test order"));
    let mut payload = intake(1, 1, at(0));
    payload.outcome = Outcome::Events(vec![dropped]);
    let outcome = accept_event(&*store, payload).await;
    assert_eq!(state(&*store, outcome).await, State::Dropped);
    assert_eq!(claim(&*store, Lane::Fresh, at(1)).await.len(), 0);
    assert!(show(&*store, outcome).await.event.is_some());
    let undo = super::command::retry_one(outcome);
    assert_eq!(store.apply(undo, at(2)).await.unwrap().changed, 1);
    assert_eq!(deliver_all(&*store, at(3)).await, 1);
    balance(&*store).await;
}

pub(super) async fn many_at_once_are_all_answered(bench: &dyn Bench) {
    let store: Arc<dyn super::Store> = bench.open().await.into();
    let mut tasks = Vec::new();
    for task in 0..32_u32 {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            for order in 0..8 {
                // Each order comes in twice, from two tasks.
                let order = (task / 2) * 8 + order;
                accept_event(&*store, intake(order, 1, at(0))).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let accounts = balance(&*store).await;
    assert_eq!((accounts.payloads, accounts.deliveries), (256, 128));
}

pub(super) async fn nothing_private_is_printed(bench: &dyn Bench) {
    let store = bench.open().await;
    let payload = intake(1, 1, at(0));
    let mut text = format!("{payload:?}");
    let outcome = accept_event(&*store, payload).await;
    text += &format!("{:?}", show(&*store, outcome).await);
    text += &format!("{:?}", claim_one(&*store, Lane::Fresh, at(1)).await);
    text += &format!("{:?}", store.known_order("shop", "1").await.unwrap());
    assert!(!text.contains("plain@example.com"), "{text}");
    assert!(text.contains(MAIN));
}

pub(super) async fn what_makes_no_event_is_stored_once_without_a_delivery_id(bench: &dyn Bench) {
    let store = bench.open().await;
    let why = |code: &str| Reason::new(code, "");
    for (order, outcome) in [
        (1, Outcome::Ignored(why("order.test"))),
        (2, Outcome::Unmappable(why("payload.type"))),
    ] {
        let read = |version, now| {
            let mut intake = intake(order, version, at(now));
            intake.outcome = outcome.clone();
            intake
        };
        let first = accept(&*store, read(1, 0)).await;
        let Accepted::Stored { payload, .. } = first else {
            panic!("{first:?}");
        };
        let again = accept(&*store, read(1, 60)).await;
        assert_eq!(again, Accepted::Duplicate { payload });
        // Other bytes, another topic and another source are something else.
        let mut elsewhere = read(1, 60);
        elsewhere.source = "other".to_owned();
        let mut about = read(1, 60);
        about.topic = "orders/updated".to_owned();
        for new in [read(2, 60), elsewhere, about] {
            let stored = accept(&*store, new).await;
            assert!(matches!(stored, Accepted::Stored { .. }), "{stored:?}");
        }
    }
    // Once it can be mapped, the same bytes are not held off by what they were before.
    let mapped = accept_event(&*store, intake(2, 1, at(90))).await;
    assert!(matches!(mapped, EventOutcome::New(_)));
    assert_eq!(balance(&*store).await.payloads, 9);
}

pub(super) async fn one_id_under_two_names_is_remarked(bench: &dyn Bench) {
    let store = bench.open().await;
    let named = |name: &str, destination: &str| {
        let mut event = event(1, 1);
        event.name = name.to_owned();
        event.destination = destination.to_owned();
        event
    };
    let with = |events| {
        let mut intake = intake(1, 1, at(0));
        intake.outcome = Outcome::Events(events);
        intake
    };
    let stored = async |events| match accept(&*store, with(events)).await {
        Accepted::Stored {
            events, same_id, ..
        } => (events, same_id),
        duplicate @ Accepted::Duplicate { .. } => panic!("{duplicate:?}"),
    };
    let remarks = async |outcome: EventOutcome| {
        let notes = show(&*store, outcome).await.event.unwrap().notes;
        notes
            .iter()
            .filter(|note| note.code == Reason::SAME_ID)
            .count()
    };
    let (events, same_id) = stored(vec![named("Placed Order", MAIN)]).await;
    assert_eq!((same_id.len(), remarks(events[0]).await), (0, 0));
    // Another destination is another matter; the same name is a repetition.
    let (_, same_id) = stored(vec![
        named("Received Refund", "other"),
        named("Placed Order", MAIN),
    ])
    .await;
    assert_eq!(same_id, []);
    // In one payload or in two.
    let (events, same_id) = stored(vec![
        named("Received Refund", MAIN),
        named("Started Subscription", MAIN),
    ])
    .await;
    assert_eq!(same_id, [events[0].delivery(), events[1].delivery()]);
    for outcome in events {
        assert_eq!(remarks(outcome).await, 1);
        assert_eq!(
            state(&*store, outcome).await,
            State::Pending,
            "it is sent all the same"
        );
    }
    balance(&*store).await;
}
