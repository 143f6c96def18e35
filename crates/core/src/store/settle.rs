//! What became of deliveries that were claimed.

use std::time::Duration;

use super::{ClaimId, DeliveryId, Millis, Private, Reason};

/// What became of one claimed delivery.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The delivery.
    pub id: DeliveryId,
    /// The fence it was claimed under. Without it nothing is changed.
    pub claim: ClaimId,
    /// The time.
    pub now: Millis,
    /// The attempt, if there was one.
    pub attempt: Option<Attempt>,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was delivered.
    Delivered,
    /// It is tried again, in the retry lane.
    Retry {
        /// Not before this time.
        not_before: Millis,
    },
    /// It is put aside for a person.
    Parked(Reason),
    /// The destination could not take it, which is not its fault: it stays in its lane.
    HeldBack {
        /// Not before this time.
        not_before: Millis,
    },
    /// It is given back as it was and keeps its place in its lane: it was not sent, or in vain
    /// because of its destination.
    Released,
}

/// One POST, and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it started.
    pub at: Millis,
    /// How long it took.
    pub duration: Duration,
    /// The kind of outcome, as in `delivered` or `temporary`.
    pub class: AttemptClass,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The first 500 characters of the answer. They may repeat the event.
    pub answer: Private<String>,
    /// Whether it counts against the schedule.
    pub spent: bool,
    /// How long the destination had stood still in all by then.
    pub idle: Duration,
}

/// The kinds of outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptClass {
    /// Delivered.
    Delivered,
    /// It failed in one of the ways of [`crate::FailureKind`].
    Failed(crate::FailureKind),
    /// Its sender vanished; it may have arrived.
    Abandoned,
}

impl AttemptClass {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Delivered,
        Self::Failed(crate::FailureKind::Temporary),
        Self::Failed(crate::FailureKind::Throttled),
        Self::Failed(crate::FailureKind::Unknown),
        Self::Failed(crate::FailureKind::Rejected),
        Self::Failed(crate::FailureKind::Destination),
        Self::Abandoned,
    ];

    /// The class in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed(kind) => kind.as_str(),
            Self::Abandoned => "abandoned",
        }
    }
}

/// What a batch of settlements did.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Settled {
    /// How many were recorded.
    pub applied: usize,
    /// Those whose claim was no longer ours. Nothing was changed for them.
    pub stale: Vec<DeliveryId>,
}
