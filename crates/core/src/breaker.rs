//! Stops sending to a destination that mostly fails, and finds out when it is back.

use std::time::Duration;

use crate::window::{Share, Window};

/// When a breaker opens and how it probes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerConfig {
    /// The share of failures, between 0 and 1, from which it opens.
    pub failures: f64,
    /// The time over which the share is taken.
    pub window: Duration,
    /// It never opens on fewer attempts than this.
    pub minimum: u32,
    /// The longest time between two probes. The first comes after an eighth of it, then it doubles.
    pub probe: Duration,
}

/// Whether the breaker lets an attempt pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Closed: send.
    Yes,
    /// Half open: send one event, the oldest.
    Probe,
    /// Open until then.
    NotBefore(Duration),
    /// A probe is under way; its outcome decides.
    Probing,
}

/// What a breaker does at the moment. Times are counted as everywhere in [`Breaker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Everything passes.
    Closed,
    /// Nothing passes.
    Open {
        /// Until the next probe.
        until: Duration,
        /// How long it waits between this probe and the one before.
        pause: Duration,
    },
    /// A probe is under way.
    HalfOpen,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed,
    Open { until: Duration, pause: Duration },
    HalfOpen { pause: Duration },
}

/// A circuit breaker. Times are counted from any fixed moment. Time in which it is open spends no
/// attempts, since nothing is sent.
#[derive(Clone, Debug)]
pub struct Breaker {
    config: BreakerConfig,
    state: State,
    recent: Window,
    opened_at: Option<Duration>,
    open_before: Duration,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(config: BreakerConfig) -> Self {
        Self {
            config,
            state: State::Closed,
            recent: Window::new(config.window),
            opened_at: None,
            open_before: Duration::ZERO,
        }
    }

    /// Whether an attempt may start now.
    pub fn permission(&self, now: Duration) -> Permission {
        match self.state {
            State::Closed => Permission::Yes,
            State::Open { until, .. } if now >= until => Permission::Probe,
            State::Open { until, .. } => Permission::NotBefore(until),
            State::HalfOpen { .. } => Permission::Probing,
        }
    }

    /// Notes that an attempt starts; after [`Permission::Probe`] this is the probe.
    pub fn started(&mut self) {
        if let State::Open { pause, .. } = self.state {
            self.state = State::HalfOpen { pause };
        }
    }

    /// Notes an attempt that the destination answered, be it with a refusal.
    pub fn answered(&mut self, now: Duration) {
        self.recent.count(now, false);
        if !matches!(self.state, State::Closed) {
            self.close(now);
        }
    }

    /// Notes an attempt that failed because of the destination or the way there.
    pub fn failed(&mut self, now: Duration) {
        match self.state {
            State::Closed => {
                self.recent.count(now, true);
                if self.too_many_failures(now) {
                    self.opened_at = Some(now);
                    self.open(now, self.config.probe / 8);
                }
            }
            State::HalfOpen { pause } => self.open(now, pause.saturating_mul(2)),
            // An attempt from before it opened says nothing new.
            State::Open { .. } => {}
        }
    }

    /// What it does at the moment, to be remembered over a restart.
    pub const fn phase(&self) -> Phase {
        match self.state {
            State::Closed => Phase::Closed,
            State::Open { until, pause } => Phase::Open { until, pause },
            State::HalfOpen { .. } => Phase::HalfOpen,
        }
    }

    /// Puts back a phase that was remembered: open until a time, with the pause before it, or
    /// closed. A probe that is under way is not disturbed.
    pub fn restore(&mut self, now: Duration, open: Option<(Duration, Duration)>) {
        match (open, self.state) {
            (_, State::HalfOpen { .. }) | (None, State::Closed) => {}
            (Some((until, pause)), _) => {
                self.opened_at.get_or_insert(now);
                self.state = State::Open { until, pause };
            }
            (None, State::Open { .. }) => self.close(now),
        }
    }

    /// The time spent open so far, which counts for no event's age.
    pub fn open_time(&self, now: Duration) -> Duration {
        let current = self
            .opened_at
            .map_or(Duration::ZERO, |since| now.saturating_sub(since));
        self.open_before + current
    }

    fn open(&mut self, now: Duration, pause: Duration) {
        let pause = pause.min(self.config.probe);
        self.state = State::Open {
            until: now + pause,
            pause,
        };
    }

    fn close(&mut self, now: Duration) {
        self.state = State::Closed;
        self.recent.clear();
        self.open_before = self.open_time(now);
        self.opened_at = None;
    }

    fn too_many_failures(&self, now: Duration) -> bool {
        let Share { all, bad } = self.recent.share(now);
        all >= self.config.minimum.max(1) && f64::from(bad) >= self.config.failures * f64::from(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: BreakerConfig = BreakerConfig {
        failures: 0.5,
        window: Duration::from_secs(60),
        minimum: 4,
        probe: Duration::from_secs(32),
    };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::new(CONFIG);
        for _ in 0..4 {
            breaker.failed(at(10));
        }
        breaker
    }

    #[test]
    fn opens_on_share_and_volume() {
        let mut breaker = Breaker::new(CONFIG);
        for _ in 0..3 {
            breaker.failed(at(1));
        }
        assert_eq!(breaker.permission(at(1)), Permission::Yes);
        for _ in 0..5 {
            breaker.answered(at(2));
        }
        breaker.failed(at(3));
        assert_eq!(breaker.permission(at(3)), Permission::Yes, "4 of 9");
        breaker.failed(at(3));
        assert_eq!(
            breaker.permission(at(3)),
            Permission::NotBefore(at(7)),
            "5 of 10"
        );
    }

    #[test]
    fn old_failures_are_forgotten() {
        let mut breaker = Breaker::new(CONFIG);
        for second in [0, 1, 2, 70] {
            breaker.failed(at(second));
        }
        assert_eq!(breaker.permission(at(70)), Permission::Yes);
    }

    #[test]
    fn probes_ever_more_slowly_until_an_answer() {
        let mut breaker = opened();
        let mut now = at(10);
        for pause in [4, 8, 16, 32, 32] {
            assert_eq!(
                breaker.permission(now),
                Permission::NotBefore(now + at(pause))
            );
            now += at(pause);
            assert_eq!(breaker.permission(now), Permission::Probe);
            breaker.started();
            assert_eq!(breaker.permission(now), Permission::Probing);
            breaker.failed(now);
        }
        breaker.started();
        breaker.answered(now);
        assert_eq!(breaker.permission(now), Permission::Yes);
        assert_eq!(breaker.open_time(now + at(100)) + at(10), now);
    }

    #[test]
    fn a_remembered_phase_is_put_back_unless_a_probe_is_under_way() {
        let mut breaker = Breaker::new(CONFIG);
        breaker.restore(at(1), Some((at(20), at(16))));
        assert_eq!(breaker.permission(at(2)), Permission::NotBefore(at(20)));
        assert_eq!(breaker.permission(at(20)), Permission::Probe);
        breaker.started();
        breaker.restore(at(20), None);
        assert_eq!(breaker.phase(), Phase::HalfOpen);
        breaker.failed(at(21));
        let phase = Phase::Open {
            until: at(53),
            pause: at(32),
        };
        assert_eq!(breaker.phase(), phase, "the pause goes on growing");
        breaker.restore(at(22), None);
        assert_eq!(breaker.permission(at(22)), Permission::Yes);
        assert_eq!(breaker.open_time(at(99)), at(21));
    }

    #[test]
    fn late_failures_of_earlier_attempts_change_nothing() {
        let mut breaker = opened();
        breaker.failed(at(12));
        assert_eq!(breaker.permission(at(14)), Permission::Probe);
    }
}
