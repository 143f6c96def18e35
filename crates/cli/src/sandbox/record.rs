//! What the sandbox remembers: ids for ever, counts, and the log.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io::Write;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use orderbridge_core::Bucket;
use orderbridge_event::json::Object;
use serde::Deserialize;

use super::options::Options;

/// An event that the sandbox judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The status answered: 200, or 400 when a rule of the webhook page is broken.
    pub status: u16,
    /// Whether an event with the same id was accepted before.
    pub duplicate: bool,
    /// The bytes as they came.
    pub body: Bytes,
}

/// What happened so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events accepted for the first time.
    pub accepted: u64,
    /// Events that had been accepted before.
    pub duplicates: u64,
    /// Accepted events with warnings.
    pub warned: u64,
    /// Events that break a rule.
    pub rejected: u64,
    /// Requests refused for their path, method, token, type or size.
    pub refused: u64,
    /// Requests answered with 429.
    pub throttled: u64,
    /// Requests answered with 500 on purpose.
    pub failed: u64,
    /// Connections cut on purpose.
    pub cut: u64,
    /// Connections opened.
    pub connections: u64,
    /// Accepted events by name.
    pub by_name: BTreeMap<String, u64>,
    /// Accepted events by sales channel.
    pub by_channel: BTreeMap<String, u64>,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = |title: &str, rows: &BTreeMap<String, u64>| {
            rows.iter()
                .try_for_each(|(name, count)| writeln!(f, "{title:<9} {name:<36} {count:>9}"))
        };
        table("event", &self.by_name)?;
        table("channel", &self.by_channel)?;
        for (name, count) in [
            ("accepted", self.accepted),
            ("duplicates", self.duplicates),
            ("with warnings", self.warned),
            ("rejected", self.rejected),
            ("refused requests", self.refused),
            ("throttled (429)", self.throttled),
            ("failed (500)", self.failed),
            ("cut", self.cut),
            ("connections", self.connections),
        ] {
            if count > 0 || matches!(name, "accepted" | "duplicates" | "rejected" | "connections") {
                writeln!(f, "{:<9} {name:<36} {count:>9}", "total")?;
            }
        }
        Ok(())
    }
}

/// What of an event is counted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Head {
    event_name: Option<String>,
    event_id: Option<String>,
    properties: Properties,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Properties {
    #[serde(rename = "$sales_channel_type")]
    channel: Option<String>,
}

/// Where a JSON line for each event goes.
pub type Log = Box<dyn Write + Send>;

/// The state behind the endpoint.
pub(super) struct Record {
    pub(super) stats: Stats,
    pub(super) received: Vec<Received>,
    pub(super) dice: fastrand::Rng,
    bucket: Option<Bucket>,
    ids: HashSet<Box<str>>,
    log: Option<Log>,
    keep: bool,
}

impl Record {
    pub(super) fn new(options: &Options, log: Option<Log>) -> Self {
        Self {
            stats: Stats::default(),
            received: Vec::new(),
            dice: fastrand::Rng::with_seed(options.seed),
            // What fits in a second may come at once.
            bucket: options
                .rate_limit
                .map(|rate| Bucket::new(rate, rate.per_second())),
            ids: HashSet::new(),
            log,
            keep: options.keep,
        }
    }

    /// How long a client must wait; nothing if it may pass.
    pub(super) fn throttle(&mut self, now: Duration) -> Option<Duration> {
        let wait = self.bucket.as_mut()?.take(now).err()?;
        self.stats.throttled += 1;
        Some(wait)
    }

    /// Takes a valid event and tells whether it was known.
    pub(super) fn accept(&mut self, body: &Bytes, warned: bool) -> bool {
        let head: Head = serde_json::from_slice(body).unwrap_or_default();
        let id = head.event_id.unwrap_or_default().into_boxed_str();
        let duplicate = !self.ids.insert(id);
        if duplicate {
            self.stats.duplicates += 1;
        } else {
            self.stats.accepted += 1;
            self.stats.warned += u64::from(warned);
            let name = head.event_name.unwrap_or_default();
            *self.stats.by_name.entry(name).or_default() += 1;
            let channel = head
                .properties
                .channel
                .unwrap_or_else(|| "(none)".to_owned());
            *self.stats.by_channel.entry(channel).or_default() += 1;
        }
        self.keep(200, duplicate, body);
        duplicate
    }

    /// Notes an event that breaks a rule.
    pub(super) fn reject(&mut self, body: &Bytes) {
        self.stats.rejected += 1;
        self.keep(400, false, body);
    }

    fn keep(&mut self, status: u16, duplicate: bool, body: &Bytes) {
        if self.keep {
            self.received.push(Received {
                status,
                duplicate,
                body: body.clone(),
            });
        }
        if let Some(log) = &mut self.log {
            let line = log_line(status, duplicate, body);
            if log.write_all(&line).and_then(|()| log.flush()).is_err() {
                tracing::warn!("the log can't be written any more");
                self.log = None;
            }
        }
    }
}

fn log_line(status: u16, duplicate: bool, body: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(body.len() + 100);
    let mut object = Object::open(&mut line);
    object.text("received_at", &now());
    object.count("status", u64::from(status));
    object.flag("duplicate", duplicate);
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        // Line ends in valid JSON are white space, never part of a value.
        let no_break = |byte: &u8| {
            if matches!(byte, b'\n' | b'\r') {
                b' '
            } else {
                *byte
            }
        };
        object.field("body").extend(body.iter().map(no_break));
    } else {
        object.text("text", &String::from_utf8_lossy(body));
    }
    object.close();
    line.push(b'\n');
    line
}

fn now() -> String {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, since.subsec_nanos())
        .map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_is_one_line_whatever_the_body() {
        for body in [&b"{\n  \"a\": 1\r\n}"[..], b"not\njson \0", b"\xff"] {
            let line = log_line(200, false, body);
            let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
            assert_eq!(memchr::memchr_iter(b'\n', &line).count(), 1);
            assert_eq!(json["status"], 200);
        }
    }
}
