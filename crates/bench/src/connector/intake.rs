//! `scripts/bench intake`: how fast webhooks are taken in, while they are delivered.

use std::time::Duration;

use clap::Args;

use super::endpoint::Endpoint;
use super::load::{Posted, Requests};
use super::process::{Running, Site};
use super::{PATIENCE, bare, cpu_per_10_000, millis, rate};
use crate::say;

/// What to measure.
#[derive(Args, Debug)]
pub(crate) struct IntakeArgs {
    /// The platform
    #[arg(long, default_value = "shopify")]
    platform: String,
    /// How many webhooks are posted
    #[arg(long, default_value_t = 40_000, value_parser = clap::value_parser!(u32).range(100..))]
    events: u32,
    /// Over how many kept-alive connections
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How many requests to the destination may be under way
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
}

/// Webhooks before the clock runs, one for so many: a process has to get going.
const WARM_UP: u32 = 20;

pub(crate) fn run(args: &IntakeArgs) -> Result<(), String> {
    let warm_up = Requests::sign(&args.platform, 0, args.events / WARM_UP)?;
    let requests = Requests::sign(&args.platform, args.events / WARM_UP, args.events)?;
    say(&format!(
        "{} webhooks of {:.1} kB with their headers, over {} connections\n",
        args.events,
        requests.average_kilobytes(),
        args.connections
    ));
    say(&format!(
        "{:<32} {:>8} {:>8} {:>8} {:>13} {:>10}",
        "", "intake/s", "p50 ms", "p99 ms", "CPU s/10,000", "memory MB"
    ));
    let site = Site::new()?;
    let bare = bare::start(&args.platform, &site.store())?;
    let yardstick = measure(
        "signature and commit only",
        args,
        &bare,
        &warm_up,
        &requests,
        || Ok(()),
    )?;
    drop(bare);

    let site = Site::new()?;
    let endpoint = Endpoint::start(Duration::ZERO)?;
    site.configure(&args.platform, endpoint.address, args.concurrency)?;
    let connector = site.start()?;
    let mut meanwhile = 0;
    let took_in = measure(
        "run, delivering meanwhile",
        args,
        &connector,
        &warm_up,
        &requests,
        || {
            meanwhile = endpoint.answered();
            let all = warm_up.count() + requests.count();
            endpoint.wait_for(all, PATIENCE)
        },
    )?;
    connector.stop()?;
    say("");
    let figure = |what: &str, value: f64| say(&format!("{what:<32} {value:>8.2}"));
    figure(
        "run / signature and commit only",
        yardstick.wall.as_secs_f64() / took_in.wall.as_secs_f64(),
    );
    let line = |what: &str, value: u64| say(&format!("{what:<32} {value:>8}"));
    line("delivered while it took in", meanwhile);
    say(&format!(
        "{:<32} {:>8.0}",
        "delivered/s, all",
        rate(endpoint.answered(), endpoint.span())
    ));
    line("connections to the destination", endpoint.connections());
    Ok(())
}

/// Posts everything and prints a row. The processor time goes on until the work is `done`.
fn measure(
    title: &str,
    args: &IntakeArgs,
    process: &Running,
    warm_up: &Requests,
    requests: &Requests,
    done: impl FnOnce() -> Result<(), String>,
) -> Result<Posted, String> {
    warm_up.post(process.address, args.connections)?;
    let before = process.used()?;
    let posted = requests.post(process.address, args.connections)?;
    done()?;
    let after = process.used()?;
    let cpu = after.cpu.saturating_sub(before.cpu);
    say(&format!(
        "{title:<32} {:>8.0} {:>8.1} {:>8.1} {:>13.2} {:>10.1}",
        rate(requests.count(), posted.wall),
        millis(posted.percentile(50)),
        millis(posted.percentile(99)),
        cpu_per_10_000(cpu, requests.count()),
        after.peak,
    ));
    Ok(posted)
}
