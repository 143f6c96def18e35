//! Times with an offset.

use std::fmt;

use chrono::{DateTime, Datelike as _, FixedOffset, SecondsFormat};

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
