//! Time, as the store is told it. The store itself never looks at a clock.

use std::time::Duration;

/// Milliseconds since 1970, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(i64);

impl Millis {
    /// A time from its milliseconds since 1970.
    pub const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// This time and a duration later; the last moment there is if that is too far.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// This time and a duration earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// How long ago another time was; nothing if it is still to come, as after a clock was set
    /// back.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_gives_no_time_at_all() {
        let noon = Millis::new(1_000);
        assert_eq!(noon.since(Millis::new(400)), Duration::from_millis(600));
        assert_eq!(noon.since(Millis::new(1_001)), Duration::ZERO);
        assert_eq!(noon.plus(Duration::MAX), Millis::new(i64::MAX));
    }
}
