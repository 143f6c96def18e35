//! The end: a paragraph for people and an exit code for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use orderbridge_core::store::State;

use super::enqueue::Enqueued;
use super::outbox::Waiting;
use super::wait::Waited;
use crate::Exit;
use crate::send::Ack;
use crate::send::ledger::{Counts, Ledger};

/// What there was and what there is.
pub(super) struct End {
    pub(super) ack: Ack,
    pub(super) waited: Waited,
    /// Of ours in the store, before and now.
    pub(super) before: Waiting,
    pub(super) now: Waiting,
    /// What became of the lines.
    pub(super) fates: BTreeMap<State, u64>,
    pub(super) path: String,
}

impl End {
    /// Prints what happened.
    pub(super) fn tell(&self, enqueued: &Enqueued, ledger: &Ledger) {
        let invalid = ledger.counts().invalid;
        let mut text = format!("{} stored in {}", enqueued.stored, self.path);
        for (count, name) in [
            (enqueued.known, "known before"),
            (
                enqueued.kept,
                "known with other bytes, of which the first stay",
            ),
            (enqueued.redacted, "erased on request before and not taken"),
            (invalid, "invalid and parked"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {name}");
            }
        }
        ledger.say(&text);
        if self.ack == Ack::Delivered {
            let fate = |state| self.fates.get(&state).copied().unwrap_or_default();
            // Without lines it was about what had been put there before.
            let delivered = if self.fates.is_empty() {
                self.now.delivered.saturating_sub(self.before.delivered)
            } else {
                fate(State::Delivered)
            };
            let mut text = format!("{delivered} delivered");
            for (count, name) in [
                (self.parked(), "parked (see `queue list --state parked`)"),
                (fate(State::Dropped), "dropped"),
                (self.now.open, "still waiting"),
            ] {
                if count > 0 {
                    let _ = write!(text, ", {count} {name}");
                }
            }
            ledger.say(&text);
        } else if self.now.open > 0 {
            ledger.say(&format!(
                "{} wait there; the connector delivers them, or `send --store` without --ack",
                self.now.open
            ));
        }
        if let Some(reason) = self.waited.reason() {
            ledger.say(&reason);
        }
    }

    fn parked(&self) -> u64 {
        let new = self.now.parked.saturating_sub(self.before.parked);
        let of_lines = self.fates.get(&State::Parked).copied();
        new.max(of_lines.unwrap_or_default())
    }

    /// The exit code.
    pub(super) fn exit(&self, counts: &Counts) -> Exit {
        match self.waited {
            Waited::Signal(signal) => Exit::Signal(signal),
            _ if counts.input_failed => Exit::Usage,
            Waited::Paused(_) | Waited::NothingMoves(_) => Exit::Unavailable,
            Waited::Done if counts.invalid > 0 || self.parked() > 0 => Exit::Some,
            Waited::Done => Exit::Done,
        }
    }
}
