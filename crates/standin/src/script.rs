//! What stand-ins have in common: how often they were asked, what is to go wrong, a rate.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::Answer;

/// Something that goes wrong once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// This status, without a body worth reading.
    Status(u16),
    /// This status, and the platform says whether to try again.
    Advised(u16, bool),
    /// A 429 that asks for a pause of so many seconds.
    Throttled(u32),
    /// The connection breaks in the middle of the answer.
    Cut,
    /// The answer ends early, and says that it is whole.
    Truncated,
    /// The answer takes long.
    Slow(Duration),
}

/// What was asked so far, and what goes wrong with what is asked next.
#[derive(Debug, Default)]
pub(crate) struct Script {
    requests: BTreeMap<&'static str, u64>,
    refused: u64,
    next: BTreeMap<&'static str, VecDeque<Mishap>>,
}

impl Script {
    pub(crate) fn add(&mut self, operation: &'static str, mishap: Mishap) {
        self.next.entry(operation).or_default().push_back(mishap);
    }

    pub(crate) fn requests(&self, operation: &str) -> u64 {
        self.requests.get(operation).copied().unwrap_or_default()
    }

    /// How often the rate was exceeded.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    pub(crate) fn refuse(&mut self) {
        self.refused += 1;
    }

    /// Counts a request and tells what goes wrong with it.
    pub(crate) fn count(&mut self, operation: &'static str) -> Option<Mishap> {
        *self.requests.entry(operation).or_default() += 1;
        self.next.get_mut(operation).and_then(VecDeque::pop_front)
    }
}

impl Mishap {
    /// The answer that comes instead, if one does.
    pub(crate) fn instead(self) -> Option<Answer> {
        match self {
            Self::Status(status) => Some(Answer::bytes(status, "words that nobody should repeat")),
            Self::Advised(status, again) => {
                let answer = Answer::bytes(status, "words that nobody should repeat");
                Some(answer.header("stripe-should-retry", again.to_string()))
            }
            Self::Throttled(seconds) => {
                let answer = Answer::bytes(429, "words that nobody should repeat");
                Some(answer.header("retry-after", seconds.to_string()))
            }
            Self::Cut | Self::Truncated | Self::Slow(_) => None,
        }
    }

    /// What it does to an answer.
    pub(crate) fn spoil(self, answer: &mut Answer) {
        match self {
            Self::Cut => answer.cut = Some(answer.body.len() / 2),
            Self::Truncated => answer.body.truncate(answer.body.len() / 2),
            Self::Slow(time) => answer.delay = time,
            Self::Status(_) | Self::Advised(..) | Self::Throttled(_) => {}
        }
    }
}

/// A bucket that so many requests fit into, and that drains at a rate.
#[derive(Debug)]
pub(crate) struct Leaky {
    size: f64,
    per_second: f64,
    level: f64,
    at: Instant,
}

impl Leaky {
    pub(crate) fn new(size: f64, per_second: f64) -> Self {
        Self {
            size,
            per_second,
            level: 0.0,
            at: Instant::now(),
        }
    }

    /// Whether one more fits in.
    pub(crate) fn takes(&mut self) -> bool {
        let drained = self.at.elapsed().as_secs_f64() * self.per_second;
        self.level = (self.level - drained).max(0.0);
        self.at = Instant::now();
        if self.level + 1.0 > self.size {
            return false;
        }
        self.level += 1.0;
        true
    }
}

/// The time now, in Unix seconds.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
