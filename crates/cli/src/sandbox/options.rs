//! How the sandbox behaves, and misbehaves.

use std::str::FromStr;
use std::time::Duration;

use orderbridge_core::{RateLimit, parse_duration};
use orderbridge_event::Secret;

/// A share of requests, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

impl Share {
    /// No request at all.
    pub const NONE: Self = Self(0.0);

    /// A share; `None` when it is not between 0 and 1.
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// Throws the dice.
    pub(super) fn strikes(self, dice: &mut fastrand::Rng) -> bool {
        self.0 > 0.0 && dice.f64() < self.0
    }
}

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .ok()
            .and_then(Self::new)
            .ok_or("not a share from 0 to 1, such as 0.2")
    }
}

/// How long each answer is held back: one time, or a range to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    shortest: Duration,
    longest: Duration,
}

impl Latency {
    /// Answers at once.
    pub const NONE: Self = Self {
        shortest: Duration::ZERO,
        longest: Duration::ZERO,
    };

    /// Between two times; `None` when they are the wrong way round.
    pub fn between(shortest: Duration, longest: Duration) -> Option<Self> {
        (shortest <= longest).then_some(Self { shortest, longest })
    }

    fn is_range(self) -> bool {
        self.shortest < self.longest
    }

    pub(super) fn choose(self, dice: &mut fastrand::Rng) -> Duration {
        let range = self.longest.saturating_sub(self.shortest);
        if range.is_zero() {
            self.shortest
        } else {
            self.shortest + range.mul_f64(dice.f64())
        }
    }
}

impl FromStr for Latency {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (shortest, longest) = text.split_once("..").unwrap_or((text, text));
        match (parse_duration(shortest), parse_duration(longest)) {
            (Ok(shortest), Ok(longest)) => Self::between(shortest, longest),
            _ => None,
        }
        .ok_or("not a time or a range of times, such as 20ms or 10ms..200ms")
    }
}

/// Everything that the sandbox can be told.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// The wait before each answer.
    pub latency: Latency,
    /// The share of requests that are answered with 500.
    pub fail_rate: Share,
    /// What comes faster is answered with 429.
    pub rate_limit: Option<RateLimit>,
    /// The share of connections cut before the body is read.
    pub cut_before: Share,
    /// The share of connections cut after the event was taken.
    pub cut_after: Share,
    /// The token to demand.
    pub token: Option<Secret>,
    /// The seed of all chance.
    pub seed: u64,
    /// Whether to keep all bodies in memory, for [`super::Handle::received`].
    pub keep: bool,
}

impl Options {
    /// A well-behaved sandbox on a free port of this machine that keeps what it receives.
    pub fn quiet() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            latency: Latency::NONE,
            fail_rate: Share::NONE,
            rate_limit: None,
            cut_before: Share::NONE,
            cut_after: Share::NONE,
            token: None,
            seed: 0,
            keep: true,
        }
    }

    /// Whether anything is left to chance.
    pub(super) fn needs_dice(&self) -> bool {
        [self.fail_rate, self.cut_before, self.cut_after]
            .iter()
            .any(|share| share.0 > 0.0)
            || self.latency.is_range()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_shares_and_latencies() {
        assert_eq!("0.2".parse(), Ok(Share(0.2)));
        assert_eq!("1".parse(), Ok(Share(1.0)));
        for text in ["", "-0.1", "1.1", "20%", "NaN"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        let ms = Duration::from_millis;
        assert_eq!(
            "20ms".parse(),
            Ok(Latency {
                shortest: ms(20),
                longest: ms(20)
            })
        );
        assert_eq!(
            "10ms..1s".parse(),
            Ok(Latency {
                shortest: ms(10),
                longest: ms(1_000)
            })
        );
        for text in ["", "20", "1s..10ms", "1s.."] {
            assert!(text.parse::<Latency>().is_err(), "{text}");
        }
    }
}
