//! Measures of the connector: the real program as a child process, with the shop that posts to it
//! and the destination it delivers to in this one. Their work is not counted to the program, but
//! they share the machine's cores with it.

mod backlog;
mod bare;
mod deliver;
mod endpoint;
mod http;
mod intake;
mod load;
mod process;

pub(crate) use backlog::{BacklogArgs, run as backlog};
pub(crate) use bare::run as bare_receiver;
pub(crate) use deliver::{DeliverArgs, run as deliver};
pub(crate) use intake::{IntakeArgs, run as intake};

use std::time::Duration;

/// How long nothing may happen before a measurement is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many a second.
fn rate(count: u64, span: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let count = count as f64;
    count / span.as_secs_f64()
}

/// Processor time in seconds for each 10,000.
fn cpu_per_10_000(cpu: Duration, count: u64) -> f64 {
    10_000.0 / rate(count, cpu)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
