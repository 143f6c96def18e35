//! A store in memory that does what delivery needs of one, and can be told to fail.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::store::*;

#[derive(Clone, Debug)]
pub(super) enum At {
    Pending,
    Claimed { claim: ClaimId, until: Millis },
    Delivered,
    Parked(Reason),
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) body: Bytes,
    pub(super) at: At,
    pub(super) lane: Lane,
    pub(super) not_before: Millis,
    pub(super) attempts: u32,
    pub(super) first: Option<FirstAttempt>,
    pub(super) received_at: Millis,
    pub(super) history: Vec<Attempt>,
    /// How often it was settled for good.
    pub(super) finals: u32,
}

#[derive(Debug, Default)]
struct Inner {
    rows: BTreeMap<DeliveryId, Row>,
    state: DestinationState,
    stale: usize,
    claims: Vec<(Lane, usize)>,
    groups: Vec<usize>,
    failing: Option<StoreErrorKind>,
    /// Changes happen although the answer is a failure.
    but_done: bool,
}

#[derive(Debug, Default)]
pub(super) struct Volatile(Mutex<Inner>);

impl Volatile {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub(super) fn put(&self, count: usize, now: Millis) {
        let mut inner = self.lock();
        for _ in 0..count {
            let id = i64::try_from(inner.rows.len()).unwrap() + 1;
            let row = Row {
                body: Bytes::from(id.to_string()),
                at: At::Pending,
                lane: Lane::Fresh,
                not_before: Millis::new(0),
                attempts: 0,
                first: None,
                received_at: now,
                history: Vec::new(),
                finals: 0,
            };
            inner.rows.insert(DeliveryId::new(id), row);
        }
    }

    pub(super) fn alter(&self, id: i64, change: impl FnOnce(&mut Row)) {
        change(self.lock().rows.get_mut(&DeliveryId::new(id)).unwrap());
    }

    pub(super) fn row(&self, id: i64) -> Row {
        self.lock().rows[&DeliveryId::new(id)].clone()
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        self.lock().rows.values().cloned().collect()
    }

    pub(super) fn state(&self) -> DestinationState {
        self.lock().state.clone()
    }

    pub(super) fn change(&self, change: &DestinationChange, now: Millis) {
        let mut inner = self.lock();
        inner.state = inner.state.clone().after(change, now);
    }

    pub(super) fn fail(&self, failing: Option<StoreErrorKind>, but_done: bool) {
        let mut inner = self.lock();
        inner.failing = failing;
        inner.but_done = but_done;
    }

    pub(super) fn count(&self, is: impl Fn(&At) -> bool) -> usize {
        self.lock().rows.values().filter(|row| is(&row.at)).count()
    }

    pub(super) fn delivered(&self) -> usize {
        self.count(|at| matches!(at, At::Delivered))
    }

    pub(super) fn parked(&self, code: &str) -> usize {
        self.count(|at| matches!(at, At::Parked(reason) if reason.code == code))
    }

    pub(super) fn claimed(&self) -> usize {
        self.count(|at| matches!(at, At::Claimed { .. }))
    }

    pub(super) fn stale(&self) -> usize {
        self.lock().stale
    }

    pub(super) fn groups(&self) -> Vec<usize> {
        self.lock().groups.clone()
    }
}

fn unsupported<T>(operation: &'static str) -> Result<T, StoreError> {
    Err(StoreError::new(operation, StoreErrorKind::Unsupported))
}

impl Inner {
    fn check(&self, operation: &'static str) -> Result<(), StoreError> {
        match self.failing {
            Some(kind) => Err(StoreError::new(operation, kind)),
            None => Ok(()),
        }
    }

    fn claim(&mut self, due: &Due) -> Vec<Claimed> {
        let idle = self.state.idle(due.now);
        for row in self.rows.values_mut() {
            if let At::Claimed { until, .. } = row.at
                && until <= due.now
            {
                row.at = At::Pending;
                row.lane = Lane::Retry;
                row.attempts += 1;
                row.first.get_or_insert(FirstAttempt { at: due.now, idle });
            }
        }
        let waits = self.state.not_before.is_some_and(|until| until > due.now);
        if due.probe.is_none() && (self.state.paused.is_some() || waits) {
            return Vec::new();
        }
        let mut ids: Vec<(Millis, DeliveryId)> = self
            .rows
            .iter()
            .filter(|(_, row)| {
                matches!(row.at, At::Pending) && row.lane == due.lane && row.not_before <= due.now
            })
            .map(|(id, row)| (row.not_before, *id))
            .collect();
        ids.sort();
        if due.probe == Some(End::Newest) {
            ids.reverse();
        }
        self.claims.push((due.lane, ids.len().min(due.limit)));
        let mut claimed = Vec::new();
        for (due_at, id) in ids.into_iter().take(due.limit) {
            let row = self.rows.get_mut(&id).unwrap();
            row.at = At::Claimed {
                claim: due.claim,
                until: due.lease_until,
            };
            claimed.push(Claimed {
                id,
                claim: due.claim,
                source: String::from("shop"),
                event_name: String::from("Placed Order"),
                event_id: id.get().to_string(),
                body: Private::new(row.body.clone()),
                attempts: row.attempts,
                first_attempt: row.first,
                received_at: row.received_at,
                order_time: row.received_at,
                due_at: due_at.max(row.received_at),
            });
        }
        claimed
    }

    fn settle(&mut self, settlements: Vec<Settlement>) -> Settled {
        self.groups.push(settlements.len());
        let mut settled = Settled::default();
        for settlement in settlements {
            let row = self.rows.get_mut(&settlement.id).unwrap();
            if !matches!(row.at, At::Claimed { claim, .. } if claim == settlement.claim) {
                self.stale += 1;
                settled.stale.push(settlement.id);
                continue;
            }
            settled.applied += 1;
            if let Some(attempt) = settlement.attempt {
                row.attempts += u32::from(attempt.spent);
                let (at, idle) = (attempt.at, attempt.idle);
                row.first.get_or_insert(FirstAttempt { at, idle });
                row.history.push(attempt);
            }
            row.at = At::Pending;
            match settlement.verdict {
                Verdict::Delivered => row.at = At::Delivered,
                Verdict::Parked(reason) => row.at = At::Parked(reason),
                Verdict::Retry { not_before } => {
                    row.lane = Lane::Retry;
                    row.not_before = not_before;
                }
                Verdict::HeldBack { not_before } => row.not_before = not_before,
                Verdict::Released => {}
            }
            row.finals += u32::from(!matches!(row.at, At::Pending));
        }
        settled
    }
}

#[async_trait]
impl Store for Volatile {
    async fn claim(&self, due: Due) -> Result<Vec<Claimed>, StoreError> {
        let mut inner = self.lock();
        inner.check("claim")?;
        Ok(inner.claim(&due))
    }

    async fn renew(
        &self,
        claim: ClaimId,
        deliveries: Vec<DeliveryId>,
        to: Millis,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let mut inner = self.lock();
        inner.check("renew")?;
        let mut kept = Vec::new();
        for id in deliveries {
            if let At::Claimed { claim: held, until } = &mut inner.rows.get_mut(&id).unwrap().at
                && *held == claim
            {
                *until = to;
                kept.push(id);
            }
        }
        Ok(kept)
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<Settled, StoreError> {
        // A commit takes a moment.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let mut inner = self.lock();
        let fails = inner.check("settle");
        if fails.is_ok() || inner.but_done {
            let settled = inner.settle(settlements);
            return fails.map(|()| settled);
        }
        fails.map(|()| Settled::default())
    }

    async fn next_due(&self, _: &str) -> Result<Option<Millis>, StoreError> {
        let inner = self.lock();
        inner.check("look ahead")?;
        let times = inner.rows.values().filter_map(|row| match row.at {
            At::Pending => Some(row.not_before),
            At::Claimed { until, .. } => Some(until),
            At::Delivered | At::Parked(_) => None,
        });
        Ok(times.min())
    }

    async fn destination(&self, _: &str) -> Result<DestinationState, StoreError> {
        let inner = self.lock();
        inner.check("read")?;
        Ok(inner.state.clone())
    }

    async fn change_destination(
        &self,
        _: &str,
        change: DestinationChange,
        now: Millis,
    ) -> Result<DestinationState, StoreError> {
        self.lock().check("change")?;
        self.change(&change, now);
        Ok(self.state())
    }

    async fn accept(&self, _: Page) -> Result<Vec<Accepted>, StoreError> {
        unsupported("accept")
    }

    async fn cursor(&self, _: &str, _: &str) -> Result<Option<Cursor>, StoreError> {
        unsupported("cursor")
    }

    async fn known_order(
        &self,
        _: &str,
        _: &str,
    ) -> Result<Option<Private<orderbridge_event::KnownOrder>>, StoreError> {
        unsupported("known_order")
    }

    async fn refunded(&self, _: &str, _: &str) -> Result<orderbridge_event::Refunded, StoreError> {
        unsupported("refunded")
    }

    async fn seen(&self, _: Customer) -> Result<Seen, StoreError> {
        unsupported("seen")
    }

    async fn subject_key(&self) -> Result<SubjectKey, StoreError> {
        unsupported("subject_key")
    }

    async fn list(&self, _: List) -> Result<Vec<Item>, StoreError> {
        unsupported("list")
    }

    async fn show(&self, _: ItemId) -> Result<Option<Detail>, StoreError> {
        unsupported("show")
    }

    async fn raw(&self, _: PayloadId) -> Result<Option<Raw>, StoreError> {
        unsupported("raw")
    }

    async fn find(&self, _: RedactTarget) -> Result<Vec<PayloadId>, StoreError> {
        unreachable!()
    }

    async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        unsupported("counts")
    }

    async fn backlog(&self, _: &str) -> Result<Backlog, StoreError> {
        unsupported("backlog")
    }

    async fn open_requests(&self) -> Result<Vec<OpenRequest>, StoreError> {
        unsupported("open_requests")
    }

    async fn health(&self) -> Result<Health, StoreError> {
        unsupported("health")
    }

    async fn open_fetches(
        &self,
        _: &str,
        _: Option<PayloadId>,
        _: usize,
    ) -> Result<Vec<OpenFetch>, StoreError> {
        unsupported("open_fetches")
    }

    async fn accounts(&self) -> Result<Accounts, StoreError> {
        unsupported("accounts")
    }

    async fn apply(&self, _: Command, _: Millis) -> Result<Applied, StoreError> {
        unsupported("apply")
    }

    async fn remap(&self, _: Remap) -> Result<Remapped, StoreError> {
        unsupported("remap")
    }

    async fn erase(&self, _: Retention) -> Result<Erased, StoreError> {
        unsupported("erase")
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
