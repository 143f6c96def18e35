//! The engine against a scripted sink, in virtual time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::*;
use crate::{Answer, DeliveryConfig, ParkReason, SendError, Sink, Transport, default_delivery};

#[derive(Clone, Copy, Debug)]
enum Reply {
    Status(u16),
    Wait(u16, u64),
    Fault(Transport),
}

/// Answers each body by its own script, then by the common reply; each takes 10 ms.
struct Script {
    scripts: Mutex<BTreeMap<String, VecDeque<Reply>>>,
    otherwise: Reply,
    started: Instant,
    seen: Mutex<Vec<(String, u64)>>,
    under_way: Mutex<(usize, usize)>,
    final_answers: Mutex<BTreeSet<String>>,
}

impl Script {
    fn new(otherwise: Reply) -> Self {
        Self {
            scripts: Mutex::default(),
            otherwise,
            started: Instant::now(),
            seen: Mutex::default(),
            under_way: Mutex::default(),
            final_answers: Mutex::default(),
        }
    }

    fn with(self, body: &str, replies: &[Reply]) -> Self {
        let replies = replies.iter().copied().collect();
        self.scripts
            .lock()
            .unwrap()
            .insert(body.to_owned(), replies);
        self
    }

    /// When a body was sent, in milliseconds.
    fn times(&self, body: &str) -> Vec<u64> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|(sent, _)| sent == body)
            .map(|(_, at)| *at)
            .collect()
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

#[async_trait]
impl Sink for Script {
    async fn send(&self, body: &Bytes) -> Result<Answer, SendError> {
        let body = String::from_utf8(body.to_vec()).unwrap();
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap();
        self.seen.lock().unwrap().push((body.clone(), at));
        let reply = self
            .scripts
            .lock()
            .unwrap()
            .get_mut(&body)
            .and_then(VecDeque::pop_front);
        {
            let mut under_way = self.under_way.lock().unwrap();
            under_way.0 += 1;
            under_way.1 = under_way.1.max(under_way.0);
        }
        sleep(Duration::from_millis(10)).await;
        self.under_way.lock().unwrap().0 -= 1;
        let reply = reply.unwrap_or(self.otherwise);
        if let Reply::Status(200 | 400) = reply {
            self.final_answers.lock().unwrap().insert(body);
        }
        match reply {
            Reply::Status(status) => SendError::sort(Answer::new(status, b""), None),
            Reply::Wait(status, seconds) => {
                SendError::sort(Answer::new(status, b""), Some(Duration::from_secs(seconds)))
            }
            Reply::Fault(fault) => Err(SendError::transport(fault)),
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    delivered: Vec<u64>,
    retried: Vec<u64>,
    rejected: Vec<u64>,
    expired: Vec<u64>,
    undelivered: Vec<u64>,
}

impl Seen {
    fn settled(&self) -> usize {
        self.delivered.len() + self.rejected.len() + self.expired.len() + self.undelivered.len()
    }
}

async fn run(
    sink: &Script,
    config: &DeliveryConfig,
    events: u64,
    stop: impl Future<Output = ()>,
) -> (Ended, Seen) {
    let (intake, mut queue) = queue(1 << 20);
    for line in 1..=events {
        intake
            .push(Place { file: 0, line }, Bytes::from(line.to_string()))
            .await
            .unwrap();
    }
    drop(intake);
    let mut seen = Seen::default();
    let delivery = Delivery {
        sink,
        config,
        give_up_after: Duration::from_secs(600),
        jitter: &|| 0.0,
    };
    let ended = delivery
        .run(&mut queue, stop, &mut |progress| match progress {
            Progress::Delivered(job) => seen.delivered.push(job.place.line),
            Progress::Retrying(job, ..) => seen.retried.push(job.place.line),
            Progress::Parked(job, ParkReason::Rejected, _) => seen.rejected.push(job.place.line),
            Progress::Parked(job, ParkReason::Expired, _) => seen.expired.push(job.place.line),
            Progress::Undelivered(job) => seen.undelivered.push(job.place.line),
        })
        .await;
    while let Some(job) = queue.next().await {
        seen.undelivered.push(job.place.line);
    }
    (ended, seen)
}

#[tokio::test(start_paused = true)]
async fn delivers_all_with_bounded_concurrency() {
    let sink = Script::new(Reply::Status(200));
    let (ended, seen) = run(&sink, &default_delivery(), 500, pending()).await;
    assert!(matches!(ended, Ended::Finished));
    assert_eq!(seen.delivered.len(), 500);
    assert_eq!(sink.under_way.lock().unwrap().1, 16);
}

#[tokio::test(start_paused = true)]
async fn retries_by_schedule_while_the_others_go_on() {
    let replies = [
        Reply::Status(500),
        Reply::Fault(Transport::Timeout),
        Reply::Status(408),
    ];
    let sink = Script::new(Reply::Status(200)).with("1", &replies);
    let (ended, seen) = run(&sink, &default_delivery(), 100, pending()).await;
    assert!(matches!(ended, Ended::Finished));
    assert_eq!(sink.times("1"), [0, 5_010, 35_020, 155_030]);
    assert_eq!(sink.times("100"), [60]);
    assert_eq!((seen.delivered.len(), seen.retried.len()), (100, 3));
}

#[tokio::test(start_paused = true)]
async fn a_throttle_holds_everyone_and_spends_nothing() {
    let replies = [Reply::Wait(429, 7), Reply::Wait(503, 7), Reply::Status(500)];
    let sink = Script::new(Reply::Status(200)).with("1", &replies);
    let config = DeliveryConfig {
        concurrency: 1,
        ..default_delivery()
    };
    let (ended, seen) = run(&sink, &config, 2, pending()).await;
    assert!(matches!(ended, Ended::Finished));
    // The attempt after the two throttles is the first one spent, so 5 s follow it.
    assert_eq!(sink.times("1"), [0, 7_010, 14_020, 19_030]);
    assert_eq!(sink.times("2"), [14_030]);
    assert_eq!(seen.delivered, [2, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_ends_it_and_keeps_every_event() {
    let sink = Script::new(Reply::Status(401));
    let (ended, seen) = run(&sink, &default_delivery(), 100, pending()).await;
    let Ended::Paused(failure) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(failure.status(), Some(401));
    assert_eq!(sink.count(), 16, "only what was under way already");
    assert_eq!(seen.undelivered, (1..=100).collect::<Vec<u64>>());
}

#[tokio::test(start_paused = true)]
async fn a_refused_event_is_put_aside_at_once() {
    let sink = Script::new(Reply::Status(200)).with("2", &[Reply::Status(422)]);
    let (ended, seen) = run(&sink, &default_delivery(), 3, pending()).await;
    assert!(matches!(ended, Ended::Finished));
    assert_eq!((seen.delivered, seen.rejected), (vec![1, 3], vec![2]));
}

#[tokio::test(start_paused = true)]
async fn refusing_everything_is_the_destinations_fault() {
    let sink = Script::new(Reply::Status(400));
    let config = DeliveryConfig {
        concurrency: 1,
        ..default_delivery()
    };
    let (ended, seen) = run(&sink, &config, 1_000, pending()).await;
    assert!(matches!(ended, Ended::Paused(_)));
    assert_eq!((seen.rejected.len(), seen.undelivered.len()), (20, 980));
}

#[tokio::test(start_paused = true)]
async fn gives_up_on_a_destination_that_stays_away() {
    let sink = Script::new(Reply::Fault(Transport::Connect));
    let (ended, seen) = run(&sink, &default_delivery(), 1_000, pending()).await;
    assert!(matches!(ended, Ended::Unavailable(_)));
    let waited = sink.started.elapsed().as_secs();
    assert!((540..=610).contains(&waited), "{waited} s");
    // The breaker lets one event in 30 s through once it is open.
    assert!(sink.count() < 100, "{} attempts", sink.count());
    assert_eq!(seen.undelivered.len(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn does_not_wait_for_what_comes_too_late() {
    let sink = Script::new(Reply::Wait(429, 3_600));
    let (ended, _) = run(&sink, &default_delivery(), 10, pending()).await;
    assert!(matches!(ended, Ended::Unavailable(_)));
    assert!(sink.started.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn goes_on_when_the_destination_is_back() {
    let mut sink = Script::new(Reply::Status(200));
    for line in 1..=16_u32 {
        sink = sink.with(&line.to_string(), &[Reply::Fault(Transport::Connect); 2]);
    }
    let (ended, seen) = run(&sink, &default_delivery(), 200, pending()).await;
    assert!(matches!(ended, Ended::Finished));
    assert_eq!(seen.delivered.len(), 200);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_never_works_expires() {
    let sink = Script::new(Reply::Status(200)).with("1", &[Reply::Status(500); 50]);
    let mut config = default_delivery();
    config.retry.max_age = Duration::from_secs(100);
    let (ended, seen) = run(&sink, &config, 1, pending()).await;
    assert!(matches!(ended, Ended::Finished), "{ended:?}");
    assert_eq!(seen.expired, [1]);
    assert_eq!(sink.times("1"), [0, 5_010, 35_020, 155_030]);
}

#[tokio::test(start_paused = true)]
async fn stopping_finishes_what_is_under_way() {
    let sink = Script::new(Reply::Status(200));
    let stop = sleep(Duration::from_millis(15));
    let (ended, seen) = run(&sink, &default_delivery(), 100, stop).await;
    assert!(matches!(ended, Ended::Stopped));
    assert_eq!((seen.delivered.len(), seen.undelivered.len()), (32, 68));
}

#[tokio::test(start_paused = true)]
async fn keeps_to_the_rate() {
    let sink = Script::new(Reply::Status(200));
    let config = DeliveryConfig {
        rate_limit: Some("100/s".parse().unwrap()),
        ..default_delivery()
    };
    run(&sink, &config, 300, pending()).await;
    let took = sink.started.elapsed().as_millis();
    assert!((2_900..3_100).contains(&took), "{took} ms");
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_each_event_is_settled_once() {
    let replies = [
        Reply::Status(200),
        Reply::Status(500),
        Reply::Wait(429, 2),
        Reply::Fault(Transport::Cut),
        Reply::Status(400),
        Reply::Status(200),
    ];
    for seed in 0..50 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut sink = Script::new(Reply::Status(if seed % 5 == 0 { 500 } else { 200 }));
        for line in 1..=60_u32 {
            let script: Vec<Reply> = (0..random.usize(0..4))
                .map(|_| *random.choice(&replies).unwrap())
                .collect();
            sink = sink.with(&line.to_string(), &script);
        }
        let (ended, seen) = run(&sink, &default_delivery(), 60, pending()).await;
        assert_eq!(seen.settled(), 60, "seed {seed}: {ended:?} {seen:?}");
    }
}
