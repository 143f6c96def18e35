use proptest::prelude::*;

use super::*;
use crate::{Answer, Share, Transport};

fn answered(status: u16, retry_after: Option<u64>) -> SendError {
    let wait = retry_after.map(Duration::from_secs);
    SendError::sort(Answer::new(status, b""), wait).unwrap_err()
}

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

fn tried(attempts: u32) -> Tried {
    Tried {
        attempts,
        age: Duration::ZERO,
        refused: in_a_row(1),
    }
}

fn wait(attempts: u32, failure: &SendError, jitter: f32) -> Duration {
    match next(&retry(), &tried(attempts), failure, jitter) {
        Next::Retry(wait) => wait,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_standard_schedule() {
    let steps: Vec<u64> = (1..=10)
        .map(|attempt| wait(attempt, &answered(500, None), 0.0).as_secs())
        .collect();
    assert_eq!(
        steps,
        [
            5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 21_600, 21_600
        ]
    );
}

#[test]
fn each_failure_has_its_consequence() {
    let retry_in = |seconds| Next::Retry(Duration::from_secs(seconds));
    let rejected = Next::Park(ParkReason::Rejected);
    for (attempts, failure, expected) in [
        (1, answered(500, None), retry_in(5)),
        (2, answered(408, None), retry_in(30)),
        (1, answered(500, Some(60)), retry_in(60)),
        (3, answered(500, Some(60)), retry_in(120)),
        (1, SendError::transport(Transport::Connect), retry_in(5)),
        (1, SendError::transport(Transport::Timeout), retry_in(5)),
        (1, SendError::transport(Transport::Cut), retry_in(5)),
        (0, answered(429, Some(2)), retry_in(2)),
        (0, answered(429, None), retry_in(5)),
        (2, answered(429, Some(2)), retry_in(30)),
        (0, answered(503, Some(86_400)), retry_in(86_400)),
        (0, answered(401, None), Next::PauseDestination),
        (0, answered(302, None), Next::PauseDestination),
        (1, answered(400, None), rejected),
        (1, answered(413, Some(5)), rejected),
    ] {
        let name = format!("{failure} after {attempts}");
        assert_eq!(
            next(&retry(), &tried(attempts), &failure, 0.0),
            expected,
            "{name}"
        );
    }
}

#[test]
fn many_refusals_in_a_row_are_the_destinations_fault() {
    let after = |count| {
        let tried = Tried {
            refused: in_a_row(count),
            ..tried(1)
        };
        next(&retry(), &tried, &answered(400, None), 0.0)
    };
    assert_eq!(after(20), Next::Park(ParkReason::Rejected));
    assert_eq!(after(21), Next::PauseDestination);
}

#[test]
fn a_large_share_of_refusals_is_the_destinations_fault() {
    for (all, bad, expected) in [
        (49, 49, Next::Park(ParkReason::Rejected)),
        (50, 25, Next::Park(ParkReason::Rejected)),
        (50, 26, Next::PauseDestination),
        (9_000, 4_500, Next::Park(ParkReason::Rejected)),
        (9_000, 4_501, Next::PauseDestination),
    ] {
        let refused = Refused {
            in_a_row: 1,
            recent: Share { all, bad },
        };
        let tried = Tried {
            refused,
            ..tried(1)
        };
        let found = next(&retry(), &tried, &answered(422, None), 0.0);
        assert_eq!(found, expected, "{bad} of {all}");
        // What is no refusal is not looked at so.
        let failed = next(&retry(), &tried, &answered(500, None), 0.0);
        assert!(matches!(failed, Next::Retry(_)), "{failed:?}");
    }
}

#[test]
fn an_old_event_expires_but_never_for_throttling() {
    let old = Tried {
        age: Duration::from_secs(7 * 86_400),
        ..tried(9)
    };
    assert_eq!(
        next(&retry(), &old, &answered(500, None), 0.0),
        Next::Park(ParkReason::Expired)
    );
    assert!(matches!(
        next(&retry(), &old, &answered(429, None), 0.0),
        Next::Retry(_)
    ));
    assert_eq!(
        next(&retry(), &old, &answered(401, None), 0.0),
        Next::PauseDestination
    );
}

#[test]
fn a_cap_holds_for_every_step() {
    let capped = Schedule::standard().capped(Duration::from_secs(30));
    let steps: Vec<u64> = (0..5)
        .map(|attempts| capped.delay(attempts).as_secs())
        .collect();
    assert_eq!(steps, [0, 5, 30, 30, 30]);
    assert_eq!(Schedule::new(&[]), None);
}

proptest! {
    #[test]
    fn delays_grow_and_are_capped(attempts in 1..40_u32, jitter in 0.0..=1.0_f32) {
        let failure = answered(500, None);
        prop_assert!(wait(attempts, &failure, 0.0) <= wait(attempts + 1, &failure, 0.0));
        prop_assert!(wait(attempts, &failure, jitter) <= Duration::from_secs(21_600).mul_f32(1.21));
    }

    #[test]
    fn jitter_only_adds(attempts in 1..40_u32, jitter in -1.0..2.0_f32) {
        let failure = answered(500, None);
        prop_assert!(wait(attempts, &failure, jitter) >= wait(attempts, &failure, 0.0));
    }

    #[test]
    fn never_below_what_was_asked(
        attempts in 0..40_u32,
        asked in 1..86_400_u64,
        jitter in 0.0..=1.0_f32,
        status in prop::sample::select(vec![429_u16, 500, 503]),
    ) {
        let waited = wait(attempts, &answered(status, Some(asked)), jitter);
        prop_assert!(waited >= Duration::from_secs(asked));
    }
}
