//! Counts over the last stretch of time.

use std::time::Duration;

const SLOTS: usize = 10;

/// How many there were in the window, and how many of them were bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Share {
    /// All of them.
    pub all: u32,
    /// The bad ones.
    pub bad: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    number: u128,
    share: Share,
}

/// Counts over a window that moves on in tenths of its length.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    length: Duration,
    slots: [Slot; SLOTS],
}

impl Window {
    pub(crate) fn new(length: Duration) -> Self {
        Self {
            length,
            slots: [Slot::default(); SLOTS],
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.slots = [Slot::default(); SLOTS];
    }

    /// Counts one.
    pub(crate) fn count(&mut self, now: Duration, bad: bool) {
        let number = self.slot_number(now);
        let place = usize::try_from(number % SLOTS as u128).unwrap_or_default();
        if let Some(slot) = self.slots.get_mut(place) {
            if slot.number != number {
                *slot = Slot {
                    number,
                    share: Share::default(),
                };
            }
            slot.share.all = slot.share.all.saturating_add(1);
            slot.share.bad = slot.share.bad.saturating_add(u32::from(bad));
        }
    }

    /// What the window holds now.
    pub(crate) fn share(&self, now: Duration) -> Share {
        let current = self.slot_number(now);
        let mut sum = Share::default();
        for slot in &self.slots {
            if slot.number + SLOTS as u128 > current {
                sum.all = sum.all.saturating_add(slot.share.all);
                sum.bad = sum.bad.saturating_add(slot.share.bad);
            }
        }
        sum
    }

    fn slot_number(&self, now: Duration) -> u128 {
        let length = (self.length / 10).as_nanos().max(1);
        now.as_nanos() / length
    }
}
