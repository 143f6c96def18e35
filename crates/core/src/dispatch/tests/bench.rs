//! A store, a sink that answers by script, and a dispatcher between them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::super::*;
use super::volatile::Volatile;
use crate::store::{Millis, Store};
use crate::{Answer, SendError, Sink, Transport, default_delivery};

#[derive(Clone, Copy, Debug)]
pub(super) enum Reply {
    Status(u16),
    Wait(u16, u64),
    Fault(Transport),
    /// Answers 200 after so many milliseconds.
    Slow(u64),
    Panic,
}

/// The time of day at which each test begins.
const START: i64 = 1_700_000_000_000;

/// Virtual time as a time of day, which can be set.
#[derive(Clone, Debug)]
pub(super) struct TestClock(Instant, Arc<AtomicI64>);

impl TestClock {
    /// Sets it forward by so many seconds, or back.
    pub(super) fn set(&self, seconds: i64) {
        self.1.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        let start = START + self.1.load(Ordering::Relaxed);
        Millis::new(start).plus(self.0.elapsed())
    }
}

/// Milliseconds after the start, as a time of day.
pub(super) fn at(millis: u64) -> Millis {
    Millis::new(START).plus(Duration::from_millis(millis))
}

/// Answers each body by its own script, then by the common reply; each takes 10 ms.
#[derive(Debug)]
pub(super) struct Script {
    started: Instant,
    otherwise: Mutex<Reply>,
    scripts: Mutex<BTreeMap<String, VecDeque<Reply>>>,
    seen: Mutex<Vec<(String, u64)>>,
    under_way: Mutex<(usize, usize)>,
    took: Mutex<Duration>,
}

impl Script {
    pub(super) fn set(&self, otherwise: Reply) {
        *self.otherwise.lock().unwrap() = otherwise;
    }

    pub(super) fn take(&self, took: Duration) {
        *self.took.lock().unwrap() = took;
    }

    pub(super) fn answer(&self, body: i64, replies: &[Reply]) {
        let replies = replies.iter().copied().collect();
        let mut scripts = self.scripts.lock().unwrap();
        scripts.insert(body.to_string(), replies);
    }

    /// Bodies and the milliseconds at which they came.
    pub(super) fn seen(&self) -> Vec<(String, u64)> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn times(&self, body: i64) -> Vec<u64> {
        let seen = self.seen().into_iter();
        seen.filter(|(sent, _)| *sent == body.to_string())
            .map(|(_, at)| at)
            .collect()
    }

    pub(super) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The most that were under way at the same time since this was asked last.
    pub(super) fn most(&self) -> usize {
        std::mem::take(&mut self.under_way.lock().unwrap().1)
    }
}

/// A request that is counted for as long as it is under way, however it ends.
struct UnderWay<'a>(&'a Script);

impl<'a> UnderWay<'a> {
    fn new(script: &'a Script) -> Self {
        let mut count = script.under_way.lock().unwrap();
        count.0 += 1;
        count.1 = count.1.max(count.0);
        drop(count);
        Self(script)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.lock().unwrap().0 -= 1;
    }
}

#[async_trait]
impl Sink for Script {
    async fn send(&self, body: &Bytes) -> Result<Answer, SendError> {
        let body = String::from_utf8(body.to_vec()).unwrap();
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap();
        self.seen.lock().unwrap().push((body.clone(), at));
        let _under_way = UnderWay::new(self);
        let own = self
            .scripts
            .lock()
            .unwrap()
            .get_mut(&body)
            .and_then(VecDeque::pop_front);
        let took = *self.took.lock().unwrap();
        sleep(took).await;
        let reply = own.unwrap_or(*self.otherwise.lock().unwrap());
        match reply {
            Reply::Status(status) => SendError::sort(Answer::new(status, b"answer"), None),
            Reply::Wait(status, seconds) => {
                SendError::sort(Answer::new(status, b""), Some(Duration::from_secs(seconds)))
            }
            Reply::Fault(fault) => Err(SendError::transport(fault)),
            Reply::Slow(millis) => {
                sleep(Duration::from_millis(millis)).await;
                Ok(Answer::new(200, b""))
            }
            Reply::Panic => panic!("a sink that panics"),
        }
    }
}

pub(super) struct Bench {
    pub(super) store: Arc<Volatile>,
    pub(super) sink: Arc<Script>,
    pub(super) clock: TestClock,
    pub(super) config: DeliveryConfig,
    pub(super) pace: Pace,
    pub(super) metrics: Arc<Metrics>,
    pub(super) wake: Arc<Notify>,
}

pub(super) struct Running {
    stop: watch::Sender<Stop>,
    task: JoinHandle<Ended>,
}

impl Bench {
    pub(super) fn new(otherwise: Reply) -> Self {
        let started = Instant::now();
        let sink = Script {
            started,
            otherwise: Mutex::new(otherwise),
            scripts: Mutex::default(),
            seen: Mutex::default(),
            under_way: Mutex::default(),
            took: Mutex::new(Duration::from_millis(10)),
        };
        Self {
            store: Arc::default(),
            sink: Arc::new(sink),
            clock: TestClock(started, Arc::default()),
            config: default_delivery(),
            pace: Pace::default(),
            metrics: Arc::default(),
            wake: Arc::default(),
        }
    }

    /// A bench with so many events.
    pub(super) fn with(count: usize, otherwise: Reply) -> Self {
        let bench = Self::new(otherwise);
        bench.store.put(count, bench.now());
        bench
    }

    pub(super) fn now(&self) -> Millis {
        self.clock.now()
    }

    pub(super) fn start(&self) -> Running {
        let dispatcher = Dispatcher {
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            sink: Arc::clone(&self.sink) as Arc<dyn Sink>,
            destination: String::from("main"),
            config: self.config.clone(),
            pace: self.pace,
            clock: Arc::new(self.clock.clone()),
            jitter: Arc::new(|| 0.0),
            metrics: Arc::clone(&self.metrics),
            wake: Arc::clone(&self.wake),
        };
        let (stop, asked) = watch::channel(Stop::No);
        let task = tokio::spawn(async move { dispatcher.run(asked).await });
        Running { stop, task }
    }

    /// Runs for so long, then drains.
    pub(super) async fn run(&self, time: Duration) -> Ended {
        let running = self.start();
        sleep(time).await;
        running.end(Stop::Drain).await
    }

    pub(super) async fn wait(&self, seconds: u64) {
        sleep(Duration::from_secs(seconds)).await;
    }
}

impl Running {
    pub(super) async fn end(self, stop: Stop) -> Ended {
        self.stop.send(stop).unwrap();
        self.task.await.unwrap()
    }

    pub(super) fn ask(&self, stop: Stop) {
        self.stop.send(stop).unwrap();
    }

    pub(super) async fn ended(self) -> Ended {
        self.task.await.unwrap()
    }

    /// Ends it in the middle of whatever it does.
    pub(super) async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}
