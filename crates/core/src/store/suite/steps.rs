//! Random walks through a store, with a model beside it.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;

use super::super::{
    Accepted, Claimed, Command, DeliveryId, DestinationChange, EventOutcome, Filter, ItemId, Lane,
    Millis, Page, Reason, RedactTarget, Retention, Selection, State, Store, SubjectHash, Verdict,
};
use super::make::{MAIN, at, balance, bytes, due, intake, settlement};
use super::{Bench, Model};

/// What happens to a delivery that was claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It arrives.
    Delivered,
    /// It is to be tried again after so many seconds.
    Retry(u8),
    /// It is put aside.
    Parked,
    /// It is given back untried.
    Released,
}

/// One step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A version of an order comes in, to be held for so many seconds.
    Accept {
        /// Which order.
        order: u32,
        /// Which version.
        version: u32,
        /// For how long its event is held, if at all.
        hold: Option<u8>,
        /// Whether the commit fails: before it happens or after.
        fails: Option<bool>,
    },
    /// Work is claimed.
    Claim {
        /// From which lane.
        lane: Lane,
        /// How much.
        limit: usize,
    },
    /// One of the claims so far, good or not, is settled.
    Settle {
        /// Which claim.
        which: usize,
        /// How.
        then: Then,
        /// Whether the commit fails: before it happens or after.
        fails: Option<bool>,
    },
    /// One of the claims so far, good or not, is renewed.
    Renew {
        /// Which claim.
        which: usize,
    },
    /// Time passes, or the clock is set back.
    Wait(i16),
    /// The destination is paused, or goes on.
    Pause(bool),
    /// The destination asks everybody to wait for so many seconds.
    NotBefore(u8),
    /// An event is sent again.
    Retry(u32),
    /// An event is given up.
    Drop(u32),
    /// An order is erased.
    Redact(u32),
    /// What is done loses its body.
    Erase,
    /// The store is dropped and opened again.
    Crash,
}

struct Walk<'a> {
    bench: &'a dyn Bench,
    /// Absent only while it is opened again.
    store: Option<Box<dyn Store>>,
    model: Model,
    now: Millis,
    claims: Vec<Claimed>,
    /// The bytes of the first attempt of each delivery.
    sent: HashMap<DeliveryId, Bytes>,
}

/// Walks through a new store. After each step it must be as the model says.
pub async fn walk(bench: &dyn Bench, steps: &[Step]) {
    let mut walk = Walk {
        bench,
        store: Some(bench.open().await),
        model: Model::default(),
        now: at(0),
        claims: Vec::new(),
        sent: HashMap::new(),
    };
    for step in steps {
        walk.take(*step).await;
        walk.compare().await;
    }
}

impl Walk<'_> {
    async fn take(&mut self, step: Step) {
        match step {
            Step::Accept {
                order,
                version,
                hold,
                fails,
            } => self.accept(order, version, hold, fails).await,
            Step::Claim { lane, limit } => self.claim(lane, limit).await,
            Step::Settle { which, then, fails } => self.settle(which, then, fails).await,
            Step::Renew { which } => self.renew(which).await,
            Step::Wait(seconds) => {
                self.now = Millis::new(self.now.get() + i64::from(seconds) * 1_000);
            }
            Step::Pause(paused) => self.pause(paused).await,
            Step::NotBefore(seconds) => self.not_before(seconds).await,
            Step::Retry(order) => self.retry(order).await,
            Step::Drop(order) => self.drop_event(order).await,
            Step::Redact(order) => self.redact(order).await,
            Step::Erase => self.erase().await,
            Step::Crash => self.crash().await,
        }
    }

    async fn accept(&mut self, order: u32, version: u32, hold: Option<u8>, fails: Option<bool>) {
        let hold = hold.map(|seconds| self.later(seconds));
        let mut payload = intake(order, version, self.now);
        payload.hold_until = hold;
        payload.subjects = vec![subject(order)];
        if let Some(done) = fails {
            self.bench.fail_commit(done);
            let answer = self.store().accept(Page::one(payload)).await;
            assert!(answer.is_err(), "a failed commit is not an answer");
            if done {
                let filter = Filter {
                    event_id: Some(format!("order-{order}")),
                    ..Filter::default()
                };
                let items = super::make::items(self.store(), filter).await;
                let ItemId::Delivery(id) = items[0].id else {
                    panic!("not a delivery");
                };
                self.model.accept(order, version, (self.now, hold), id);
            }
            return;
        }
        let accepted = self.store().accept(Page::one(payload)).await.unwrap();
        let [Accepted::Stored { events, .. }] = accepted.as_slice() else {
            panic!("{accepted:?}");
        };
        let id = events[0].delivery();
        let expected: EventOutcome = self.model.accept(order, version, (self.now, hold), id);
        assert_eq!(events.as_slice(), [expected]);
    }

    async fn claim(&mut self, lane: Lane, limit: usize) {
        let due = due(lane, limit, self.now);
        let (claim, until) = (due.claim, due.lease_until);
        let claimed = self.store().claim(due).await.unwrap();
        let expected = self.model.claim(lane, limit, claim, self.now, until);
        let ids: Vec<DeliveryId> = claimed.iter().map(|it| it.id).collect();
        let known = |order: &u32| self.model.known[order].id;
        assert_eq!(ids, expected.iter().map(known).collect::<Vec<_>>());
        for (claimed, order) in claimed.iter().zip(&expected) {
            let known = &self.model.known[order];
            assert_eq!(claimed.attempts, known.attempts);
            assert_eq!(*claimed.body, bytes(*order, known.version));
            if let Some(first) = self.sent.get(&claimed.id) {
                assert_eq!(*claimed.body, *first, "the bytes of a key never change");
            }
        }
        self.claims.extend(claimed);
    }

    async fn settle(&mut self, which: usize, then: Then, fails: Option<bool>) {
        let Some(claimed) = self.pick(which) else {
            return;
        };
        let retry_at = match then {
            Then::Retry(seconds) => Some(self.later(seconds)),
            _ => None,
        };
        let (state, verdict) = match then {
            Then::Delivered => (State::Delivered, Verdict::Delivered),
            Then::Retry(seconds) => {
                let not_before = self.later(seconds);
                (State::Pending, Verdict::Retry { not_before })
            }
            Then::Parked => {
                let reason = Reason::new(Reason::REJECTED, "");
                (State::Parked, Verdict::Parked(reason))
            }
            Then::Released => (State::Pending, Verdict::Released),
        };
        let tried = then != Then::Released;
        let batch = vec![settlement(&claimed, verdict, self.now)];
        if let Some(done) = fails {
            self.bench.fail_commit(done);
        }
        let settled = self.store().settle(batch).await;
        let happens = fails != Some(false);
        let applied = happens
            && self
                .model
                .settle(claimed.id, claimed.claim, (state, tried), retry_at);
        match settled {
            Ok(settled) => assert_eq!(settled.applied == 1, applied),
            Err(_) => assert!(fails.is_some()),
        }
        if applied && tried {
            self.sent
                .entry(claimed.id)
                .or_insert((*claimed.body).clone());
        }
    }

    async fn renew(&mut self, which: usize) {
        let Some(claimed) = self.pick(which) else {
            return;
        };
        let until = self.now.plus(Duration::from_secs(90));
        let renewed = self
            .store()
            .renew(claimed.claim, vec![claimed.id], until)
            .await;
        let expected = self.model.renew(claimed.id, claimed.claim, until);
        assert_eq!(renewed.unwrap().len(), usize::from(expected));
    }

    async fn pause(&mut self, paused: bool) {
        let change = if paused {
            DestinationChange::Pause(Reason::new("by_hand", ""))
        } else {
            DestinationChange::Resume
        };
        let changed = self
            .store()
            .change_destination(MAIN, change, self.now)
            .await;
        assert_eq!(changed.unwrap().paused.is_some(), paused);
        self.model.pause(paused);
    }

    async fn not_before(&mut self, seconds: u8) {
        let until = self.later(seconds);
        let change = DestinationChange::NotBefore(Some(until));
        let changed = self
            .store()
            .change_destination(MAIN, change, self.now)
            .await;
        assert_eq!(changed.unwrap().not_before, Some(until));
        self.model.wait_until(until);
    }

    async fn retry(&mut self, order: u32) {
        let Some(items) = self.one(order) else { return };
        let command = Command::Retry {
            items,
            delivered: true,
        };
        let applied = self.store().apply(command, self.now).await.unwrap();
        let before = self.model.known[&order].state;
        if applied.changed == 1 {
            assert!(self.model.retry(order));
        } else {
            // It may have lost its body, if it was done.
            let done = matches!(before, State::Delivered | State::Dropped | State::Sending);
            assert!(done, "{before:?}");
        }
    }

    async fn drop_event(&mut self, order: u32) {
        let Some(items) = self.one(order) else { return };
        let reason = Reason::new("by_hand", "");
        let command = Command::Drop { items, reason };
        let applied = self.store().apply(command, self.now).await.unwrap();
        assert_eq!(applied.changed == 1, self.model.drop_event(order));
    }

    async fn redact(&mut self, order: u32) {
        let command = Command::Redact {
            target: RedactTarget::Subjects(vec![subject(order)]),
            request: None,
        };
        self.store().apply(command, self.now).await.unwrap();
        self.model.redact(order);
    }

    async fn erase(&mut self) {
        let retention = Retention {
            bodies_before: self.now,
            orders_before: self.now,
            after: None,
            limit: 1_000,
        };
        self.store().erase(retention).await.unwrap();
    }

    async fn crash(&mut self) {
        // Opened before the old one is gone, it would find the lock.
        drop(self.store.take());
        self.store = Some(self.bench.open().await);
        // Whether a restart or the end of their leases gives them back: by now they are.
        if let Some(last) = self.model.last_lease() {
            self.now = self.now.max(last);
        }
        self.claim(Lane::Retry, 0).await;
    }

    async fn compare(&self) {
        let accounts = balance(self.store()).await;
        assert_eq!(accounts.payloads, self.model.payloads);
        assert_eq!(accounts.deliveries, self.model.known.len() as u64);
        for (order, known) in &self.model.known {
            let id = ItemId::Delivery(known.id);
            let detail = self.store().show(id).await.unwrap().unwrap();
            let item = &detail.item;
            assert_eq!((item.state, item.attempts), (known.state, known.attempts));
            if known.redacted {
                let kept = detail.attempts.iter().any(|it| !it.answer.is_empty());
                assert!(!kept, "{order}: an answer may quote what was erased");
                assert!(detail.raw.is_none(), "{order}: the payload is still there");
            }
            let done = matches!(known.state, State::Delivered | State::Dropped);
            match &detail.event {
                Some(event) => {
                    assert!(!known.redacted);
                    assert_eq!(*event.body, bytes(*order, known.version));
                }
                None => assert!(done, "{order} lost its body"),
            }
        }
    }

    fn store(&self) -> &dyn Store {
        self.store.as_deref().unwrap()
    }

    fn later(&self, seconds: u8) -> Millis {
        self.now.plus(Duration::from_secs(seconds.into()))
    }

    fn pick(&self, which: usize) -> Option<Claimed> {
        let place = which.checked_rem(self.claims.len())?;
        self.claims.get(place).cloned()
    }

    fn one(&self, order: u32) -> Option<Selection> {
        let known = self.model.known.get(&order)?;
        Some(Selection::all(Filter {
            ids: Some(vec![ItemId::Delivery(known.id)]),
            ..Filter::default()
        }))
    }
}

fn subject(order: u32) -> SubjectHash {
    let mut bytes = [0; SubjectHash::LENGTH];
    bytes[..4].copy_from_slice(&order.to_be_bytes());
    SubjectHash::from_bytes(bytes)
}
