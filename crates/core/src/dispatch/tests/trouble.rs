//! Destinations that throttle, refuse, fail or are paused.

use std::time::Duration;

use super::*;
use crate::Transport;
use crate::dispatch::{PAUSED_NO_ACCESS, PAUSED_REJECTS_ALL, Stop};
use crate::store::{DestinationChange, Lane, Reason};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn a_throttle_holds_everyone_and_spends_nothing() {
    let mut bench = Bench::with(3, Reply::Status(200));
    bench.config.concurrency = 1;
    bench
        .sink
        .answer(1, &[Reply::Wait(429, 70), Reply::Wait(503, 70)]);
    bench.sink.answer(2, &[Reply::Status(429)]);
    bench.run(SECOND * 300).await;
    let seen = bench.sink.seen();
    assert_eq!(seen[0].1, 0);
    assert!(seen[1].1 >= 70_010, "{seen:?}");
    assert_eq!(bench.store.delivered(), 3);
    for id in 1..=3 {
        assert_eq!(bench.store.row(id).attempts, 1, "only the last one counts");
    }
    // Each of the three throttles kept everybody away.
    for (pair, wait) in [((0, 1), 70_000), ((1, 2), 70_000), ((3, 4), 5_000)] {
        let gap = seen[pair.1].1 - seen[pair.0].1;
        assert!((wait..wait + 1_100).contains(&gap), "{gap} ms: {seen:?}");
    }
    assert_eq!(bench.store.claimed(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_outlives_a_restart() {
    let bench = Bench::with(1, Reply::Status(200));
    bench.sink.answer(1, &[Reply::Wait(429, 600)]);
    bench.run(SECOND).await;
    bench.run(SECOND * 700).await;
    let times = bench.sink.times(1);
    assert_eq!(times.len(), 2);
    assert!((600_010..601_100).contains(&times[1]), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn throttles_reduce_the_places_and_good_answers_give_them_back() {
    let bench = Bench::with(3_000, Reply::Wait(429, 1));
    let running = bench.start();
    bench.wait(4).await;
    assert!(
        bench.metrics.concurrency() <= 2,
        "{}",
        bench.metrics.concurrency()
    );
    bench.sink.most();
    bench.sink.set(Reply::Status(200));
    bench.wait(60).await;
    assert_eq!(bench.sink.most(), 16);
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 3_000);
    assert!(bench.store.rows().iter().all(|row| row.attempts == 1));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_for_an_hour_costs_nothing_and_mends_itself() {
    let bench = Bench::with(500, Reply::Status(401));
    let running = bench.start();
    bench.wait(10).await;
    assert_eq!(bench.sink.count(), 16, "what was under way already");
    assert_eq!(
        bench.store.state().paused.unwrap().reason.code,
        PAUSED_NO_ACCESS
    );
    assert!(bench.metrics.is_paused());
    assert_eq!(bench.store.claimed(), 0, "given back");
    bench.wait(3_600).await;
    let probes = bench.sink.count() - 16;
    assert!((8..=20).contains(&probes), "{probes} slow probes");
    assert!(bench.store.rows().iter().all(|row| row.attempts == 0));
    bench.sink.set(Reply::Status(200));
    bench.wait(700).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 500);
    assert!(bench.store.rows().iter().all(|row| row.attempts == 1));
    assert_eq!(bench.store.state().paused, None);
}

#[tokio::test(start_paused = true)]
async fn a_pause_outlives_a_restart_which_probes_once() {
    let bench = Bench::with(50, Reply::Status(403));
    bench.run(SECOND).await;
    let before = bench.sink.count();
    bench.run(SECOND * 20).await;
    assert_eq!(bench.sink.count(), before + 1);
    bench.sink.set(Reply::Status(200));
    bench.run(SECOND * 2).await;
    assert_eq!(bench.store.delivered(), 50, "a restart after the repair");
}

#[tokio::test(start_paused = true)]
async fn a_persons_pause_is_seen_and_never_probed() {
    let mut bench = Bench::with(2_000, Reply::Status(200));
    bench.config.concurrency = 1;
    let running = bench.start();
    bench.wait(2).await;
    let pause = DestinationChange::Pause(Reason::new("paused", "maintenance"));
    bench.store.change(&pause, bench.now());
    bench.wait(2).await;
    let before = bench.sink.count();
    bench.wait(7_200).await;
    assert_eq!(bench.sink.count(), before);
    assert_eq!(bench.store.claimed(), 0);
    bench.store.change(&DestinationChange::Resume, bench.now());
    bench.wait(60).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 2_000);
}

#[tokio::test(start_paused = true)]
async fn a_refused_event_is_parked_and_many_in_a_row_pause() {
    let mut bench = Bench::with(1_000, Reply::Status(400));
    bench.config.concurrency = 1;
    let running = bench.start();
    bench.wait(20).await;
    assert_eq!(bench.store.parked(Reason::REJECTED), 20);
    assert_eq!(
        bench.store.state().paused.unwrap().reason.code,
        PAUSED_REJECTS_ALL
    );
    bench.wait(7_200).await;
    let probes = bench.sink.count() - 21;
    assert!((10..=16).contains(&probes), "{probes} slow probes");
    let parked = 20 + probes;
    assert_eq!(bench.store.parked(Reason::REJECTED), parked, "one each");
    bench.sink.set(Reply::Status(200));
    bench.wait(700).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 1_000 - parked);
    let counted = u64::try_from(parked).unwrap();
    assert_eq!(bench.metrics.parked()[0], (Reason::REJECTED, counted));
}

#[tokio::test(start_paused = true)]
async fn however_many_are_refused_the_others_get_through() {
    let bench = Bench::with(500, Reply::Status(200));
    for id in 1..=400 {
        bench.sink.answer(id, &[Reply::Status(422); 9]);
        // As after `queue retry` of all that were parked.
        if id > 200 {
            bench.store.alter(id, |row| row.lane = Lane::Retry);
        }
    }
    let running = bench.start();
    bench.wait(20).await;
    let paused = bench.store.state().paused.unwrap();
    assert_eq!(paused.reason.code, PAUSED_REJECTS_ALL);
    assert_eq!(bench.store.delivered(), 0);
    bench.store.put(1, bench.now());
    bench.wait(120).await;
    assert_eq!(bench.sink.times(501).len(), 1, "what is new");
    bench.wait(3_600).await;
    assert_eq!(bench.store.delivered(), 101);
    // Each good one that comes takes along as many refused ones as make a pause.
    for _ in 0..20 {
        bench.store.put(1, bench.now());
        bench.wait(900).await;
    }
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 121);
    assert_eq!(bench.store.parked(Reason::REJECTED), 400);
    assert_eq!(bench.store.state().paused, None);
}

#[tokio::test(start_paused = true)]
async fn where_all_that_wait_are_refused_the_pause_ends_with_the_next_good_one() {
    let bench = Bench::with(30, Reply::Status(422));
    let running = bench.start();
    bench.wait(7_200).await;
    assert_eq!(bench.store.parked(Reason::REJECTED), 30);
    assert!(bench.store.state().paused.is_some());
    bench.sink.set(Reply::Status(200));
    bench.store.put(1, bench.now());
    bench.wait(700).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 1);
    assert_eq!(bench.store.state().paused, None);
}

#[tokio::test(start_paused = true)]
async fn a_refused_event_does_not_keep_a_mended_destination_shut() {
    let bench = Bench::with(1, Reply::Status(401));
    let running = bench.start();
    bench.wait(10).await;
    bench.sink.set(Reply::Status(422));
    bench.wait(60).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.parked(Reason::REJECTED), 1);
    assert_eq!(bench.store.state().paused, None);
}

#[tokio::test(start_paused = true)]
async fn the_breaker_opens_probes_and_closes() {
    let bench = Bench::with(500, Reply::Status(500));
    let running = bench.start();
    bench.wait(1).await;
    let failed = bench.sink.count();
    assert!((20..=40).contains(&failed), "{failed}");
    let open = bench.store.state().breaker.unwrap();
    assert_eq!(open.pause, Duration::from_millis(3_750));
    assert_eq!(bench.metrics.breaker_state(), 1);
    assert_eq!(bench.store.claimed(), 0, "given back");
    bench.wait(600).await;
    let probes = bench.sink.seen().split_off(failed);
    assert!((18..=24).contains(&probes.len()), "{}", probes.len());
    // From both ends in turn, so that no few events decide alone.
    let first: Vec<&str> = probes.iter().map(|(body, _)| body.as_str()).collect();
    assert_eq!(first[1..5], ["500", "1", "499", "2"], "{first:?}");
    assert_eq!(bench.store.row(1).attempts, 1, "a probe spends nothing");
    assert_eq!(bench.store.row(400).attempts, 0);
    bench.sink.set(Reply::Status(200));
    bench.wait(60).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 500);
    assert_eq!(bench.store.state().breaker, None);
    assert_eq!(bench.metrics.breaker_state(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_outlives_a_restart() {
    let bench = Bench::with(100, Reply::Fault(Transport::Connect));
    bench.run(SECOND * 120).await;
    let open = bench.store.state().breaker.unwrap();
    assert_eq!(open.pause, SECOND * 30);
    let before = bench.sink.count();
    bench.run(SECOND * 60).await;
    let probes = bench.sink.count() - before;
    assert!((1..=3).contains(&probes), "{probes} in a minute");
}

#[tokio::test(start_paused = true)]
async fn events_that_never_get_through_do_not_keep_the_breaker_open() {
    let bench = Bench::with(100, Reply::Status(500));
    for id in [1, 2, 3, 99, 100] {
        let never = [Reply::Fault(Transport::Timeout); 50];
        bench.sink.answer(id, &never);
    }
    let running = bench.start();
    bench.wait(100).await;
    bench.sink.set(Reply::Status(200));
    bench.wait(200).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 95);
}

#[tokio::test(start_paused = true)]
async fn a_day_without_the_endpoint_and_then_everything_arrives() {
    let mut bench = Bench::with(200, Reply::Fault(Transport::Connect));
    bench.pace.poll = SECOND * 20;
    let running = bench.start();
    for _ in 0..24 {
        tokio::time::sleep(HOUR).await;
        bench.store.put(1, bench.now());
        bench.wake.notify_one();
    }
    bench.sink.set(Reply::Status(200));
    bench.wait(60).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.delivered(), 224);
    let most = bench.store.rows().iter().map(|row| row.attempts).max();
    assert!(most <= Some(3), "{most:?} attempts in all");
}

#[tokio::test(start_paused = true)]
async fn what_never_works_expires_and_time_that_stood_still_does_not_count() {
    let mut bench = Bench::with(2, Reply::Status(200));
    bench.config.retry.max_age = HOUR * 2;
    bench.pace.poll = SECOND * 20;
    bench.sink.answer(1, &[Reply::Status(500); 99]);
    let running = bench.start();
    tokio::time::sleep(HOUR).await;
    let tried = bench.store.row(1).attempts;
    let pause = DestinationChange::Pause(Reason::new("paused", ""));
    bench.store.change(&pause, bench.now());
    tokio::time::sleep(HOUR * 48).await;
    bench.store.change(&DestinationChange::Resume, bench.now());
    bench.wait(30).await;
    let row = bench.store.row(1);
    assert_eq!((row.attempts, row.lane), (tried + 1, Lane::Retry));
    assert_eq!(bench.store.parked(Reason::EXPIRED), 0);
    tokio::time::sleep(HOUR * 6).await;
    running.end(Stop::Drain).await;
    assert_eq!(
        (bench.store.parked(Reason::EXPIRED), bench.store.delivered()),
        (1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn slowness_reduces_the_places_too() {
    let bench = Bench::with(5_000, Reply::Status(200));
    let running = bench.start();
    bench.wait(1).await;
    bench.sink.take(SECOND * 3);
    bench.wait(60).await;
    assert!(
        bench.metrics.concurrency() < 8,
        "{}",
        bench.metrics.concurrency()
    );
    bench.sink.take(Duration::from_millis(10));
    bench.wait(60).await;
    assert_eq!(bench.metrics.concurrency(), 16);
    running.end(Stop::Drain).await;
}
