//! What is counted of an account.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orderbridge_core::store::Millis;

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It was carried out.
    Answered,
    /// The platform refused it, or has no such thing.
    Refused,
    /// The credentials were not accepted.
    Credentials,
    /// Too many requests.
    Throttled,
    /// No answer, or a fault of the platform.
    Unavailable,
    /// An answer that could not be read.
    Unreadable,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Credentials => "credentials",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Unreadable => "unreadable",
        }
    }
}

/// How a fetch ended that a notification asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fetched {
    /// It was stored.
    Done,
    /// It was put aside.
    Parked,
}

/// The counters. They start at zero with the process.
#[derive(Debug, Default)]
pub(super) struct Tallies(Mutex<Counts>);

#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: BTreeMap<(&'static str, Outcome), u64>,
    pub(super) fetches: BTreeMap<Fetched, u64>,
    /// Up to when each stream has been read.
    pub(super) read_up_to: BTreeMap<String, Millis>,
    /// How many notifications wait.
    pub(super) waiting: usize,
    /// What is wrong now, by what was being done.
    pub(super) trouble: BTreeMap<String, &'static str>,
}

impl Tallies {
    pub(super) fn count(&self, operation: &'static str, outcome: Outcome) {
        *self
            .lock()
            .requests
            .entry((operation, outcome))
            .or_default() += 1;
    }

    pub(super) fn fetched(&self, how: Fetched) {
        *self.lock().fetches.entry(how).or_default() += 1;
    }

    pub(super) fn waiting(&self, count: usize) {
        self.lock().waiting = count;
    }

    pub(super) fn read_up_to(&self, stream: &str, at: Millis) {
        self.lock().read_up_to.insert(stream.to_owned(), at);
    }

    /// Notes what is wrong with something, or that it goes well; tells whether that is news.
    pub(super) fn trouble(&self, with: &str, code: Option<&'static str>) -> bool {
        let mut counts = self.lock();
        match code {
            Some(code) => counts.trouble.insert(with.to_owned(), code) != Some(code),
            None => counts.trouble.remove(with).is_some(),
        }
    }

    pub(super) fn read(&self) -> Counts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// How far each stream lies behind.
    pub(super) fn lags(&self, now: Millis) -> impl Iterator<Item = (&str, Duration)> {
        let streams = self.read_up_to.iter();
        streams.map(move |(stream, at)| (stream.as_str(), now.since(*at)))
    }
}
