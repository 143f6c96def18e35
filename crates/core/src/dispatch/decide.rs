//! What follows an attempt: for its event and for the destination. No clock and no randomness.

use std::time::Duration;

use crate::store::{FirstAttempt, Millis, Reason, Verdict};
use crate::{
    Answer, FailureKind, Next, ParkReason, Refused, Retry, SendError, Share, Tried, next,
    show_duration,
};

/// The code of a pause because the destination refuses access: its token, its address.
pub const PAUSED_NO_ACCESS: &str = "destination.no_access";

/// The code of a pause because the destination refused too many events: in a row, or of all.
pub const PAUSED_REJECTS_ALL: &str = "destination.rejects_all";

/// Why an attempt is a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// The breaker is half open.
    Breaker,
    /// The destination is paused for [`PAUSED_NO_ACCESS`].
    Access,
    /// The destination is paused for [`PAUSED_REJECTS_ALL`].
    Rejects,
}

impl Probe {
    /// The probe that can end a pause; `None` for a person's pause, which only a person ends.
    pub(crate) fn of(pause: &Reason) -> Option<Self> {
        match pause.code.as_str() {
            PAUSED_NO_ACCESS => Some(Self::Access),
            PAUSED_REJECTS_ALL => Some(Self::Rejects),
            _ => None,
        }
    }
}

/// What is known when an attempt has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// Attempts spent before this one.
    pub(crate) attempts: u32,
    /// See [`age`].
    pub(crate) age: Duration,
    /// What there was of refusals, with this one.
    pub(crate) refused: Refused,
    /// Whether it was a probe.
    pub(crate) probe: Option<Probe>,
    /// The time.
    pub(crate) now: Millis,
    /// Between 0 and 1.
    pub(crate) jitter: f32,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// For the event.
    pub(crate) verdict: Verdict,
    /// Whether the attempt counts against the schedule.
    pub(crate) spent: bool,
    /// For the destination.
    pub(crate) then: Then,
}

/// What follows for the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing.
    GoOn,
    /// Nothing is sent for so long.
    Wait(Duration),
    /// Nothing is sent but probes.
    Pause(Reason),
    /// The pause ends.
    Resume,
}

/// How long an event has been tried, without the time in which its destination stood still.
/// `idle` is that time up to now.
pub(crate) fn age(first: FirstAttempt, now: Millis, idle: Duration) -> Duration {
    now.since(first.at)
        .saturating_sub(idle.saturating_sub(first.idle))
}

/// Decides what follows an attempt.
pub(crate) fn decide(retry: &Retry, facts: &Facts, result: &Result<Answer, SendError>) -> Decision {
    let Err(failure) = result else {
        return delivered(facts.probe);
    };
    let spent = failure.kind.spends_attempt();
    let tried = Tried {
        attempts: facts.attempts.saturating_add(u32::from(spent)),
        age: facts.age,
        refused: facts.refused,
    };
    let what = next(retry, &tried, failure, facts.jitter);
    match (failure.kind, facts.probe) {
        // A probe asks about the destination; the event only lent its body.
        (FailureKind::Temporary | FailureKind::Unknown, Some(_)) => Decision {
            verdict: Verdict::Released,
            spent: false,
            then: Then::GoOn,
        },
        // It makes room for another one, so that a backlog of refused events comes to an end. A
        // destination that refuses all of them parks as many as there are probes, which are slow.
        (FailureKind::Rejected, Some(Probe::Rejects)) => Decision {
            verdict: parked(ParkReason::Rejected, failure, facts.age),
            spent,
            then: Then::GoOn,
        },
        // To be refused for its content, an event has to be let in first.
        (FailureKind::Rejected, Some(Probe::Access)) => Decision {
            verdict: parked(ParkReason::Rejected, failure, facts.age),
            spent,
            then: Then::Resume,
        },
        (kind, _) => match what {
            Next::PauseDestination => Decision {
                verdict: Verdict::Released,
                spent: false,
                then: Then::Pause(pause(retry, facts, kind, failure)),
            },
            Next::Park(reason) => Decision {
                verdict: parked(reason, failure, facts.age),
                spent,
                then: Then::GoOn,
            },
            Next::Retry(wait) if kind == FailureKind::Throttled => {
                throttled(retry, facts, failure, wait)
            }
            Next::Retry(wait) => Decision {
                verdict: Verdict::Retry {
                    not_before: facts.now.plus(wait),
                },
                spent,
                then: Then::GoOn,
            },
        },
    }
}

/// The destination is left alone for a while, which holds the event as well. It keeps its place,
/// or in a long backlog those that were throttled would never have their turn. Only one whose own
/// delay is longer waits for itself.
fn throttled(retry: &Retry, facts: &Facts, failure: &SendError, own: Duration) -> Decision {
    let wait = failure.retry_after.unwrap_or(retry.schedule.delay(1));
    let verdict = if retry.schedule.delay(facts.attempts) > wait {
        let not_before = facts.now.plus(own);
        Verdict::HeldBack { not_before }
    } else {
        Verdict::Released
    };
    Decision {
        verdict,
        spent: false,
        then: Then::Wait(wait),
    }
}

fn delivered(probe: Option<Probe>) -> Decision {
    Decision {
        verdict: Verdict::Delivered,
        spent: true,
        then: match probe {
            Some(Probe::Access | Probe::Rejects) => Then::Resume,
            Some(Probe::Breaker) | None => Then::GoOn,
        },
    }
}

fn pause(retry: &Retry, facts: &Facts, kind: FailureKind, failure: &SendError) -> Reason {
    match kind {
        FailureKind::Rejected if facts.refused.in_a_row > retry.refusals.in_a_row => Reason::new(
            PAUSED_REJECTS_ALL,
            format!("too many events in a row were refused; the last one {failure}"),
        ),
        FailureKind::Rejected => {
            let Share { all, bad } = facts.refused.recent;
            let window = show_duration(retry.refusals.window);
            Reason::new(
                PAUSED_REJECTS_ALL,
                format!("{bad} of {all} events in {window} were refused; the last one {failure}"),
            )
        }
        _ => Reason::new(PAUSED_NO_ACCESS, failure.to_string()),
    }
}

fn parked(reason: ParkReason, failure: &SendError, age: Duration) -> Verdict {
    Verdict::Parked(match reason {
        ParkReason::Rejected => Reason::new(Reason::REJECTED, failure.to_string()),
        ParkReason::Expired => Reason::new(
            Reason::EXPIRED,
            format!(
                "tried in vain for {}; at last {failure}",
                show_duration(age)
            ),
        ),
    })
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
