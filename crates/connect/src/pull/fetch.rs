//! Fetches what notifications name, and what payloads lack. Each is open in the store until it is
//! settled, so the work is found again after a crash.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use orderbridge_core::store::{
    ConflictPolicy, Millis, OpenFetch, Outcome, PayloadId, Reason, Remap, StoreError,
};
use orderbridge_event::{Code, Payload, PullError, Text, Trouble};

use super::tallies::Fetched;
use super::trip::Trip;
use super::walk::{Reader, Turn, WalkError};
use crate::answers::lacking;
use crate::clock;
use crate::remap::remap;

/// How many payloads are read at once.
const PAGE: usize = 500;
/// How many things are fetched before the list is read again: what is named twice is fetched once.
const BATCH: usize = 50;

/// What is open: payloads, and the things that they name.
#[derive(Debug, Default)]
struct Open {
    notices: Vec<Notice>,
    /// Each thing once, in the order of the first payload that names it.
    things: Vec<Thing>,
}

/// Something that is fetched for a payload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// What a notification names; it becomes a payload of its own.
    Named(Text),
    /// The request whose answer belongs into the payload.
    Lacking(String),
}

/// A payload that waits.
#[derive(Debug)]
struct Notice {
    payload: PayloadId,
    received_at: Millis,
    /// How many of the things that it names are not fetched yet.
    left: usize,
    /// Why one of them cannot be.
    trouble: Option<PullError>,
    /// The payload itself is mapped afterwards.
    is_mapped: bool,
}

/// Something to be fetched.
#[derive(Debug)]
struct Thing {
    what: What,
    /// The places of the payloads that name it.
    named_by: Vec<usize>,
}

/// Things that were asked for in vain, and when they are asked for again.
#[derive(Debug, Default)]
pub(super) struct Postponed(BTreeMap<What, (u32, Millis)>);

/// What a round of fetches came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// There is more to do at once.
    More,
    /// Nothing is to be done before this time, if ever.
    Idle(Option<Millis>),
}

impl Reader<'_> {
    /// Fetches a batch of what is open.
    pub(super) async fn fetch_open(&self, postponed: &mut Postponed) -> Result<Round, WalkError> {
        let Open {
            mut notices,
            things,
        } = self.open().await?;
        self.account.tallies().waiting(notices.len());
        let is_open = |what: &What| things.iter().any(|thing| thing.what == *what);
        postponed.0.retain(|what, _| is_open(what));
        let mut asked = 0;
        for thing in &things {
            let now = clock::now();
            let later = postponed.0.get(&thing.what);
            if later.is_some_and(|(_, not_before)| *not_before > now) {
                continue;
            }
            if asked == BATCH {
                return Ok(Round::More);
            }
            asked += 1;
            let first = thing.named_by.first().and_then(|at| notices.get(*at));
            let since = first.map_or(now, |notice| notice.received_at);
            let trouble = match self.fetch(&thing.what).await {
                Ok(()) => None,
                Err(WalkError::Pull(error)) if self.is_final(&thing.what, &error, since, now) => {
                    Some(error)
                }
                Err(WalkError::Pull(error)) if error.trouble == Trouble::Missing => {
                    let again = postponed.0.entry(thing.what.clone()).or_insert((0, now));
                    // What is new at a platform may take minutes to be found.
                    let pause = self.account.patience().pause(again.0 + 3);
                    *again = (again.0 + 1, now.plus(pause));
                    continue;
                }
                Err(error) => return Err(error),
            };
            postponed.0.remove(&thing.what);
            for place in &thing.named_by {
                if let Some(notice) = notices.get_mut(*place) {
                    self.is_done_with(notice, trouble.as_ref()).await?;
                }
            }
        }
        let next = postponed.0.values().map(|(_, not_before)| *not_before);
        Ok(Round::Idle(next.min()))
    }

    /// All that is open.
    async fn open(&self) -> Result<Open, WalkError> {
        let source = &self.route.source;
        let mut open = Open::default();
        let mut places: BTreeMap<What, usize> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.store.open_fetches(&source.name, after, PAGE).await?;
            let is_last = page.len() < PAGE;
            after = page.last().map(|fetch| fetch.payload);
            for fetch in page {
                let names = self.named_by(&fetch);
                if names.is_empty() {
                    // All of it is at hand, or the adapter and the options of today need nothing.
                    self.map(fetch.payload).await?;
                    continue;
                }
                let is_mapped = names.iter().any(|what| matches!(what, What::Lacking(_)));
                let notice = open.notices.len();
                open.notices.push(Notice {
                    payload: fetch.payload,
                    received_at: fetch.received_at,
                    left: names.len(),
                    trouble: None,
                    is_mapped,
                });
                for what in names {
                    let place = *places.entry(what.clone()).or_insert(open.things.len());
                    match open.things.get_mut(place) {
                        Some(thing) => thing.named_by.push(notice),
                        None => open.things.push(Thing {
                            what,
                            named_by: vec![notice],
                        }),
                    }
                }
            }
            if is_last {
                return Ok(open);
            }
        }
    }

    fn named_by(&self, open: &OpenFetch) -> Vec<What> {
        let payload = Payload {
            topic: &open.topic,
            body: &open.body,
        };
        let source = &self.route.source;
        let named = source.platform.pull.map(|pull| pull.wakes(payload));
        let named = named.unwrap_or_default().into_iter().map(What::Named);
        let lacking = lacking(self.route, payload).into_iter();
        let lacking = lacking.filter(|lookup| !source.answers.has(&lookup.request));
        let all = named.chain(lacking.map(|lookup| What::Lacking(lookup.request)));
        let mut all: Vec<What> = all.collect();
        all.sort();
        all.dedup();
        all
    }

    async fn fetch(&self, what: &What) -> Result<(), WalkError> {
        match what {
            What::Named(what) => {
                let mut trip = Trip::to(self.account.api().fetch(what)?);
                while self.turn(&mut trip).await? != Turn::Done {}
            }
            What::Lacking(request) => {
                let answer = self.look_up(request).await?;
                self.route.source.answers.keep(request, answer);
            }
        }
        Ok(())
    }

    /// The answer to the request of a lookup.
    async fn look_up(&self, request: &str) -> Result<Bytes, PullError> {
        let mut trip = Trip::to(self.account.api().lookup(request)?);
        let mut answer = None;
        while let Some(mut look) = self.look(&mut trip).await? {
            answer = look.payloads.pop().or(answer);
            trip.advance(look);
        }
        let missing = || PullError::new(Trouble::Missing, "the answer holds nothing");
        answer.map(|it| Bytes::from(it.body)).ok_or_else(missing)
    }

    /// Whether there is no use in asking again.
    fn is_final(&self, what: &What, error: &PullError, since: Millis, now: Millis) -> bool {
        match error.trouble {
            Trouble::Refused | Trouble::Answer => true,
            // A payload names what was there before it; a notification may come too early.
            Trouble::Missing if matches!(what, What::Lacking(_)) => true,
            Trouble::Missing => now.since(since) >= self.account.patience().missing,
            Trouble::Unavailable | Trouble::Credentials => false,
        }
    }

    /// One of the things that a payload names is fetched or cannot be; after the last one the
    /// payload is settled.
    async fn is_done_with(
        &self,
        notice: &mut Notice,
        trouble: Option<&PullError>,
    ) -> Result<(), StoreError> {
        notice.left = notice.left.saturating_sub(1);
        if let Some(error) = trouble {
            notice.trouble = Some(error.clone());
        }
        if notice.left > 0 {
            return Ok(());
        }
        let (how, outcome) = match &notice.trouble {
            None if notice.is_mapped => {
                self.map(notice.payload).await?;
                self.account.tallies().fetched(Fetched::Done);
                return Ok(());
            }
            None => {
                let message = "what it names was fetched";
                let reason = Reason::new(Code::PullFetched.as_str(), message);
                (Fetched::Done, Outcome::Ignored(reason))
            }
            Some(error) => {
                let source = self.route.source.name.as_str();
                tracing::warn!(source, %error, "what waited to be fetched was put aside");
                let code = error.trouble.code().as_str();
                let reason = Reason::new(code, error.message.clone());
                (Fetched::Parked, Outcome::Unmappable(reason))
            }
        };
        self.settle(notice.payload, outcome).await?;
        self.account.tallies().fetched(how);
        Ok(())
    }

    /// Maps a payload with what was fetched for it.
    async fn map(&self, payload: PayloadId) -> Result<(), StoreError> {
        remap(self.routes, self.store, payload, clock::now())
            .await
            .map(|_| ())
    }

    async fn settle(&self, payload: PayloadId, outcome: Outcome) -> Result<(), StoreError> {
        let remap = Remap {
            payload,
            now: clock::now(),
            mapping: self.route.mapping.clone(),
            order: None,
            hold_until: None,
            conflict: ConflictPolicy::KeepFirst,
            subjects: Vec::new(),
            outcome,
        };
        self.store.remap(remap).await.map(|_| ())
    }
}

/// How long an idle fetcher waits at most: work may also come from another process.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(60);
