use super::*;
use crate::{Schedule, Transport};

const NOW: Millis = Millis::new(1_000_000);

/// So many refusals in a row, and many good answers before.
fn in_a_row(count: u32) -> Refused {
    Refused {
        in_a_row: count,
        recent: Share {
            all: count + 1_000,
            bad: count,
        },
    }
}

fn retry() -> Retry {
    Retry {
        schedule: Schedule::standard(),
        max_age: Duration::from_secs(7 * 86_400),
        refusals: crate::default_delivery().retry.refusals,
    }
}

fn facts(probe: Option<Probe>) -> Facts {
    Facts {
        attempts: 0,
        age: Duration::from_secs(90),
        refused: in_a_row(1),
        probe,
        now: NOW,
        jitter: 0.0,
    }
}

fn answered(status: u16, retry_after: Option<u64>) -> Result<Answer, SendError> {
    let wait = retry_after.map(Duration::from_secs);
    SendError::sort(Answer::new(status, b""), wait)
}

fn lost(fault: Transport) -> Result<Answer, SendError> {
    Err(SendError::transport(fault))
}

/// What a decision comes to, in words.
fn outcome(facts: &Facts, result: &Result<Answer, SendError>) -> String {
    let decision = decide(&retry(), facts, result);
    let seconds = |until: Millis| until.since(NOW).as_secs();
    let verdict = match decision.verdict {
        Verdict::Delivered => String::from("delivered"),
        Verdict::Retry { not_before } => format!("retry {}", seconds(not_before)),
        Verdict::Parked(reason) => format!("parked {}", reason.code),
        Verdict::HeldBack { not_before } => format!("held {}", seconds(not_before)),
        Verdict::Released => String::from("released"),
    };
    let spent = if decision.spent { "spent" } else { "free" };
    let then = match decision.then {
        Then::GoOn => String::from("go on"),
        Then::Wait(wait) => format!("wait {}", wait.as_secs()),
        Then::Pause(reason) => format!("pause {}", reason.code),
        Then::Resume => String::from("resume"),
    };
    format!("{verdict}, {spent}, {then}")
}

#[test]
fn every_row_of_the_table() {
    let no_access = "released, free, pause destination.no_access";
    for (result, expected) in [
        (answered(200, None), "delivered, spent, go on"),
        (answered(202, None), "delivered, spent, go on"),
        (lost(Transport::Connect), "retry 5, spent, go on"),
        (lost(Transport::BeforeBody), "retry 5, spent, go on"),
        (answered(408, None), "retry 5, spent, go on"),
        (answered(425, None), "retry 5, spent, go on"),
        (answered(500, None), "retry 5, spent, go on"),
        (answered(503, None), "retry 5, spent, go on"),
        (answered(429, None), "released, free, wait 5"),
        (answered(429, Some(90)), "released, free, wait 90"),
        (answered(503, Some(90)), "released, free, wait 90"),
        (lost(Transport::Timeout), "retry 5, spent, go on"),
        (lost(Transport::Cut), "retry 5, spent, go on"),
        (answered(301, None), no_access),
        (answered(401, None), no_access),
        (answered(403, None), no_access),
        (answered(404, None), no_access),
        (answered(410, None), no_access),
        (answered(400, None), "parked rejected, spent, go on"),
        (answered(413, None), "parked rejected, spent, go on"),
        (answered(415, None), "parked rejected, spent, go on"),
        (answered(422, None), "parked rejected, spent, go on"),
        (answered(451, None), "parked rejected, spent, go on"),
    ] {
        assert_eq!(outcome(&facts(None), &result), expected, "{result:?}");
    }
}

#[test]
fn every_row_for_a_probe() {
    use Probe::{Access, Breaker, Rejects};
    for (probe, result, expected) in [
        (Breaker, answered(200, None), "delivered, spent, go on"),
        (Access, answered(200, None), "delivered, spent, resume"),
        (Rejects, answered(200, None), "delivered, spent, resume"),
        (Breaker, answered(500, None), "released, free, go on"),
        (Access, answered(500, None), "released, free, go on"),
        (Breaker, lost(Transport::Timeout), "released, free, go on"),
        (Rejects, lost(Transport::Cut), "released, free, go on"),
        (Breaker, answered(429, Some(9)), "released, free, wait 9"),
        (Access, answered(429, Some(9)), "released, free, wait 9"),
        (
            Breaker,
            answered(401, None),
            "released, free, pause destination.no_access",
        ),
        (
            Access,
            answered(401, None),
            "released, free, pause destination.no_access",
        ),
        (
            Breaker,
            answered(400, None),
            "parked rejected, spent, go on",
        ),
        (
            Access,
            answered(400, None),
            "parked rejected, spent, resume",
        ),
        (
            Rejects,
            answered(400, None),
            "parked rejected, spent, go on",
        ),
    ] {
        let found = outcome(&facts(Some(probe)), &result);
        assert_eq!(found, expected, "{probe:?} {result:?}");
    }
}

#[test]
fn too_many_refusals_in_a_row_are_not_the_events_fault() {
    let many = |count| Facts {
        refused: in_a_row(count),
        ..facts(None)
    };
    let refused = answered(400, None);
    assert_eq!(
        outcome(&many(20), &refused),
        "parked rejected, spent, go on"
    );
    assert_eq!(
        outcome(&many(21), &refused),
        "released, free, pause destination.rejects_all"
    );
}

#[test]
fn a_large_share_of_refusals_is_not_the_events_fault_either() {
    let share = |all, bad| Facts {
        refused: Refused {
            in_a_row: 1,
            recent: Share { all, bad },
        },
        ..facts(None)
    };
    let refused = answered(422, None);
    let parked = "parked rejected, spent, go on";
    assert_eq!(outcome(&share(80, 40), &refused), parked);
    let paused = "released, free, pause destination.rejects_all";
    assert_eq!(outcome(&share(80, 41), &refused), paused);
    let Then::Pause(reason) = decide(&retry(), &share(80, 41), &refused).then else {
        panic!("not paused");
    };
    let said = "41 of 80 events in 5m were refused; the last one answered 422";
    assert_eq!(reason.message, said);
}

#[test]
fn what_was_tried_for_too_long_is_parked_with_the_last_failure() {
    let old = Facts {
        age: Duration::from_secs(8 * 86_400),
        ..facts(None)
    };
    let decision = decide(&retry(), &old, &answered(500, None));
    let Verdict::Parked(reason) = decision.verdict else {
        panic!("{decision:?}")
    };
    assert_eq!(reason.code, "expired");
    assert_eq!(reason.message, "tried in vain for 8d; at last answered 500");
    let throttled = outcome(&old, &answered(429, Some(1)));
    assert_eq!(throttled, "released, free, wait 1", "not its own fault");
}

#[test]
fn attempts_before_this_one_move_along_the_schedule() {
    let facts = Facts {
        attempts: 3,
        ..facts(None)
    };
    let found = outcome(&facts, &answered(500, None));
    assert_eq!(found, "retry 600, spent, go on");
    let found = outcome(&facts, &answered(429, Some(9)));
    assert_eq!(
        found, "held 120, free, wait 9",
        "never before its own delay"
    );
}

#[test]
fn time_that_a_destination_stood_still_makes_no_event_older() {
    let seconds = Duration::from_secs;
    let first = FirstAttempt {
        at: Millis::new(100_000),
        idle: seconds(30),
    };
    let at = |second: i64| Millis::new(second * 1_000);
    assert_eq!(age(first, at(150), seconds(30)), seconds(50));
    assert_eq!(age(first, at(150), seconds(70)), seconds(10));
    assert_eq!(age(first, at(150), seconds(999)), Duration::ZERO);
    assert_eq!(age(first, at(50), seconds(30)), Duration::ZERO);
}
