//! A store as a few lines of plain code, to compare a real one with.

use std::collections::BTreeMap;

use super::super::{ClaimId, DeliveryId, EventOutcome, Lane, Millis, State};

/// What the model knows of one order's event.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its number in the real store.
    pub id: DeliveryId,
    /// The version that its bytes tell.
    pub version: u32,
    /// Its state.
    pub state: State,
    /// Attempts spent.
    pub attempts: u32,
    /// Whether its body is gone by redaction.
    pub redacted: bool,
    lane: Lane,
    not_before: Millis,
    received_at: Millis,
    replaceable: bool,
    claim: Option<ClaimId>,
    lease_until: Millis,
}

/// All that the model knows: one event of each order, for one destination.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The events by order.
    pub known: BTreeMap<u32, Known>,
    /// Payloads that were stored.
    pub payloads: u64,
    paused: bool,
    not_before: Option<Millis>,
}

/// Due whatever the clock says.
const AT_ONCE: Millis = Millis::new(0);

impl Model {
    /// What the answer to a payload should be; `id` is the number that a new event was given.
    pub fn accept(
        &mut self,
        order: u32,
        version: u32,
        (now, hold): (Millis, Option<Millis>),
        id: DeliveryId,
    ) -> EventOutcome {
        self.payloads += 1;
        let Some(known) = self.known.get_mut(&order) else {
            let new = Known {
                id,
                version,
                state: hold.map_or(State::Pending, |_| State::Held),
                attempts: 0,
                redacted: false,
                lane: Lane::Fresh,
                not_before: hold.unwrap_or(AT_ONCE),
                received_at: now,
                replaceable: hold.is_some(),
                claim: None,
                lease_until: AT_ONCE,
            };
            self.known.insert(order, new);
            return EventOutcome::New(id);
        };
        let id = known.id;
        let waits = matches!(known.state, State::Held | State::Pending);
        if known.redacted {
            EventOutcome::Redacted(id)
        } else if known.version == version {
            EventOutcome::Duplicate(id)
        } else if !(waits && known.replaceable) {
            EventOutcome::Kept(id)
        } else if version < known.version {
            EventOutcome::Older(id)
        } else {
            known.version = version;
            known.received_at = now;
            EventOutcome::Replaced(id)
        }
    }

    /// What a claim should give, as orders.
    pub fn claim(
        &mut self,
        lane: Lane,
        limit: usize,
        claim: ClaimId,
        now: Millis,
        lease_until: Millis,
    ) -> Vec<u32> {
        for known in self.known.values_mut() {
            if known.state == State::Sending && known.lease_until <= now {
                known.state = State::Pending;
                known.lane = Lane::Retry;
                known.not_before = AT_ONCE;
                known.replaceable = false;
                known.claim = None;
                known.attempts += 1;
            }
        }
        if self.paused || self.not_before.is_some_and(|until| until > now) {
            return Vec::new();
        }
        if lane == Lane::Fresh {
            for order in self.due(State::Held, lane, limit, now) {
                if let Some(known) = self.known.get_mut(&order) {
                    known.state = State::Pending;
                    known.not_before = AT_ONCE;
                }
            }
        }
        let due = self.due(State::Pending, lane, limit, now);
        for order in &due {
            if let Some(known) = self.known.get_mut(order) {
                known.state = State::Sending;
                known.claim = Some(claim);
                known.lease_until = lease_until;
            }
        }
        due
    }

    fn due(&self, state: State, lane: Lane, limit: usize, now: Millis) -> Vec<u32> {
        let arrival = |it: &Known| match state {
            State::Pending => it.received_at,
            _ => AT_ONCE,
        };
        let mut due: Vec<(Millis, Millis, DeliveryId, u32)> = self
            .known
            .iter()
            .filter(|(_, it)| it.state == state && it.lane == lane && it.not_before <= now)
            .map(|(order, it)| (it.not_before, arrival(it), it.id, *order))
            .collect();
        due.sort_unstable();
        due.truncate(limit);
        due.into_iter().map(|(.., order)| order).collect()
    }

    /// Settles, if the claim is still good; tells whether it was. `retry_at` is for a state of
    /// pending.
    pub fn settle(
        &mut self,
        id: DeliveryId,
        claim: ClaimId,
        (state, tried): (State, bool),
        retry_at: Option<Millis>,
    ) -> bool {
        let Some(known) = self.known.values_mut().find(|known| known.id == id) else {
            return false;
        };
        if known.state != State::Sending || known.claim != Some(claim) {
            return false;
        }
        known.state = state;
        known.claim = None;
        if tried {
            known.attempts += 1;
            known.replaceable = false;
        }
        if let Some(not_before) = retry_at {
            known.not_before = not_before;
            known.lane = Lane::Retry;
        }
        true
    }

    /// Prolongs a lease; tells whether it was still held.
    pub fn renew(&mut self, id: DeliveryId, claim: ClaimId, until: Millis) -> bool {
        let ours = |known: &&mut Known| {
            known.id == id && known.state == State::Sending && known.claim == Some(claim)
        };
        match self.known.values_mut().find(ours) {
            Some(known) => {
                known.lease_until = until;
                true
            }
            None => false,
        }
    }

    /// Pauses the destination, or lets it go on.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// The destination asks everybody to wait.
    pub fn wait_until(&mut self, until: Millis) {
        self.not_before = Some(until);
    }

    /// Sends an event again; tells whether its state allows it.
    pub fn retry(&mut self, order: u32) -> bool {
        match self.known.get_mut(&order) {
            Some(known) if known.state != State::Sending && !known.redacted => {
                known.state = State::Pending;
                known.lane = Lane::Retry;
                known.not_before = AT_ONCE;
                known.attempts = 0;
                true
            }
            _ => false,
        }
    }

    /// Gives an event up; tells whether its state allows it.
    pub fn drop_event(&mut self, order: u32) -> bool {
        match self.known.get_mut(&order) {
            Some(known) if matches!(known.state, State::Held | State::Pending | State::Parked) => {
                known.state = State::Dropped;
                true
            }
            _ => false,
        }
    }

    /// Erases an order.
    pub fn redact(&mut self, order: u32) {
        if let Some(known) = self.known.get_mut(&order) {
            known.redacted = true;
            known.claim = None;
            if known.state != State::Delivered {
                known.state = State::Dropped;
            }
        }
    }

    /// The end of the last lease, after which no sender of before holds anything.
    pub fn last_lease(&self) -> Option<Millis> {
        let sending = self
            .known
            .values()
            .filter(|known| known.state == State::Sending);
        sending.map(|known| known.lease_until).max()
    }
}
