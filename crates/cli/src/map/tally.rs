//! What a run came to.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use orderbridge_event::{Code, MapError, Mapped};
use orderbridge_rules::{By, Hit, Rules};

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
    /// What rules and exclusions did, and how often they failed.
    hits: BTreeMap<By, Hits>,
    /// Remarks on sources that no table of channels has.
    unmapped: BTreeMap<String, u64>,
    /// The first errors and where they are, for a run whose output does not tell them.
    told: Vec<String>,
}

/// How often a rule or an exclusion did something, and could not be evaluated.
#[derive(Clone, Copy, Debug, Default)]
struct Hits {
    did: u64,
    failed: u64,
}

/// How many sources without a channel are told apart.
const MOST_UNMAPPED: usize = 20;

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
                    if note.code == Code::ChannelUnknown {
                        self.add_unmapped(&note.message, 1);
                    }
                }
            }
            Ok(Mapped::Ignored(ignored)) => *self.ignored.entry(ignored.code).or_default() += 1,
            Err(error) => *self.errors.entry(error.code()).or_default() += 1,
        }
    }

    /// Counts what rules did with a payload.
    pub(crate) fn add_hits(&mut self, hits: &[Hit]) {
        for hit in hits {
            let hits = self.hits.entry(hit.by).or_default();
            let count = if hit.failed {
                &mut hits.failed
            } else {
                &mut hits.did
            };
            *count += 1;
        }
    }

    fn add_unmapped(&mut self, message: &str, count: u64) {
        if let Some(known) = self.unmapped.get_mut(message) {
            *known += count;
        } else if self.unmapped.len() < MOST_UNMAPPED {
            self.unmapped.insert(message.to_owned(), count);
        }
    }

    /// What rules and exclusions did, in lines for people.
    pub(crate) fn of_rules(&self, rules: &Rules) -> String {
        let mut text = String::new();
        for (by, Hits { did, failed }) in &self.hits {
            let name = rules.name(*by);
            let (kind, name) = name.split_once(' ').unwrap_or(("", &name));
            if *did > 0 {
                let _ = writeln!(text, "{kind:>9} {did:>7}  {name}");
            }
            if *failed > 0 {
                let _ = writeln!(
                    text,
                    "{kind:>9} {failed:>7}  {name}: could not be evaluated"
                );
            }
        }
        text
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
        for (by, more) in other.hits {
            let hits = self.hits.entry(by).or_default();
            hits.did += more.did;
            hits.failed += more.failed;
        }
        for (message, count) in &other.unmapped {
            self.add_unmapped(message, *count);
        }
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
                if *code == Code::ChannelUnknown {
                    for (message, count) in &self.unmapped {
                        writeln!(f, "{:>9} {count:>7}    {message}", "")?;
                    }
                }
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
