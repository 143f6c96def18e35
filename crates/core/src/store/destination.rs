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
    /// Since when it has stood still, if it does: paused, with an open breaker, or asked to wait.
    pub idle_since: Option<Millis>,
}

impl DestinationState {
    /// How long it stood still in all, up to now. This time makes no event older.
    pub fn idle(&self, now: Millis) -> Duration {
        // Nobody tells when a wait that the destination asked for is over.
        let until = match self.not_before {
            _ if self.paused.is_some() || self.breaker.is_some() => now,
            Some(not_before) => now.min(not_before),
            None => now,
        };
        let current = self.idle_since.map(|since| until.since(since));
        self.idle_before.saturating_add(current.unwrap_or_default())
    }

    /// The state after a change.
    #[must_use]
    pub fn after(mut self, change: &DestinationChange, now: Millis) -> Self {
        let idle = self.idle(now);
        let stood_still = self.stands_still(now);
        match change {
            // A second reason does not hide the first one.
            DestinationChange::Pause(reason) => {
                self.paused.get_or_insert_with(|| Paused {
                    since: now,
                    reason: reason.clone(),
                });
            }
            DestinationChange::PauseByHand(reason) => {
                self.paused = Some(Paused {
                    since: now,
                    reason: reason.clone(),
                });
            }
            DestinationChange::Resume => self.paused = None,
            DestinationChange::Recovered(code) => {
                self.paused = self.paused.filter(|paused| paused.reason.code != *code);
            }
            DestinationChange::NotBefore(until) => self.not_before = *until,
            DestinationChange::Breaker(breaker) => self.breaker = *breaker,
        }
        let stands_still = self.stands_still(now);
        // What goes on standing still for another reason is counted on.
        if !(stood_still && stands_still) || self.idle_since.is_none() {
            self.idle_before = idle;
            self.idle_since = stands_still.then_some(now);
        }
        self
    }

    /// Whether nothing but probes is sent.
    fn stands_still(&self, now: Millis) -> bool {
        self.paused.is_some()
            || self.breaker.is_some()
            || self.not_before.is_some_and(|until| until > now)
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
    /// Sends nothing more, unless it is paused already: the first reason stays.
    Pause(Reason),
    /// Sends nothing more until a person resumes it. Takes the place of a pause that might end by
    /// itself.
    PauseByHand(Reason),
    /// Sends again, whatever it was paused for.
    Resume,
    /// Sends again, if it is paused for the reason with this code: a pause that was made meanwhile
    /// for another one stays.
    Recovered(String),
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

    #[test]
    fn a_persons_pause_takes_the_place_of_any_other_and_only_a_person_ends_it() {
        let reason = |code| Reason::new(code, "");
        let recovered = DestinationChange::Recovered("token".to_owned());
        let state = DestinationState::default()
            .after(&DestinationChange::Pause(reason("token")), Millis::new(1));
        assert_eq!(state.clone().after(&recovered, Millis::new(2)).paused, None);
        let state = state
            .after(
                &DestinationChange::PauseByHand(reason("by_hand")),
                Millis::new(2),
            )
            .after(&recovered, Millis::new(3))
            .after(&DestinationChange::Pause(reason("token")), Millis::new(4));
        let paused = state.paused.clone().unwrap();
        assert_eq!(
            (paused.reason.code.as_str(), paused.since),
            ("by_hand", Millis::new(2))
        );
        let state = state.after(&DestinationChange::Resume, Millis::new(9));
        assert_eq!(state.idle(Millis::new(99)), Duration::from_millis(8));
    }

    #[test]
    fn a_wait_that_was_asked_for_makes_nothing_older_until_it_is_over() {
        let at = |second: i64| Millis::new(second * 1_000);
        let seconds = Duration::from_secs;
        let wait = |until| DestinationChange::NotBefore(Some(at(until)));
        let state = DestinationState::default().after(&wait(20), at(10));
        assert_eq!(state.idle(at(15)), seconds(5));
        assert_eq!(
            state.idle(at(90)),
            seconds(10),
            "nobody told that it was over"
        );
        // Prolonged while it lasts, and once more after a time in which it worked.
        let state = state.after(&wait(30), at(15)).after(&wait(60), at(50));
        assert_eq!(state.idle(at(55)), seconds(25));
        let state = state.after(&DestinationChange::Pause(Reason::new("token", "")), at(55));
        assert_eq!(
            state.idle(at(100)),
            seconds(70),
            "the pause goes on where the wait ends"
        );
        let state = state.after(&DestinationChange::Resume, at(100));
        assert_eq!(state.idle(at(200)), seconds(70));
        assert_eq!(state.idle_since, None);
    }
}
