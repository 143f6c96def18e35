//! One walk through an API: request by request, each answer in one commit with the position.

use bytes::Bytes;
use orderbridge_core::store::{
    Accepted, Direction, Filter, Intake, Item, List, Outcome, Page, Store, StoreError,
};
use orderbridge_event::{Answer, Delivery, Payload, PullError, Pulled, Request, Step, Trouble};
use tokio::time::sleep;

use super::Account;
use super::download::Download;
use super::trip::{Look, Place, Trip};
use crate::answers::lacking;
use crate::clock;
use crate::commit::commit;
use crate::intake::Work;
use crate::routes::{Route, Routes};

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
        let Some(look) = self.look(trip).await? else {
            self.finish(trip).await?;
            return Ok(Turn::Done);
        };
        let payloads = look.payloads.len();
        match self.store_look(trip, &look).await {
            Ok(stored) => {
                trip.advance(look);
                trip.count(stored);
                Ok(Turn::Went { payloads, stored })
            }
            Err(error) => {
                // What was handed on is not stored: the report is read again from the position.
                trip.download = None;
                Err(error.into())
            }
        }
    }

    async fn store_look(&self, trip: &Trip, look: &Look) -> Result<usize, StoreError> {
        let intakes = if look.is_second_hand {
            self.unknown(&look.payloads).await?
        } else {
            self.intakes(&look.payloads).await?
        };
        // How many are new is known only afterwards, and is kept with the next position.
        let place = trip.after(&look.position, look.payloads.len());
        let cursor = place.cursor(&self.route.source.name, &look.position);
        let page = Page { intakes, cursor };
        if page.intakes.is_empty() && page.cursor.is_none() {
            return Ok(0);
        }
        let accepted = commit(self.routes, self.store, self.route, page).await?;
        let is_new = |it: &&Accepted| matches!(it, Accepted::Stored { .. });
        Ok(accepted.iter().filter(is_new).count())
    }

    /// What would be stored of payloads whose events are not all known. What they lack is asked for
    /// only then.
    async fn unknown(&self, pulled: &[Pulled]) -> Result<Vec<Intake>, StoreError> {
        let mut unknown = Vec::with_capacity(pulled.len());
        for payload in pulled {
            let alone = std::slice::from_ref(payload);
            let before = unknown.len();
            for intake in self.mapped(alone, false).await? {
                if !self.is_known(&intake).await? {
                    unknown.push(intake);
                }
            }
            if unknown.len() > before && self.lacks_something(payload) {
                unknown.truncate(before);
                unknown.extend(self.mapped(alone, true).await?);
            }
        }
        Ok(unknown)
    }

    fn lacks_something(&self, pulled: &Pulled) -> bool {
        let payload = Payload {
            topic: &pulled.topic,
            body: &pulled.body,
        };
        !lacking(self.route, payload).is_empty()
    }

    /// Whether the store knows all events of a payload.
    pub async fn is_known(&self, intake: &Intake) -> Result<bool, StoreError> {
        let Outcome::Events(events) = &intake.outcome else {
            return Ok(false);
        };
        for event in events {
            let filter = Filter {
                destination: Some(event.destination.clone()),
                event_id: Some(event.id.clone()),
                ..Filter::default()
            };
            let list = List {
                filter,
                direction: Direction::OldestFirst,
                after: None,
                limit: 16,
            };
            let known = self.store.list(list).await?;
            let is_this = |item: &Item| item.event.as_ref().is_some_and(|it| it.name == event.name);
            if !known.iter().any(is_this) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the next answer of a walk holds; nothing is stored. `None` at the end.
    pub async fn look(&self, trip: &mut Trip) -> Result<Option<Look>, PullError> {
        let api = self.account.api();
        let mut failures = 0;
        loop {
            if let Some((mut download, given)) = trip.download.take() {
                let payloads = download.next().await?;
                let is_all = payloads.is_empty();
                let given = given + u64::try_from(payloads.len()).unwrap_or_default();
                let position = api.reported(&trip.position, given, is_all)?;
                if !is_all {
                    trip.download = Some((download, given));
                }
                return Ok(Some(Look {
                    payloads,
                    is_second_hand: true,
                    position,
                }));
            }
            let position = trip.position.as_str();
            match api.step(position, clock::timestamp())? {
                Step::Download(request, skip) => {
                    match self.download(position, &request, skip).await {
                        Ok(Some(download)) => trip.download = Some((download, skip)),
                        Ok(None) => {
                            return Ok(Some(Look {
                                payloads: Vec::new(),
                                is_second_hand: true,
                                position: api.reported(position, skip, true)?,
                            }));
                        }
                        Err(error) if error.trouble != Trouble::Unavailable => return Err(error),
                        Err(error) if failures >= self.account.patience().tries => {
                            return Err(error);
                        }
                        Err(_) => {
                            sleep(self.account.patience().pause(failures)).await;
                            failures += 1;
                        }
                    }
                }
                Step::Done => return Ok(None),
                Step::Wait(until) => {
                    let wait = until.unix_millis() - clock::timestamp().unix_millis();
                    let wait = u64::try_from(wait).unwrap_or_default();
                    sleep(std::time::Duration::from_millis(wait.max(1))).await;
                }
                Step::Ask(request) => {
                    let take = |answer: &Answer<'_>, now| api.take(position, answer, now);
                    let taken = self.account.ask(&request, take).await?;
                    return Ok(Some(Look {
                        payloads: taken.payloads,
                        is_second_hand: taken.is_second_hand,
                        position: taken.position,
                    }));
                }
            }
        }
    }

    /// Asks where a report is, and downloads it.
    async fn download(
        &self,
        position: &str,
        request: &Request,
        skip: u64,
    ) -> Result<Option<Download>, PullError> {
        let api = self.account.api();
        let report = self
            .route
            .source
            .platform
            .report
            .ok_or_else(PullError::position)?;
        let at = |answer: &Answer<'_>, now| api.report_at(position, answer, now);
        let at = self.account.ask(request, at).await?;
        self.account.download(report, &at, skip).await
    }

    /// What would be stored of payloads.
    pub async fn intakes(&self, pulled: &[Pulled]) -> Result<Vec<Intake>, StoreError> {
        self.mapped(pulled, true).await
    }

    async fn mapped(&self, pulled: &[Pulled], completes: bool) -> Result<Vec<Intake>, StoreError> {
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
                completes,
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
            self.keep(trip).await?;
        }
        Ok(())
    }

    /// Stores the position of a walk.
    pub(super) async fn keep(&self, trip: &Trip) -> Result<(), StoreError> {
        let cursor = trip.place.cursor(&self.route.source.name, &trip.position);
        if cursor.is_some() {
            let intakes = Vec::new();
            let page = Page { intakes, cursor };
            commit(self.routes, self.store, self.route, page).await?;
        }
        Ok(())
    }
}
