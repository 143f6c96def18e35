//! Refused events: at which point they say something of the destination rather than of themselves.

use std::time::Duration;

use crate::window::{Share, Window};

/// From which point on refusals are the destination's fault: a broken deploy at the other end must
/// not park every order there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RefusalLimit {
    /// More than this many in a row, of any events.
    pub in_a_row: u32,
    /// More than this share of all answers, between 0 and 1,
    pub share: f64,
    /// taken over this time,
    pub window: Duration,
    /// if there were at least so many answers in it.
    pub minimum: u32,
}

/// What there was of refusals, up to and including the last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Refused {
    /// How many answers in a row, of any event, were one.
    pub in_a_row: u32,
    /// How many answers of the window were one.
    pub recent: Share,
}

impl RefusalLimit {
    /// Whether so many are the destination's fault.
    pub fn is_exceeded(&self, refused: &Refused) -> bool {
        let Share { all, bad } = refused.recent;
        let too_large_a_share =
            all >= self.minimum.max(1) && f64::from(bad) > self.share * f64::from(all);
        refused.in_a_row > self.in_a_row || too_large_a_share
    }
}

/// Counts refusals. Times are counted from any fixed moment.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    in_a_row: u32,
    recent: Window,
}

impl Refusals {
    pub(crate) fn new(limit: &RefusalLimit) -> Self {
        Self {
            in_a_row: 0,
            recent: Window::new(limit.window),
        }
    }

    /// Notes that an event was taken.
    pub(crate) fn taken(&mut self, now: Duration) {
        self.in_a_row = 0;
        self.recent.count(now, false);
    }

    /// Notes that an event was refused.
    pub(crate) fn refused(&mut self, now: Duration) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.recent.count(now, true);
    }

    /// What there was up to now.
    pub(crate) fn up_to(&self, now: Duration) -> Refused {
        Refused {
            in_a_row: self.in_a_row,
            recent: self.recent.share(now),
        }
    }

    /// Begins anew: the destination has shown that it takes events.
    pub(crate) fn clear(&mut self) {
        self.in_a_row = 0;
        self.recent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RefusalLimit = RefusalLimit {
        in_a_row: 20,
        share: 0.5,
        window: Duration::from_secs(60),
        minimum: 10,
    };

    #[test]
    fn a_row_or_a_share_is_too_much() {
        for (in_a_row, bad, all, expected) in [
            (0, 0, 0, false),
            (20, 9, 9, false),
            (21, 9, 9, true),
            (1, 5, 10, false),
            (1, 6, 10, true),
            (1, 9, 9, false),
            (0, 10, 10, true),
            (1, 500, 1_000, false),
            (1, 501, 1_000, true),
        ] {
            let recent = Share { all, bad };
            let refused = Refused { in_a_row, recent };
            let found = LIMIT.is_exceeded(&refused);
            assert_eq!(found, expected, "{in_a_row} in a row, {bad} of {all}");
        }
        let never = RefusalLimit {
            share: 1.0,
            ..LIMIT
        };
        let all = Refused {
            in_a_row: 0,
            recent: Share { all: 99, bad: 99 },
        };
        assert!(!never.is_exceeded(&all), "a share of 1 is never exceeded");
    }

    #[test]
    fn every_second_one_refused_is_no_row_but_a_share_until_the_window_has_passed() {
        let mut refusals = Refusals::new(&LIMIT);
        let at = Duration::from_secs;
        for second in 0..20 {
            refusals.taken(at(second));
            refusals.refused(at(second));
            refusals.refused(at(second));
        }
        let now = refusals.up_to(at(20));
        assert_eq!((now.in_a_row, now.recent), (2, Share { all: 60, bad: 40 }));
        assert!(LIMIT.is_exceeded(&now));
        assert!(!LIMIT.is_exceeded(&refusals.up_to(at(90))));
        refusals.clear();
        assert_eq!(refusals.up_to(at(20)), Refused::default());
    }
}
