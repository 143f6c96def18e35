//! `scripts/bench backlog`: whether a full store is as fast as an empty one.

use std::thread;
use std::time::Duration;

use clap::Args;
use orderbridge_bench::fill;

use super::endpoint::Endpoint;
use super::load::Requests;
use super::process::Site;
use super::{PATIENCE, millis, rate};
use crate::say;

/// What to measure.
#[derive(Args, Debug)]
pub(crate) struct BacklogArgs {
    /// How many events wait in the store
    #[arg(long, value_delimiter = ',', default_value = "0,100000,1000000")]
    events: Vec<u32>,
    /// How many more are posted, and then delivered
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    more: u32,
}

const PLATFORM: &str = "shopify";

/// What is in the store before is small, so that filling it takes seconds: what could be slow is
/// the number of rows, not their length.
const EVENT: usize = 200;
const PAYLOAD: usize = 100;

const CONNECTIONS: usize = 32;
const CONCURRENCY: usize = 64;

/// How long a connector that was just started is left alone before it counts as idle.
const SETTLED: Duration = Duration::from_secs(2);

pub(crate) fn run(args: &BacklogArgs) -> Result<(), String> {
    say(&format!(
        "{} webhooks to a destination that is paused, then as many deliveries\n",
        args.more
    ));
    say(&format!(
        "{:>10} {:>12} {:>8} {:>9} {:>9} {:>8} {:>8} {:>10}",
        "events", "start-up ms", "idle MB", "intake/s", "p99 ms", "sent/s", "peak MB", "store MB"
    ));
    for events in &args.events {
        row(*events, args.more)?;
    }
    Ok(())
}

fn row(events: u32, more: u32) -> Result<(), String> {
    let site = Site::new()?;
    let endpoint = Endpoint::start(Duration::ZERO)?;
    site.configure(PLATFORM, endpoint.address, CONCURRENCY)?;
    // Nothing, not even a file, is what a first start finds.
    let start_up = if events == 0 {
        let first = site.start()?;
        let start_up = first.start_up;
        first.stop()?;
        Some(start_up)
    } else {
        fill::fill(&site.store(), 0, events, PAYLOAD, EVENT)?;
        None
    };
    fill::pause(&site.store(), true)?;
    let requests = Requests::sign(PLATFORM, 0, more)?;

    let connector = site.start()?;
    let start_up = start_up.unwrap_or(connector.start_up);
    thread::sleep(SETTLED);
    let idle = connector.used()?.memory;
    let posted = requests.post(connector.address, CONNECTIONS)?;
    let intake_peak = connector.used()?.peak;
    connector.stop()?;

    fill::pause(&site.store(), false)?;
    let connector = site.start()?;
    endpoint.wait_for(more.into(), PATIENCE)?;
    let (sent, span) = (endpoint.answered(), endpoint.span());
    let peak = connector.used()?.peak.max(intake_peak);
    drop(connector);
    say(&format!(
        "{events:>10} {:>12.1} {idle:>8.1} {:>9.0} {:>9.1} {:>8.0} {peak:>8.1} {:>10.0}",
        millis(start_up),
        rate(requests.count(), posted.wall),
        millis(posted.percentile(99)),
        rate(sent, span),
        site.store_megabytes()?,
    ));
    Ok(())
}
