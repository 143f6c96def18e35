//! The leases under which deliveries are held, and which of them to prolong.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::store::{ClaimId, Claimed, DeliveryId};

#[derive(Debug)]
struct Lease {
    until: Duration,
    deliveries: HashSet<DeliveryId>,
}

/// All leases of a dispatcher. A delivery is held until its settlement is on the disk.
#[derive(Debug)]
pub(crate) struct Leases {
    length: Duration,
    held: HashMap<ClaimId, Lease>,
}

impl Leases {
    /// No leases yet; each is to be this long.
    pub(crate) fn new(length: Duration) -> Self {
        Self {
            length,
            held: HashMap::new(),
        }
    }

    /// Notes what was claimed under a fence.
    pub(crate) fn add(&mut self, claim: ClaimId, claimed: &[Claimed], until: Duration) {
        if !claimed.is_empty() {
            let deliveries = claimed.iter().map(|claimed| claimed.id).collect();
            self.held.insert(claim, Lease { until, deliveries });
        }
    }

    /// Notes that a delivery is settled, or lost.
    pub(crate) fn remove(&mut self, claim: ClaimId, delivery: DeliveryId) {
        if let Some(lease) = self.held.get_mut(&claim) {
            lease.deliveries.remove(&delivery);
            if lease.deliveries.is_empty() {
                self.held.remove(&claim);
            }
        }
    }

    /// Whether a lease still holds. When it does not, somebody else may send the event.
    pub(crate) fn holds(&self, claim: ClaimId, now: Duration) -> bool {
        self.held.get(&claim).is_some_and(|lease| lease.until > now)
    }

    /// When the next lease is to be prolonged: after a third of its time, so that two failures
    /// do no harm.
    pub(crate) fn renew_at(&self) -> Option<Duration> {
        let first = self.held.values().map(|lease| lease.until).min()?;
        Some(first.saturating_sub(self.length * 2 / 3))
    }

    /// The leases to prolong now, with what is held under them.
    pub(crate) fn to_renew(&self, now: Duration) -> Vec<(ClaimId, Vec<DeliveryId>)> {
        let soon = now + self.length * 2 / 3;
        self.held
            .iter()
            .filter(|(_, lease)| lease.until <= soon)
            .map(|(claim, lease)| (*claim, lease.deliveries.iter().copied().collect()))
            .collect()
    }

    /// Takes the answer to a prolongation; gives what is no longer held.
    pub(crate) fn renewed(
        &mut self,
        claim: ClaimId,
        asked: Vec<DeliveryId>,
        kept: &[DeliveryId],
        until: Duration,
    ) -> Vec<DeliveryId> {
        if let Some(lease) = self.held.get_mut(&claim) {
            lease.until = until;
        }
        let kept: HashSet<&DeliveryId> = kept.iter().collect();
        let mut lost = asked;
        // What was settled meanwhile is not lost.
        lost.retain(|delivery| !kept.contains(delivery) && self.has(claim, *delivery));
        for delivery in &lost {
            self.remove(claim, *delivery);
        }
        lost
    }

    fn has(&self, claim: ClaimId, delivery: DeliveryId) -> bool {
        self.held
            .get(&claim)
            .is_some_and(|lease| lease.deliveries.contains(&delivery))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIM: ClaimId = ClaimId::from_bytes([1; 16]);

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn held(ids: &[i64]) -> Leases {
        let mut leases = Leases::new(at(60));
        let deliveries = ids.iter().map(|id| DeliveryId::new(*id)).collect();
        let until = at(60);
        leases.held.insert(CLAIM, Lease { until, deliveries });
        leases
    }

    #[test]
    fn a_lease_is_prolonged_after_a_third_of_its_time() {
        let mut leases = held(&[1, 2]);
        assert_eq!(leases.renew_at(), Some(at(20)));
        assert!(leases.to_renew(at(19)).is_empty());
        let (claim, asked) = leases.to_renew(at(20)).pop().unwrap();
        assert_eq!(asked.len(), 2);
        let lost = leases.renewed(claim, asked, &[DeliveryId::new(2)], at(80));
        assert_eq!(lost, [DeliveryId::new(1)]);
        assert!(leases.holds(CLAIM, at(79)));
        assert!(!leases.holds(CLAIM, at(80)));
    }

    #[test]
    fn what_is_settled_is_held_no_longer() {
        let mut leases = held(&[1]);
        leases.remove(CLAIM, DeliveryId::new(1));
        assert_eq!(leases.renew_at(), None);
        let asked = vec![DeliveryId::new(1)];
        assert!(leases.renewed(CLAIM, asked, &[], at(80)).is_empty());
    }
}
