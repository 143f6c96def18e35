//! What a run came to.

use std::collections::BTreeMap;
use std::fmt;

use orderbridge_event::{Code, MapError, Mapped};

use super::mapper::Origin;
use crate::Exit;

/// Counts of payloads, by what became of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) payloads: u64,
    pub(crate) mapped: u64,
    pub(crate) events: u64,
    pub(crate) ignored: BTreeMap<Code, u64>,
    pub(crate) errors: BTreeMap<Code, u64>,
    pub(crate) notes: BTreeMap<Code, u64>,
    /// The first errors and where they are, for a run whose output does not tell them.
    told: Vec<String>,
}

/// How many errors are told one by one.
const MOST_TOLD: usize = 10;

impl Tally {
    /// Counts one payload.
    pub(crate) fn add(&mut self, outcome: &Result<Mapped, MapError>) {
        self.payloads += 1;
        match outcome {
            Ok(Mapped::Events(events)) => {
                self.mapped += 1;
                self.events += events.iter().map(|_| 1).sum::<u64>();
                for note in events.notes() {
                    *self.notes.entry(note.code).or_default() += 1;
                }
            }
            Ok(Mapped::Ignored(ignored)) => *self.ignored.entry(ignored.code).or_default() += 1,
            Err(error) => *self.errors.entry(error.code()).or_default() += 1,
        }
    }

    /// Notes where an error is.
    pub(crate) fn tell(&mut self, origin: &Origin<'_>, error: &MapError) {
        if self.told.len() < MOST_TOLD {
            let Origin { file, line, .. } = origin;
            let index = origin
                .index
                .map_or_else(String::new, |index| format!("[{index}]"));
            self.told.push(format!("{file}:{line}{index}: {error}"));
        }
    }

    /// Adds the tally of what comes after this one.
    pub(crate) fn merge(&mut self, other: Self) {
        let room = MOST_TOLD - self.told.len();
        self.told.extend(other.told.into_iter().take(room));
        self.payloads += other.payloads;
        self.mapped += other.mapped;
        self.events += other.events;
        for (all, more) in [
            (&mut self.ignored, &other.ignored),
            (&mut self.errors, &other.errors),
            (&mut self.notes, &other.notes),
        ] {
            for (code, count) in more {
                *all.entry(*code).or_default() += count;
            }
        }
    }

    /// The exit code that the counts mean.
    pub(crate) fn exit(&self) -> Exit {
        if self.errors.is_empty() {
            Exit::Done
        } else {
            Exit::Some
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |counts: &BTreeMap<Code, u64>| counts.values().sum::<u64>();
        let (ignored, errors) = (sum(&self.ignored), sum(&self.errors));
        for error in &self.told {
            writeln!(f, "{error}")?;
        }
        let untold = errors.saturating_sub(self.told.len() as u64);
        if !self.told.is_empty() && untold > 0 {
            writeln!(f, "and {} more", counted(untold, "error"))?;
        }
        if self.payloads == 0 {
            return writeln!(f, "no payload was found");
        }
        write!(f, "{}: ", counted(self.payloads, "payload"))?;
        write!(f, "{} mapped to ", self.mapped)?;
        write!(f, "{}, ", counted(self.events, "event"))?;
        writeln!(f, "{ignored} ignored, {errors} failed")?;
        for (title, counts) in [
            ("ignored", &self.ignored),
            ("error", &self.errors),
            ("note", &self.notes),
        ] {
            for (code, count) in counts {
                writeln!(f, "{title:>9} {count:>7}  {code}: {}", code.summary())?;
            }
        }
        Ok(())
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}
