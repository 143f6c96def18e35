//! Lines become deliveries in the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use orderbridge_connect::subject;
use orderbridge_core::dispatch::{Clock as _, SystemClock};
use orderbridge_core::store::{
    Accepted, ConflictPolicy, DeliveryId, Direction, EventOutcome, Filter, Intake, Item, ItemId,
    List, Millis, NewEvent, Outcome, Page, PayloadId, Private, Reason, State, Store, SubjectHash,
    SubjectKey,
};
use orderbridge_event::SalesChannel;
use orderbridge_event::check::{Report, check};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::outbox::{Outbox, failed};
use super::{Line, SOURCE};
use crate::Failed;
use crate::send::ledger::Ledger;

/// Lines that share a commit.
const AT_ONCE: usize = 256;

/// Ids that are asked for at a time.
const ASKED: usize = 500;

/// What became of the lines so far.
pub(super) struct Enqueued {
    key: SubjectKey,
    ledger: Arc<Ledger>,
    checking: bool,
    destination: String,
    /// Stored now.
    pub(super) stored: u64,
    /// Stored before: the same event with the same bytes.
    pub(super) known: u64,
    /// Known with other bytes; what was stored first stays.
    pub(super) kept: u64,
    /// Erased on request before, and not taken.
    pub(super) redacted: u64,
    deliveries: Vec<DeliveryId>,
    /// Payloads that came in before, and what they became is still to be looked up.
    repeated: Vec<PayloadId>,
}

impl Enqueued {
    pub(super) async fn new(
        outbox: &Outbox,
        ledger: &Arc<Ledger>,
        checking: bool,
    ) -> Result<Self, Failed> {
        let key = outbox.store.subject_key().await;
        Ok(Self {
            key: key.map_err(|error| failed(&error))?,
            ledger: Arc::clone(ledger),
            checking,
            destination: outbox.name.clone(),
            stored: 0,
            known: 0,
            kept: 0,
            redacted: 0,
            deliveries: Vec::new(),
            repeated: Vec::new(),
        })
    }

    /// Stores all lines, as many in a commit as there are.
    pub(super) async fn take_all(
        &mut self,
        mut lines: mpsc::Receiver<Line>,
        outbox: &Outbox,
    ) -> Result<(), Failed> {
        let mut batch = Vec::with_capacity(AT_ONCE);
        while lines.recv_many(&mut batch, AT_ONCE).await > 0 {
            let intakes = batch.drain(..).map(|line| self.intake(line)).collect();
            let page = Page {
                intakes,
                cursor: None,
            };
            let accepted = outbox.store.accept(page).await;
            for accepted in accepted.map_err(|error| failed(&error))? {
                self.note(accepted);
            }
            if let Some(own) = &outbox.own {
                own.wake.notify_one();
            }
        }
        Ok(())
    }

    fn intake(&self, (place, body): Line) -> Intake {
        let report = check(&body);
        if self.checking {
            self.ledger.warned(&report.findings);
        }
        let now = SystemClock.now();
        let sendable = report.is_sendable() || !self.checking;
        let event = self.event(&report, &body, now).filter(|_| sendable);
        let (outcome, delivery_id, body) = if let Some(event) = event {
            let id = fingerprint(&event);
            // The bytes are the event's; they need not be kept twice.
            (Outcome::Events(vec![event]), Some(id), Bytes::new())
        } else {
            self.ledger.invalid(place, &body, &report.findings);
            (Outcome::Unmappable(why(&report)), None, body)
        };
        Intake {
            source: SOURCE.to_owned(),
            topic: "event".to_owned(),
            body: Private::new(body),
            delivery_id,
            sent_at: None,
            is_test: false,
            received_at: now,
            mapping: format!("send {}", env!("CARGO_PKG_VERSION")),
            order: None,
            hold_until: None,
            conflict: ConflictPolicy::KeepFirst,
            subjects: self.subjects(&report),
            outcome,
        }
    }

    /// The event under its own key; nothing when it has none.
    fn event(&self, report: &Report, body: &Bytes, now: Millis) -> Option<NewEvent> {
        let order_time = report.timestamp.map(|time| Millis::new(time.unix_millis()));
        Some(NewEvent {
            destination: self.destination.clone(),
            name: report.event_name.clone()?,
            id: report.event_id.clone()?,
            body: Private::new(body.clone()),
            // Only without a check is there none of the ten; it is shown, never sent.
            channel: report.channel.unwrap_or(SalesChannel::Web),
            because: match report.channel {
                Some(_) => "the body says so".to_owned(),
                None => "the body names none".to_owned(),
            },
            notes: Vec::new(),
            order_time: order_time.unwrap_or(now),
            dropped: None,
            refunded: None,
        })
    }

    fn subjects(&self, report: &Report) -> Vec<SubjectHash> {
        let people = report.people.iter();
        let mut hashes: Vec<SubjectHash> = people
            .filter_map(|identity| subject(&self.key, SOURCE, &[], identity))
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    fn note(&mut self, accepted: Accepted) {
        let events = match accepted {
            Accepted::Duplicate { payload } => return self.repeated.push(payload),
            Accepted::Stored { events, .. } => events,
        };
        for event in events {
            match event {
                EventOutcome::New(_) => self.stored += 1,
                EventOutcome::Redacted(_) => {
                    self.redacted += 1;
                    continue;
                }
                EventOutcome::Duplicate(_)
                | EventOutcome::Joined(_)
                | EventOutcome::Replaced(_)
                | EventOutcome::Older(_) => {
                    self.known += 1;
                }
                EventOutcome::Kept(_)
                | EventOutcome::ConflictParked(_)
                | EventOutcome::ConflictSent(_) => {
                    self.kept += 1;
                }
            }
            self.deliveries.push(event.delivery());
        }
    }

    /// The deliveries of all lines, each once.
    pub(super) async fn deliveries(&mut self, outbox: &Outbox) -> Result<Vec<DeliveryId>, Failed> {
        for chunk in std::mem::take(&mut self.repeated).chunks(ASKED) {
            let filter = Filter {
                payloads: Some(chunk.to_vec()),
                ..Filter::default()
            };
            for item in items(&*outbox.store, filter).await? {
                if let ItemId::Delivery(id) = item.id {
                    self.known += 1;
                    self.deliveries.push(id);
                }
            }
        }
        self.deliveries.sort_unstable();
        self.deliveries.dedup();
        Ok(self.deliveries.clone())
    }

    /// How many deliveries of the lines are in which state now.
    pub(super) async fn fates(&mut self, outbox: &Outbox) -> Result<BTreeMap<State, u64>, Failed> {
        let mut fates = BTreeMap::new();
        for chunk in self.deliveries(outbox).await?.chunks(ASKED) {
            for item in states(&*outbox.store, chunk).await? {
                *fates.entry(item.state).or_default() += 1;
            }
        }
        Ok(fates)
    }
}

/// These deliveries as they are now.
pub(super) async fn states(store: &dyn Store, ids: &[DeliveryId]) -> Result<Vec<Item>, Failed> {
    let filter = Filter {
        ids: Some(ids.iter().copied().map(ItemId::Delivery).collect()),
        ..Filter::default()
    };
    items(store, filter).await
}

async fn items(store: &dyn Store, filter: Filter) -> Result<Vec<Item>, Failed> {
    let list = List {
        filter,
        direction: Direction::OldestFirst,
        after: None,
        limit: ASKED * 2,
    };
    store.list(list).await.map_err(|error| failed(&error))
}

/// Tells the same line of a file that is sent again.
fn fingerprint(event: &NewEvent) -> String {
    let mut hash = Sha256::new();
    for part in [&event.destination, &event.name, &event.id] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(&event.body[..]);
    let bytes = hash.finalize();
    let hex: Vec<String> = bytes
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    hex.concat()
}

fn why(report: &Report) -> Reason {
    let first = report.errors().next();
    first.map_or_else(
        || Reason::new("body.missing", "there is no event name or no event id"),
        |finding| Reason {
            code: finding.code.as_str().to_owned(),
            // The summary, unlike the message, can't hold anything of the event.
            message: finding.code.summary().to_owned(),
            path: Some(finding.path.clone()).filter(|path| !path.is_empty()),
        },
    )
}
