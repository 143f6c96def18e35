//! Keeps to the rates of an API: a bucket for each operation, which learns from the answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orderbridge_core::{Bucket, RateLimit};
use orderbridge_event::Operation;
use tokio::time::Instant;

/// A rate that an answer tells is taken as it is, but no operation is made to wait for days.
const SLOWEST: Duration = Duration::from_secs(60 * 60);
const QUICKEST: Duration = Duration::from_micros(100);

/// The buckets of one account.
#[derive(Debug)]
pub(super) struct Quotas {
    started: Instant,
    buckets: Mutex<BTreeMap<&'static str, Bucket>>,
}

impl Quotas {
    /// Buckets with the documented rates. They are half full: what a process before this one took
    /// is not known here.
    pub(super) fn new(operations: &[Operation]) -> Self {
        let buckets = operations.iter().filter_map(|operation| {
            let rate = RateLimit::new(1, operation.every)?;
            let mut bucket = Bucket::new(rate, operation.burst);
            for _ in 0..operation.burst / 2 {
                let _ = bucket.take(Duration::ZERO);
            }
            Some((operation.name, bucket))
        });
        Self {
            started: Instant::now(),
            buckets: Mutex::new(buckets.collect()),
        }
    }

    /// Waits for a turn and takes it. Tells how long that took.
    pub(super) async fn turn(&self, operation: &str) -> Duration {
        let began = Instant::now();
        loop {
            let now = self.started.elapsed();
            let taken = self.with(operation, |bucket| bucket.take(now));
            let taken = taken.unwrap_or(Ok(()));
            match taken {
                Ok(()) => return began.elapsed(),
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Takes a rate from an answer, in requests a second.
    pub(super) fn learn(&self, operation: &str, told: &str) {
        let per_second: Option<f64> = told.trim().parse().ok();
        let every = per_second
            .filter(|rate| *rate > 0.0)
            .and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        let every = every.map(|every| every.clamp(QUICKEST, SLOWEST));
        let rate = every.and_then(|every| RateLimit::new(1, every));
        if let Some(rate) = rate {
            let now = self.started.elapsed();
            self.with(operation, |bucket| bucket.change(rate, now));
        }
    }

    /// The platform says that there is nothing left.
    pub(super) fn exhausted(&self, operation: &str, at_least: Duration) {
        let now = self.started.elapsed();
        self.with(operation, |bucket| bucket.empty(now, at_least));
    }

    /// Does something with the bucket of an operation, or with the one that others share.
    fn with<T>(&self, operation: &str, work: impl FnOnce(&mut Bucket) -> T) -> Option<T> {
        let mut buckets = self.buckets();
        let name = if buckets.contains_key(operation) {
            operation
        } else {
            Operation::ALL_OTHERS
        };
        buckets.get_mut(name).map(work)
    }

    fn buckets(&self) -> MutexGuard<'_, BTreeMap<&'static str, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
