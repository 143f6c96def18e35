//! What follows a failed attempt. No clock, no randomness, no sleeping.

use std::time::Duration;

use crate::{FailureKind, RefusalLimit, Refused, SendError};

/// Jitter adds up to this share of a delay.
const JITTER: f32 = 0.2;

/// The delays after the first, second, … failed attempt; the last one repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    first: Duration,
    rest: Vec<Duration>,
}

impl Schedule {
    /// A schedule of these steps; `None` when there are none.
    pub fn new(steps: &[Duration]) -> Option<Self> {
        let (first, rest) = steps.split_first()?;
        Some(Self {
            first: *first,
            rest: rest.to_vec(),
        })
    }

    /// 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, then every 6 h: it outlasts a weekend.
    pub fn standard() -> Self {
        let rest = [30, 120, 600, 1_800, 3_600, 10_800, 21_600];
        Self {
            first: Duration::from_secs(5),
            rest: rest.into_iter().map(Duration::from_secs).collect(),
        }
    }

    /// The steps; the last one repeats.
    pub fn steps(&self) -> impl Iterator<Item = Duration> {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// The delay after this many attempts; nothing when none was spent yet.
    pub fn delay(&self, attempts: u32) -> Duration {
        match attempts {
            0 => Duration::ZERO,
            1 => self.first,
            more => {
                let step = usize::try_from(more - 2).unwrap_or(usize::MAX);
                *self
                    .rest
                    .get(step)
                    .or(self.rest.last())
                    .unwrap_or(&self.first)
            }
        }
    }

    /// The same schedule with no step longer than this.
    #[must_use]
    pub fn capped(&self, longest: Duration) -> Self {
        Self {
            first: self.first.min(longest),
            rest: self.rest.iter().map(|step| (*step).min(longest)).collect(),
        }
    }
}

/// When to try again and when to stop trying.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The delays.
    pub schedule: Schedule,
    /// How long after its first attempt an event is given up.
    pub max_age: Duration,
    /// From which point on refused events mean that the destination is broken, not they.
    pub refusals: RefusalLimit,
}

/// An event's history, up to and including the attempt that failed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Attempts spent.
    pub attempts: u32,
    /// Time since the first attempt, without the time in which the destination was not tried.
    pub age: Duration,
    /// What there was of refusals, of any event.
    pub refused: Refused,
}

/// What to do with an event after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try it again after this time.
    Retry(Duration),
    /// Put it aside.
    Park(ParkReason),
    /// Send nothing more; the event stays as it is.
    PauseDestination,
}

/// Why an event was put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParkReason {
    /// The destination refused it.
    Rejected,
    /// It was tried for too long.
    Expired,
}

/// Decides what follows a failure. `jitter` is between 0 and 1, and only ever adds.
///
/// A delay is never below what the destination asked for, nor below the schedule's own.
pub fn next(retry: &Retry, tried: &Tried, failure: &SendError, jitter: f32) -> Next {
    let own = retry.schedule.delay(tried.attempts);
    match failure.kind {
        FailureKind::Destination => Next::PauseDestination,
        FailureKind::Rejected if retry.refusals.is_exceeded(&tried.refused) => {
            Next::PauseDestination
        }
        FailureKind::Rejected => Next::Park(ParkReason::Rejected),
        FailureKind::Throttled => {
            let asked = failure.retry_after.unwrap_or(retry.schedule.first);
            Next::Retry(jittered(own.max(asked), jitter))
        }
        FailureKind::Temporary | FailureKind::Unknown if tried.age >= retry.max_age => {
            Next::Park(ParkReason::Expired)
        }
        FailureKind::Temporary | FailureKind::Unknown => {
            let asked = failure.retry_after.unwrap_or_default();
            Next::Retry(jittered(own.max(asked), jitter))
        }
    }
}

fn jittered(delay: Duration, jitter: f32) -> Duration {
    let share = if jitter.is_finite() {
        jitter.clamp(0.0, 1.0)
    } else {
        0.0
    };
    delay.saturating_add(delay.mul_f32(share * JITTER))
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
