//! Looking at what is stored.

use std::collections::BTreeMap;

use super::super::{
    Direction, Filter, Item, Lane, List, Outcome, PayloadId, Reason, State, Store, Verdict,
};
use super::Bench;
use super::make::{
    MAIN, accept, accept_event, at, balance, bytes, claim, claim_one, event, intake, items, settle,
    show,
};

/// Seven orders of two sources, one of them not mappable and one ignored.
async fn fill(store: &dyn Store) {
    for order in 0..7 {
        let mut payload = intake(order, 1, at(i64::from(order)));
        match order {
            3 => payload.outcome = Outcome::Unmappable(Reason::new("payload.type", "")),
            5 => payload.outcome = Outcome::Ignored(Reason::new("order.test", "")),
            _ => {}
        }
        if order > 4 {
            payload.source = "other".to_owned();
        }
        accept(store, payload).await;
    }
}

pub(super) async fn pages_hold_each_item_once_in_both_directions(bench: &dyn Bench) {
    let store = bench.open().await;
    fill(&*store).await;
    let all: Vec<Item> = items(&*store, Filter::default()).await;
    assert_eq!(all.len(), 7);
    for direction in [Direction::OldestFirst, Direction::NewestFirst] {
        for limit in 1..=8 {
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let list = List {
                    filter: Filter::default(),
                    direction,
                    after,
                    limit,
                };
                let page = store.list(list).await.unwrap();
                after = page.last().map(|item| item.position);
                if page.is_empty() {
                    break;
                }
                assert!(page.len() <= limit);
                found.extend(page);
            }
            if direction == Direction::NewestFirst {
                found.reverse();
            }
            assert_eq!(found, all, "{direction:?} {limit}");
        }
    }
}

pub(super) async fn every_condition_of_a_filter_counts(bench: &dyn Bench) {
    let store = bench.open().await;
    fill(&*store).await;
    let all = items(&*store, Filter::default()).await;
    let text = |text: &str| Some(text.to_owned());
    let ids = |places: &[usize]| Some(places.iter().map(|place| all[*place].id).collect());
    let payload = |place: &usize| PayloadId::new(all[*place].position.payload);
    let payloads = |places: &[usize]| Some(places.iter().map(payload).collect());
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        filter
    };
    let cases = [
        (
            2,
            with(&|it| it.states = Some(vec![State::Parked, State::Dropped])),
        ),
        (1, with(&|it| it.states = Some(vec![State::Parked]))),
        (5, with(&|it| it.states = Some(vec![State::Pending]))),
        (0, with(&|it| it.states = Some(vec![State::Held]))),
        (0, with(&|it| it.states = Some(vec![]))),
        (2, with(&|it| it.source = text("other"))),
        (0, with(&|it| it.source = text("nobody"))),
        (5, with(&|it| it.destination = text(MAIN))),
        (1, with(&|it| it.reason = text("order.test"))),
        (1, with(&|it| it.event_id = text("order-4"))),
        (1, with(&|it| it.order_key = text("3"))),
        (2, with(&|it| it.since = Some(at(5)))),
        (5, with(&|it| it.until = Some(at(5)))),
        (
            2,
            with(&|it| (it.since, it.until) = (Some(at(2)), Some(at(4)))),
        ),
        (2, with(&|it| it.ids = ids(&[0, 3]))),
        (0, with(&|it| it.ids = Some(vec![]))),
        (2, with(&|it| it.payloads = payloads(&[0, 3]))),
        (0, with(&|it| it.payloads = Some(vec![]))),
        (
            0,
            with(&|it| (it.ids, it.source) = (ids(&[0]), text("other"))),
        ),
    ];
    for (expected, filter) in cases {
        let found = items(&*store, filter.clone()).await;
        assert_eq!(found.len(), expected, "{filter:?}");
    }
}

pub(super) async fn shows_all_there_is(bench: &dyn Bench) {
    let store = bench.open().await;
    let mut payload = intake(1, 1, at(0));
    payload.delivery_id = Some("webhook-1".to_owned());
    let raw = payload.body.clone();
    let outcome = accept_event(&*store, payload).await;
    let claimed = claim_one(&*store, Lane::Fresh, at(1)).await;
    let verdict = Verdict::Retry { not_before: at(9) };
    settle(&*store, &claimed, verdict, at(2)).await;
    let detail = show(&*store, outcome).await;
    let id = detail.item.id;
    assert_eq!(super::super::ItemId::parse(&id.to_string()), Some(id));
    assert_eq!(detail.item.topic, "orders/create");
    assert_eq!(detail.item.order_key.as_deref(), Some("1"));
    assert_eq!(detail.item.received_at, at(0));
    let named = detail.item.event.unwrap();
    assert_eq!(
        (named.destination.as_str(), named.name.as_str()),
        (MAIN, "Placed Order")
    );
    assert_eq!(detail.delivery_id.as_deref(), Some("webhook-1"));
    assert_eq!(detail.mapping, "shopify 0.1.0");
    assert_eq!(detail.raw, Some(raw));
    let frozen = detail.event.unwrap();
    assert_eq!(*frozen.body, bytes(1, 1));
    assert_eq!(
        (frozen.channel.as_str(), frozen.because.as_str()),
        ("web", "`source_name` is web")
    );
    assert_eq!(frozen.notes, event(1, 1).notes);
    assert_eq!(frozen.order_time, at(-60));
    assert_eq!((detail.attempts.len(), detail.attempts[0].number), (1, 1));
    let nobody = super::super::ItemId::parse("d999").unwrap();
    assert!(store.show(nobody).await.unwrap().is_none());
}

pub(super) async fn counts_follow_every_change(bench: &dyn Bench) {
    let store = bench.open().await;
    fill(&*store).await;
    let counts = async || -> BTreeMap<(State, Option<String>), u64> {
        let mut sums = BTreeMap::new();
        for count in store.counts().await.unwrap() {
            *sums.entry((count.state, count.reason)).or_default() += count.count;
        }
        sums
    };
    let reason = |code: &str| Some(code.to_owned());
    assert_eq!(
        counts().await,
        BTreeMap::from([
            ((State::Pending, None), 5),
            ((State::Parked, reason("payload.type")), 1),
            ((State::Dropped, reason("order.test")), 1),
        ])
    );
    let claimed = store
        .claim(super::make::due(Lane::Fresh, 2, at(10)))
        .await
        .unwrap();
    settle(&*store, &claimed[0], Verdict::Delivered, at(11)).await;
    assert_eq!(
        counts().await,
        BTreeMap::from([
            ((State::Pending, None), 3),
            ((State::Sending, None), 1),
            ((State::Delivered, None), 1),
            ((State::Parked, reason("payload.type")), 1),
            ((State::Dropped, reason("order.test")), 1),
        ])
    );
    balance(&*store).await;
}

pub(super) async fn the_oldest_that_waits_is_told_whatever_its_next_attempt(bench: &dyn Bench) {
    let store = bench.open().await;
    let oldest = async || store.backlog(MAIN).await.unwrap().oldest_pending;
    assert_eq!(oldest().await, None);
    for order in 0..6 {
        accept_event(&*store, intake(order, 1, at(i64::from(order)))).await;
    }
    assert_eq!(oldest().await, Some(at(0)));
    // The oldest is tried again last, and one in the fresh lane is held back.
    let claimed = claim(&*store, Lane::Fresh, at(10)).await;
    assert_eq!(oldest().await, None, "all are being sent");
    for (place, claimed) in claimed.iter().enumerate() {
        let not_before = at(900 - i64::try_from(place).unwrap());
        let verdict = match place {
            0..3 => Verdict::Retry { not_before },
            3 => Verdict::HeldBack { not_before },
            _ => Verdict::Released,
        };
        settle(&*store, claimed, verdict, at(11)).await;
    }
    for expected in 0..3 {
        assert_eq!(oldest().await, Some(at(expected)));
        let claimed = claim(&*store, Lane::Retry, at(2_000)).await;
        for claimed in claimed {
            let done = claimed.received_at == at(expected);
            let verdict = if done {
                Verdict::Delivered
            } else {
                Verdict::Released
            };
            settle(&*store, &claimed, verdict, at(2_001)).await;
        }
    }
    assert_eq!(oldest().await, Some(at(3)), "held back");
}
