//! How many requests are under way at the same time: as many as the destination bears.

use std::time::Duration;

/// Limits are counted in thousandths, so that a part of one can be added.
const ONE: u64 = 1_000;

/// Answers that take so much longer than usual, beside twice the usual time, are a sign.
const NOTABLE: u64 = 250_000;

/// Adds slowly, takes away quickly: one more for each round of good answers while all places are
/// in use, half as many when the destination pushes back, a fifth less when it becomes slow. One
/// round of requests counts once, however many of them say the same. Never above its cap.
#[derive(Clone, Debug)]
pub(crate) struct Pilot {
    cap: u64,
    limit: u64,
    /// What started before this has had its say.
    reduced_at: Duration,
    /// The usual and the recent time of an answer, in microseconds.
    usual: Option<u64>,
    recent: u64,
}

impl Pilot {
    /// Starts at the cap: it was chosen by a person, and most destinations bear it.
    pub(crate) fn new(cap: usize) -> Self {
        let cap = u64::try_from(cap.max(1))
            .unwrap_or(u64::MAX)
            .saturating_mul(ONE);
        Self {
            cap,
            limit: cap,
            reduced_at: Duration::ZERO,
            usual: None,
            recent: 0,
        }
    }

    /// How many may be under way, at least one.
    pub(crate) fn limit(&self) -> usize {
        usize::try_from(self.limit / ONE)
            .unwrap_or(usize::MAX)
            .max(1)
    }

    /// Notes a useful answer. `busy` is whether all places were in use.
    pub(crate) fn answered(&mut self, started: Duration, now: Duration, busy: bool) {
        let took = now.saturating_sub(started).as_micros();
        let took = u64::try_from(took).unwrap_or(u64::MAX);
        let usual = self.usual.map_or(took, |usual| {
            // What is usual falls at once and rises slowly: an overloaded destination must not
            // become the measure of itself, one that moved away must.
            let share = if took < usual { 8 } else { 512 };
            nearer(usual, took, share)
        });
        self.recent = match self.usual {
            None => took,
            Some(_) => nearer(self.recent, took, 8),
        };
        self.usual = Some(usual);
        if self.recent > usual.saturating_mul(2).saturating_add(NOTABLE) {
            self.reduce(started, now, 4, 5);
        } else if busy {
            let more = ONE * ONE / self.limit.max(ONE);
            self.limit = self.limit.saturating_add(more.max(1)).min(self.cap);
        }
    }

    /// Notes that the destination asks for less, or gave no answer in time.
    pub(crate) fn pushed_back(&mut self, started: Duration, now: Duration) {
        self.reduce(started, now, 1, 2);
    }

    fn reduce(&mut self, started: Duration, now: Duration, part: u64, of: u64) {
        if started >= self.reduced_at {
            self.limit = (self.limit / of).saturating_mul(part).max(ONE);
            self.reduced_at = now;
        }
    }
}

fn nearer(average: u64, value: u64, share: u64) -> u64 {
    if value < average {
        average - (average - value).div_ceil(share)
    } else {
        average + (value - average) / share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Rounds of answers that take this long, one after the other.
    fn rounds(pilot: &mut Pilot, from: u64, took: u64, count: u64) -> u64 {
        for round in 0..count {
            for _ in 0..pilot.limit() {
                let start = from + round * took;
                pilot.answered(at(start), at(start + took), true);
            }
        }
        from + count * took
    }

    #[test]
    fn a_round_of_push_back_halves_once_and_good_rounds_add_one_each() {
        let mut pilot = Pilot::new(16);
        for _ in 0..16 {
            pilot.pushed_back(at(0), at(10));
        }
        assert_eq!(pilot.limit(), 8);
        pilot.pushed_back(at(10), at(20));
        assert_eq!(pilot.limit(), 4);
        let now = rounds(&mut pilot, 20, 10, 5);
        assert!((8..=9).contains(&pilot.limit()), "{}", pilot.limit());
        rounds(&mut pilot, now, 10, 50);
        assert_eq!(pilot.limit(), 16);
    }

    #[test]
    fn never_below_one_and_never_above_the_cap() {
        let mut pilot = Pilot::new(0);
        assert_eq!(pilot.limit(), 1);
        for step in 0..10 {
            pilot.pushed_back(at(step), at(step));
        }
        rounds(&mut pilot, 10, 10, 10);
        assert_eq!(pilot.limit(), 1);
    }

    #[test]
    fn idle_places_are_no_reason_for_more() {
        let mut pilot = Pilot::new(16);
        pilot.pushed_back(at(0), at(1));
        for step in 1..1_000 {
            pilot.answered(at(step), at(step + 1), false);
        }
        assert_eq!(pilot.limit(), 8);
    }

    #[test]
    fn slowness_reduces_and_the_end_of_it_restores() {
        let mut pilot = Pilot::new(16);
        let now = rounds(&mut pilot, 0, 100, 20);
        let now = rounds(&mut pilot, now, 3_000, 5);
        let reduced = pilot.limit();
        assert!(reduced < 10, "{reduced}");
        rounds(&mut pilot, now, 100, 60);
        assert_eq!(pilot.limit(), 16);
    }

    #[test]
    fn a_steady_destination_keeps_the_cap_however_slow() {
        for took in [0, 20, 100, 5_000] {
            let mut pilot = Pilot::new(64);
            rounds(&mut pilot, 0, took, 20);
            assert_eq!(pilot.limit(), 64, "{took} ms");
        }
    }
}
