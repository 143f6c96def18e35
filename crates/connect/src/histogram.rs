//! Durations, counted in buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds in seconds, as Prometheus prints them, and in microseconds.
const BOUNDS: &[(&str, u128)] = &[
    ("0.0005", 500),
    ("0.001", 1_000),
    ("0.0025", 2_500),
    ("0.005", 5_000),
    ("0.01", 10_000),
    ("0.025", 25_000),
    ("0.05", 50_000),
    ("0.1", 100_000),
    ("0.25", 250_000),
    ("0.5", 500_000),
    ("1", 1_000_000),
    ("2.5", 2_500_000),
    ("5", 5_000_000),
    ("10", 10_000_000),
];

/// A histogram of durations that any thread may add to.
#[derive(Debug)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    above: AtomicU64,
    micros: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            above: AtomicU64::new(0),
            micros: AtomicU64::new(0),
        }
    }
}

impl Histogram {
    /// Counts a duration.
    pub fn observe(&self, duration: Duration) {
        let micros = duration.as_micros();
        let place = BOUNDS.iter().position(|(_, bound)| micros <= *bound);
        let bucket = place
            .and_then(|place| self.buckets.get(place))
            .unwrap_or(&self.above);
        bucket.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The bounds, each with the number of durations up to it; `+Inf` is the last.
    pub(crate) fn cumulated(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = BOUNDS.iter().map(|(name, _)| *name).chain(["+Inf"]);
        let counts = self.buckets.iter().chain([&self.above]);
        let mut sum = 0;
        names.zip(counts).map(move |(name, count)| {
            sum += count.load(Ordering::Relaxed);
            (name, sum)
        })
    }

    /// The sum of all durations.
    pub(crate) fn sum(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_holds_all_that_is_shorter() {
        let histogram = Histogram::default();
        for millis in [0, 1, 3, 7_000, 20_000] {
            histogram.observe(Duration::from_millis(millis));
        }
        let counts: Vec<_> = histogram.cumulated().collect();
        assert_eq!(counts[0], ("0.0005", 1));
        assert_eq!(counts[1], ("0.001", 2));
        assert_eq!(counts[3], ("0.005", 3));
        assert_eq!(counts[13], ("10", 4));
        assert_eq!(counts[14], ("+Inf", 5));
        assert_eq!(histogram.sum(), Duration::from_millis(27_004));
    }
}
