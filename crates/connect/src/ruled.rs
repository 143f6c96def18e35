//! What rules and exclusions of a source did, counted from the start of the process.

use std::sync::atomic::{AtomicU64, Ordering};

use orderbridge_rules::{By, Exclusion, Hit, Rules};

/// One counter for each rule, and for each kind of exclusion.
#[derive(Debug)]
pub(crate) struct RuleCounters {
    did: Vec<AtomicU64>,
    failed: Vec<AtomicU64>,
    excluded: Vec<AtomicU64>,
}

impl RuleCounters {
    pub(crate) fn new(rules: &Rules) -> Self {
        let zeros = |count: usize| (0..count).map(|_| AtomicU64::new(0)).collect();
        let rules = rules.ids().len();
        Self {
            did: zeros(rules),
            failed: zeros(rules),
            excluded: zeros(Exclusion::ALL.len()),
        }
    }

    /// Counts what was done with a payload.
    pub(crate) fn add(&self, hits: &[Hit]) {
        for hit in hits {
            let counter = match (hit.by, hit.failed) {
                (By::Rule(place), false) => self.did.get(place),
                (By::Rule(place), true) => self.failed.get(place),
                (By::Exclusion(kind), _) => {
                    let mut all = Exclusion::ALL.iter();
                    let place = all.position(|known| *known == kind);
                    place.and_then(|place| self.excluded.get(place))
                }
            };
            if let Some(counter) = counter {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How often the rule at a place did something, and could not be evaluated.
    pub(crate) fn of_rule(&self, place: usize) -> (u64, u64) {
        (count(self.did.get(place)), count(self.failed.get(place)))
    }

    /// The exclusions that left something out, and how often.
    pub(crate) fn excluded(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = Exclusion::ALL.iter().map(|kind| kind.as_str());
        let counts = self.excluded.iter().map(|counter| count(Some(counter)));
        names.zip(counts).filter(|(_, count)| *count > 0)
    }
}

fn count(counter: Option<&AtomicU64>) -> u64 {
    counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
}
