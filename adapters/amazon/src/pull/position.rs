//! Where a walk is: all that it knows.

use orderbridge_event::{PullError, Timestamp};
use serde::{Deserialize, Serialize};

/// A position, as it is stored. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum Position {
    /// A round is over; everything up to this time was read.
    Rest { up_to: i64 },
    /// Before a page of a search.
    Search(Search),
    /// Before a report is ordered.
    Order(Slice),
    /// A report was ordered.
    Ordered {
        slice: Slice,
        report: String,
        /// How often its state was asked for.
        asked: u32,
        not_before: i64,
    },
    /// A report is ready, and so many of its orders were handed on.
    Ready {
        slice: Slice,
        document: String,
        given: u64,
    },
    /// Before an order.
    Fetch { order: String },
    /// An order of the API v0, without all of its items yet.
    Items {
        order_id: String,
        order: String,
        items: Vec<String>,
        token: Option<String>,
    },
    /// A round through the refunds is over.
    RefundsRead {
        /// When the first one was: what was posted before is left to a backfill.
        began: i64,
        up_to: i64,
        /// When deferred ones were looked for.
        swept: i64,
    },
    /// Before a page of transactions.
    Refunds(RefundSearch),
    /// It is over.
    End,
}

/// A search for transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefundSearch {
    pub(super) after: i64,
    /// The end of the whole time.
    pub(super) until: i64,
    pub(super) token: Option<String>,
    /// The tokens so far, shortened.
    pub(super) seen: Vec<u32>,
    /// The search was begun anew, because its token was refused.
    pub(super) is_again: bool,
    /// When the first round was and when deferred ones were looked for; absent in a backfill.
    pub(super) round: Option<(i64, i64)>,
}

/// A search by last update. A page has to be asked for with the same filters as the first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Search {
    pub(super) marketplace: Option<String>,
    pub(super) after: i64,
    pub(super) before: i64,
    /// When the first page was asked for: tokens live for a day.
    pub(super) began: i64,
    pub(super) token: Option<String>,
    /// The tokens so far, shortened: some walk in circles.
    pub(super) seen: Vec<u32>,
    /// The latest update so far.
    pub(super) newest: Option<i64>,
    /// The search was begun anew, because its token was refused.
    pub(super) is_again: bool,
}

/// The part of a time that one report covers, and what comes after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    /// The beginning of the whole time.
    pub(super) from: i64,
    pub(super) since: i64,
    /// The end of the whole time.
    pub(super) until: i64,
    pub(super) kind: Kind,
    /// How often a report of this slice came to nothing.
    pub(super) failed: u32,
    pub(super) not_before: i64,
}

/// What a report is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// What was ordered.
    History,
    /// What was ordered, and then what was refunded.
    Everything,
    /// What was changed, to find what a search has missed.
    Sweep,
}

impl Position {
    pub(super) fn read(text: &str) -> Result<Self, PullError> {
        serde_json::from_str(text).map_err(|_| PullError::position())
    }

    pub(super) fn text(&self) -> Result<String, PullError> {
        serde_json::to_string(self).map_err(|_| PullError::position())
    }
}

/// A time as the API takes it.
pub(super) fn time(seconds: i64) -> String {
    Timestamp::from_unix(seconds)
        .map(|time| time.to_string())
        .unwrap_or_default()
}

/// A few bits of a token, enough to tell the tokens of a search apart.
pub(super) fn short(token: &str) -> u32 {
    token.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
