//! The end of a run: a paragraph for people and an exit code for programs.

use std::fmt::Write;
use std::time::Duration;

use orderbridge_core::{Client, Ended, SendError, show_duration};

use super::ledger::{Counts, Ledger, describe};
use super::{Outcome, SendArgs};
use crate::Exit;

/// A finished run.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) args: &'a SendArgs,
    pub(super) outcome: &'a Outcome,
    pub(super) took: Duration,
    pub(super) client: &'a Client,
}

impl Run<'_> {
    /// Prints what happened.
    pub(super) fn summarise(&self, ledger: &Ledger) {
        let counts = ledger.counts();
        ledger.say(&self.totals(&counts));
        if let Some(lines) = ledger.undelivered_lines() {
            ledger.say(&format!("not delivered: {lines}"));
        }
        if let Outcome::Ended { whole: false, .. } = self.outcome {
            ledger.say("the input was not read to its end; what comes after that was not sent");
        }
        if let Some(reason) = self.reason() {
            ledger.say(&reason);
        }
        if let Some(path) = &self.args.rejects
            && counts.failed() + counts.undelivered > 0
            && !counts.rejects_failed
        {
            let again = if counts.undelivered + counts.expired > 0 {
                "it can be sent again"
            } else {
                "once it is put right it can be sent again"
            };
            ledger.say(&format!("what was not delivered is in {path}; {again}"));
        }
    }

    fn totals(&self, counts: &Counts) -> String {
        let mut text = format!("{} delivered", counts.delivered);
        for (count, name) in [
            (counts.rejected, "rejected"),
            (counts.invalid, "invalid"),
            (counts.expired, "given up"),
            (counts.undelivered, "not delivered"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {name}");
            }
        }
        let _ = write!(text, " in {}", show_duration(self.took));
        let seconds = u128::from(counts.delivered) * 1_000 / self.took.as_millis().max(1);
        let _ = write!(
            text,
            " ({seconds}/s, {})",
            connections(self.client.connections_opened())
        );
        if counts.retries > 0 {
            let _ = write!(
                text,
                "; {} attempts failed and were repeated",
                counts.retries
            );
        }
        if !counts.warnings.is_empty() {
            let total: u64 = counts.warnings.values().sum();
            let each: Vec<String> = counts
                .warnings
                .iter()
                .map(|(code, count)| format!("{count} × {code}"))
                .collect();
            let _ = write!(text, "; {total} warnings: {}", each.join(", "));
        }
        text
    }

    /// Why a run ended before its time, with what to do.
    fn reason(&self) -> Option<String> {
        let Outcome::Ended { ended, .. } = self.outcome else {
            return Some("stopped at once; some events may have arrived all the same".to_owned());
        };
        let host = self.client.host();
        match ended {
            Ended::Finished | Ended::Stopped => None,
            Ended::Unavailable(failure) => {
                let patience = show_duration(self.args.give_up_after);
                let why = describe(failure);
                let asked = failure.retry_after.map_or_else(String::new, |wait| {
                    format!(", and asks to wait {}", show_duration(wait))
                });
                Some(format!(
                    "gave up (--give-up-after {patience}): {host}: {why}{asked}; run again later"
                ))
            }
            Ended::Paused(failure) => {
                let help = help(failure);
                Some(format!("stopped, since {host} {failure}; {help}"))
            }
        }
    }

    /// The exit code.
    pub(super) fn exit(&self, counts: &Counts) -> Exit {
        let (ended, signal) = match self.outcome {
            Outcome::Aborted { signal } => return Exit::Signal(*signal),
            Outcome::Ended { ended, signal, .. } => (ended, *signal),
        };
        if counts.rejects_failed {
            return Exit::Unexpected;
        }
        if let Some(signal) = signal {
            return Exit::Signal(signal);
        }
        if counts.input_failed {
            return Exit::Usage;
        }
        match ended {
            Ended::Paused(_) | Ended::Unavailable(_) => Exit::Unavailable,
            Ended::Finished | Ended::Stopped if counts.failed() == 0 => Exit::Done,
            Ended::Finished | Ended::Stopped if self.args.allow_rejects => Exit::Done,
            Ended::Finished | Ended::Stopped => Exit::Some,
        }
    }
}

fn help(failure: &SendError) -> &'static str {
    match failure.status() {
        Some(401 | 403) => "is the token right? (--token)",
        Some(404 | 410) => "is the URL right? (--to)",
        Some(300..=399) => "redirects are not followed; send to the URL itself",
        _ => "so many refusals in a row look like a fault of the destination; run again later",
    }
}

fn connections(count: u64) -> String {
    if count == 1 {
        "1 connection".to_owned()
    } else {
        format!("{count} connections")
    }
}
