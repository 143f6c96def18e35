//! What was claimed ahead of need, in two lanes, and which of them sends next.

use std::collections::VecDeque;
use std::time::Duration;

use crate::store::{Claimed, DeliveryId, Lane};

/// The shares of the lanes.
const FRESH: usize = 7;
const RETRY: usize = 3;

/// No claim is larger.
const LARGEST: usize = 512;

/// A lane that had nothing is asked again after this time, while the other one is busy.
const RECHECK: Duration = Duration::from_millis(250);

/// Claims that last shorter than this are made larger, longer than that smaller.
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Side {
    waiting: VecDeque<Claimed>,
    under_way: usize,
    claiming: bool,
    /// When a claim gave less than it asked for.
    dry: Option<Duration>,
    batch: usize,
    filled_at: Option<Duration>,
}

/// The two lanes of a destination.
#[derive(Debug)]
pub(crate) struct Lanes {
    fresh: Side,
    retry: Side,
    /// Whose turn it is when the places in use do not decide, as with a single place.
    turn: usize,
    smallest: usize,
}

impl Lanes {
    /// Empty lanes; claims are of this size at least.
    pub(crate) fn new(smallest: usize) -> Self {
        let smallest = smallest.clamp(1, LARGEST);
        let side = || Side {
            waiting: VecDeque::new(),
            under_way: 0,
            claiming: false,
            dry: None,
            batch: smallest,
            filled_at: None,
        };
        Self {
            fresh: side(),
            retry: side(),
            turn: 0,
            smallest,
        }
    }

    fn side(&mut self, lane: Lane) -> &mut Side {
        match lane {
            Lane::Fresh => &mut self.fresh,
            Lane::Retry => &mut self.retry,
        }
    }

    /// How much to claim now for a lane, if it is time. The claim is then under way.
    pub(crate) fn claim(&mut self, lane: Lane, now: Duration) -> Option<usize> {
        let smallest = self.smallest;
        let side = self.side(lane);
        if side.claiming || side.dry.is_some() || side.waiting.len() >= side.batch {
            return None;
        }
        if let Some(lasted) = side.filled_at.map(|filled| now.saturating_sub(filled)) {
            if lasted < SHORT {
                side.batch = (side.batch * 2).min(LARGEST);
            } else if lasted > LONG {
                side.batch = (side.batch / 2).max(smallest);
            }
        }
        side.claiming = true;
        Some(side.batch)
    }

    /// Takes what a claim gave.
    pub(crate) fn claimed(
        &mut self,
        lane: Lane,
        asked: usize,
        claimed: Vec<Claimed>,
        now: Duration,
    ) {
        let side = self.side(lane);
        side.claiming = false;
        // What is not full says nothing of how fast it is used up.
        side.filled_at = (claimed.len() >= asked).then_some(now);
        side.dry = (claimed.len() < asked).then_some(now);
        side.waiting.extend(claimed);
    }

    /// A claim that failed.
    pub(crate) fn claim_failed(&mut self, lane: Lane) {
        self.side(lane).claiming = false;
    }

    /// The event to send next: of the lane that uses less of its share. A lane without events
    /// leaves its share to the other.
    pub(crate) fn pick(&mut self) -> Option<(Lane, Claimed)> {
        let lane = match (self.fresh.waiting.is_empty(), self.retry.waiting.is_empty()) {
            (true, true) => return None,
            (false, true) => Lane::Fresh,
            (true, false) => Lane::Retry,
            (false, false) => self.fairer(),
        };
        let claimed = self.side(lane).waiting.pop_front()?;
        Some((lane, claimed))
    }

    fn fairer(&mut self) -> Lane {
        let fresh = self.fresh.under_way * RETRY;
        let retry = self.retry.under_way * FRESH;
        if fresh != retry {
            return if fresh < retry {
                Lane::Fresh
            } else {
                Lane::Retry
            };
        }
        // Fresh gets 7 turns of 10, spread out: a sequence that starts anew after each ten.
        self.turn = (self.turn + 1) % (FRESH + RETRY);
        if self.turn * RETRY % (FRESH + RETRY) < RETRY {
            Lane::Retry
        } else {
            Lane::Fresh
        }
    }

    /// Notes that an event of a lane was started, or has ended.
    pub(crate) fn started(&mut self, lane: Lane) {
        self.side(lane).under_way += 1;
    }

    /// See [`Self::started`].
    pub(crate) fn ended(&mut self, lane: Lane) {
        let side = self.side(lane);
        side.under_way = side.under_way.saturating_sub(1);
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.fresh.waiting.len() + self.retry.waiting.len()
    }

    /// Takes out all that wait.
    pub(crate) fn empty(&mut self) -> Vec<Claimed> {
        for side in [&mut self.fresh, &mut self.retry] {
            side.filled_at = None;
        }
        self.fresh
            .waiting
            .drain(..)
            .chain(self.retry.waiting.drain(..))
            .collect()
    }

    /// Takes out those that somebody else holds by now.
    pub(crate) fn forget(&mut self, lost: &[DeliveryId]) {
        for side in [&mut self.fresh, &mut self.retry] {
            side.waiting.retain(|claimed| !lost.contains(&claimed.id));
        }
    }

    /// Whether a claim is under way.
    pub(crate) fn claiming(&self) -> bool {
        self.fresh.claiming || self.retry.claiming
    }

    /// Since when both lanes have had nothing more to give.
    pub(crate) fn both_dry(&self) -> Option<Duration> {
        Some(self.fresh.dry?.max(self.retry.dry?))
    }

    /// When the one dry lane is worth asking again; nothing if both are, or none.
    pub(crate) fn recheck_at(&self) -> Option<Duration> {
        match (self.fresh.dry, self.retry.dry) {
            (Some(since), None) | (None, Some(since)) => Some(since + RECHECK),
            _ => None,
        }
    }

    /// There may be something new in this lane.
    pub(crate) fn refresh(&mut self, lane: Lane) {
        self.side(lane).dry = None;
    }

    /// There may be something new in both.
    pub(crate) fn refresh_both(&mut self) {
        self.refresh(Lane::Fresh);
        self.refresh(Lane::Retry);
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
