//! What people and housekeeping ask of a store.

use super::{
    Accepted, ConflictPolicy, Filter, Millis, OrderVersion, Outcome, PayloadId, Position, Reason,
    SubjectHash,
};

/// Items to change. A call changes a bounded number; the answer says where to go on.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Which items.
    pub filter: Filter,
    /// Where the call before ended.
    pub after: Option<Position>,
    /// How many at most.
    pub limit: usize,
}

impl Selection {
    /// All that a filter fits, from the beginning.
    pub const fn all(filter: Filter) -> Self {
        Self {
            filter,
            after: None,
            limit: usize::MAX,
        }
    }
}

/// A change that a person asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Sends again, at once and with a fresh schedule: what is parked or dropped, and what waits
    /// for its next attempt or for the end of its hold. What is being sent is left alone.
    Retry {
        /// Which deliveries.
        items: Selection,
        /// Whether delivered ones are sent again as well. Only ever on a person's word.
        delivered: bool,
    },
    /// Gives up what is held, pending or parked; also payloads that could not be mapped.
    Drop {
        /// Which items.
        items: Selection,
        /// Why.
        reason: Reason,
    },
    /// Erases what is stored about people or of a source, and keeps it from coming back. The keys
    /// stay, without any plain value.
    Redact {
        /// What.
        target: RedactTarget,
        /// The request that this answers, which is then done.
        request: Option<PayloadId>,
    },
}

/// What is erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedactTarget {
    /// Everything about any of these people, in all sources.
    Subjects(Vec<SubjectHash>),
    /// Everything of this source.
    Source(String),
}

/// What a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Applied {
    /// How many items it changed.
    pub changed: u64,
    /// How many it could not change: being sent, erased, or not in a state that allows it.
    pub skipped: u64,
    /// Where to go on, if there may be more.
    pub next: Option<Position>,
    /// Erasing only: plain bytes may remain in a journal until its readers are done. The store
    /// removes them by itself as soon as it can.
    pub journal_pending: bool,
}

/// A new outcome for a payload that is stored, from today's mapping.
#[derive(Clone, Debug)]
pub struct Remap {
    /// The payload.
    pub payload: PayloadId,
    /// The time.
    pub now: Millis,
    /// As in [`super::Intake`].
    pub mapping: String,
    /// As in [`super::Intake`].
    pub order: Option<OrderVersion>,
    /// As in [`super::Intake`]; a time that is over holds nothing up.
    pub hold_until: Option<Millis>,
    /// As in [`super::Intake`].
    pub conflict: ConflictPolicy,
    /// As in [`super::Intake`].
    pub subjects: Vec<SubjectHash>,
    /// As in [`super::Intake`], but for a privacy request.
    pub outcome: Outcome,
}

/// What became of a [`Remap`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remapped {
    /// The new outcome took the place of the old one.
    Done(Accepted),
    /// There is no such payload, it was redacted, or it is a privacy request.
    NotPossible,
}

/// What is old enough to lose its body. Ids, hashes and outcomes stay for good.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Payloads that came in before this, and whose deliveries were all delivered or dropped
    /// before this, lose their bodies, and so do these deliveries and their answers.
    pub bodies_before: Millis,
    /// What is known of orders, for refunds, is forgotten if it was not touched since this.
    pub orders_before: Millis,
    /// Where the call before ended.
    pub after: Option<Position>,
    /// How many payloads, and how many orders, at most.
    pub limit: usize,
}

/// What [`super::Store::erase`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Erased {
    /// Payloads that lost their bodies.
    pub payloads: u64,
    /// Orders that were forgotten.
    pub orders: u64,
    /// Where to go on, if there may be more.
    pub next: Option<Position>,
}
