//! Looking at what is stored. Queries run beside the writer and never hold it up.

use std::time::Duration;

use bytes::Bytes;

use super::{ItemId, Millis, PayloadId, Private, Reason};

/// The states that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Waits for a newer version of its order, and was never tried.
    Held,
    /// Waits to be sent, for the first time or again.
    Pending,
    /// Is being sent.
    Sending,
    /// Has arrived.
    Delivered,
    /// Waits for a person's decision.
    Parked,
    /// Will not be sent, for the reason that is given.
    Dropped,
}

impl State {
    /// All of them, in the order of a delivery's life.
    pub const ALL: &[Self] = &[
        Self::Held,
        Self::Pending,
        Self::Sending,
        Self::Delivered,
        Self::Parked,
        Self::Dropped,
    ];

    /// The state in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Dropped => "dropped",
        }
    }

    /// Reads a state by its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == word)
    }
}

/// Which items. Each condition that is given has to hold; none at all means everything.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Filter {
    /// One of these items.
    pub ids: Option<Vec<ItemId>>,
    /// Came with one of these payloads, or is one of them.
    pub payloads: Option<Vec<PayloadId>>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
    /// Of this source.
    pub source: Option<String>,
    /// For this destination; leaves out payloads that became no event.
    pub destination: Option<String>,
    /// With this code as the reason of their state.
    pub reason: Option<String>,
    /// With this `event_id`; leaves out payloads that became no event.
    pub event_id: Option<String>,
    /// Of this order, by the platform's id.
    pub order_key: Option<String>,
    /// Received at this time or later.
    pub since: Option<Millis>,
    /// Received before this time.
    pub until: Option<Millis>,
}

/// Where a page of a list ended. The list is in the order of arrival, and a position stays valid
/// whatever is added or changed meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The payload, or the one that the delivery came with.
    pub payload: i64,
    /// The delivery; 0 for a payload itself.
    pub delivery: i64,
}

/// In which direction a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// As they came in.
    OldestFirst,
    /// The latest arrival first.
    NewestFirst,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct List {
    /// Which items.
    pub filter: Filter,
    /// In which direction.
    pub direction: Direction,
    /// The last item of the page before.
    pub after: Option<Position>,
    /// How many at most.
    pub limit: usize,
}

/// One line of a list: a delivery, or a payload that became no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Its place in the list.
    pub position: Position,
    /// Its state. A payload that could not be mapped is parked, an ignored one is dropped.
    pub state: State,
    /// The source.
    pub source: String,
    /// The topic.
    pub topic: String,
    /// The order, if the payload has one.
    pub order_key: Option<String>,
    /// The destination, `event_name` and `event_id`; absent for payloads.
    pub event: Option<ItemEvent>,
    /// Attempts spent.
    pub attempts: u32,
    /// Why it is in this state, where there is something to say.
    pub reason: Option<Reason>,
    /// When it came in.
    pub received_at: Millis,
    /// It is not sent before this time.
    pub not_before: Option<Millis>,
    /// When it reached its final state.
    pub settled_at: Option<Millis>,
}

/// What an item has if it is a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemEvent {
    /// The destination.
    pub destination: String,
    /// `event_name`
    pub name: String,
    /// `event_id`
    pub id: String,
}

/// All that is known of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The line of the list.
    pub item: Item,
    /// The payload it came with.
    pub payload: PayloadId,
    /// The platform's own id of the message.
    pub delivery_id: Option<String>,
    /// Who mapped it.
    pub mapping: String,
    /// The raw payload; absent once it was erased.
    pub raw: Option<Private<Bytes>>,
    /// The frozen event; absent for payloads and once it was erased.
    pub event: Option<FrozenEvent>,
    /// All attempts, the first one first.
    pub attempts: Vec<PastAttempt>,
    /// Payloads that came later with the same key and other bytes.
    pub conflicts: Vec<Conflict>,
}

/// An event as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenEvent {
    /// The bytes.
    pub body: Private<Bytes>,
    /// The sales channel.
    pub channel: String,
    /// Why this channel.
    pub because: String,
    /// What is worth knowing about it.
    pub notes: Vec<Reason>,
    /// The platform's time of the order.
    pub order_time: Millis,
}

/// An attempt that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastAttempt {
    /// Its number, from 1; attempts that were not spent count here.
    pub number: u32,
    /// When it started.
    pub at: Millis,
    /// How long it took.
    pub duration: Duration,
    /// The kind of outcome, as in `delivered` or `temporary`.
    pub class: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The start of the answer; empty once it was erased.
    pub answer: Private<String>,
}

/// The same key with other bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The payload it came with.
    pub payload: PayloadId,
    /// When.
    pub at: Millis,
    /// The delivery that it became, if the policy was not to keep the first.
    pub delivery: Option<super::DeliveryId>,
}

/// How many items there are of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The source.
    pub source: String,
    /// The destination; absent for payloads that became no event.
    pub destination: Option<String>,
    /// The state.
    pub state: State,
    /// The code of the reason, if there is one.
    pub reason: Option<String>,
    /// How many.
    pub count: u64,
}

/// What waits for one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Backlog {
    /// When the oldest event that waits to be sent came in. Held ones do not count.
    pub oldest_pending: Option<Millis>,
}

/// A platform's request to erase or to tell what is stored, that is not done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRequest {
    /// The payload it came with.
    pub payload: PayloadId,
    /// The source.
    pub source: String,
    /// What is asked.
    pub request: super::PrivacyRequest,
    /// About whom.
    pub subjects: Vec<super::SubjectHash>,
    /// When it came in.
    pub received_at: Millis,
}

/// A payload that says what is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFetch {
    /// The payload.
    pub payload: PayloadId,
    /// Its topic.
    pub topic: String,
    /// When it came in.
    pub received_at: Millis,
    /// Its bytes.
    pub body: Private<Bytes>,
}

/// The state of the store itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether a small write went through to the disk just now, or why not.
    pub writable: Result<(), super::StoreErrorKind>,
    /// How long that write took: what one commit costs here.
    pub commit: Duration,
    /// The size of the store.
    pub bytes: u64,
    /// Space in it that is free for reuse.
    pub reusable_bytes: u64,
    /// What is not merged into the main file yet, where a store works so.
    pub wal_bytes: u64,
    /// Free space of the disk, where it can be told.
    pub disk_free_bytes: Option<u64>,
    /// The version of the store's layout.
    pub schema_version: u32,
}

/// The sum of invariant I1: whatever was answered with 200 is somewhere. Takes a full scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Accounts {
    /// Payloads that were stored.
    pub payloads: u64,
    /// Of these: became events.
    pub mapped: u64,
    /// Of these: ignored, or dropped by a person.
    pub dropped: u64,
    /// Of these: wait for a person.
    pub parked: u64,
    /// Of these: requests of a platform, and payloads that were redacted before they were stored.
    pub privacy: u64,
    /// Of these: what they name waits to be fetched.
    pub fetches: u64,
    /// Events that the mapped payloads became.
    pub events: u64,
    /// Deliveries that there are, in whatever state.
    pub deliveries: u64,
    /// Events that needed no delivery of their own: repetitions, conflicts, older versions.
    pub merged: u64,
    /// Deliveries that nothing would ever move: always 0.
    pub stuck: u64,
    /// Differences between the counts that are kept and the items themselves: always 0.
    pub miscounted: u64,
}

impl Accounts {
    /// Whether nothing is missing.
    pub const fn balanced(&self) -> bool {
        self.payloads == self.mapped + self.dropped + self.parked + self.privacy + self.fetches
            && self.events == self.deliveries + self.merged
            && self.stuck == 0
            && self.miscounted == 0
    }
}
