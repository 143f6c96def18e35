//! `scripts/bench deliver`: how fast a full store is drained.

use std::time::Duration;

use clap::Args;
use orderbridge_bench::fill;

use super::endpoint::Endpoint;
use super::process::Site;
use super::{PATIENCE, cpu_per_10_000, rate};
use crate::say;

/// What to measure.
#[derive(Args, Debug)]
pub(crate) struct DeliverArgs {
    /// How many events are delivered at most; a slow destination gets some seconds' worth
    #[arg(long, default_value_t = 40_000)]
    events: u32,
    /// How long the destination takes to answer, in milliseconds
    #[arg(long, value_delimiter = ',', default_value = "0,20,100")]
    latency: Vec<u32>,
    /// How many requests may be under way
    #[arg(long, value_delimiter = ',', default_value = "16,64,256,512")]
    concurrency: Vec<u32>,
}

/// What an event of a generated order of Shopify comes to. Its payload is not read any more.
const EVENT: usize = 2_500;
const PAYLOAD: usize = 100;

/// A slow destination is given as many events as it can take in this time.
const SECONDS: u32 = 4;

pub(crate) fn run(args: &DeliverArgs) -> Result<(), String> {
    say(&format!(
        "up to {} stored events of {:.1} kB\n",
        args.events,
        f64::from(u32::try_from(EVENT).unwrap_or(0)) / 1e3
    ));
    say(&format!(
        "{:>10} {:>11} {:>8} {:>9} {:>9} {:>11} {:>13} {:>10}",
        "latency ms",
        "concurrency",
        "events",
        "events/s",
        "of ideal",
        "connections",
        "CPU s/10,000",
        "memory MB"
    ));
    for latency in &args.latency {
        for concurrency in &args.concurrency {
            row(args.events, *latency, *concurrency)?;
        }
    }
    Ok(())
}

fn row(most: u32, latency: u32, concurrency: u32) -> Result<(), String> {
    // Concurrency ÷ latency, which no sender can exceed.
    let ideal = (latency > 0).then(|| concurrency * 1_000 / latency);
    let events = ideal.map_or(most, |ideal| most.min(ideal * SECONDS));
    let site = Site::new()?;
    fill::fill(&site.store(), 0, events, PAYLOAD, EVENT)?;
    let endpoint = Endpoint::start(Duration::from_millis(latency.into()))?;
    site.configure("shopify", endpoint.address, concurrency as usize)?;
    let connector = site.start()?;
    endpoint.wait_for(events.into(), PATIENCE)?;
    let used = connector.used()?;
    connector.stop()?;
    let rate = rate(events.into(), endpoint.span());
    let share = ideal.map_or_else(String::new, |ideal| {
        format!("{:.0} %", 100.0 * rate / f64::from(ideal))
    });
    say(&format!(
        "{latency:>10} {concurrency:>11} {events:>8} {rate:>9.0} {share:>9} {:>11} {:>13.2} {:>10.1}",
        endpoint.connections(),
        cpu_per_10_000(used.cpu, events.into()),
        used.peak
    ));
    Ok(())
}
