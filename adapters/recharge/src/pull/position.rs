//! Where a walk is: all that it knows.

use orderbridge_event::{PullError, Timestamp};
use serde::{Deserialize, Serialize};

/// A position, as it is stored. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum Position {
    /// A round is over; everything that was changed up to this time was read.
    Rest {
        up_to: i64,
        /// What happened before the stream was first read is history.
        first: i64,
    },
    /// Before a page of what was changed since a time.
    Changed {
        of: Kind,
        since: i64,
        began: i64,
        first: i64,
        page: Page,
    },
    /// Before a page of history.
    History {
        since: i64,
        until: i64,
        list: List,
        page: Page,
    },
    /// Before a customer.
    Customer { request: String },
    /// It is over.
    End,
}

/// What a stream is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Charges,
    Subscriptions,
}

/// A page of a list: the one that a cursor stands for, or the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Page {
    pub(super) cursor: Option<String>,
    /// The list was begun anew, because its cursor was refused.
    pub(super) is_again: bool,
}

/// The lists that history is made of, in the order in which they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum List {
    /// Charges that were paid in the time.
    Charges,
    /// Orders whose charges are not given out any more.
    Orders,
    /// Subscriptions that were started in the time.
    Started,
    /// Subscriptions that were started before and ended in the time.
    Ended,
}

impl List {
    pub(super) const fn next(self) -> Option<Self> {
        match self {
            Self::Charges => Some(Self::Orders),
            Self::Orders => Some(Self::Started),
            Self::Started => Some(Self::Ended),
            Self::Ended => None,
        }
    }
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
    let time = Timestamp::from_unix(seconds).map(|time| time.to_string());
    time.unwrap_or_default()
}
