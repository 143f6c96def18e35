use super::*;
use crate::store::{ClaimId, Millis, Private};

fn claimed(id: i64) -> Claimed {
    Claimed {
        id: DeliveryId::new(id),
        claim: ClaimId::from_bytes([0; 16]),
        source: String::from("shop"),
        event_name: String::from("Placed Order"),
        event_id: id.to_string(),
        body: Private::new(bytes::Bytes::new()),
        attempts: 0,
        first_attempt: None,
        received_at: Millis::new(id),
        order_time: Millis::new(id),
        due_at: Millis::new(id),
    }
}

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn fill(lanes: &mut Lanes, lane: Lane, count: i64) {
    let asked = usize::try_from(count).unwrap();
    lanes.claimed(lane, asked, (0..count).map(claimed).collect(), at(0));
}

/// How many of each lane are started with this many places, each of which is free again after the
/// one started longest before it.
fn starts(lanes: &mut Lanes, places: usize, count: usize) -> (usize, usize) {
    let mut under_way = VecDeque::new();
    let (mut fresh, mut retry) = (0, 0);
    for _ in 0..count {
        if under_way.len() == places {
            lanes.ended(under_way.pop_front().unwrap());
        }
        let Some((lane, _)) = lanes.pick() else { break };
        lanes.started(lane);
        under_way.push_back(lane);
        match lane {
            Lane::Fresh => fresh += 1,
            Lane::Retry => retry += 1,
        }
    }
    (fresh, retry)
}

#[test]
fn two_busy_lanes_share_70_to_30() {
    for (places, slack) in [(1, 0), (10, 2), (16, 25), (100, 2)] {
        let mut lanes = Lanes::new(1);
        fill(&mut lanes, Lane::Fresh, 1_000);
        fill(&mut lanes, Lane::Retry, 1_000);
        let (fresh, retry) = starts(&mut lanes, places, 500);
        assert_eq!(fresh + retry, 500);
        assert!(
            retry.abs_diff(150) <= slack,
            "{places} places: {fresh}/{retry}"
        );
    }
}

#[test]
fn an_idle_lane_lends_all_its_places() {
    for lane in [Lane::Fresh, Lane::Retry] {
        let mut lanes = Lanes::new(1);
        fill(&mut lanes, lane, 100);
        let (fresh, retry) = starts(&mut lanes, 10, 100);
        assert_eq!(fresh.max(retry), 100);
    }
}

#[test]
fn the_lender_gets_its_places_back_as_they_become_free() {
    let mut lanes = Lanes::new(1);
    fill(&mut lanes, Lane::Retry, 100);
    for _ in 0..10 {
        let (lane, _) = lanes.pick().unwrap();
        lanes.started(lane);
    }
    fill(&mut lanes, Lane::Fresh, 100);
    for _ in 0..7 {
        lanes.ended(Lane::Retry);
        let (lane, _) = lanes.pick().unwrap();
        assert_eq!(lane, Lane::Fresh);
        lanes.started(lane);
    }
    lanes.ended(Lane::Retry);
    assert_eq!(lanes.pick().unwrap().0, Lane::Retry);
}

#[test]
fn claims_ahead_and_grows_when_that_does_not_last() {
    let mut lanes = Lanes::new(16);
    let full = |count: usize| (0..i64::try_from(count).unwrap()).map(claimed).collect();
    assert_eq!(lanes.claim(Lane::Fresh, at(0)), Some(16));
    assert_eq!(lanes.claim(Lane::Fresh, at(0)), None, "one claim at a time");
    lanes.claimed(Lane::Fresh, 16, full(16), at(1));
    assert_eq!(lanes.claim(Lane::Fresh, at(1)), None, "enough for now");
    lanes.pick().unwrap();
    assert_eq!(lanes.claim(Lane::Fresh, at(2)), Some(32));
    lanes.claimed(Lane::Fresh, 32, full(32), at(3));
    lanes.empty();
    for step in 0..10 {
        let asked = lanes.claim(Lane::Fresh, at(4 + step)).unwrap();
        lanes.claimed(Lane::Fresh, asked, full(asked), at(4 + step));
        while lanes.pick().is_some() {}
    }
    assert_eq!(lanes.claim(Lane::Fresh, at(14)), Some(512));
    lanes.claimed(Lane::Fresh, 512, full(512), at(14));
    while lanes.pick().is_some() {}
    assert_eq!(lanes.claim(Lane::Fresh, at(9_000)), Some(256));
}

#[test]
fn an_empty_lane_is_left_alone_until_there_is_a_reason() {
    let mut lanes = Lanes::new(16);
    lanes.claim(Lane::Fresh, at(0));
    lanes.claimed(Lane::Fresh, 16, Vec::new(), at(5));
    assert_eq!(lanes.claim(Lane::Fresh, at(9)), None);
    assert_eq!(lanes.recheck_at(), Some(at(255)));
    lanes.claim(Lane::Retry, at(6));
    lanes.claimed(Lane::Retry, 16, Vec::new(), at(7));
    assert_eq!(lanes.both_dry(), Some(at(7)));
    assert_eq!(lanes.recheck_at(), None);
    lanes.refresh(Lane::Fresh);
    assert_eq!(lanes.claim(Lane::Fresh, at(9)), Some(16));
}
