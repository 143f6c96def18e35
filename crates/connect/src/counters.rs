//! What is counted of a source. Counters start at zero with the process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use orderbridge_core::store::{Accepted, EventOutcome, Intake, Millis, Outcome};
use orderbridge_event::{Code, Profile, Topic};

use orderbridge_core::dispatch::Histogram;

use crate::Reply;

/// The most names that are kept apart; a sender must not be able to fill the memory.
const MOST_NAMES: usize = 200;

/// The answers that are counted apart.
const STATUSES: &[u16] = &[200, 401, 405, 408, 413, 503];

/// What is counted of one source.
#[derive(Debug)]
pub(crate) struct Counters {
    profile: &'static Profile,
    /// By topic of the profile; the last one counts all others, so that labels stay few.
    topics: Vec<AtomicU64>,
    /// By place in [`STATUSES`].
    statuses: Vec<AtomicU64>,
    /// Payloads that could not be mapped, by place in [`Code::ALL`].
    failures: Vec<AtomicU64>,
    pub(crate) signature_failures: AtomicU64,
    pub(crate) duplicate_deliveries: AtomicU64,
    pub(crate) duplicate_events: AtomicU64,
    pub(crate) conflicts: AtomicU64,
    pub(crate) replaced: AtomicU64,
    /// Events whose id the destination knows under another name.
    pub(crate) same_ids: AtomicU64,
    /// When the last verified delivery came in; 0 for never.
    pub(crate) last_received: AtomicI64,
    /// How long the store took to commit.
    pub(crate) commits: Histogram,
    /// How long requests took.
    pub(crate) requests: Histogram,
    /// Remarks on channels that no table has, and how often each was made.
    unknown_channels: Mutex<BTreeMap<String, u64>>,
}

impl Counters {
    pub(crate) fn new(profile: &'static Profile) -> Self {
        let zeros = |count: usize| (0..count).map(|_| AtomicU64::new(0)).collect();
        Self {
            profile,
            topics: zeros(profile.topics.len() + 1),
            statuses: zeros(STATUSES.len()),
            failures: zeros(Code::ALL.len()),
            signature_failures: AtomicU64::new(0),
            duplicate_deliveries: AtomicU64::new(0),
            duplicate_events: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            replaced: AtomicU64::new(0),
            same_ids: AtomicU64::new(0),
            last_received: AtomicI64::new(0),
            commits: Histogram::quick(),
            requests: Histogram::quick(),
            unknown_channels: Mutex::default(),
        }
    }

    /// Counts a verified delivery.
    pub(crate) fn received(&self, topic: &str, now: Millis) {
        let known = Topic::find(self.profile.topics, topic);
        let place = known.and_then(|known| {
            let mut all = self.profile.topics.iter();
            all.position(|topic| topic.name == known.name)
        });
        add(self.topics.get(place.unwrap_or(self.profile.topics.len())));
        self.last_received.store(now.get(), Ordering::Relaxed);
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, reply: &Reply) {
        let place = STATUSES.iter().position(|status| *status == reply.status);
        add(place.and_then(|place| self.statuses.get(place)));
    }

    /// Counts what became of a payload once it is on the disk.
    pub(crate) fn stored(&self, remark: &Remark, accepted: &Accepted) {
        let (events, same_id) = match accepted {
            Accepted::Duplicate { .. } => return add(Some(&self.duplicate_deliveries)),
            Accepted::Stored {
                events, same_id, ..
            } => (events, same_id),
        };
        let same = u64::try_from(same_id.len()).unwrap_or(u64::MAX);
        self.same_ids.fetch_add(same, Ordering::Relaxed);
        for event in events {
            match event {
                EventOutcome::Duplicate(_) | EventOutcome::Joined(_) => {
                    add(Some(&self.duplicate_events));
                }
                EventOutcome::Kept(_)
                | EventOutcome::ConflictParked(_)
                | EventOutcome::ConflictSent(_) => add(Some(&self.conflicts)),
                EventOutcome::Replaced(_) => add(Some(&self.replaced)),
                EventOutcome::New(_) | EventOutcome::Older(_) | EventOutcome::Redacted(_) => {}
            }
        }
        match remark {
            Remark::Unmappable(code) => {
                let place = Code::ALL.iter().position(|known| known.as_str() == code);
                add(place.and_then(|place| self.failures.get(place)));
            }
            Remark::UnknownChannel(message) => self.unknown_channel(message),
            Remark::Erasure | Remark::Fetch | Remark::None => {}
        }
    }

    fn unknown_channel(&self, message: &str) {
        let lock = self.unknown_channels.lock();
        let mut names = lock.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = names.get_mut(message) {
            *count += 1;
        } else if names.len() < MOST_NAMES {
            names.insert(message.to_owned(), 1);
        }
    }

    /// Remarks on channels that no table has, with their counts.
    pub(crate) fn unknown_channels(&self) -> Vec<(String, u64)> {
        let lock = self.unknown_channels.lock();
        let names = lock.unwrap_or_else(PoisonError::into_inner);
        names.iter().map(|(name, n)| (name.clone(), *n)).collect()
    }

    /// Verified deliveries by topic, the ones that came.
    pub(crate) fn by_topic(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = self.profile.topics.iter().map(|topic| topic.name);
        counted(names.chain(["other"]), &self.topics)
    }

    /// Payloads that could not be mapped, by reason.
    pub(crate) fn by_failure(&self) -> impl Iterator<Item = (&'static str, u64)> {
        counted(Code::ALL.iter().map(|code| code.as_str()), &self.failures)
    }

    /// Answers by status.
    pub(crate) fn by_status(&self) -> impl Iterator<Item = (u16, u64)> {
        counted(STATUSES.iter().copied(), &self.statuses)
    }
}

fn counted<T>(
    names: impl Iterator<Item = T>,
    counts: &[AtomicU64],
) -> impl Iterator<Item = (T, u64)> {
    let counts = counts.iter().map(|count| count.load(Ordering::Relaxed));
    names.zip(counts).filter(|(_, count)| *count > 0)
}

fn add(counter: Option<&AtomicU64>) {
    if let Some(counter) = counter {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is counted of a payload, taken down before the store takes it over.
#[derive(Debug)]
pub(crate) enum Remark {
    /// Nothing in particular.
    None,
    /// It could not be mapped, for the reason with this code.
    Unmappable(String),
    /// Its source or app is in no table of channels.
    UnknownChannel(String),
    /// The platform asks to erase something.
    Erasure,
    /// It names something to be fetched.
    Fetch,
}

impl Remark {
    pub(crate) fn of(intake: &Intake) -> Self {
        use orderbridge_core::store::PrivacyRequest::Data;
        match &intake.outcome {
            Outcome::Unmappable(reason) => Self::Unmappable(reason.code.clone()),
            Outcome::Events(events) => {
                let mut notes = events.iter().flat_map(|event| &event.notes);
                let unknown = notes.find(|note| note.code == Code::ChannelUnknown.as_str());
                unknown.map_or(Self::None, |note| {
                    Self::UnknownChannel(note.message.clone())
                })
            }
            Outcome::Privacy(request) if *request != Data => Self::Erasure,
            Outcome::Fetch => Self::Fetch,
            Outcome::Privacy(_) | Outcome::Ignored(_) => Self::None,
        }
    }
}
