//! `queue retry --remap`: today's adapter over stored payloads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use orderbridge_connect::{Again, NotMapped, Routes, remap};
use orderbridge_core::store::{EventOutcome, Filter, Millis, PayloadId, Reason, Store};

use super::pages::Pages;
use super::{Told, failed};
use crate::config::Config;
use crate::run::route;
use crate::{Exit, Failed};

/// What became of all of them.
#[derive(Debug, Default)]
struct Tally {
    mapped: u64,
    /// Of these: nothing more is sent, since all events were known.
    known: u64,
    /// Of these: other bytes came out than were stored first, which stay.
    kept: u64,
    ignored: u64,
    /// What the platform's API has to tell is fetched first.
    waiting: u64,
    failed: u64,
    codes: BTreeMap<(&'static str, String), u64>,
    gone: u64,
    requests: u64,
    no_source: BTreeMap<String, u64>,
}

pub(super) async fn retry(
    store: &dyn Store,
    filter: Filter,
    config: Option<&Config>,
    now: Millis,
) -> Result<Told, Failed> {
    let config = config.ok_or_else(|| {
        let message = "--remap needs the configuration of the sources; name it with --config";
        (Exit::Usage, message.to_owned())
    })?;
    let routes: Routes = route::for_mapping(config)?;
    let mut tally = Tally::default();
    // Several deliveries may have come with one payload.
    let mut done = BTreeSet::new();
    let mut pages = Pages::new(filter);
    while let Some(items) = pages.next(store).await? {
        for item in items {
            if done.insert(item.position.payload) {
                let payload = PayloadId::new(item.position.payload);
                let again = remap(&routes, store, payload, now).await;
                tally.add(again.map_err(|error| failed(&error))?);
            }
        }
    }
    Ok(tally.told())
}

impl Tally {
    fn add(&mut self, again: Again) {
        match again {
            Again::Events(events) => {
                use EventOutcome::{ConflictSent, Kept, New, Replaced};
                self.mapped += 1;
                let sends =
                    |it: &EventOutcome| matches!(it, New(_) | Replaced(_) | ConflictSent(_));
                self.known += u64::from(!events.iter().any(sends));
                self.kept += u64::from(events.iter().any(|it| matches!(it, Kept(_))));
            }
            Again::Ignored(reason) => {
                self.ignored += 1;
                self.note("ignored", reason);
            }
            Again::Waits => self.waiting += 1,
            Again::Failed(reason) => {
                self.failed += 1;
                self.note("failed", reason);
            }
            Again::Left(NotMapped::Gone) => self.gone += 1,
            Again::Left(NotMapped::Request) => self.requests += 1,
            Again::Left(NotMapped::NoSource(source)) => {
                *self.no_source.entry(source).or_default() += 1;
            }
        }
    }

    fn note(&mut self, what: &'static str, reason: Reason) {
        *self.codes.entry((what, reason.code)).or_default() += 1;
    }

    fn told(self) -> Told {
        let Self {
            mapped,
            ignored,
            failed,
            ..
        } = self;
        let all = mapped + ignored + failed;
        let mut text = format!(
            "{all} mapped again: {mapped} became events, {ignored} ignored, {failed} failed still\n"
        );
        for ((what, code), count) in &self.codes {
            let _ = writeln!(text, "  {what:<8} {count:>6}  {code}");
        }
        let mut line = |count: u64, what: &str| {
            if count > 0 {
                let _ = writeln!(text, "  {count} {what}");
            }
        };
        line(self.known, "of them bring nothing new to send");
        line(
            self.kept,
            "of them differ from what was stored first, which stays (see `conflict` of the source)",
        );
        line(
            self.waiting,
            "wait for what the platform's API has to tell; the running connector asks it",
        );
        line(self.gone, "left: their bytes are not kept any more");
        line(self.requests, "left: requests of a platform, not orders");
        for (source, count) in &self.no_source {
            line(
                *count,
                &format!("left: their source {source:?} is not configured"),
            );
        }
        let some_left = failed > 0 || !self.no_source.is_empty();
        Told {
            stdout: String::new(),
            stderr: text,
            exit: if some_left { Exit::Some } else { Exit::Done },
        }
    }
}
