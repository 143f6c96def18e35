//! Times with an offset.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Datelike as _, FixedOffset, SecondsFormat, TimeDelta};

/// A point in time, with the offset that the platform gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<FixedOffset>);

impl Timestamp {
    /// Reads RFC 3339. A time without an offset is `None`: its zone would be a guess.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text.trim()).ok().map(Self)
    }

    /// A time from Unix seconds, in UTC. `None` beyond the year 9999: those are milliseconds.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0)
            .filter(|utc| (0..=9999).contains(&utc.year()))
            .map(|utc| Self(utc.fixed_offset()))
    }

    /// The same moment in UTC: what an id is made of, so that two spellings of it are one.
    #[must_use]
    pub fn in_utc(self) -> Self {
        Self(self.0.to_utc().fixed_offset())
    }

    /// A time from Unix milliseconds, in UTC. What is beyond the year 9999 is its end.
    pub fn from_unix_millis(millis: i64) -> Self {
        const LAST: i64 = 253_402_300_799_999;
        let utc = DateTime::from_timestamp_millis(millis.clamp(0, LAST));
        Self(utc.unwrap_or_default().fixed_offset())
    }

    /// So much later; the same time where there is no such.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        let later = TimeDelta::from_std(time)
            .ok()
            .and_then(|time| self.0.checked_add_signed(time));
        later.map_or(self, Self)
    }

    /// So much earlier; the same time where there is no such.
    #[must_use]
    pub fn minus(self, time: Duration) -> Self {
        let earlier = TimeDelta::from_std(time)
            .ok()
            .and_then(|time| self.0.checked_sub_signed(time));
        earlier.map_or(self, Self)
    }

    /// Seconds since 1970.
    pub fn unix(self) -> i64 {
        self.0.timestamp()
    }

    /// Milliseconds since 1970.
    pub fn unix_millis(self) -> i64 {
        self.0.timestamp_millis()
    }
}

/// ISO 8601 with offset, with as many decimals of a second as there are.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}
