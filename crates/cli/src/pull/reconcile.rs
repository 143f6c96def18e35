//! `orderbridge reconcile`: are all my orders there?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;

use clap::Args;
use orderbridge_connect::pull::{Reader, Trip};
use orderbridge_core::store::{Intake, Outcome};

use super::{Reading, failed, reading, store, time};
use crate::queue::Format;
use crate::signal::Signals;
use crate::{Exit, Failed, Global, Io, fail, print};

/// Compares the platform's orders with those in the store.
#[derive(Args, Clone, Debug)]
pub struct ReconcileArgs {
    /// The source in the configuration
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// From when on: an age such as 7d, a day such as 2026-01-31, or a time
    #[arg(long, value_name = "TIME")]
    pub since: String,
    /// Up to when [default: now]
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// Compares, and tells what misses.
pub(crate) fn run(args: &ReconcileArgs, global: &Global, mut io: Io) -> Exit {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(work(args, global)),
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    };
    let sum = match result {
        Ok(Ended::Signal(signal)) => return Exit::Signal(signal),
        Ok(Ended::Sum(sum)) => sum,
        Err(why) => return fail(&mut *io.stderr, why),
    };
    let all_there = sum.missing.is_empty();
    if !all_there && !global.quiet {
        let source = &args.source;
        let since = &args.since;
        let advice = format!("`orderbridge backfill {source} --since {since}` fetches them");
        let _ = writeln!(io.stderr, "{advice}");
    }
    let text = match args.format {
        Format::Table => sum.table(),
        Format::Json => sum.json(),
    };
    match (print(io, &text), all_there) {
        (Exit::Done, false) => Exit::Some,
        (exit, _) => exit,
    }
}

enum Ended {
    Sum(Sum),
    Signal(u8),
}

async fn work(args: &ReconcileArgs, global: &Global) -> Result<Ended, Failed> {
    let unexpected = |error: std::io::Error| (Exit::Unexpected, error.to_string());
    let mut signals = Signals::new().map_err(unexpected)?;
    let now = time::now();
    let (since, until) = time::span(&args.since, args.until.as_deref(), now)?;
    let Reading {
        config,
        routes,
        account,
    } = reading(global, &args.source, true)?;
    let store = store(&config.store.path).await?;
    let reader = Reader::new(&routes, &args.source, &store, &account);
    let reader = reader.ok_or((Exit::Unexpected, "the source has no route".to_owned()))?;
    let trip = Trip::history(&account, since, until);
    let mut trip = trip.map_err(|error| failed(&error.into()))?;
    let mut sum = Sum::default();
    loop {
        let look = tokio::select! {
            look = reader.look(&mut trip) => look,
            signal = signals.next() => return Ok(Ended::Signal(signal)),
        };
        let Some(look) = look.map_err(|error| failed(&error.into()))? else {
            return Ok(Ended::Sum(sum));
        };
        let of_store = |error: orderbridge_core::store::StoreError| failed(&error.into());
        for intake in reader.intakes(&look.payloads).await.map_err(of_store)? {
            let is_known = reader.is_known(&intake).await.map_err(of_store)?;
            sum.add(&intake, is_known);
        }
        trip.advance(look);
    }
}

/// What the comparison came to.
#[derive(Debug, Default)]
struct Sum {
    orders: u64,
    /// The first event of each: two lists of a platform may tell of one thing.
    seen: BTreeSet<String>,
    stored: u64,
    /// Those that make no event, by why.
    no_event: BTreeMap<String, u64>,
    /// Those that can't be mapped, by why.
    failed: BTreeMap<String, u64>,
    missing: Vec<String>,
}

impl Sum {
    fn add(&mut self, intake: &Intake, is_known: bool) {
        if let Outcome::Events(events) = &intake.outcome
            && let Some(first) = events.first()
            && !self.seen.insert(first.id.clone())
        {
            return;
        }
        self.orders += 1;
        match &intake.outcome {
            Outcome::Events(_) if is_known => self.stored += 1,
            Outcome::Events(events) => {
                let key = intake.order.as_ref().map(|order| order.key.clone());
                let id = || events.first().map(|event| event.id.clone());
                self.missing.extend(key.or_else(id));
            }
            Outcome::Ignored(reason) => {
                *self.no_event.entry(reason.code.clone()).or_default() += 1;
            }
            Outcome::Unmappable(reason) => {
                *self.failed.entry(reason.code.clone()).or_default() += 1;
            }
            // Of these nothing can be said.
            Outcome::Privacy(_) | Outcome::Fetch => {}
        }
    }

    fn table(&self) -> String {
        let listed = |codes: &BTreeMap<String, u64>| {
            let parts: Vec<String> = codes
                .iter()
                .map(|(code, n)| format!("{code} {n}"))
                .collect();
            parts.join(", ")
        };
        let total = |codes: &BTreeMap<String, u64>| codes.values().sum::<u64>().to_string();
        let row = |name: &str, count: String, why: String| [name.to_owned(), count, why];
        let rows = [
            row("platform", self.orders.to_string(), String::new()),
            row("stored", self.stored.to_string(), String::new()),
            row("no event", total(&self.no_event), listed(&self.no_event)),
            row("not mapped", total(&self.failed), listed(&self.failed)),
            row("missing", self.missing.len().to_string(), String::new()),
        ];
        let mut text = crate::table::table(&rows, &[1]);
        for id in &self.missing {
            let _ = writeln!(text, "missing {id}");
        }
        text
    }

    fn json(&self) -> String {
        let sum = serde_json::json!({
            "orders": self.orders,
            "stored": self.stored,
            "no_event": self.no_event,
            "not_mapped": self.failed,
            "missing": self.missing,
        });
        format!("{sum}\n")
    }
}
