//! Keeps a flood of refusals from becoming a flood of log lines.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use orderbridge_core::store::Millis;

/// Lets one line through in each interval and counts the others.
#[derive(Debug)]
pub(crate) struct Throttle {
    last: AtomicI64,
    left_out: AtomicU64,
}

/// In milliseconds.
const INTERVAL: i64 = 10_000;

impl Throttle {
    pub(crate) const fn new() -> Self {
        Self {
            last: AtomicI64::new(0),
            left_out: AtomicU64::new(0),
        }
    }

    /// How many lines were left out since the last one; `None` when this one is left out, too.
    pub(crate) fn pass(&self, now: Millis) -> Option<u64> {
        let now = now.get();
        let last = self.last.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(last) >= INTERVAL || now < last;
        let is_ours = is_due
            && self
                .last
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_ours {
            Some(self.left_out.swap(0, Ordering::Relaxed))
        } else {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_ten_seconds_tells_of_the_others() {
        let throttle = Throttle::new();
        let pass = |second: i64| throttle.pass(Millis::new(second * 1000));
        assert_eq!(pass(100), Some(0));
        assert_eq!(pass(101), None);
        assert_eq!(pass(109), None);
        assert_eq!(pass(110), Some(2));
        // A clock that was set back does not silence the log.
        assert_eq!(pass(50), Some(0));
    }
}
