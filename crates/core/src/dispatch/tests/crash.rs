//! Ends of all kinds, lost leases, a store that fails; and whatever else may happen.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::sleep;

use super::volatile::At;
use super::*;
use crate::Transport;
use crate::dispatch::{Ended, Stop};
use crate::store::{AttemptClass, ClaimId, StoreErrorKind};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn draining_finishes_what_is_under_way_and_gives_back_the_rest() {
    let bench = Bench::with(500, Reply::Status(200));
    let running = bench.start();
    sleep(Duration::from_millis(55)).await;
    let ended = running.end(Stop::Drain).await;
    assert!(matches!(ended, Ended::Drained), "{ended:?}");
    let sent = bench.sink.count();
    assert!(sent < 150, "{sent}");
    assert_eq!((bench.store.delivered(), bench.store.claimed()), (sent, 0));
    assert!(bench.store.rows().iter().all(|row| row.attempts <= 1));
}

#[tokio::test(start_paused = true)]
async fn when_the_grace_time_is_over_the_rest_is_cut_and_sent_again() {
    let bench = Bench::with(3, Reply::Status(200));
    bench.sink.answer(2, &[Reply::Slow(29_000)]);
    bench.sink.answer(3, &[Reply::Slow(9_000)]);
    let mut bench = bench;
    bench.pace.grace = SECOND * 10;
    let running = bench.start();
    bench.wait(1).await;
    let before = bench.now();
    let ended = running.end(Stop::Drain).await;
    assert!(
        matches!(ended, Ended::GraceOver { unfinished: 1 }),
        "{ended:?}"
    );
    assert!(bench.now().since(before) < SECOND * 11);
    assert_eq!((bench.store.delivered(), bench.store.claimed()), (2, 0));
    let class = bench.store.row(2).history[0].class;
    assert_eq!(class, AttemptClass::Abandoned);
    bench.run(SECOND * 60).await;
    assert_eq!(bench.store.delivered(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_abort_ends_at_once_also_while_draining() {
    let bench = Bench::with(100, Reply::Slow(20_000));
    for draining in [false, true] {
        let running = bench.start();
        bench.wait(1).await;
        if draining {
            running.ask(Stop::Drain);
            bench.wait(1).await;
        }
        let before = bench.now();
        assert!(matches!(running.end(Stop::Abort).await, Ended::Aborted));
        assert_eq!(bench.now(), before);
        bench.wait(120).await;
    }
    bench.sink.set(Reply::Status(200));
    bench.run(SECOND * 120).await;
    assert_eq!(bench.store.delivered(), 100);
}

#[tokio::test(start_paused = true)]
async fn nobody_who_could_stop_it_left_is_no_reason_to_stop() {
    let bench = Bench::with(100, Reply::Status(200));
    let running = bench.start();
    sleep(Duration::from_millis(1)).await;
    let Ended::Drained = running.end(Stop::Drain).await else {
        panic!()
    };
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_each_is_delivered() {
    let bench = Bench::with(300, Reply::Status(200));
    for _ in 0..4 {
        let running = bench.start();
        sleep(Duration::from_millis(43)).await;
        running.crash().await;
    }
    bench.run(SECOND * 120).await;
    assert_eq!(bench.store.delivered(), 300);
    assert_eq!(bench.store.stale(), 0);
    assert!(bench.store.rows().iter().all(|row| row.finals == 1));
}

#[tokio::test(start_paused = true)]
async fn a_long_request_keeps_its_lease() {
    let mut bench = Bench::with(1, Reply::Status(200));
    bench.config.timeout = SECOND * 300;
    bench.sink.answer(1, &[Reply::Slow(200_000)]);
    bench.run(SECOND * 250).await;
    assert_eq!((bench.sink.count(), bench.store.delivered()), (1, 1));
    assert_eq!(bench.store.row(1).attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn who_lost_a_lease_can_change_nothing_and_sends_nothing_more() {
    let mut bench = Bench::with(3, Reply::Status(200));
    bench.config.concurrency = 1;
    bench.sink.answer(1, &[Reply::Slow(25_000)]);
    let running = bench.start();
    bench.wait(1).await;
    let (claim, until) = (ClaimId::from_bytes([9; 16]), at(3_600_000));
    for id in [1, 2] {
        bench
            .store
            .alter(id, |row| row.at = At::Claimed { claim, until });
    }
    bench.wait(60).await;
    running.end(Stop::Drain).await;
    assert_eq!(bench.store.stale(), 1);
    assert_eq!(bench.metrics.duplicates()[0], ("fenced", 1));
    assert_eq!(bench.sink.times(2), [0; 0], "it was known to be lost");
    let held =
        |id| matches!(bench.store.row(id).at, At::Claimed { claim: held, .. } if held == claim);
    assert!(held(1) && held(2));
    assert!(matches!(bench.store.row(3).at, At::Delivered));
}

#[tokio::test(start_paused = true)]
async fn while_the_store_fails_nothing_new_is_sent_and_no_result_is_lost() {
    for but_done in [false, true] {
        let mut bench = Bench::with(300, Reply::Status(200));
        bench.config.concurrency = 4;
        let running = bench.start();
        sleep(Duration::from_millis(205)).await;
        bench.store.fail(Some(StoreErrorKind::Full), but_done);
        bench.wait(1).await;
        let sent = bench.sink.count();
        bench.wait(30).await;
        assert_eq!(bench.sink.count(), sent);
        bench.store.fail(None, false);
        bench.wait(60).await;
        running.end(Stop::Drain).await;
        assert_eq!(bench.store.delivered(), 300);
        assert_eq!(bench.sink.count(), 300, "nothing was sent twice");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_while_there_is_nothing_to_do_is_used_again() {
    let bench = Bench::new(Reply::Status(200));
    let running = bench.start();
    bench.wait(10).await;
    bench.store.fail(Some(StoreErrorKind::Busy), false);
    bench.wait(60).await;
    bench.store.fail(None, false);
    bench.store.put(1, bench.now());
    bench.wait(10).await;
    assert_eq!(bench.store.delivered(), 1);
    running.end(Stop::Drain).await;
}

#[tokio::test(start_paused = true)]
async fn two_share_the_work_and_one_takes_over_when_the_other_dies() {
    let bench = Bench::with(1_000, Reply::Status(200));
    let (one, other) = (bench.start(), bench.start());
    sleep(Duration::from_millis(205)).await;
    assert!(bench.sink.most() > 16);
    one.crash().await;
    let lost = bench.store.claimed();
    bench.wait(120).await;
    other.end(Stop::Drain).await;
    assert_eq!((bench.store.delivered(), bench.store.stale()), (1_000, 0));
    assert!(bench.sink.count() <= 1_000 + lost.min(32));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_stops_nothing() {
    for hours in [-24, 24] {
        let mut bench = Bench::with(1_000, Reply::Status(200));
        bench.pace.poll = SECOND * 30;
        bench.sink.answer(1, &[Reply::Status(500)]);
        bench.sink.answer(2, &[Reply::Slow(25_000)]);
        let running = bench.start();
        sleep(Duration::from_millis(205)).await;
        bench.clock.set(hours * 3_600);
        bench.wait(60).await;
        assert!(
            bench.store.delivered() >= 999,
            "{hours} h: {}",
            bench.store.delivered()
        );
        // What waits for a time waits for it by the new clock.
        bench.wait(90_000).await;
        running.end(Stop::Drain).await;
        assert_eq!(bench.store.delivered(), 1_000, "{hours} h");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_closed_ends_it() {
    let bench = Bench::with(1, Reply::Status(200));
    bench.store.fail(Some(StoreErrorKind::Closed), false);
    let ended = bench.start().ended().await;
    assert!(matches!(ended, Ended::StoreFailed(_)), "{ended:?}");
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        4 => Just(Reply::Status(200)),
        2 => Just(Reply::Status(500)),
        1 => Just(Reply::Status(400)),
        1 => Just(Reply::Status(401)),
        1 => Just(Reply::Status(302)),
        1 => Just(Reply::Wait(429, 30)),
        1 => Just(Reply::Wait(503, 3)),
        1 => Just(Reply::Fault(Transport::Connect)),
        1 => Just(Reply::Fault(Transport::Cut)),
        1 => Just(Reply::Slow(40_000)),
        1 => Just(Reply::Panic),
    ]
}

/// What happens from outside, and after how many milliseconds.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// Runs, then drains.
    Goes(u64),
    Crashes(u64),
    Aborts(u64),
    StoreFails(u64, bool),
}

fn fate() -> impl Strategy<Value = Fate> {
    let time = 1..60_000_u64;
    prop_oneof![
        2 => time.clone().prop_map(Fate::Goes),
        1 => time.clone().prop_map(Fate::Crashes),
        1 => time.clone().prop_map(Fate::Aborts),
        1 => (time, any::<bool>()).prop_map(|(time, done)| Fate::StoreFails(time, done)),
    ]
}

async fn live(bench: &Bench, fates: &[Fate]) {
    for fate in fates {
        let running = bench.start();
        match *fate {
            Fate::Goes(time) => {
                sleep(Duration::from_millis(time)).await;
                running.end(Stop::Drain).await;
            }
            Fate::Crashes(time) => {
                sleep(Duration::from_millis(time)).await;
                running.crash().await;
            }
            Fate::Aborts(time) => {
                sleep(Duration::from_millis(time)).await;
                running.end(Stop::Abort).await;
            }
            Fate::StoreFails(time, but_done) => {
                sleep(Duration::from_millis(time)).await;
                bench.store.fail(Some(StoreErrorKind::Busy), but_done);
                sleep(Duration::from_millis(time)).await;
                bench.store.fail(None, false);
                running.end(Stop::Drain).await;
            }
        }
    }
    // All faults have ceased; what is left has days to arrive.
    let running = bench.start();
    for _ in 0..1_000 {
        sleep(SECOND * 100).await;
        if bench.store.rows().iter().all(|row| row.finals > 0) {
            break;
        }
    }
    running.end(Stop::Drain).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_each_event_ends_once_and_its_bytes_never_differ(
        scripts in prop::collection::vec(prop::collection::vec(reply(), 0..5), 1..60),
        fates in prop::collection::vec(fate(), 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut bench = Bench::with(scripts.len(), Reply::Status(200));
            bench.pace.poll = SECOND * 10;
            for (id, script) in (1..).zip(&scripts) {
                bench.sink.answer(id, script);
            }
            live(&bench, &fates).await;
            for (id, row) in (1..).zip(bench.store.rows()) {
                let ended = matches!(row.at, At::Delivered | At::Parked(_));
                assert!(ended && row.finals == 1, "{id}: {row:?}");
                // The sink knows bodies as it got them: under its own there are all attempts.
                assert!(bench.sink.times(id).len() >= row.history.len(), "{id}: {row:?}");
            }
            let known = |body: &str| body.parse().is_ok_and(|id: usize| id <= scripts.len());
            assert!(bench.sink.seen().iter().all(|(body, _)| known(body)));
        });
    }
}
