//! A histogram that many tasks add to without waiting for each other. Whoever receives counts with
//! it as well.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts durations by size. The bounds are fixed, so that it can be shown as it is.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [Duration],
    counts: Vec<AtomicU64>,
    longer: AtomicU64,
    micros: AtomicU64,
}

/// What a [`Histogram`] holds at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// For each bound how many were not longer, in rising order.
    pub up_to: Vec<(Duration, u64)>,
    /// How many there were.
    pub count: u64,
    /// All of them together.
    pub sum: Duration,
}

/// Bounds for what should take milliseconds: requests, commits.
const QUICK: &[Duration] = &[
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

impl Histogram {
    /// An empty one for what should take milliseconds.
    pub fn quick() -> Self {
        Self::new(QUICK)
    }

    /// An empty one with these bounds, which have to rise.
    pub fn new(bounds: &'static [Duration]) -> Self {
        Self {
            bounds,
            counts: bounds.iter().map(|_| AtomicU64::new(0)).collect(),
            longer: AtomicU64::new(0),
            micros: AtomicU64::new(0),
        }
    }

    /// Adds one.
    pub fn observe(&self, duration: Duration) {
        let place = self.bounds.partition_point(|bound| *bound < duration);
        let count = self.counts.get(place).unwrap_or(&self.longer);
        count.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// What it holds.
    pub fn read(&self) -> Distribution {
        let mut count = 0;
        let up_to = self
            .bounds
            .iter()
            .zip(&self.counts)
            .map(|(bound, found)| {
                count += found.load(Ordering::Relaxed);
                (*bound, count)
            })
            .collect();
        Distribution {
            up_to,
            count: count + self.longer.load(Ordering::Relaxed),
            sum: Duration::from_micros(self.micros.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_up_to_each_bound() {
        const BOUNDS: &[Duration] = &[Duration::from_millis(10), Duration::from_secs(1)];
        let histogram = Histogram::new(BOUNDS);
        for millis in [1, 10, 11, 5_000] {
            histogram.observe(Duration::from_millis(millis));
        }
        let found = histogram.read();
        let counts: Vec<u64> = found.up_to.iter().map(|(_, count)| *count).collect();
        assert_eq!((counts, found.count), (vec![2, 3], 4));
        assert_eq!(found.sum, Duration::from_millis(5_022));
    }
}
