//! One walk through an API: request by request, each answer in one commit with the position.

use bytes::Bytes;
use orderbridge_core::store::{Accepted, Cursor, Intake, Page, Store, StoreError};
use orderbridge_event::{Answer, Delivery, PullError, Pulled, Step, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::Account;
use crate::clock;
use crate::commit::commit;
use crate::intake::Work;
use crate::routes::{Route, Routes};

/// The name under which the position of a backfill is kept.
const BACKFILL: &str = "backfill";

/// Why a walk did not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalkError {
    /// The platform.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What one turn of a walk did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It went on, and stored so many payloads that were not known.
    Went {
        /// Payloads in the answer.
        payloads: usize,
        /// Those that were stored; the others are known.
        stored: usize,
    },
    /// It is over.
    Done,
}

/// A walk that is under way.
#[derive(Clone, Debug)]
pub struct Trip {
    position: String,
    place: Place,
}

/// Where a position is kept.
#[derive(Clone, Debug)]
enum Place {
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
        Self {
            position,
            place: Place::Nowhere,
        }
    }

    /// A round through a stream.
    pub(super) fn round(stream: &str, position: String) -> Self {
        Self {
            position,
            place: Place::Stream(stream.to_owned()),
        }
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
        let position = account.api().history(since, until)?;
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
        Self {
            position: backfill.position.clone(),
            place: Place::Backfill(Box::new(backfill)),
        }
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

    /// The same walk after an answer, and what is kept of it.
    fn after(&self, position: String, payloads: usize) -> Self {
        let mut next = self.clone();
        if let Place::Backfill(backfill) = &mut next.place {
            backfill.payloads += u64::try_from(payloads).unwrap_or(u64::MAX);
            backfill.position.clone_from(&position);
        }
        next.position = position;
        next
    }

    /// Counts payloads that were stored.
    fn count(&mut self, stored: usize) {
        if let Place::Backfill(backfill) = &mut self.place {
            backfill.stored += u64::try_from(stored).unwrap_or(u64::MAX);
        }
    }

    fn cursor(&self, source: &str) -> Option<Cursor> {
        let (stream, position) = match &self.place {
            Place::Nowhere => return None,
            Place::Stream(stream) => (stream.clone(), self.position.clone()),
            Place::Backfill(backfill) => {
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

/// Reads the API of one source into a store.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub(super) routes: &'a Routes,
    pub(super) route: &'a Route,
    pub(super) store: &'a dyn Store,
    pub(super) account: &'a Account,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reader")
            .field(&self.route.source.name)
            .finish()
    }
}

impl<'a> Reader<'a> {
    /// A reader of a source; `None` when the routes do not have it.
    pub fn new(
        routes: &'a Routes,
        source: &str,
        store: &'a dyn Store,
        account: &'a Account,
    ) -> Option<Self> {
        let route = routes.named(source)?;
        Some(Self {
            routes,
            route,
            store,
            account,
        })
    }

    /// Takes one turn of a walk: one request, whose answer is stored when this returns. Dropping
    /// the future at any moment loses nothing.
    pub async fn turn(&self, trip: &mut Trip) -> Result<Turn, WalkError> {
        let Some((pulled, position)) = self.look(trip.position()).await? else {
            self.finish(trip).await?;
            return Ok(Turn::Done);
        };
        let payloads = pulled.len();
        let intakes = self.intakes(&pulled).await?;
        // How many are new is known only afterwards, and is kept with the next position.
        let next = trip.after(position, payloads);
        let page = Page {
            intakes,
            cursor: next.cursor(&self.route.source.name),
        };
        let mut stored = 0;
        if !page.intakes.is_empty() || page.cursor.is_some() {
            let accepted = commit(self.routes, self.store, self.route, page).await?;
            let is_new = |it: &&Accepted| matches!(it, Accepted::Stored { .. });
            stored = accepted.iter().filter(is_new).count();
        }
        *trip = next;
        trip.count(stored);
        Ok(Turn::Went { payloads, stored })
    }

    /// What the next answer of a walk holds, and the position after it; nothing is stored. `None`
    /// at the end.
    pub async fn look(&self, position: &str) -> Result<Option<(Vec<Pulled>, String)>, PullError> {
        let api = self.account.api();
        loop {
            match api.step(position, clock::timestamp())? {
                Step::Done => return Ok(None),
                Step::Wait(until) => {
                    let wait = until.unix_millis() - clock::timestamp().unix_millis();
                    let wait = u64::try_from(wait).unwrap_or_default();
                    sleep(std::time::Duration::from_millis(wait.max(1))).await;
                }
                Step::Ask(request) => {
                    let take = |answer: &Answer<'_>, now| api.take(position, answer, now);
                    let taken = self.account.ask(&request, take).await?;
                    return Ok(Some((taken.payloads, taken.position)));
                }
            }
        }
    }

    /// What would be stored of payloads.
    pub async fn intakes(&self, pulled: &[Pulled]) -> Result<Vec<Intake>, StoreError> {
        let key = self.routes.key(self.store).await?;
        let mut intakes = Vec::with_capacity(pulled.len());
        for payload in pulled {
            let work = Work {
                route: self.route,
                store: self.store,
                key,
                topic: &payload.topic,
                delivery: Delivery {
                    id: payload.id.as_deref(),
                    ..Delivery::default()
                },
                received_at: clock::now(),
            };
            let body = Bytes::copy_from_slice(&payload.body);
            intakes.extend(work.page(&body).await?.intakes);
        }
        Ok(intakes)
    }

    /// Notes that a backfill is over.
    async fn finish(&self, trip: &mut Trip) -> Result<(), StoreError> {
        if let Place::Backfill(backfill) = &mut trip.place {
            backfill.is_done = true;
            let cursor = trip.cursor(&self.route.source.name);
            let intakes = Vec::new();
            commit(
                self.routes,
                self.store,
                self.route,
                Page { intakes, cursor },
            )
            .await?;
        }
        Ok(())
    }
}
