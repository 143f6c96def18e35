//! Whether the destination may be sent to now: its rate, its breaker, and what it asked for.

use std::time::Duration;

use crate::{Breaker, Bucket, DeliveryConfig, Permission};

/// The gate before one destination. Times are counted from the start of the delivery.
#[derive(Debug)]
pub(crate) struct Gate {
    bucket: Option<Bucket>,
    breaker: Breaker,
    not_before: Duration,
}

impl Gate {
    pub(crate) fn new(config: &DeliveryConfig) -> Self {
        Self {
            bucket: config.rate_limit.map(Bucket::smooth),
            breaker: Breaker::new(config.breaker),
            not_before: Duration::ZERO,
        }
    }

    /// Whether an attempt may start now.
    pub(crate) fn permission(&self, now: Duration) -> Permission {
        let token = self
            .bucket
            .as_ref()
            .map_or(Duration::ZERO, Bucket::ready_at);
        let earliest = self.not_before.max(token);
        match self.breaker.permission(now) {
            Permission::NotBefore(until) => Permission::NotBefore(until.max(earliest)),
            Permission::Probing => Permission::Probing,
            Permission::Yes | Permission::Probe if earliest > now => {
                Permission::NotBefore(earliest)
            }
            allowed => allowed,
        }
    }

    /// Notes that an attempt starts, which was permitted.
    pub(crate) fn started(&mut self, now: Duration) {
        self.breaker.started();
        if let Some(bucket) = &mut self.bucket {
            // Permitted, so there is a token.
            let _ = bucket.take(now);
        }
    }

    /// Notes an answer, be it a refusal.
    pub(crate) fn answered(&mut self, now: Duration) {
        self.breaker.answered(now);
    }

    /// Notes a failure that is not the event's fault.
    pub(crate) fn failed(&mut self, now: Duration) {
        self.breaker.failed(now);
    }

    /// Notes that the destination asked everyone to wait.
    pub(crate) fn throttled(&mut self, now: Duration, wait: Duration) {
        self.breaker.answered(now);
        self.not_before = self.not_before.max(now.saturating_add(wait));
    }

    /// Time in which the breaker was open, which ages no event.
    pub(crate) fn open_time(&self, now: Duration) -> Duration {
        self.breaker.open_time(now)
    }
}
