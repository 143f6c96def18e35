//! A walk that is under way, and where its position is kept.

use orderbridge_core::store::{Cursor, Store, StoreError};
use orderbridge_event::{PullError, Pulled, Timestamp};
use serde::{Deserialize, Serialize};

use super::Account;
use super::download::Download;

/// The name under which the position of a backfill is kept.
const BACKFILL: &str = "backfill";

/// A walk that is under way.
#[derive(Debug)]
pub struct Trip {
    pub(super) position: String,
    pub(super) place: Place,
    /// The report that is being handed on, and how many of its orders were.
    pub(super) download: Option<(Download, u64)>,
}

/// What an answer held, before it is stored.
#[derive(Debug)]
pub struct Look {
    /// The payloads in it.
    pub payloads: Vec<Pulled>,
    /// They are a poorer account of orders than the platform's other answers: they are of use
    /// where nothing else is known.
    pub(super) is_second_hand: bool,
    pub(super) position: String,
}

/// Where a position is kept.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Nowhere: what has to be done is known from elsewhere.
    Nowhere,
    /// As it is.
    Stream(String),
    /// With what was asked for.
    Backfill(Box<Backfill>),
}

/// A backfill, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// What was asked for, in the words of whoever asked.
    pub asked: String,
    /// From when on, in Unix seconds.
    pub since: i64,
    /// Up to when, in Unix seconds.
    pub until: i64,
    /// Payloads that it has come by.
    pub payloads: u64,
    /// Those that were not known.
    pub stored: u64,
    /// Whether it is finished.
    pub is_done: bool,
    position: String,
}

impl Backfill {
    /// The backfill of a source that was begun last, finished or not.
    pub async fn last(store: &dyn Store, source: &str) -> Result<Option<Self>, StoreError> {
        let cursor = store.cursor(source, BACKFILL).await?;
        // One that another version wrote is begun anew; what it stored is known and not repeated.
        Ok(cursor.and_then(|cursor| serde_json::from_str(&cursor.position).ok()))
    }
}

impl Trip {
    /// A walk whose position is kept nowhere.
    pub(super) fn to(position: String) -> Self {
        Self::at(position, Place::Nowhere)
    }

    fn at(position: String, place: Place) -> Self {
        Self {
            position,
            place,
            download: None,
        }
    }

    /// A round through a stream.
    pub(super) fn round(stream: &str, position: String) -> Self {
        Self::at(position, Place::Stream(stream.to_owned()))
    }

    /// A walk through what was ordered in a time. Its position is kept nowhere.
    pub fn history(
        account: &Account,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Self, PullError> {
        account.api().history(since, until).map(Self::to)
    }

    /// A new backfill.
    pub fn backfill(
        account: &Account,
        asked: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Self, PullError> {
        let position = account.api().backfill(since, until)?;
        Ok(Self::resumed(Backfill {
            asked: asked.to_owned(),
            since: since.unix(),
            until: until.unix(),
            payloads: 0,
            stored: 0,
            is_done: false,
            position,
        }))
    }

    /// A backfill that goes on.
    pub fn resumed(backfill: Backfill) -> Self {
        let position = backfill.position.clone();
        Self::at(position, Place::Backfill(Box::new(backfill)))
    }

    /// The position.
    pub fn position(&self) -> &str {
        &self.position
    }

    /// How far a backfill has come; `None` for other walks.
    pub fn progress(&self) -> Option<&Backfill> {
        match &self.place {
            Place::Backfill(backfill) => Some(backfill),
            Place::Nowhere | Place::Stream(_) => None,
        }
    }

    /// Where a position is kept once an answer with so many payloads was stored.
    pub(super) fn after(&self, position: &str, payloads: usize) -> Place {
        let mut place = self.place.clone();
        if let Place::Backfill(backfill) = &mut place {
            backfill.payloads += u64::try_from(payloads).unwrap_or(u64::MAX);
            position.clone_into(&mut backfill.position);
        }
        place
    }

    /// Goes on to after an answer.
    pub fn advance(&mut self, look: Look) {
        self.place = self.after(&look.position, look.payloads.len());
        self.position = look.position;
    }

    /// Counts payloads that were stored.
    pub(super) fn count(&mut self, stored: usize) {
        if let Place::Backfill(backfill) = &mut self.place {
            backfill.stored += u64::try_from(stored).unwrap_or(u64::MAX);
        }
    }
}

impl Place {
    /// The position as the store keeps it.
    pub(super) fn cursor(&self, source: &str, position: &str) -> Option<Cursor> {
        let (stream, position) = match self {
            Self::Nowhere => return None,
            Self::Stream(stream) => (stream.clone(), position.to_owned()),
            Self::Backfill(backfill) => {
                let text = serde_json::to_string(backfill).ok()?;
                (BACKFILL.to_owned(), text)
            }
        };
        Some(Cursor {
            source: source.to_owned(),
            stream,
            position,
        })
    }
}
