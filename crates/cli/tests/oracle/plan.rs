//! What will happen, drawn from a seed. The plan is the same for the same seed; when exactly a
//! process is hit by what it says is not.

use std::time::Duration;

use fastrand::Rng;

/// What an order is, and so what has to become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// It is delivered.
    Good,
    /// The endpoint refuses it for its content, so it is parked with that answer.
    Refused,
    /// No adapter can map it, so it is parked as it came.
    Unmappable,
    /// Its signature is wrong: 401, and nothing is stored.
    Unsigned,
    /// It exceeds what a source takes: 413, and nothing is stored.
    TooLarge,
}

/// How the endpoint behaves for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Answers within some milliseconds.
    Well,
    /// Answers late.
    Slow,
    /// Answers 500 to a third.
    Flapping,
    /// Answers 500 to nearly all.
    Failing,
    /// Answers 429 with `Retry-After` to a third.
    Throttling,
    /// Answers 401 to all.
    NoAccess,
    /// Closes a third of the connections before the body was read.
    CutsBefore,
    /// Takes a third of the bodies and closes the connection without an answer.
    CutsAfter,
    /// Answers a few so late that nobody waits for it any more.
    Hanging,
}

/// How a round ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By SIGKILL.
    Kill,
    /// By SIGKILL so long after the start, in the middle of whatever happens there.
    KillAtBirth(Duration),
    /// By SIGTERM, and then it finishes what is under way.
    Terminate,
}

/// What a person does beside the running connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Sends everything again that is parked.
    RetryParked,
    /// Sends some again that were delivered.
    Replay,
    /// Pauses the destination. The pause outlives the round.
    Pause,
    /// Lets it go on.
    Resume,
}

/// The life of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    pub(crate) phase: Phase,
    pub(crate) length: Duration,
    pub(crate) errand: Option<Errand>,
    pub(crate) end: End,
}

/// All rounds, and what each order is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    seed: u64,
    pub(crate) rounds: Vec<Round>,
}

impl Plan {
    /// Draws a plan with so many kills.
    pub(crate) fn draw(seed: u64, kills: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut rounds = Vec::new();
        let mut killed = 0;
        while killed < kills {
            let end = match rng.u8(..100) {
                0..10 => End::Terminate,
                10..20 => End::KillAtBirth(Duration::from_millis(rng.u64(..200))),
                _ => End::Kill,
            };
            killed += usize::from(end != End::Terminate);
            rounds.push(Round {
                phase: phase(&mut rng),
                length: Duration::from_millis(rng.u64(200..2_000)),
                errand: errand(&mut rng),
                end,
            });
        }
        Self { seed, rounds }
    }

    /// What an order is.
    pub(crate) fn kind(&self, order: u64) -> Kind {
        match self.dice(order).u16(..1_000) {
            0..40 => Kind::Refused,
            40..80 => Kind::Unmappable,
            80..110 => Kind::Unsigned,
            110..115 => Kind::TooLarge,
            _ => Kind::Good,
        }
    }

    /// Whatever else is drawn for an order.
    pub(crate) fn dice(&self, order: u64) -> Rng {
        let mut rng = Rng::with_seed(self.seed ^ order.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        // The first draws of neighbouring seeds are alike.
        rng.u64(..);
        rng
    }
}

fn phase(rng: &mut Rng) -> Phase {
    match rng.u8(..100) {
        0..25 => Phase::Well,
        25..35 => Phase::Slow,
        35..47 => Phase::Flapping,
        47..55 => Phase::Failing,
        55..65 => Phase::Throttling,
        65..70 => Phase::NoAccess,
        70..80 => Phase::CutsBefore,
        80..92 => Phase::CutsAfter,
        _ => Phase::Hanging,
    }
}

fn errand(rng: &mut Rng) -> Option<Errand> {
    match rng.u8(..100) {
        0..8 => Some(Errand::RetryParked),
        8..20 => Some(Errand::Replay),
        20..26 => Some(Errand::Pause),
        26..50 => Some(Errand::Resume),
        _ => None,
    }
}

#[test]
fn the_same_seed_gives_the_same_plan_and_another_one_another() {
    let plan = Plan::draw(7, 300);
    assert_eq!(plan, Plan::draw(7, 300));
    assert_ne!(plan.rounds, Plan::draw(8, 300).rounds);
    let kills = plan.rounds.iter().filter(|it| it.end != End::Terminate);
    assert_eq!(kills.count(), 300);
    let mut kinds: Vec<Kind> = (0..2_000).map(|order| plan.kind(order)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}
