//! What follows from the store's replies.

use std::time::Duration;

use super::decide::Probe;
use super::engine::{Engine, NextDue};
use super::ops::{Done, Grant, Moment, Renewal};
use crate::Phase;
use crate::store::{
    Claimed, DestinationState, End, Lane, Settled, Settlement, StoreError, Verdict,
};

impl Engine<'_> {
    /// Takes a reply.
    pub(super) fn reply(&mut self, done: Done) {
        let moment = self.moment();
        match done {
            Done::Claimed {
                lane,
                asked,
                grant,
                result,
            } => {
                self.store_answered(result.as_ref().err());
                match result {
                    Ok(claimed) => self.claimed(lane, asked, grant, claimed, moment),
                    Err(_) => self.lanes.claim_failed(lane),
                }
            }
            Done::Probe {
                kind,
                end,
                grants,
                claimed,
                failure,
            } => {
                self.store_answered(failure.as_ref());
                self.probe_claimed((kind, end), grants, claimed, moment);
            }
            Done::Settled { group, result } => self.settled(group, result, moment),
            Done::Renewed {
                until,
                answers,
                failure,
            } => {
                self.renewing = false;
                self.store_answered(failure.as_ref());
                self.renewed(answers, until);
            }
            Done::Due(result) => {
                // Something may have been stored since it was asked.
                let wanted = self.next_due == NextDue::Asking;
                match result {
                    Ok(due) if wanted => self.next_due = NextDue::At(due),
                    Ok(_) => {}
                    Err(error) => {
                        self.next_due = NextDue::Unknown;
                        self.store_answered(Some(&error));
                    }
                }
            }
            Done::State { version, result } => {
                self.reading_state = false;
                match result {
                    Ok(state) => {
                        // While there is nothing to write, this is all that tells of its recovery.
                        if self.settling.is_empty() && self.site.is_written() {
                            self.store_answered(None);
                        }
                        self.learned(state, version, moment);
                    }
                    Err(error) => self.store_answered(Some(&error)),
                }
            }
            Done::Changed { change, result } => {
                self.store_answered(result.as_ref().err());
                match result {
                    Ok(()) => self.site.written(),
                    Err(_) => self.site.not_written(change),
                }
            }
        }
    }

    fn claimed(
        &mut self,
        lane: Lane,
        asked: usize,
        grant: Grant,
        claimed: Vec<Claimed>,
        moment: Moment,
    ) {
        self.leases.add(grant.claim, &claimed, grant.until);
        self.lanes.claimed(lane, asked, claimed, moment.at);
        // It was asked for while the destination still worked; what comes next gives it back.
        if self.next_due != NextDue::Asking {
            self.next_due = NextDue::Unknown;
        }
    }

    /// Probes with the event at this end, unless it has probed lately and there is another.
    fn probe_claimed(
        &mut self,
        (kind, end): (Probe, End),
        grants: [Grant; 2],
        claimed: [Vec<Claimed>; 2],
        moment: Moment,
    ) {
        let mut candidates = Vec::new();
        for ((lane, grant), claimed) in [Lane::Fresh, Lane::Retry]
            .into_iter()
            .zip(grants)
            .zip(claimed)
        {
            self.leases.add(grant.claim, &claimed, grant.until);
            candidates.extend(claimed.into_iter().map(|claimed| (lane, claimed)));
        }
        candidates.sort_by_key(|(_, claimed)| (claimed.received_at, claimed.id));
        if end == End::Newest {
            candidates.reverse();
        }
        candidates.sort_by_key(|(_, claimed)| self.site.last_probed(claimed.id));
        let may = !self.is_stopping() && self.may_probe(moment.at) == Some(kind);
        let mut candidates = candidates.into_iter();
        match candidates.next() {
            Some((lane, claimed)) if may => {
                self.site.probed_with(claimed.id);
                self.start(lane, claimed, Some(kind), moment);
            }
            other => {
                let again_at = moment.at + self.dispatcher.pace.poll;
                self.site.nothing_to_probe_with(again_at);
                if let Some((_, claimed)) = other {
                    self.release(&claimed, moment);
                }
            }
        }
        for (_, claimed) in candidates {
            self.release(&claimed, moment);
        }
    }

    fn settled(
        &mut self,
        group: Vec<Settlement>,
        result: Result<Settled, StoreError>,
        moment: Moment,
    ) {
        self.store_answered(result.as_ref().err());
        let Ok(settled) = result else {
            return self.settling.failed(group, moment.at);
        };
        self.settling.written();
        let sent = |settlement: &&Settlement| {
            settlement.attempt.is_some() && settled.stale.contains(&settlement.id)
        };
        if !settled.stale.is_empty() {
            let count = group.iter().filter(sent).count();
            self.dispatcher.metrics.fenced(count);
        }
        let mut comes_back = false;
        for settlement in &group {
            self.leases.remove(settlement.claim, settlement.id);
            comes_back |= !matches!(settlement.verdict, Verdict::Delivered | Verdict::Parked(_));
        }
        if comes_back {
            self.next_due = NextDue::Unknown;
        }
    }

    fn renewed(&mut self, answers: Vec<Renewal>, until: Duration) {
        for Renewal { claim, asked, kept } in answers {
            let lost = self.leases.renewed(claim, asked, &kept, until);
            if !lost.is_empty() {
                self.lanes.forget(&lost);
            }
        }
    }

    /// Takes over what the store remembers, be it from before a restart or from a person.
    fn learned(&mut self, state: DestinationState, version: u64, moment: Moment) {
        let Moment { at, wall } = moment;
        if !self.site.read(state, version, at) {
            return;
        }
        let state = self.site.state();
        let here = |time: crate::store::Millis| at.saturating_add(time.since(wall));
        self.gate
            .restore_not_before(state.not_before.map_or(Duration::ZERO, here));
        let open = state.breaker.map(|open| (here(open.until), open.pause));
        if open.is_some() != (self.gate.phase() != Phase::Closed) {
            self.gate.restore_breaker(at, open);
        }
        self.lanes.refresh_both();
        self.next_due = NextDue::Unknown;
    }
}
