//! Where a walk is: all that it knows.

use orderbridge_event::PullError;
use serde::{Deserialize, Serialize};

/// A position, as it is stored. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum Position {
    /// A round is over; everything up to this time was read.
    Rest { up_to: i64 },
    /// Before a page of the events since a time.
    Events { since: i64, began: i64, page: Page },
    /// Before a page of history.
    History {
        since: i64,
        until: i64,
        list: List,
        page: Page,
    },
    /// Before an object, or a list that is part of one.
    Lookup {
        request: String,
        /// What the pages so far held, each as JSON.
        so_far: Vec<String>,
        page: Page,
    },
    /// It is over.
    End,
}

/// A page of a list: the one after an object, or the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Page {
    pub(super) after: Option<String>,
    /// The list was begun anew, because Stripe no longer knew the object.
    pub(super) is_again: bool,
}

/// The lists that history is made of, in the order in which they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum List {
    /// Pauses and refunds, which only events tell; as far back as Stripe keeps them.
    Events,
    /// Invoices that were paid in the time.
    Invoices,
    /// Subscriptions that were started in the time.
    Started,
    /// Subscriptions that were started before and ended in the time.
    Ended,
}

impl List {
    pub(super) const fn next(self) -> Option<Self> {
        match self {
            Self::Events => Some(Self::Invoices),
            Self::Invoices => Some(Self::Started),
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
