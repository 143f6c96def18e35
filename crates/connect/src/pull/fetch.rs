//! Fetches what notifications name. A notification is open in the store until it is settled, so
//! the work is found again after a crash.

use std::collections::BTreeMap;
use std::time::Duration;

use orderbridge_core::store::{
    ConflictPolicy, Millis, OpenFetch, Outcome, PayloadId, Reason, Remap, StoreError,
};
use orderbridge_event::{Code, Payload, PullError, Text, Trouble};

use super::tallies::Fetched;
use super::trip::Trip;
use super::walk::{Reader, Turn, WalkError};
use crate::clock;

/// How many notifications are read at once.
const PAGE: usize = 500;
/// How many things are fetched before the list is read again: what is named twice is fetched once.
const BATCH: usize = 50;

/// What is open: notifications, and the things that they name.
#[derive(Debug, Default)]
struct Open {
    notices: Vec<Notice>,
    /// Each thing once, in the order of the first notification that names it.
    things: Vec<Thing>,
}

/// A notification.
#[derive(Debug)]
struct Notice {
    payload: PayloadId,
    received_at: Millis,
    /// How many of the things that it names are not fetched yet.
    left: usize,
    /// Why one of them cannot be.
    trouble: Option<PullError>,
}

/// Something to be fetched.
#[derive(Debug)]
struct Thing {
    what: Text,
    /// The places of the notifications that name it.
    named_by: Vec<usize>,
}

/// Things that were asked for in vain, and when they are asked for again.
#[derive(Debug, Default)]
pub(super) struct Postponed(BTreeMap<Text, (u32, Millis)>);

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
        let is_open = |what: &Text| things.iter().any(|thing| thing.what == *what);
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
                Err(WalkError::Pull(error)) if self.is_final(&error, since, now) => Some(error),
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
        let mut places: BTreeMap<Text, usize> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.store.open_fetches(&source.name, after, PAGE).await?;
            let is_last = page.len() < PAGE;
            after = page.last().map(|fetch| fetch.payload);
            for fetch in page {
                let names = self.named_by(&fetch);
                if names.is_empty() {
                    // Another version of the adapter understood it.
                    let message = "it no longer names anything to fetch";
                    let reason = Reason::new(Code::PayloadUnknown.as_str(), message);
                    let outcome = Outcome::Unmappable(reason);
                    self.settle(fetch.payload, outcome).await?;
                    continue;
                }
                let notice = open.notices.len();
                open.notices.push(Notice {
                    payload: fetch.payload,
                    received_at: fetch.received_at,
                    left: names.len(),
                    trouble: None,
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

    fn named_by(&self, open: &OpenFetch) -> Vec<Text> {
        let payload = Payload {
            topic: &open.topic,
            body: &open.body,
        };
        let pull = self.route.source.platform.pull;
        pull.map(|pull| pull.wakes(payload)).unwrap_or_default()
    }

    async fn fetch(&self, what: &Text) -> Result<(), WalkError> {
        let mut trip = Trip::to(self.account.api().fetch(what)?);
        while self.turn(&mut trip).await? != Turn::Done {}
        Ok(())
    }

    /// Whether there is no use in asking again.
    fn is_final(&self, error: &PullError, since: Millis, now: Millis) -> bool {
        match error.trouble {
            Trouble::Refused | Trouble::Answer => true,
            Trouble::Missing => now.since(since) >= self.account.patience().missing,
            Trouble::Unavailable | Trouble::Credentials => false,
        }
    }

    /// One of the things that a notification names is fetched or cannot be; after the last one the
    /// notification is settled.
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
            None => {
                let message = "what it names was fetched";
                let reason = Reason::new(Code::PullFetched.as_str(), message);
                (Fetched::Done, Outcome::Ignored(reason))
            }
            Some(error) => {
                let source = self.route.source.name.as_str();
                tracing::warn!(source, %error, "a notification was put aside");
                let code = error.trouble.code().as_str();
                let reason = Reason::new(code, error.message.clone());
                (Fetched::Parked, Outcome::Unmappable(reason))
            }
        };
        self.settle(notice.payload, outcome).await?;
        self.account.tallies().fetched(how);
        Ok(())
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
