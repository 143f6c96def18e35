//! What is known of the destination, as the store remembers it, and when to probe it.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::time::Duration;

use super::decide::Probe;
use crate::store::{DeliveryId, DestinationChange, DestinationState, End, Millis};

/// A pause is probed first after the breaker's time, then ever more slowly, up to so many times it.
const SLOWEST: u32 = 20;

/// So many events that probed are remembered, so that the next probe takes another one.
const REMEMBERED: usize = 32;

/// A destination's state. Changes take effect here at once and are written one after the other.
#[derive(Debug)]
pub(crate) struct Site {
    state: DestinationState,
    /// Whether the state was read at all.
    known: bool,
    changes: VecDeque<(DestinationChange, Millis)>,
    writing: bool,
    /// Counts the changes, so that a state that was read before one is not taken for news.
    version: u64,
    /// The breaker's time between two probes.
    probe: Duration,
    pause: Duration,
    probe_at: Duration,
    /// Not before this time, since there was nothing to probe with.
    nothing_until: Duration,
    probing: bool,
    /// The events that probed, the last one at the back.
    probed: VecDeque<DeliveryId>,
    /// The end from which the next probe is taken.
    end: End,
}

impl Site {
    /// Nothing is known yet.
    pub(crate) fn new(probe: Duration) -> Self {
        Self {
            state: DestinationState::default(),
            known: false,
            changes: VecDeque::new(),
            writing: false,
            version: 0,
            probe,
            pause: probe,
            probe_at: Duration::ZERO,
            nothing_until: Duration::ZERO,
            probing: false,
            probed: VecDeque::new(),
            end: End::Oldest,
        }
    }

    /// The state.
    pub(crate) const fn state(&self) -> &DestinationState {
        &self.state
    }

    /// Whether the state was read.
    pub(crate) const fn is_known(&self) -> bool {
        self.known
    }

    /// Whether it is paused.
    pub(crate) const fn is_paused(&self) -> bool {
        self.state.paused.is_some()
    }

    /// The probe that may end the pause, if it is paused and one may.
    pub(crate) fn pause_probe(&self) -> Option<Probe> {
        Probe::of(&self.state.paused.as_ref()?.reason)
    }

    /// Changes the state, here now and in the store soon.
    pub(crate) fn change(&mut self, change: DestinationChange, now: Millis, at: Duration) {
        if matches!(change, DestinationChange::Pause(_)) && !self.is_paused() {
            self.pause = self.probe;
            self.probe_at = at + self.pause;
        }
        self.state = std::mem::take(&mut self.state).after(&change, now);
        self.version += 1;
        if let Some((last, since)) = self.changes.back_mut()
            && discriminant(last) == discriminant(&change)
        {
            // A pause that follows a pause changes nothing; of all else the last one counts.
            if !matches!(change, DestinationChange::Pause(_)) {
                (*last, *since) = (change, now);
            }
            return;
        }
        self.changes.push_back((change, now));
    }

    /// The change to write now, if any.
    pub(crate) fn next_change(&mut self) -> Option<(DestinationChange, Millis)> {
        if self.writing {
            return None;
        }
        let change = self.changes.pop_front()?;
        self.writing = true;
        Some(change)
    }

    /// Whether all changes are in the store.
    pub(crate) fn is_written(&self) -> bool {
        !self.writing && self.changes.is_empty()
    }

    /// A change is in the store.
    pub(crate) fn written(&mut self) {
        self.writing = false;
    }

    /// A change may not be in the store, and is to be written again.
    pub(crate) fn not_written(&mut self, change: (DestinationChange, Millis)) {
        self.writing = false;
        self.changes.push_front(change);
    }

    /// The version of the state, for [`Self::read`].
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Takes the state as it was read when it had this version. Whether it is news.
    pub(crate) fn read(&mut self, state: DestinationState, version: u64, now: Duration) -> bool {
        if version != self.version || !self.is_written() {
            return false;
        }
        if !self.known || state.paused.is_none() {
            // A restart often follows a repair, so the first probe comes at once.
            self.pause = self.probe;
            self.probe_at = now;
        }
        self.known = true;
        let news = state != self.state;
        self.state = state;
        news
    }

    /// When the next probe may start: for a breaker at once, for a pause when it is time. Nothing
    /// while one is under way.
    pub(crate) fn probe_at(&self) -> Option<Duration> {
        let at = if self.is_paused() {
            self.probe_at
        } else {
            Duration::ZERO
        };
        (!self.probing).then_some(at.max(self.nothing_until))
    }

    /// A probe begins.
    pub(crate) fn probe_begins(&mut self) {
        self.probing = true;
    }

    /// A probe was not possible, since nothing was due.
    pub(crate) fn nothing_to_probe_with(&mut self, until: Duration) {
        self.probing = false;
        self.nothing_until = until;
    }

    /// There may be something to probe with now.
    pub(crate) fn something_to_probe_with(&mut self) {
        self.nothing_until = Duration::ZERO;
    }

    /// A probe has ended. The next one for the same pause comes later.
    pub(crate) fn probe_ended(&mut self, now: Duration) {
        self.probing = false;
        self.pause = (self.pause * 2).min(self.probe * SLOWEST);
        self.probe_at = now + self.pause;
    }

    /// From which end to take the next probe, and how many events to choose from.
    ///
    /// Some events never get through, and however many there are, they must not keep a destination
    /// shut that takes all others. So probes come from both ends in turn, which lets in whatever is
    /// new, and those that have probed stand back, which lets in whatever is in between.
    pub(crate) fn probe_from(&self) -> (End, usize) {
        (self.end, self.probed.len() + 1)
    }

    /// When an event last probed, as a place in a row: the greater, the later. `None` is before all.
    pub(crate) fn last_probed(&self, delivery: DeliveryId) -> Option<usize> {
        self.probed.iter().position(|probed| *probed == delivery)
    }

    /// Notes the event that probes.
    pub(crate) fn probed_with(&mut self, delivery: DeliveryId) {
        self.probed.retain(|probed| *probed != delivery);
        if self.probed.len() == REMEMBERED {
            self.probed.pop_front();
        }
        self.probed.push_back(delivery);
        self.end = match self.end {
            End::Oldest => End::Newest,
            End::Newest => End::Oldest,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::PAUSED_NO_ACCESS;
    use crate::store::Reason;

    const WALL: Millis = Millis::new(0);

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn pause(code: &str) -> DestinationChange {
        DestinationChange::Pause(Reason::new(code, ""))
    }

    fn known() -> Site {
        let mut site = Site::new(at(30));
        site.read(DestinationState::default(), 0, at(0));
        site
    }

    #[test]
    fn changes_are_seen_at_once_and_written_in_order() {
        let mut site = known();
        let wait = |second| DestinationChange::NotBefore(Some(Millis::new(second)));
        site.change(wait(1), WALL, at(1));
        site.change(wait(2), WALL, at(1));
        site.change(pause(PAUSED_NO_ACCESS), WALL, at(1));
        site.change(pause("again"), WALL, at(1));
        assert!(site.is_paused());
        let first = site.next_change().unwrap();
        assert_eq!(first.0, wait(2), "only the last of a kind");
        assert_eq!(site.next_change(), None, "one after the other");
        site.not_written(first);
        assert_eq!(site.next_change().unwrap().0, wait(2));
        site.written();
        assert_eq!(site.next_change().unwrap().0, pause(PAUSED_NO_ACCESS));
        assert!(!site.is_written());
        site.written();
        assert!(site.is_written());
    }

    #[test]
    fn what_was_read_before_a_change_is_old_news() {
        let mut site = known();
        let version = site.version();
        site.change(pause(PAUSED_NO_ACCESS), WALL, at(1));
        assert!(!site.read(DestinationState::default(), version, at(2)));
        let version = site.version();
        assert!(
            !site.read(DestinationState::default(), version, at(2)),
            "not written yet"
        );
        site.next_change();
        site.written();
        assert!(site.is_paused());
        assert!(
            site.read(DestinationState::default(), version, at(2)),
            "a person resumed it"
        );
        assert!(!site.is_paused());
    }

    #[test]
    fn a_pause_is_probed_ever_more_slowly_and_a_persons_never() {
        let mut site = known();
        site.change(pause(PAUSED_NO_ACCESS), WALL, at(0));
        let mut now = at(0);
        for wait in [30, 60, 120, 240, 480, 600, 600] {
            now += at(wait);
            assert_eq!(site.probe_at(), Some(now));
            site.probe_begins();
            assert_eq!(site.probe_at(), None);
            site.probe_ended(now);
        }
        assert_eq!(site.pause_probe(), Some(Probe::Access));
        let mut site = known();
        site.change(pause("paused"), WALL, at(0));
        assert_eq!(site.pause_probe(), None);
    }
}
