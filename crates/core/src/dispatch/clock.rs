//! Where the dispatcher takes the time of day from.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::store::Millis;

/// Tells the time of day. What is stored is compared with it; waiting is done by tokio's clock, so
/// a clock that is set back or forward moves deadlines but never stops the dispatcher.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> Millis;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Millis::new(0).plus(since)
    }
}
