//! Handing out deliveries that are due.

use std::time::Duration;

use bytes::Bytes;

use super::{ClaimId, DeliveryId, Millis, Private};

/// Which of the two queues of a destination. Each has its share of the capacity, so that neither
/// a backlog of retries nor a flood of new events holds up the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Events that were never tried; the oldest first.
    Fresh,
    /// Events that were tried; the one that has waited longest first.
    Retry,
}

/// An end of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// What has waited longest.
    Oldest,
    /// What came last.
    Newest,
}

/// Asks for deliveries that are due.
#[derive(Clone, Debug)]
pub struct Due {
    /// The destination.
    pub destination: String,
    /// Which lane.
    pub lane: Lane,
    /// How many at most.
    pub limit: usize,
    /// The fence for this claim, a new one each time.
    pub claim: ClaimId,
    /// Until when the claim holds, unless renewed.
    pub lease_until: Millis,
    /// The time.
    pub now: Millis,
    /// Claims even though the destination is paused or asked to wait, and from this end: for the
    /// slow probe. All else is claimed from the oldest on.
    pub probe: Option<End>,
}

/// A delivery that was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The delivery.
    pub id: DeliveryId,
    /// The fence it was claimed under.
    pub claim: ClaimId,
    /// The source it came from.
    pub source: String,
    /// `event_name`
    pub event_name: String,
    /// `event_id`
    pub event_id: String,
    /// The bytes to send.
    pub body: Private<Bytes>,
    /// Attempts spent so far.
    pub attempts: u32,
    /// The first attempt, if there was one.
    pub first_attempt: Option<FirstAttempt>,
    /// When its payload came in.
    pub received_at: Millis,
    /// The platform's time of the order.
    pub order_time: Millis,
    /// Since when it could have been claimed: the difference to now is our own slowness.
    pub due_at: Millis,
}

/// When a delivery was tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstAttempt {
    /// The time.
    pub at: Millis,
    /// How long its destination had stood still in all by then; what was added since does not
    /// make the delivery older.
    pub idle: Duration,
}
