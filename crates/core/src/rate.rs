//! How many events a destination takes in a time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::units::{InvalidRate, unit_millis};

/// A number of events in a unit of time, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    events: u32,
    per: Duration,
}

impl RateLimit {
    /// So many events in such a time; `None` when either is nothing.
    pub fn new(events: u32, per: Duration) -> Option<Self> {
        (events > 0 && !per.is_zero()).then_some(Self { events, per })
    }

    /// How many events that is in a second, at least one.
    pub fn per_second(self) -> u32 {
        let count = Duration::from_secs(1).as_nanos() / self.interval().as_nanos().max(1);
        u32::try_from(count).unwrap_or(u32::MAX).max(1)
    }

    fn interval(self) -> Duration {
        self.per / self.events
    }
}

impl FromStr for RateLimit {
    type Err = InvalidRate;

    /// Reads `100/s`, `600/m`, `5000/h`.
    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (events, unit) = text.split_once('/').ok_or(InvalidRate)?;
        let events = events.trim().parse().map_err(|_| InvalidRate)?;
        let per = unit_millis(unit.trim())
            .map(Duration::from_millis)
            .ok_or(InvalidRate)?;
        Self::new(events, per).ok_or(InvalidRate)
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.as_millis() {
            1 => "ms",
            1_000 => "s",
            60_000 => "m",
            3_600_000 => "h",
            86_400_000 => "d",
            other => return write!(f, "{}/{other}ms", self.events),
        };
        write!(f, "{}/{unit}", self.events)
    }
}

/// A token bucket. Times are counted from any fixed moment.
///
/// It holds the time at which it would be full again rather than a number of tokens, so nothing
/// has to be refilled and nothing is lost to rounding.
#[derive(Clone, Debug)]
pub struct Bucket {
    interval: Duration,
    slack: Duration,
    full_at: Duration,
}

impl Bucket {
    /// A full bucket for this rate that holds so many tokens, at least one.
    pub fn new(rate: RateLimit, burst: u32) -> Self {
        let interval = rate.interval();
        let slack = interval.saturating_mul(burst.saturating_sub(1));
        Self {
            interval,
            slack,
            full_at: Duration::ZERO,
        }
    }

    /// A bucket that evens the flow out: it holds what flows in a twentieth of a second.
    pub fn smooth(rate: RateLimit) -> Self {
        Self::new(rate, rate.per_second() / 20)
    }

    /// Changes the rate. What the bucket lacks of being full stays, as a number of tokens.
    pub fn change(&mut self, rate: RateLimit, now: Duration) {
        let interval = rate.interval();
        let old = self.interval.as_secs_f64().max(f64::MIN_POSITIVE);
        let factor = interval.as_secs_f64() / old;
        let scaled = |time: Duration| {
            let scaled = time.as_secs_f64() * factor;
            Duration::try_from_secs_f64(scaled).unwrap_or(Duration::MAX)
        };
        let missing = self.full_at.saturating_sub(now);
        self.full_at = now.saturating_add(scaled(missing));
        self.slack = scaled(self.slack);
        self.interval = interval;
    }

    /// Takes all tokens: the next one comes after a whole interval, or after a longer time.
    pub fn empty(&mut self, now: Duration, at_least: Duration) {
        let wait = self.interval.max(at_least);
        let full_at = now.saturating_add(self.slack).saturating_add(wait);
        self.full_at = self.full_at.max(full_at);
    }

    /// When the next token can be taken; not later than `now` when there is one.
    pub fn ready_at(&self) -> Duration {
        self.full_at.saturating_sub(self.slack)
    }

    /// Takes a token, or tells how long to wait for one.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        match self.ready_at().checked_sub(now) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                self.full_at = self.full_at.max(now).saturating_add(self.interval);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_rates() {
        for text in ["100/s", "600/m", "1/h"] {
            assert_eq!(text.parse::<RateLimit>().unwrap().to_string(), text);
        }
        for text in ["", "100", "0/s", "-1/s", "1.5/s", "5/week", "/s"] {
            assert!(text.parse::<RateLimit>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_bucket_runs_dry_and_fills_again() {
        let mut bucket = Bucket::new("10/s".parse().unwrap(), 3);
        let at = Duration::from_millis;
        assert_eq!(
            (bucket.take(at(0)), bucket.take(at(0)), bucket.take(at(0))),
            (Ok(()), Ok(()), Ok(()))
        );
        assert_eq!(bucket.take(at(0)), Err(at(100)));
        assert_eq!(bucket.take(at(60)), Err(at(40)));
        assert_eq!(bucket.take(at(100)), Ok(()));
        assert_eq!(bucket.take(at(100)), Err(at(100)));
        assert_eq!(bucket.take(at(9_000)), Ok(()));
    }

    #[test]
    fn another_rate_keeps_what_is_in_the_bucket() {
        let at = Duration::from_secs;
        let mut bucket = Bucket::new(RateLimit::new(1, at(100)).unwrap(), 3);
        assert_eq!((bucket.take(at(0)), bucket.take(at(0))), (Ok(()), Ok(())));
        bucket.change(RateLimit::new(1, at(10)).unwrap(), at(0));
        assert_eq!(bucket.take(at(0)), Ok(()), "one was left");
        assert_eq!(bucket.take(at(0)), Err(at(10)));
        bucket.change(RateLimit::new(1, at(100)).unwrap(), at(0));
        assert_eq!(bucket.take(at(0)), Err(at(100)));
    }

    #[test]
    fn an_empty_bucket_has_nothing_until_it_fills() {
        let at = Duration::from_secs;
        let mut bucket = Bucket::new(RateLimit::new(1, at(10)).unwrap(), 3);
        bucket.empty(at(5), Duration::ZERO);
        assert_eq!(bucket.take(at(5)), Err(at(10)));
        assert_eq!(bucket.take(at(15)), Ok(()));
        assert_eq!(bucket.take(at(15)), Err(at(10)));
        bucket.empty(at(15), at(60));
        assert_eq!(bucket.take(at(15)), Err(at(60)));
        bucket.empty(at(15), Duration::ZERO);
        assert_eq!(bucket.take(at(15)), Err(at(60)), "the longer wait stays");
    }

    proptest! {
        #[test]
        fn never_more_than_rate_and_burst(
            events in 1..500_u32,
            burst in 1..50_u32,
            steps in prop::collection::vec(0..30_u64, 1..400),
        ) {
            let mut bucket = Bucket::new(RateLimit::new(events, Duration::from_secs(1)).unwrap(), burst);
            let (mut now, mut taken) = (Duration::ZERO, 0_u32);
            for step in steps {
                now += Duration::from_millis(step);
                while bucket.take(now).is_ok() {
                    taken += 1;
                }
            }
            let most = f64::from(burst) + now.as_secs_f64() * f64::from(events) + 1.0;
            prop_assert!(f64::from(taken) <= most, "{taken} of {most}");
        }

        #[test]
        fn after_the_wait_there_is_a_token(events in 1..5_000_u32, burst in 1..50_u32, at in 0..5_000_u64) {
            let mut bucket = Bucket::new(RateLimit::new(events, Duration::from_secs(1)).unwrap(), burst);
            let now = Duration::from_millis(at);
            while bucket.take(now).is_ok() {}
            let wait = bucket.take(now).unwrap_err();
            prop_assert_eq!(bucket.take(now + wait), Ok(()));
        }
    }
}
