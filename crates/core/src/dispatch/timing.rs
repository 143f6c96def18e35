//! When the dispatcher has something to do again, and when it has come to its end.

use std::time::Duration;

use tokio::time::Instant;

use super::engine::{AHEAD, Engine, NextDue};
use super::ops::Moment;
use super::{Ended, Stop};
use crate::Permission;

/// Between two claims that gave nothing although the store had said that something is due.
const PATIENCE: Duration = Duration::from_millis(20);

/// How long the last results may take to be written once the grace time is over.
const LAST_WORDS: Duration = Duration::from_secs(5);

impl Engine<'_> {
    /// When a claim will give something again, as far as is known.
    pub(super) fn due_at(&self, moment: Moment) -> Option<Duration> {
        let dry = self.lanes.both_dry()?;
        let NextDue::At(Some(due)) = self.next_due else {
            return None;
        };
        let at = moment.at.saturating_add(due.since(moment.wall));
        Some(at.max(dry + PATIENCE))
    }

    /// The end, if it has come.
    pub(super) fn ended(&mut self) -> Option<Ended> {
        if self.stop == Stop::Abort {
            return Some(Ended::Aborted);
        }
        if let Some(failure) = self.failed.take() {
            return Some(Ended::StoreFailed(failure));
        }
        if self.stop == Stop::No {
            return None;
        }
        let done = self.under_way.is_empty()
            && self.settling.is_empty()
            && self.site.is_written()
            && self.ops.is_empty();
        if done {
            return Some(match self.cut {
                Some(unfinished) if unfinished > 0 => Ended::GraceOver { unfinished },
                _ => Ended::Drained,
            });
        }
        let too_late = self.moment().at >= self.deadline.saturating_add(LAST_WORDS);
        too_late.then(|| Ended::GraceOver {
            unfinished: self.cut.unwrap_or_default() + self.settling.len(),
        })
    }

    /// Until when there is nothing to do unless something happens.
    pub(super) fn wait_until(&self) -> Instant {
        let moment = self.moment();
        let now = moment.at;
        let mut times = vec![];
        if let Some(trouble) = self.trouble.filter(|trouble| trouble.until > now) {
            times.push(Some(trouble.until));
        } else {
            times.push(self.settling.write_at(self.under_way.is_empty()));
            times.push(self.leases.renew_at().filter(|_| !self.renewing));
            if !self.is_stopping() {
                times.extend([self.sending_at(now), self.due_at(moment)]);
                times.push(Some(self.poll_at).filter(|_| !self.reading_state));
                times.push(self.lanes.recheck_at());
            }
        }
        if self.is_stopping() {
            let cut = self.cut.is_some();
            let last = self.deadline.saturating_add(LAST_WORDS);
            times.push(Some(if cut { last } else { self.deadline }));
        }
        let first = times.into_iter().flatten().min();
        // Never without a pause: what is overdue waits for something else.
        let first = first.map_or(AHEAD, |first| first.saturating_sub(now));
        Instant::now() + first.clamp(Duration::from_millis(1), Duration::from_secs(3_600))
    }

    /// When something may be sent again, if not now.
    fn sending_at(&self, now: Duration) -> Option<Duration> {
        let gate = match self.gate.permission(now) {
            Permission::NotBefore(until) => Some(until),
            Permission::Yes | Permission::Probe => Some(Duration::ZERO),
            Permission::Probing => None,
        }?;
        if !self.is_shut(now) {
            return (gate > now).then_some(gate);
        }
        let probes = !self.site.is_paused() || self.site.pause_probe().is_some();
        let probe = self.site.probe_at().filter(|_| probes)?;
        Some(probe.max(gate)).filter(|at| *at > now)
    }
}
