//! The dispatcher: sends what a store holds for one destination, until it is told to stop.
//!
//! It claims deliveries ahead of need, sends each one's frozen bytes, and settles the results in
//! groups. It keeps nothing that matters to itself: whoever starts it again after a crash goes on
//! where it was. What follows an answer is decided by pure functions; the loop only waits.
//!
//! A destination that refuses access, refuses everything or does not answer gets one probe at a
//! time, and the events that wait do not pay for it: no attempt is spent, nothing is parked, nothing
//! grows older. Only a probe that is refused for its content is parked as any other event is.

mod attempt;
mod clock;
mod decide;
mod engine;
mod histogram;
mod lanes;
mod leases;
mod metrics;
mod ops;
mod pilot;
mod replies;
mod run;
mod settling;
mod site;
mod timing;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

pub use clock::{Clock, SystemClock};
pub use decide::{PAUSED_NO_ACCESS, PAUSED_REJECTS_ALL};
pub use histogram::{Distribution, Histogram};
pub use metrics::Metrics;

use crate::store::{Store, StoreError};
use crate::{DeliveryConfig, Sink};

/// Delivers to one destination what a store holds for it.
pub struct Dispatcher {
    /// Where the events are.
    pub store: Arc<dyn Store>,
    /// Where they go.
    pub sink: Arc<dyn Sink>,
    /// The destination's name in the store.
    pub destination: String,
    /// How it is delivered to.
    pub config: DeliveryConfig,
    /// How the dispatcher itself works.
    pub pace: Pace,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Gives the jitter of each delay, between 0 and 1.
    pub jitter: Arc<dyn Fn() -> f32 + Send + Sync>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Told with `notify_one` that something new was stored. A call that is missed costs
    /// [`Pace::poll`] at most.
    pub wake: Arc<Notify>,
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher")
            .field("destination", &self.destination)
            .field("config", &self.config)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

/// How a dispatcher works, whatever the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long a claim holds. It is prolonged long before; only a sender that died lets it end.
    pub lease: Duration,
    /// How often the store is asked for what nobody told of, such as a person's pause.
    pub poll: Duration,
    /// How long requests that are under way may take once it is asked to stop.
    pub grace: Duration,
}

impl Default for Pace {
    /// A lease of a minute, a poll each second, 30 seconds of grace.
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(60),
            poll: Duration::from_secs(1),
            grace: Duration::from_secs(30),
        }
    }
}

/// What a dispatcher is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stop {
    /// Go on.
    #[default]
    No,
    /// Start nothing more, finish what is under way, give the rest back.
    Drain,
    /// End at once. What was under way is sent again by whoever comes next.
    Abort,
}

/// How a dispatcher ended. Nothing is lost in any case.
#[derive(Clone, Debug)]
pub enum Ended {
    /// All results are in the store, and all that was claimed is settled or given back.
    Drained,
    /// Time ran out for so many requests or results; they are sent again.
    GraceOver {
        /// How many.
        unfinished: usize,
    },
    /// At once, as asked.
    Aborted,
    /// The store can't be used any more.
    StoreFailed(StoreError),
}

#[cfg(test)]
mod tests;
