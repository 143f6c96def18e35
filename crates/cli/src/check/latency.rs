//! How long a synced write takes in the store's folder: what each webhook has to wait for.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::report::millis;

/// How many commits are timed.
const COMMITS: usize = 64;
/// A slow disk is not asked for longer.
const PATIENCE: Duration = Duration::from_secs(2);
/// As much as a small order.
const PAGE: [u8; 4096] = [7; 4096];
/// No disk that keeps what it is given is faster.
const TOO_FAST: Duration = Duration::from_micros(20);
/// A platform waits for some seconds, and a commit is a part of each answer.
const SLOW: Duration = Duration::from_millis(100);

/// The times of some commits.
#[derive(Debug)]
pub(super) struct Latency {
    /// Where they were done.
    pub(super) folder: PathBuf,
    /// How many.
    pub(super) commits: usize,
    /// Half of them took less.
    pub(super) p50: Duration,
    /// One in a hundred took longer.
    pub(super) p99: Duration,
}

/// Times commits on a file that has no name, so that nothing stays of it whatever happens.
pub(super) fn measure(folder: &Path) -> io::Result<Latency> {
    let mut file = tempfile::tempfile_in(folder)?;
    let started = Instant::now();
    let mut times = Vec::with_capacity(COMMITS);
    while times.is_empty() || times.len() < COMMITS && started.elapsed() < PATIENCE {
        let begun = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(Latency::of(folder, times))
}

impl Latency {
    fn of(folder: &Path, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let share = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100).max(1);
            times.get(rank - 1).copied().unwrap_or_default()
        };
        Self {
            folder: folder.to_owned(),
            commits: times.len(),
            p50: share(50),
            p99: share(99),
        }
    }

    /// What is odd about them.
    pub(super) fn remark(&self) -> Option<String> {
        let folder = self.folder.display();
        if self.p50 < TOO_FAST {
            Some(format!(
                "a commit in {folder} takes {}, too fast to be on a disk: what is answered with \
                 200 may be lost with the power",
                millis(self.p50)
            ))
        } else if self.p99 > SLOW {
            Some(format!(
                "a commit in {folder} takes up to {}: webhooks are answered no faster",
                millis(self.p99)
            ))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl Iterator<Item = u64>) -> Latency {
        Latency::of(Path::new("x"), micros.map(Duration::from_micros).collect())
    }

    #[test]
    fn shares_are_by_rank() {
        let hundred = of((1..=100).rev());
        assert_eq!(hundred.p50, Duration::from_micros(50));
        assert_eq!(hundred.p99, Duration::from_micros(99));
        let one = of(std::iter::once(7));
        assert_eq!((one.p50, one.p99), (one.p99, Duration::from_micros(7)));
    }

    #[test]
    fn what_is_odd_is_told() {
        let remark = |micros: u64| of(std::iter::once(micros)).remark();
        assert!(remark(5).unwrap().contains("too fast"));
        assert_eq!(remark(700), None);
        assert!(remark(250_000).unwrap().contains("up to 250 ms"));
    }

    #[test]
    fn nothing_stays_of_a_measurement() {
        let folder = tempfile::tempdir().unwrap();
        let latency = measure(folder.path()).unwrap();
        assert!(latency.commits > 0 && latency.p50 <= latency.p99);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
