//! `orderbridge backfill`: history through the platform's API. It goes on where it stopped.

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use orderbridge_connect::pull::{Backfill, Reader, Trip, Turn};
use orderbridge_core::store::Store;

use super::{Reading, failed, is_running, reading, store, time};
use crate::signal::Signals;
use crate::{Exit, Failed, Global, Io, fail};

/// From one plain line of progress to the next.
const EVERY: Duration = Duration::from_secs(10);

/// Reads what was ordered in a time into the store.
#[derive(Args, Clone, Debug)]
pub struct BackfillArgs {
    /// The source in the configuration
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// From when on: an age such as 90d, a day such as 2026-01-31, or a time
    #[arg(long, value_name = "TIME")]
    pub since: String,
    /// Up to when [default: now]
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Begin anew, and leave one that was not finished
    #[arg(long)]
    pub restart: bool,
}

/// Reads until it is done or a signal comes.
pub(crate) fn run(args: &BackfillArgs, global: &Global, io: Io) -> Exit {
    let Io {
        mut stderr,
        terminal,
        ..
    } = io;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let mut out = Out {
        stderr: &mut *stderr,
        bar: None,
        is_quiet: global.quiet,
        told: Instant::now(),
    };
    if terminal && !global.quiet {
        out.bar = Some(bar());
    }
    let result = match runtime {
        Ok(runtime) => runtime.block_on(work(args, global, &mut out)),
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    };
    if let Some(bar) = out.bar.take() {
        bar.finish_and_clear();
    }
    match result {
        Ok(exit) => exit,
        Err(why) => fail(out.stderr, why),
    }
}

async fn work(args: &BackfillArgs, global: &Global, out: &mut Out<'_>) -> Result<Exit, Failed> {
    let unexpected = |error: std::io::Error| (Exit::Unexpected, error.to_string());
    let mut signals = Signals::new().map_err(unexpected)?;
    let now = time::now();
    let (since, until) = time::span(&args.since, args.until.as_deref(), now)?;
    let Reading {
        config,
        routes,
        account,
    } = reading(global, &args.source, false)?;
    let path = &config.store.path;
    let store = store(path).await?;
    let reader = Reader::new(&routes, &args.source, &store, &account);
    let reader = reader.ok_or((Exit::Unexpected, "the source has no route".to_owned()))?;

    let asked = match &args.until {
        Some(until) => format!("--since {} --until {until}", args.since),
        None => format!("--since {}", args.since),
    };
    let of_store = |error: orderbridge_core::store::StoreError| failed(&error.into());
    let last = Backfill::last(&store, &args.source)
        .await
        .map_err(of_store)?;
    let open = last.filter(|last| !last.is_done && !args.restart);
    let mut trip = match open {
        Some(open) if open.asked == asked => {
            let (since, until) = (time::shown(open.since), time::shown(open.until));
            let stored = open.stored;
            out.say(&format!(
                "going on with {since} to {until} UTC; {stored} orders are stored so far"
            ));
            Trip::resumed(open)
        }
        Some(open) => {
            let message = format!(
                "a backfill of {source} is not finished: `orderbridge backfill {source} {asked}` \
                 goes on with it, --restart leaves it",
                source = args.source,
                asked = open.asked
            );
            return Err((Exit::Usage, message));
        }
        None => {
            let (from, to) = (time::shown(since.unix()), time::shown(until.unix()));
            out.say(&format!("reading {from} to {to} UTC"));
            let trip = Trip::backfill(&account, &asked, since, until);
            trip.map_err(|error| failed(&error.into()))?
        }
    };
    let started = Instant::now();
    loop {
        // A turn that is dropped loses nothing; one that is being stored is waited for.
        let turn = tokio::select! {
            turn = reader.turn(&mut trip) => turn,
            signal = signals.next() => {
                out.say("stopped; the same command goes on from here");
                let _ = store.close().await;
                return Ok(Exit::Signal(signal));
            }
        };
        match turn.map_err(|error| failed(&error))? {
            Turn::Went { .. } => out.progress(trip.progress()),
            Turn::Done => break,
        }
    }
    if let Some(progress) = trip.progress() {
        let Backfill {
            payloads, stored, ..
        } = progress;
        let took = started.elapsed().as_secs();
        let known = payloads.saturating_sub(*stored);
        out.say(&format!(
            "{payloads} orders in {took} s: {stored} stored, {known} were known"
        ));
    }
    let _ = store.close().await;
    drop(store);
    out.say(if is_running(path).await {
        "the running connector delivers their events"
    } else {
        "`orderbridge run` delivers their events"
    });
    Ok(Exit::Done)
}

/// Where progress is shown.
struct Out<'a> {
    stderr: &'a mut dyn Write,
    bar: Option<ProgressBar>,
    is_quiet: bool,
    told: Instant,
}

impl Out<'_> {
    fn say(&mut self, line: &str) {
        if self.is_quiet {
            return;
        }
        match &self.bar {
            Some(bar) => bar.println(line),
            None => {
                let _ = writeln!(self.stderr, "{line}");
            }
        }
    }

    fn progress(&mut self, progress: Option<&Backfill>) {
        let Some(progress) = progress else { return };
        if let Some(bar) = &self.bar {
            bar.set_position(progress.payloads);
        } else if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            let Backfill {
                payloads, stored, ..
            } = progress;
            self.say(&format!("{payloads} orders so far, {stored} stored"));
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = "{spinner} {human_pos} orders, {per_sec}, {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
