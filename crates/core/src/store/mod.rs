//! The store: what a source gave us, what became of it, and what is still to be sent.
//!
//! Once [`Store::accept`] has returned, the payload, its events and their deliveries are on the
//! disk, in one commit. From there a delivery is claimed, sent and settled; a claim is a lease
//! with a fence, so a sender that was thought dead can change nothing. A sender that did die
//! costs a repetition of the same bytes, never an event.
//!
//! The time is always an argument. Nothing here knows SQL; the module `sqlite` does.

mod claim;
mod command;
mod destination;
mod error;
#[cfg(feature = "sqlite")]
pub mod hooks;
mod id;
mod intake;
mod private;
mod query;
mod reason;
mod settle;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "testing")]
pub mod suite;
mod time;

use async_trait::async_trait;
use bytes::Bytes;
use orderbridge_event::{KnownOrder, Refunded, Timestamp};

pub use claim::{Claimed, Due, End, FirstAttempt, Lane};
pub use command::{Applied, Command, Erased, RedactTarget, Remap, Remapped, Retention, Selection};
pub use destination::{DestinationChange, DestinationState, OpenBreaker, Paused};
pub use error::{StoreError, StoreErrorKind};
pub use id::{ClaimId, DeliveryId, ItemId, PayloadId};
pub use intake::{
    Accepted, ConflictPolicy, Cursor, Customer, EventOutcome, Intake, NewEvent, OrderVersion,
    Outcome, Page, PrivacyRequest, Seen,
};
pub use private::{Private, SubjectHash, SubjectKey, SubjectKind};
pub use query::{
    Accounts, Backlog, Conflict, Count, Detail, Direction, Filter, FrozenEvent, Health, Item,
    ItemEvent, List, OpenFetch, OpenRequest, PastAttempt, Position, State,
};
pub use reason::Reason;
pub use settle::{Attempt, AttemptClass, Settled, Settlement, Verdict};
pub use time::Millis;

/// What a store does. Each call that changes something returns after the change is durable.
///
/// A call that fails may have had its effect or not. Repeating it is harmless: what comes in has a
/// key, what is settled has a fence.
#[async_trait]
pub trait Store: Send + Sync {
    // What comes in.

    /// Stores payloads, their events, deliveries and the cursor, all in one commit. The answers
    /// are in the order of the intakes.
    async fn accept(&self, page: Page) -> Result<Vec<Accepted>, StoreError>;

    /// How far a list of a source has been read.
    async fn cursor(&self, source: &str, stream: &str) -> Result<Option<Cursor>, StoreError>;

    /// What is known of an order, for a refund.
    async fn known_order(
        &self,
        source: &str,
        order_key: &str,
    ) -> Result<Option<Private<KnownOrder>>, StoreError>;

    /// What was told of an order's refunds, in the order it was told.
    async fn refunded(&self, source: &str, order_key: &str) -> Result<Refunded, StoreError>;

    /// Whether a customer has bought before; notes that they have bought now.
    async fn seen(&self, customer: Customer) -> Result<Seen, StoreError>;

    /// The key to hash people with. It is the same for as long as the store exists.
    async fn subject_key(&self) -> Result<SubjectKey, StoreError>;

    // What goes out.

    /// Leases deliveries that are due. None while the destination is paused or asked to wait,
    /// unless for a probe. Deliveries whose lease ran out are taken back first: their attempt
    /// counts as spent, since nobody knows whether it arrived.
    async fn claim(&self, due: Due) -> Result<Vec<Claimed>, StoreError>;

    /// Prolongs leases. Tells which of the deliveries are still held under this claim.
    async fn renew(
        &self,
        claim: ClaimId,
        deliveries: Vec<DeliveryId>,
        until: Millis,
    ) -> Result<Vec<DeliveryId>, StoreError>;

    /// Records attempts and what follows. A delivery that was claimed anew is left alone.
    async fn settle(&self, settlements: Vec<Settlement>) -> Result<Settled, StoreError>;

    /// The earliest time at which a claim of any lane could give something; a time in the past is
    /// now. `None` when nothing waits. Does not look at pauses.
    async fn next_due(&self, destination: &str) -> Result<Option<Millis>, StoreError>;

    /// What is remembered of a destination; the default state for one that was never heard of.
    async fn destination(&self, destination: &str) -> Result<DestinationState, StoreError>;

    /// Changes what is remembered of a destination, and tells the state after it.
    async fn change_destination(
        &self,
        destination: &str,
        change: DestinationChange,
        now: Millis,
    ) -> Result<DestinationState, StoreError>;

    // What people look at.

    /// A page of a list.
    async fn list(&self, list: List) -> Result<Vec<Item>, StoreError>;

    /// All that is known of an item; `None` when there is none with this id.
    async fn show(&self, id: ItemId) -> Result<Option<Detail>, StoreError>;

    /// The raw bytes of a payload and its topic; `None` when there is none, or no longer.
    async fn raw(&self, payload: PayloadId) -> Result<Option<Raw>, StoreError>;

    /// All payloads that speak of somebody, or of a source: what [`Command::Redact`] would erase.
    /// Also those of the same orders that name nobody. Looks at all payloads.
    async fn find(&self, target: RedactTarget) -> Result<Vec<PayloadId>, StoreError>;

    /// How many items there are by source, destination, state and reason. Cheap at any size.
    async fn counts(&self) -> Result<Vec<Count>, StoreError>;

    /// What waits for a destination. Cheap at any size.
    async fn backlog(&self, destination: &str) -> Result<Backlog, StoreError>;

    /// Requests of platforms that are not done yet, the oldest first.
    async fn open_requests(&self) -> Result<Vec<OpenRequest>, StoreError>;

    /// Payloads of a source that say what is to be fetched, the oldest first, after one of them.
    async fn open_fetches(
        &self,
        source: &str,
        after: Option<PayloadId>,
        limit: usize,
    ) -> Result<Vec<OpenFetch>, StoreError>;

    /// The state of the store itself. Writes a little, to see whether it can.
    async fn health(&self) -> Result<Health, StoreError>;

    /// The sum that shows that nothing is missing. Scans everything.
    async fn accounts(&self) -> Result<Accounts, StoreError>;

    // What people and housekeeping change.

    /// Applies a command to a bounded number of items.
    async fn apply(&self, command: Command, now: Millis) -> Result<Applied, StoreError>;

    /// Gives a stored payload a new outcome, in one commit.
    async fn remap(&self, remap: Remap) -> Result<Remapped, StoreError>;

    /// Erases bodies that are old enough, of a bounded number of payloads.
    async fn erase(&self, retention: Retention) -> Result<Erased, StoreError>;

    /// Finishes what was begun and gives the store back to others.
    async fn close(&self) -> Result<(), StoreError>;
}

/// A stored payload, to be mapped again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// The source.
    pub source: String,
    /// The topic.
    pub topic: String,
    /// When it came in.
    pub received_at: Millis,
    /// As in [`Intake`].
    pub sent_at: Option<Timestamp>,
    /// As in [`Intake`].
    pub is_test: bool,
    /// The bytes.
    pub body: Private<Bytes>,
}
