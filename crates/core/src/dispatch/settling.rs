//! Results that are not on the disk yet. They are written in groups, since a commit costs the
//! same for one as for many.

use std::time::Duration;

use crate::store::Settlement;

/// No group is larger.
const LARGEST: usize = 256;

/// How long a result waits for others. A commit writes whole pages, the same ones for few results
/// as for many. A kill in this time has what waits sent once more.
const LINGER: Duration = Duration::from_millis(10);

/// Above this many, nothing more is started: the disk is what is slow.
const MOST: usize = 2_048;

/// Results on their way to the store.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    waiting: Vec<Settlement>,
    /// Since when the oldest has waited.
    since: Option<Duration>,
    writing: usize,
}

impl Settling {
    /// Adds a result.
    pub(crate) fn push(&mut self, settlement: Settlement, now: Duration) {
        self.waiting.push(settlement);
        self.since.get_or_insert(now);
    }

    /// When the next group is to be written; nothing while one is, or when there is none.
    pub(crate) fn write_at(&self, nothing_to_wait_for: bool) -> Option<Duration> {
        let since = self.since.filter(|_| self.writing == 0)?;
        if nothing_to_wait_for || self.waiting.len() >= LARGEST {
            return Some(Duration::ZERO);
        }
        Some(since + LINGER)
    }

    /// Takes out the next group, which is then being written.
    pub(crate) fn take(&mut self, now: Duration) -> Vec<Settlement> {
        let rest = self.waiting.split_off(self.waiting.len().min(LARGEST));
        let group = std::mem::replace(&mut self.waiting, rest);
        self.since = (!self.waiting.is_empty()).then_some(now);
        self.writing = group.len();
        group
    }

    /// The group was written.
    pub(crate) fn written(&mut self) {
        self.writing = 0;
    }

    /// The group may not have been written, and is to be written again.
    pub(crate) fn failed(&mut self, mut group: Vec<Settlement>, now: Duration) {
        self.writing = 0;
        group.append(&mut self.waiting);
        self.waiting = group;
        self.since = Some(now);
    }

    /// Whether there are too many to add more.
    pub(crate) fn is_full(&self) -> bool {
        self.len() >= MOST
    }

    /// How many are not known to be on the disk.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + self.writing
    }

    /// Whether all are on the disk.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ClaimId, DeliveryId, Millis, Verdict};

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn result(id: i64) -> Settlement {
        Settlement {
            id: DeliveryId::new(id),
            claim: ClaimId::from_bytes([0; 16]),
            now: Millis::new(0),
            attempt: None,
            verdict: Verdict::Released,
        }
    }

    #[test]
    fn results_wait_for_others_but_not_for_long() {
        let mut settling = Settling::default();
        assert_eq!(settling.write_at(true), None);
        settling.push(result(1), at(5));
        settling.push(result(2), at(6));
        assert_eq!(settling.write_at(false), Some(at(5) + LINGER));
        assert_eq!(settling.write_at(true), Some(at(0)), "nothing else comes");
        assert_eq!(settling.take(at(7)).len(), 2);
        settling.push(result(3), at(8));
        assert_eq!(settling.write_at(false), None, "one group at a time");
        settling.written();
        assert_eq!(settling.write_at(false), Some(at(8) + LINGER));
        assert_eq!(settling.len(), 1);
    }

    #[test]
    fn a_full_group_goes_at_once_and_comes_back_in_order_if_it_fails() {
        let mut settling = Settling::default();
        for id in 0..300 {
            settling.push(result(id), at(1));
        }
        assert_eq!(settling.write_at(false), Some(at(0)));
        let group = settling.take(at(1));
        assert_eq!(group.len(), 256);
        settling.failed(group, at(2));
        assert_eq!(settling.len(), 300);
        let again = settling.take(at(3));
        let ids: Vec<i64> = again.iter().map(|result| result.id.get()).collect();
        assert_eq!(ids, (0..256).collect::<Vec<i64>>());
        for id in 0..2_000 {
            settling.push(result(id), at(4));
        }
        assert!(settling.is_full());
    }
}
