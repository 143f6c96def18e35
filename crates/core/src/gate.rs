//! Whether the destination may be sent to now: its rate, its breaker, and what it asked for.

use std::time::Duration;

use crate::{Breaker, Bucket, DeliveryConfig, FailureKind, Permission, Phase, SendError};

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

    /// Notes how an attempt ended. `pause` is how long to wait when the destination asks to, but
    /// does not say how long.
    pub(crate) fn ended(&mut self, now: Duration, failure: Option<&SendError>, pause: Duration) {
        match failure.map(|failure| (failure.kind, failure.retry_after)) {
            Some((FailureKind::Temporary | FailureKind::Unknown, _)) => self.breaker.failed(now),
            Some((FailureKind::Throttled, wait)) => {
                self.breaker.answered(now);
                let until = now.saturating_add(wait.unwrap_or(pause));
                self.not_before = self.not_before.max(until);
            }
            // A refusal is an answer too.
            Some((FailureKind::Rejected | FailureKind::Destination, _)) | None => {
                self.breaker.answered(now);
            }
        }
    }

    /// What the breaker does.
    pub(crate) fn phase(&self) -> Phase {
        self.breaker.phase()
    }

    /// Puts back what is remembered of the breaker; see [`Breaker::restore`].
    pub(crate) fn restore_breaker(&mut self, now: Duration, open: Option<(Duration, Duration)>) {
        self.breaker.restore(now, open);
    }

    /// Until when the destination asked everyone to wait; in the past when it does not.
    pub(crate) fn not_before(&self) -> Duration {
        self.not_before
    }

    /// Puts back what is remembered of such a wait.
    pub(crate) fn restore_not_before(&mut self, until: Duration) {
        self.not_before = until;
    }

    /// Time in which the breaker was open, which ages no event.
    pub(crate) fn open_time(&self, now: Duration) -> Duration {
        self.breaker.open_time(now)
    }
}
