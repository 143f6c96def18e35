//! What happens while everything works, more or less.

use std::time::Duration;

use super::*;
use crate::dispatch::{Ended, Stop};
use crate::store::{AttemptClass, Lane};
use crate::{FailureKind, Transport};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn delivers_all_with_bounded_concurrency_and_in_groups() {
    let bench = Bench::with(1_000, Reply::Status(200));
    let ended = bench.run(SECOND * 5).await;
    assert!(matches!(ended, Ended::Drained), "{ended:?}");
    assert_eq!(bench.store.delivered(), 1_000);
    assert_eq!((bench.sink.count(), bench.sink.most()), (1_000, 16));
    let last = bench.sink.seen().last().unwrap().1;
    assert!(
        last < 700,
        "1000 events, 16 at a time, 10 ms each: {last} ms"
    );
    let groups = bench.store.groups();
    assert!(groups.len() < 150, "{groups:?}");
    assert_eq!(bench.metrics.attempts(AttemptClass::Delivered), 1_000);
    assert_eq!(bench.metrics.delivery_latency.read().count, 1_000);
}

#[tokio::test(start_paused = true)]
async fn at_a_steady_latency_all_places_are_in_use() {
    for (concurrency, latency) in [(16, 20), (64, 100), (512, 20), (512, 100)] {
        let count = concurrency * 40;
        let mut bench = Bench::with(count, Reply::Status(200));
        bench.config.concurrency = concurrency;
        bench.sink.take(Duration::from_millis(latency));
        bench.run(SECOND * 10).await;
        assert_eq!(bench.store.delivered(), count);
        let took = bench.sink.seen().last().unwrap().1 + latency;
        assert!(
            took <= 40 * latency * 11 / 10,
            "{concurrency} {latency}: {took} ms"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_recorded() {
    let bench = Bench::with(1, Reply::Status(200));
    bench
        .sink
        .answer(1, &[Reply::Status(500), Reply::Fault(Transport::Cut)]);
    bench.run(SECOND * 60).await;
    let row = bench.store.row(1);
    let found: Vec<_> = row
        .history
        .iter()
        .map(|attempt| (attempt.class, attempt.status, attempt.answer.as_str()))
        .collect();
    let failed = AttemptClass::Failed;
    assert_eq!(
        found,
        [
            (failed(FailureKind::Temporary), Some(500), "answer"),
            (
                failed(FailureKind::Unknown),
                None,
                "connection cut before the answer"
            ),
            (AttemptClass::Delivered, Some(200), "answer"),
        ]
    );
    assert!(
        row.history
            .iter()
            .all(|attempt| attempt.duration.as_millis() == 10)
    );
    assert_eq!(row.history[1].at, at(5_010));
    assert_eq!(row.attempts, 3);
}

#[tokio::test(start_paused = true)]
async fn retries_by_schedule_while_the_others_go_on() {
    let bench = Bench::with(100, Reply::Status(200));
    let replies = [
        Reply::Status(500),
        Reply::Fault(Transport::Timeout),
        Reply::Status(408),
    ];
    bench.sink.answer(1, &replies);
    bench.run(SECOND * 200).await;
    let times = bench.sink.times(1);
    assert_eq!(times, [0, 5_010, 35_020, 155_030]);
    assert!(bench.sink.times(100)[0] < 100);
    assert_eq!(bench.store.delivered(), 100);
}

#[tokio::test(start_paused = true)]
async fn the_lanes_share_70_to_30() {
    let mut bench = Bench::with(2_000, Reply::Status(200));
    for id in 1_001..=2_000 {
        bench.store.alter(id, |row| row.lane = Lane::Retry);
    }
    bench.config.concurrency = 10;
    bench.run(SECOND * 10).await;
    let seen = bench.sink.seen();
    let retries = |part: &[(String, u64)]| {
        part.iter()
            .filter(|(body, _)| body.parse::<i64>().unwrap() > 1_000)
            .count()
    };
    let first = retries(&seen[100..1_100]);
    assert!((270..=330).contains(&first), "{first} of 1000");
    assert_eq!(retries(&seen[1_500..]), 500, "the rest, with all places");
    let took = seen.last().unwrap().1;
    assert!(took < 2_200, "{took} ms");
}

#[tokio::test(start_paused = true)]
async fn keeps_to_the_rate_and_claims_no_more_than_it_needs() {
    let mut bench = Bench::with(500, Reply::Status(200));
    bench.config.rate_limit = Some("100/s".parse().unwrap());
    let running = bench.start();
    bench.wait(2).await;
    assert!(
        (200..=210).contains(&bench.sink.count()),
        "{}",
        bench.sink.count()
    );
    assert!(bench.store.claimed() < 60, "{}", bench.store.claimed());
    bench.wait(4).await;
    running.end(Stop::Drain).await;
    let last = bench.sink.seen().last().unwrap().1;
    assert!((4_900..=5_100).contains(&last), "{last} ms");
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_later_is_sent_at_once_when_told_and_soon_when_not() {
    let bench = Bench::new(Reply::Status(200));
    let running = bench.start();
    bench.wait(60).await;
    bench.store.put(1, bench.now());
    bench.wake.notify_one();
    bench.wait(60).await;
    bench.store.put(1, bench.now());
    bench.wait(60).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.sink.times(1), [60_000]);
    let lag = bench.sink.times(2)[0] - 120_000;
    assert!(lag <= 1_000, "{lag} ms");
}

#[tokio::test(start_paused = true)]
async fn what_is_due_later_is_sent_when_it_is_due() {
    let bench = Bench::with(1, Reply::Status(200));
    bench.store.alter(1, |row| row.not_before = at(90_500));
    bench.run(SECOND * 100).await;
    assert_eq!(bench.sink.times(1), [90_500]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_panics_or_hangs_costs_an_attempt_and_nothing_else() {
    let bench = Bench::with(2, Reply::Status(200));
    bench.sink.answer(1, &[Reply::Panic]);
    bench.sink.answer(2, &[Reply::Slow(9_999_000)]);
    bench.run(SECOND * 60).await;
    assert_eq!(bench.sink.times(1), [0, 5_010]);
    assert_eq!(bench.sink.times(2), [0, 36_000]);
    assert_eq!(bench.store.delivered(), 2);
}
