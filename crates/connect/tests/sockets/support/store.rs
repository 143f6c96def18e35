//! A store that forgets all when it is dropped, and fails when it is told to. It keeps to the
//! contract as far as the receiver can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use orderbridge_core::store::*;
use orderbridge_event::{KnownOrder, Refunded};
use tokio::sync::Semaphore;

/// What a store knows.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) intakes: Vec<Intake>,
    pub(crate) outcomes: Vec<Accepted>,
    ids: BTreeMap<(String, String), PayloadId>,
    /// By destination, name and id: body, hold, time of the version.
    pub(crate) events: BTreeMap<(String, String, String), Event>,
    orders: BTreeMap<(String, String), Private<KnownOrder>>,
    seen: BTreeMap<SubjectHash, BTreeSet<String>>,
    pub(crate) commands: Vec<Command>,
    done: BTreeSet<PayloadId>,
}

/// A stored event.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) id: DeliveryId,
    pub(crate) body: Private<bytes::Bytes>,
    pub(crate) order_key: Option<String>,
    pub(crate) held_until: Option<Millis>,
    updated_at: Option<Millis>,
}

/// A store in memory.
#[derive(Default)]
pub(crate) struct Memory {
    known: Mutex<Known>,
    failure: Mutex<Option<StoreErrorKind>>,
    /// Set to make `accept` wait for `gate`.
    is_gated: AtomicBool,
    pub(crate) gate: Gate,
    pub(crate) waiting: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) disk_free: AtomicU64,
}

/// Opens for as many as it is told to.
pub(crate) struct Gate(pub(crate) Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Memory {
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap()
    }

    /// Fails from now on, or no longer.
    pub(crate) fn fail(&self, kind: Option<StoreErrorKind>) {
        *self.failure.lock().unwrap() = kind;
    }

    /// Makes commits wait until the gate is opened.
    pub(crate) fn hold_up(&self) {
        self.is_gated.store(true, Ordering::SeqCst);
    }

    fn check(&self, operation: &'static str) -> Result<(), StoreError> {
        match *self.failure.lock().unwrap() {
            Some(kind) => Err(StoreError::new(operation, kind)),
            None => Ok(()),
        }
    }

    /// The body of the only event with this name, as text.
    pub(crate) fn event(&self, name: &str) -> String {
        let known = self.known();
        let mut found = known.events.iter().filter(|((_, it, _), _)| it == name);
        let (_, event) = found.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(found.next().is_none(), "more than one {name}");
        String::from_utf8(event.body.to_vec()).unwrap()
    }

    /// The codes of what did not become events, in order.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let known = self.known();
        let reason = |intake: &Intake| match &intake.outcome {
            Outcome::Ignored(reason) | Outcome::Unmappable(reason) => Some(reason.code.clone()),
            _ => None,
        };
        known.intakes.iter().filter_map(reason).collect()
    }
}

impl Known {
    fn take(&mut self, intake: Intake) -> Accepted {
        let payload = PayloadId::new(self.intakes.len() as i64 + 1);
        if let Some(id) = &intake.delivery_id {
            let key = (intake.source.clone(), id.clone());
            if let Some(first) = self.ids.get(&key) {
                return Accepted::Duplicate { payload: *first };
            }
            self.ids.insert(key, payload);
        }
        let order = intake.order.as_ref();
        if let Some(order) = order.filter(|order| order.known.is_some()) {
            let key = (intake.source.clone(), order.key.clone());
            self.orders.insert(key, order.known.clone().unwrap());
        }
        let mut events = Vec::new();
        if let Outcome::Events(new) = &intake.outcome {
            for event in new {
                events.push(self.event(event, &intake));
            }
        }
        self.intakes.push(intake);
        Accepted::Stored {
            payload,
            events,
            same_id: Vec::new(),
        }
    }

    fn event(&mut self, new: &NewEvent, intake: &Intake) -> EventOutcome {
        let key = (new.destination.clone(), new.name.clone(), new.id.clone());
        let updated_at = intake.order.as_ref().and_then(|order| order.updated_at);
        if let Some(old) = self.events.get_mut(&key) {
            if *old.body == *new.body {
                return EventOutcome::Duplicate(old.id);
            }
            if old.held_until.is_none() {
                return EventOutcome::Kept(old.id);
            }
            if updated_at <= old.updated_at {
                return EventOutcome::Older(old.id);
            }
            old.body = new.body.clone();
            old.updated_at = updated_at;
            return EventOutcome::Replaced(old.id);
        }
        let id = DeliveryId::new(self.events.len() as i64 + 1);
        let event = Event {
            id,
            body: new.body.clone(),
            order_key: intake.order.as_ref().map(|order| order.key.clone()),
            held_until: intake.hold_until,
            updated_at,
        };
        self.events.insert(key, event);
        EventOutcome::New(id)
    }
}

#[async_trait]
impl Store for Memory {
    async fn accept(&self, page: Page) -> Result<Vec<Accepted>, StoreError> {
        self.check("accept")?;
        if self.is_gated.load(Ordering::SeqCst) {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            self.gate.0.acquire().await.unwrap().forget();
        }
        let mut known = self.known();
        let accepted: Vec<_> = page.intakes.into_iter().map(|it| known.take(it)).collect();
        known.outcomes.extend(accepted.clone());
        self.commits.fetch_add(1, Ordering::SeqCst);
        Ok(accepted)
    }

    async fn known_order(
        &self,
        source: &str,
        order_key: &str,
    ) -> Result<Option<Private<KnownOrder>>, StoreError> {
        self.check("look an order up")?;
        let key = (source.to_owned(), order_key.to_owned());
        Ok(self.known().orders.get(&key).cloned())
    }

    async fn refunded(&self, _: &str, _: &str) -> Result<Refunded, StoreError> {
        self.check("look refunds up")?;
        Ok(Refunded::default())
    }

    async fn seen(&self, customer: Customer) -> Result<Seen, StoreError> {
        self.check("look a customer up")?;
        let mut known = self.known();
        let mut returning = false;
        for subject in customer.subjects {
            let orders = known.seen.entry(subject).or_default();
            returning |= orders.iter().any(|order| *order != customer.order_key);
            orders.insert(customer.order_key.clone());
        }
        let complete = customer
            .complete_from
            .is_some_and(|it| it <= customer.ordered_at);
        Ok(match (returning, complete) {
            (true, _) => Seen::Returning,
            (false, true) => Seen::New,
            (false, false) => Seen::Unknown,
        })
    }

    async fn subject_key(&self) -> Result<SubjectKey, StoreError> {
        self.check("give its key")?;
        Ok(SubjectKey::new([7; 32]))
    }

    async fn list(&self, list: List) -> Result<Vec<Item>, StoreError> {
        self.check("list")?;
        assert_eq!(list.filter.states, Some(vec![State::Held]));
        let known = self.known();
        let held = known.events.iter().filter(|((destination, ..), event)| {
            event.held_until.is_some()
                && event.order_key == list.filter.order_key
                && Some(destination) == list.filter.destination.as_ref()
        });
        let item = |(_, event): (_, &Event)| Item {
            id: ItemId::Delivery(event.id),
            position: Position {
                payload: 1,
                delivery: event.id.get(),
            },
            state: State::Held,
            source: "us-store".to_owned(),
            topic: String::new(),
            order_key: event.order_key.clone(),
            event: None,
            attempts: 0,
            reason: None,
            received_at: Millis::new(0),
            not_before: event.held_until,
            settled_at: None,
        };
        Ok(held.map(item).take(list.limit).collect())
    }

    async fn find(&self, _: RedactTarget) -> Result<Vec<PayloadId>, StoreError> {
        unreachable!()
    }

    async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        self.check("count")?;
        let mut counts: BTreeMap<(State, Option<String>), u64> = BTreeMap::new();
        for intake in &self.known().intakes {
            let (state, reason) = match &intake.outcome {
                Outcome::Events(_) => (State::Pending, None),
                Outcome::Ignored(reason) => (State::Dropped, Some(reason.code.clone())),
                Outcome::Unmappable(reason) => (State::Parked, Some(reason.code.clone())),
                Outcome::Fetch => (State::Pending, Some(Reason::FETCH_PENDING.to_owned())),
                Outcome::Privacy(_) => (State::Parked, Some(Reason::DATA_REQUEST.to_owned())),
            };
            *counts.entry((state, reason)).or_default() += 1;
        }
        let count = |((state, reason), count)| Count {
            source: "us-store".to_owned(),
            destination: None,
            state,
            reason,
            count,
        };
        Ok(counts.into_iter().map(count).collect())
    }

    async fn backlog(&self, _: &str) -> Result<Backlog, StoreError> {
        self.check("tell its backlog")?;
        let oldest_pending = Some(Millis::new(1_000));
        Ok(Backlog { oldest_pending })
    }

    async fn destination(&self, destination: &str) -> Result<DestinationState, StoreError> {
        let paused = Paused {
            since: Millis::new(5),
            reason: Reason::new("token", "the token is wrong"),
        };
        Ok(DestinationState {
            paused: (destination == "paused").then_some(paused),
            ..DestinationState::default()
        })
    }

    async fn open_requests(&self) -> Result<Vec<OpenRequest>, StoreError> {
        self.check("tell its requests")?;
        let known = self.known();
        let mut open = Vec::new();
        for (place, intake) in known.intakes.iter().enumerate() {
            let payload = PayloadId::new(place as i64 + 1);
            if let (Outcome::Privacy(request), false) =
                (&intake.outcome, known.done.contains(&payload))
            {
                open.push(OpenRequest {
                    payload,
                    source: intake.source.clone(),
                    request: request.clone(),
                    subjects: intake.subjects.clone(),
                    received_at: intake.received_at,
                });
            }
        }
        Ok(open)
    }

    async fn health(&self) -> Result<Health, StoreError> {
        Ok(Health {
            writable: self.check("write").map_err(|error| error.kind),
            commit: Duration::from_micros(300),
            bytes: 4096,
            reusable_bytes: 0,
            wal_bytes: 0,
            disk_free_bytes: match self.disk_free.load(Ordering::SeqCst) {
                0 => None,
                free => Some(free),
            },
            schema_version: 1,
        })
    }

    async fn apply(&self, command: Command, _: Millis) -> Result<Applied, StoreError> {
        self.check("apply")?;
        let mut known = self.known();
        if let Command::Redact {
            request: Some(request),
            ..
        } = &command
        {
            known.done.insert(*request);
        }
        known.commands.push(command);
        Ok(Applied {
            changed: 1,
            ..Applied::default()
        })
    }

    // The receiver has no use for the rest.

    async fn cursor(&self, _: &str, _: &str) -> Result<Option<Cursor>, StoreError> {
        unreachable!()
    }
    async fn claim(&self, _: Due) -> Result<Vec<Claimed>, StoreError> {
        unreachable!()
    }
    async fn renew(
        &self,
        _: ClaimId,
        _: Vec<DeliveryId>,
        _: Millis,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        unreachable!()
    }
    async fn settle(&self, _: Vec<Settlement>) -> Result<Settled, StoreError> {
        unreachable!()
    }
    async fn next_due(&self, _: &str) -> Result<Option<Millis>, StoreError> {
        unreachable!()
    }
    async fn change_destination(
        &self,
        _: &str,
        _: DestinationChange,
        _: Millis,
    ) -> Result<DestinationState, StoreError> {
        unreachable!()
    }
    async fn show(&self, _: ItemId) -> Result<Option<Detail>, StoreError> {
        unreachable!()
    }
    async fn raw(&self, _: PayloadId) -> Result<Option<Raw>, StoreError> {
        unreachable!()
    }
    async fn open_fetches(
        &self,
        _: &str,
        _: Option<PayloadId>,
        _: usize,
    ) -> Result<Vec<OpenFetch>, StoreError> {
        unreachable!()
    }
    async fn accounts(&self) -> Result<Accounts, StoreError> {
        unreachable!()
    }
    async fn remap(&self, _: Remap) -> Result<Remapped, StoreError> {
        unreachable!()
    }
    async fn erase(&self, _: Retention) -> Result<Erased, StoreError> {
        unreachable!()
    }
    async fn close(&self) -> Result<(), StoreError> {
        unreachable!()
    }
}
