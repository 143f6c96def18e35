//! What can be counted of the delivery to one destination. How it is shown is somebody else's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Histogram;
use crate::Phase;
use crate::store::{AttemptClass, Reason};

const fn millis<const N: usize>(millis: [u64; N]) -> [Duration; N] {
    let mut durations = [Duration::ZERO; N];
    let mut place = 0;
    while place < N {
        #[expect(
            clippy::indexing_slicing,
            reason = "the loop ends before N, at compile time"
        )]
        {
            durations[place] = Duration::from_millis(millis[place]);
        }
        place += 1;
    }
    durations
}

const ANSWERS: &[Duration] = &millis([
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
]);

/// From a blink to the week after which an event is given up.
const WAITS: &[Duration] = &millis([
    10,
    50,
    100,
    250,
    500,
    1_000,
    5_000,
    30_000,
    120_000,
    600_000,
    1_800_000,
    3_600_000,
    21_600_000,
    86_400_000,
    259_200_000,
    604_800_000,
]);

/// Counters of one destination, without any id or value of an event.
#[derive(Debug)]
pub struct Metrics {
    attempts: [AtomicU64; AttemptClass::ALL.len()],
    /// `delivery_attempt_duration_seconds`
    pub attempt_duration: Histogram,
    /// `queue_lag_seconds`: from the moment an event could be sent to its attempt.
    pub queue_lag: Histogram,
    /// `delivery_latency_seconds`: from its arrival to the answer that says delivered.
    pub delivery_latency: Histogram,
    /// `event_age_seconds`: from the time of the order to that answer.
    pub event_age: Histogram,
    breaker: AtomicU64,
    paused: AtomicU64,
    retries_scheduled: AtomicU64,
    rejected: AtomicU64,
    expired: AtomicU64,
    fenced: AtomicU64,
    unknown: AtomicU64,
    connections: AtomicU64,
    concurrency: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            attempts: Default::default(),
            attempt_duration: Histogram::new(ANSWERS),
            queue_lag: Histogram::new(WAITS),
            delivery_latency: Histogram::new(WAITS),
            event_age: Histogram::new(WAITS),
            breaker: AtomicU64::new(0),
            paused: AtomicU64::new(0),
            retries_scheduled: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            expired: AtomicU64::new(0),
            fenced: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            concurrency: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// `delivery_attempts_total{class}`
    pub fn attempts(&self, class: AttemptClass) -> u64 {
        self.of(class).map_or(0, read)
    }

    /// `breaker_state`: 0 closed, 1 open, 2 half open.
    pub fn breaker_state(&self) -> u64 {
        read(&self.breaker)
    }

    /// `destination_paused`
    pub fn is_paused(&self) -> bool {
        read(&self.paused) != 0
    }

    /// `retries_scheduled_total`
    pub fn retries_scheduled(&self) -> u64 {
        read(&self.retries_scheduled)
    }

    /// `parked_total{reason}`, for the reasons that delivering has.
    pub fn parked(&self) -> [(&'static str, u64); 2] {
        [
            (Reason::REJECTED, read(&self.rejected)),
            (Reason::EXPIRED, read(&self.expired)),
        ]
    }

    /// `duplicates_total{kind}`: `fenced` were sent under a lease that somebody else had taken,
    /// `unanswered` may have arrived and are sent again.
    pub fn duplicates(&self) -> [(&'static str, u64); 2] {
        [
            ("fenced", read(&self.fenced)),
            ("unanswered", read(&self.unknown)),
        ]
    }

    /// `http_connections_opened_total`
    pub fn connections_opened(&self) -> u64 {
        read(&self.connections)
    }

    /// How many requests may be under way at the moment.
    pub fn concurrency(&self) -> u64 {
        read(&self.concurrency)
    }

    pub(crate) fn attempted(&self, class: AttemptClass, took: Duration, lag: Duration) {
        if let Some(count) = self.of(class) {
            add(count, 1);
        }
        self.attempt_duration.observe(took);
        self.queue_lag.observe(lag);
        let unanswered = AttemptClass::Failed(crate::FailureKind::Unknown);
        add(
            &self.unknown,
            u64::from(class == unanswered || class == AttemptClass::Abandoned),
        );
    }

    pub(crate) fn retry_scheduled(&self) {
        add(&self.retries_scheduled, 1);
    }

    pub(crate) fn park(&self, reason: &Reason) {
        let count = if reason.code == Reason::EXPIRED {
            &self.expired
        } else {
            &self.rejected
        };
        add(count, 1);
    }

    pub(crate) fn fenced(&self, count: usize) {
        add(&self.fenced, u64::try_from(count).unwrap_or_default());
    }

    pub(crate) fn now(&self, phase: Phase, paused: bool, limit: usize, connections: u64) {
        let state = match phase {
            Phase::Closed => 0,
            Phase::Open { .. } => 1,
            Phase::HalfOpen => 2,
        };
        self.breaker.store(state, Ordering::Relaxed);
        self.paused.store(u64::from(paused), Ordering::Relaxed);
        self.connections.store(connections, Ordering::Relaxed);
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.concurrency.store(limit, Ordering::Relaxed);
    }

    fn of(&self, class: AttemptClass) -> Option<&AtomicU64> {
        let place = AttemptClass::ALL.iter().position(|each| *each == class)?;
        self.attempts.get(place)
    }
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}
