//! What a store remembers of a destination.

use std::time::Duration;

use super::{Millis, Reason};

/// A destination's state. It outlives a restart, so that a wrong token is not tried anew.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DestinationState {
    /// Set while nothing is sent.
    pub paused: Option<Paused>,
    /// The destination asked everybody to wait until then.
    pub not_before: Option<Millis>,
    /// Set while the breaker is open.
    pub breaker: Option<OpenBreaker>,
    /// How long it stood still in all, up to the last time it began to work again.
    pub idle_before: Duration,
    /// Since when it has stood still, if it does: paused, or with an open breaker.
    pub idle_since: Option<Millis>,
}

impl DestinationState {
    /// How long it stood still in all, up to now. This time makes no event older.
    pub fn idle(&self, now: Millis) -> Duration {
        let current = self.idle_since.map(|since| now.since(since));
        self.idle_before.saturating_add(current.unwrap_or_default())
    }

    /// The state after a change.
    #[must_use]
    pub fn after(mut self, change: &DestinationChange, now: Millis) -> Self {
        match change {
            // A second reason does not hide the first one.
            DestinationChange::Pause(reason) => {
                self.paused.get_or_insert_with(|| Paused {
                    since: now,
                    reason: reason.clone(),
                });
            }
            DestinationChange::Resume => self.paused = None,
            DestinationChange::NotBefore(until) => self.not_before = *until,
            DestinationChange::Breaker(breaker) => self.breaker = *breaker,
        }
        let stands_still = self.paused.is_some() || self.breaker.is_some();
        match (stands_still, self.idle_since) {
            (true, None) => self.idle_since = Some(now),
            (false, Some(_)) => {
                self.idle_before = self.idle(now);
                self.idle_since = None;
            }
            _ => {}
        }
        self
    }
}

/// A pause, by a person or by an answer that concerns the whole destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Since when.
    pub since: Millis,
    /// Why.
    pub reason: Reason,
}

/// A breaker that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenBreaker {
    /// Until the next probe.
    pub until: Millis,
    /// How long it waits between this probe and the one before.
    pub pause: Duration,
}

/// A change of a destination's state. Each changes one thing, so that a person's pause and an
/// answer's not-before do not overwrite each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DestinationChange {
    /// Sends nothing more.
    Pause(Reason),
    /// Sends again.
    Resume,
    /// Waits until then, or no longer.
    NotBefore(Option<Millis>),
    /// Opens the breaker, or closes it.
    Breaker(Option<OpenBreaker>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_stands_still_is_counted_once() {
        let at = |second: i64| Millis::new(second * 1_000);
        let open = OpenBreaker {
            until: at(30),
            pause: Duration::from_secs(5),
        };
        let state = DestinationState::default()
            .after(&DestinationChange::Breaker(Some(open)), at(10))
            .after(&DestinationChange::Pause(Reason::new("paused", "")), at(20))
            .after(&DestinationChange::Breaker(None), at(30));
        assert_eq!(state.idle(at(40)), Duration::from_secs(30));
        let state = state.after(&DestinationChange::Resume, at(50));
        assert_eq!(state.idle(at(99)), Duration::from_secs(40));
        assert_eq!(state.idle_since, None);
    }

    #[test]
    fn the_first_reason_of_a_pause_stays() {
        let pause = |code| DestinationChange::Pause(Reason::new(code, ""));
        let state = DestinationState::default()
            .after(&pause("token"), Millis::new(1))
            .after(&pause("by_hand"), Millis::new(2));
        assert_eq!(state.paused.unwrap().reason.code, "token");
    }
}
