//! What to do at any moment: what may start, what is to be claimed, written, prolonged, asked.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::attempt::{Sent, UnderWay};
use super::decide::Probe;
use super::lanes::Lanes;
use super::leases::Leases;
use super::ops::{Desk, Moment, Op};
use super::pilot::Pilot;
use super::settling::Settling;
use super::site::Site;
use super::{Dispatcher, Stop};
use crate::gate::Gate;
use crate::refusals::Refusals;
use crate::store::{Claimed, Lane, Millis, Settlement, StoreError, Verdict};
use crate::{Permission, Phase};

/// Claimed events are kept through a wait up to this long, and given back for a longer one.
const SHORT_WAIT: Duration = Duration::from_secs(10);

/// Nothing is claimed earlier than this before it may be sent.
pub(super) const AHEAD: Duration = Duration::from_secs(1);

/// A store that fails is asked again after this, then ever later up to the second one.
const FIRST_TROUBLE: Duration = Duration::from_millis(100);
const LONGEST_TROUBLE: Duration = Duration::from_secs(5);

/// What is known of the next event that becomes due, while there is nothing to claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextDue {
    Unknown,
    Asking,
    At(Option<Millis>),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    pub(super) until: Duration,
    wait: Duration,
}

/// The state of a dispatcher. Times are counted from its beginning, but for [`Millis`].
pub(super) struct Engine<'a> {
    pub(super) dispatcher: &'a Dispatcher,
    pub(super) desk: Desk,
    origin: Instant,
    pub(super) gate: Gate,
    pub(super) pilot: Pilot,
    pub(super) lanes: Lanes,
    pub(super) leases: Leases,
    pub(super) settling: Settling,
    pub(super) site: Site,
    pub(super) refusals: Refusals,
    pub(super) sending: JoinSet<Sent>,
    pub(super) under_way: HashMap<Id, UnderWay>,
    pub(super) ops: FuturesUnordered<Op>,
    pub(super) next_due: NextDue,
    pub(super) reading_state: bool,
    pub(super) renewing: bool,
    /// When the destination last began to be sent to, as far as is known.
    pub(super) open_since: Millis,
    pub(super) poll_at: Duration,
    pub(super) trouble: Option<Trouble>,
    pub(super) stop: Stop,
    /// Once asked to stop: the end of the grace time.
    pub(super) deadline: Duration,
    /// Requests that the end of the grace time has cut.
    pub(super) cut: Option<usize>,
    pub(super) failed: Option<StoreError>,
}

impl<'a> Engine<'a> {
    pub(super) fn new(dispatcher: &'a Dispatcher) -> Self {
        let config = &dispatcher.config;
        let rate = config.rate_limit.map_or(usize::MAX, |rate| {
            usize::try_from(rate.per_second()).unwrap_or(usize::MAX)
        });
        Self {
            desk: Desk {
                store: dispatcher.store.clone(),
                destination: dispatcher.destination.clone(),
                lease: dispatcher.pace.lease,
            },
            dispatcher,
            origin: Instant::now(),
            gate: Gate::new(config),
            pilot: Pilot::new(config.concurrency),
            lanes: Lanes::new(config.concurrency.min(rate)),
            leases: Leases::new(dispatcher.pace.lease),
            settling: Settling::default(),
            site: Site::new(config.breaker.probe),
            refusals: Refusals::new(&config.retry.refusals),
            sending: JoinSet::new(),
            under_way: HashMap::new(),
            ops: FuturesUnordered::new(),
            next_due: NextDue::Unknown,
            reading_state: false,
            renewing: false,
            open_since: Millis::new(0),
            poll_at: Duration::ZERO,
            trouble: None,
            stop: Stop::No,
            deadline: Duration::MAX,
            cut: None,
            failed: None,
        }
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            at: self.origin.elapsed(),
            wall: self.dispatcher.clock.now(),
        }
    }

    /// Takes what the dispatcher is asked to do.
    pub(super) fn asked_to(&mut self, stop: Stop) {
        if stop > Stop::No && self.stop == Stop::No {
            self.deadline = self.moment().at.saturating_add(self.dispatcher.pace.grace);
        }
        self.stop = stop;
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop > Stop::No
    }

    /// Something new was stored.
    pub(super) fn woken(&mut self) {
        self.lanes.refresh(Lane::Fresh);
        self.site.something_to_probe_with();
        self.next_due = NextDue::Unknown;
    }

    /// Starts all that can be started now.
    pub(super) fn advance(&mut self) {
        let moment = self.moment();
        let now = moment.at;
        self.show();
        if self.is_stopping() {
            self.give_back(moment);
            if now >= self.deadline && self.cut.is_none() {
                self.cut = Some(self.under_way.len());
                self.abandon(moment);
            }
        }
        if self.trouble.is_some_and(|trouble| now < trouble.until) {
            return;
        }
        self.write(moment);
        if self.is_stopping() {
            return;
        }
        if now >= self.poll_at && !self.reading_state {
            self.poll_at = now + self.dispatcher.pace.poll;
            self.reading_state = true;
            self.ops.push(self.desk.state(self.site.version()));
            if self.next_due != NextDue::Asking {
                self.next_due = NextDue::Unknown;
            }
        }
        if !self.site.is_known() {
            return;
        }
        if self.is_shut(now) {
            self.open_since = moment.wall;
            self.give_back(moment);
            self.probe(moment);
            return;
        }
        self.start_attempts(moment);
        self.claim(moment);
    }

    /// Whether nothing but probes is sent, or nothing for long.
    pub(super) fn is_shut(&self, now: Duration) -> bool {
        self.is_stopping()
            || self.site.is_paused()
            || self.gate.phase() != Phase::Closed
            || self.gate.not_before() > now.saturating_add(SHORT_WAIT)
    }

    /// Results, changes and leases to the store.
    fn write(&mut self, moment: Moment) {
        let now = moment.at;
        let nothing_to_wait_for = self.under_way.is_empty();
        let write_at = self.settling.write_at(nothing_to_wait_for);
        if write_at.is_some_and(|at| at <= now) {
            let group = self.settling.take(now);
            self.ops.push(self.desk.settle(group));
        }
        if let Some(change) = self.site.next_change() {
            self.ops.push(self.desk.change(change));
        }
        if !self.renewing && self.leases.renew_at().is_some_and(|at| at <= now) {
            self.renewing = true;
            let leases = self.leases.to_renew(now);
            self.ops.push(self.desk.renew(leases, moment));
        }
    }

    fn start_attempts(&mut self, moment: Moment) {
        while self.trouble.is_none()
            && self.under_way.len() < self.pilot.limit()
            && !self.settling.is_full()
            && self.gate.permission(moment.at) == Permission::Yes
            && let Some((lane, claimed)) = self.lanes.pick()
        {
            if self.leases.holds(claimed.claim, moment.at) {
                self.start(lane, claimed, None, moment);
            } else {
                self.release(&claimed, moment);
            }
        }
    }

    fn claim(&mut self, moment: Moment) {
        let now = moment.at;
        let soon = match self.gate.permission(now) {
            Permission::Yes => true,
            Permission::NotBefore(until) => until <= now + AHEAD,
            Permission::Probe | Permission::Probing => false,
        };
        if !soon || self.settling.is_full() {
            return;
        }
        if self.lanes.recheck_at().is_some_and(|at| at <= now) || self.is_due(moment) {
            self.lanes.refresh_both();
            self.next_due = NextDue::Unknown;
        }
        for lane in [Lane::Fresh, Lane::Retry] {
            if let Some(asked) = self.lanes.claim(lane, now) {
                self.ops.push(self.desk.claim(lane, asked, moment));
            }
        }
        if self.lanes.both_dry().is_some()
            && !self.lanes.claiming()
            && self.next_due == NextDue::Unknown
        {
            self.next_due = NextDue::Asking;
            self.ops.push(self.desk.next_due());
        }
    }

    fn is_due(&self, moment: Moment) -> bool {
        self.due_at(moment).is_some_and(|at| at <= moment.at)
    }

    /// The kind of probe that may be sent now.
    pub(super) fn may_probe(&self, now: Duration) -> Option<Probe> {
        match (self.site.is_paused(), self.gate.permission(now)) {
            (true, Permission::Yes | Permission::Probe) => self.site.pause_probe(),
            (false, Permission::Probe) => Some(Probe::Breaker),
            _ => None,
        }
    }

    fn probe(&mut self, moment: Moment) {
        // The store has to have all of them to know the oldest.
        let all_back = self.lanes.waiting() == 0
            && !self.lanes.claiming()
            && self.settling.is_empty()
            && self.site.is_written();
        if all_back
            && self.site.probe_at().is_some_and(|at| at <= moment.at)
            && let Some(kind) = self.may_probe(moment.at)
        {
            self.site.probe_begins();
            let (end, limit) = self.site.probe_from();
            self.ops.push(self.desk.probe(kind, end, limit, moment));
        }
    }

    /// Gives back what was claimed ahead.
    fn give_back(&mut self, moment: Moment) {
        for claimed in self.lanes.empty() {
            self.release(&claimed, moment);
        }
        self.lanes.refresh_both();
    }

    pub(super) fn release(&mut self, claimed: &Claimed, moment: Moment) {
        let released = Settlement {
            id: claimed.id,
            claim: claimed.claim,
            now: moment.wall,
            attempt: None,
            verdict: Verdict::Released,
        };
        self.settling.push(released, moment.at);
    }

    /// Notes whether the store did what it was asked.
    pub(super) fn store_answered(&mut self, failure: Option<&StoreError>) {
        use crate::store::StoreErrorKind::{Closed, Corrupt, TooNew, Unsupported};
        let Some(failure) = failure else {
            self.trouble = None;
            return;
        };
        if matches!(failure.kind, Closed | Corrupt | TooNew | Unsupported) {
            self.failed.get_or_insert_with(|| failure.clone());
        }
        let destination = self.dispatcher.destination.as_str();
        let wait = if let Some(trouble) = self.trouble {
            (trouble.wait * 2).min(LONGEST_TROUBLE)
        } else {
            tracing::warn!(destination, "{failure}; nothing is sent meanwhile");
            FIRST_TROUBLE
        };
        let until = self.moment().at + wait;
        self.trouble = Some(Trouble { until, wait });
    }

    /// Shows the present state to whoever watches.
    fn show(&self) {
        self.dispatcher.metrics.now(
            self.gate.phase(),
            self.site.is_paused(),
            self.pilot.limit(),
            self.dispatcher.sink.connections_opened(),
        );
    }
}
