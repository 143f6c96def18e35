//! What comes in, and what became of it.

use bytes::Bytes;
use orderbridge_event::{Amount, KnownOrder, SalesChannel, Timestamp};

use super::{DeliveryId, Millis, PayloadId, Private, Reason, SubjectHash};

/// Payloads that are stored together or not at all: one webhook, or a page of an API.
#[derive(Clone, Debug)]
pub struct Page {
    /// The payloads, in the order of their answers.
    pub intakes: Vec<Intake>,
    /// How far the source has been read once they are stored.
    pub cursor: Option<Cursor>,
}

impl Page {
    /// One payload on its own.
    pub fn one(intake: Intake) -> Self {
        Self {
            intakes: vec![intake],
            cursor: None,
        }
    }
}

/// How far a source has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The source's name.
    pub source: String,
    /// Which of its lists: a source may have several, as orders and refunds.
    pub stream: String,
    /// The position, in whatever form the source keeps it.
    pub position: String,
}

/// One payload, with all that is kept of it.
#[derive(Clone, Debug)]
pub struct Intake {
    /// The source's name in the configuration.
    pub source: String,
    /// The platform's topic, or the request that the body answers.
    pub topic: String,
    /// The raw bytes.
    pub body: Private<Bytes>,
    /// The platform's own id of this message, as `X-Shopify-Event-Id`. The same source never
    /// stores the same id twice. Without one, what makes no event is told by its bytes.
    pub delivery_id: Option<String>,
    /// When the platform sent it, if it says so beside the body.
    pub sent_at: Option<Timestamp>,
    /// Whether the platform marks the message as a test, beside the body.
    pub is_test: bool,
    /// When it came in.
    pub received_at: Millis,
    /// Which adapter and which rules mapped it, as in `shopify 0.1.0, rules 3fa9`.
    pub mapping: String,
    /// The order that it is, or belongs to.
    pub order: Option<OrderVersion>,
    /// When its events may be sent, if they are to wait for a newer version of the order.
    pub hold_until: Option<Millis>,
    /// What is done with an event whose key is known with other bytes.
    pub conflict: ConflictPolicy,
    /// The people it is about, so that they can be found again without their names.
    pub subjects: Vec<SubjectHash>,
    /// What the mapping made of it.
    pub outcome: Outcome,
}

/// An order at one moment of its life.
#[derive(Clone, Debug)]
pub struct OrderVersion {
    /// The platform's id of the order, the same in each message about it.
    pub key: String,
    /// When the platform changed it last. Only a later version replaces an event that is held.
    pub updated_at: Option<Millis>,
    /// What a later refund needs to know. Absent in messages that do not have the order itself.
    pub known: Option<Private<KnownOrder>>,
}

/// What the mapping made of a payload.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Events, at least one.
    Events(Vec<NewEvent>),
    /// No event, on purpose.
    Ignored(Reason),
    /// It could not be mapped and waits for a person.
    Unmappable(Reason),
    /// A request of the platform on behalf of a person or a shop.
    Privacy(PrivacyRequest),
    /// It only says that something has changed, which is to be fetched. The work is done when the
    /// payload is given another outcome, by [`super::Store::remap`].
    Fetch,
}

/// One mapped event for one destination.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The destination's name in the configuration.
    pub destination: String,
    /// `event_name`
    pub name: String,
    /// `event_id`
    pub id: String,
    /// The bytes to send, at each attempt the same.
    pub body: Private<Bytes>,
    /// The sales channel.
    pub channel: SalesChannel,
    /// Why this channel.
    pub because: String,
    /// What is worth knowing about the event.
    pub notes: Vec<Reason>,
    /// The platform's time of the order.
    pub order_time: Millis,
    /// The rule that drops it, so that a drop can be seen and undone.
    pub dropped: Option<Reason>,
    /// The money that it says went back, if it is a refund.
    pub refunded: Option<Amount>,
}

/// What is done with an event whose key is known with other bytes. It is always counted and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ConflictPolicy {
    /// The first stays, and nothing more is sent.
    #[default]
    KeepFirst,
    /// The same, and where another source told of it first, that is as it should be: two sources
    /// tell of the same orders on purpose.
    Join,
    /// The new one is put aside for a person.
    Park,
    /// The new one is sent as well.
    Send,
}

/// What a platform asks on behalf of a person or a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivacyRequest {
    /// What is stored about these people. It is parked, because a person has to answer.
    Data,
    /// To erase what is stored about the intake's subjects. The request's own body, which names
    /// them, is not stored.
    RedactSubjects,
    /// To erase all of the source.
    RedactSource,
}

/// What became of one [`Intake`]. Everything here is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It was stored.
    Stored {
        /// The payload.
        payload: PayloadId,
        /// What became of each event, in their order; none unless there were events.
        events: Vec<EventOutcome>,
        /// Those of them that are new and have an `event_id` which the destination knows under
        /// another name: Converge might take the two for one.
        same_id: Vec<DeliveryId>,
    },
    /// The same message was seen before; nothing was stored.
    Duplicate {
        /// The payload that came first.
        payload: PayloadId,
    },
}

impl Accepted {
    /// See [`Accepted::Stored`].
    pub fn same_id(&self) -> &[DeliveryId] {
        match self {
            Self::Stored { same_id, .. } => same_id,
            Self::Duplicate { .. } => &[],
        }
    }
}

/// What became of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOutcome {
    /// It waits for delivery, or is held, or was dropped by its rule.
    New(DeliveryId),
    /// The same key with the same bytes is known; nothing more is sent.
    Duplicate(DeliveryId),
    /// It took the place of an older version that was held and never attempted.
    Replaced(DeliveryId),
    /// A newer version is already held; this one is not used.
    Older(DeliveryId),
    /// The same key is known with other bytes, and the first one stays.
    Kept(DeliveryId),
    /// Another source told of it first, and that one stays.
    Joined(DeliveryId),
    /// The same key is known with other bytes, and the new ones were parked as this delivery.
    ConflictParked(DeliveryId),
    /// The same key is known with other bytes, and the new ones are sent as this delivery.
    ConflictSent(DeliveryId),
    /// The event or its order was redacted. It was not brought back.
    Redacted(DeliveryId),
}

impl EventOutcome {
    /// The delivery it speaks of.
    pub const fn delivery(self) -> DeliveryId {
        match self {
            Self::New(id)
            | Self::Duplicate(id)
            | Self::Replaced(id)
            | Self::Older(id)
            | Self::Kept(id)
            | Self::Joined(id)
            | Self::ConflictParked(id)
            | Self::ConflictSent(id)
            | Self::Redacted(id) => id,
        }
    }
}

/// Whether a customer has bought before, as far as the store's own history tells.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The source; each has its own history.
    pub source: String,
    /// The customer's identities. One that was seen is enough.
    pub subjects: Vec<SubjectHash>,
    /// The order that asks. Its own repetitions do not count as an earlier order.
    pub order_key: String,
    /// When it was placed.
    pub ordered_at: Millis,
    /// From when on the source's history is complete; nothing is said of orders before.
    pub complete_from: Option<Millis>,
}

/// The answer to [`Customer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seen {
    /// This is the first order.
    New,
    /// There was an earlier one.
    Returning,
    /// The history does not reach back far enough to say.
    Unknown,
}

impl Seen {
    /// As `$is_new_customer`; absent when it is not known.
    pub const fn is_new(self) -> Option<bool> {
        match self {
            Self::New => Some(true),
            Self::Returning => Some(false),
            Self::Unknown => None,
        }
    }
}
