//! `orderbridge demo`: samples of every adapter, mapped and delivered to a sandbox, in a table.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use orderbridge_core::{
    Client, ClientConfig, Delivery, Ended, Intake, Place, Progress, Queue, default_delivery, queue,
};
use orderbridge_event::{Context, Event, Mapped, Payload, Sample, Source};

use crate::sandbox::{Handle, Options, Sandbox};
use crate::signal::Signals;
use crate::table::table;
use crate::{Exit, Failed, Global, Io, fail, unwritable};

/// Shows the whole path on this machine.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Leave the sandbox up afterwards, until Ctrl-C
    #[arg(long)]
    pub keep: bool,
}

/// The column of totals.
const TOTAL: usize = 4;

/// One line of the table.
struct Row {
    order: String,
    event: String,
    channel: String,
    why: String,
    total: String,
    status: String,
}

/// An event that is delivered, and its row.
struct Sent {
    row: usize,
    body: Vec<u8>,
}

/// Runs the demonstration.
pub(crate) fn run(args: &DemoArgs, global: &Global, io: Io) -> Exit {
    let Io {
        mut stdout,
        mut stderr,
        ..
    } = io;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(show(args, global, &mut *stdout, &mut *stderr)),
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    };
    match result {
        Ok(exit) => exit,
        Err(failed) => fail(&mut stderr, failed),
    }
}

async fn show(
    args: &DemoArgs,
    global: &Global,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Exit, Failed> {
    let unexpected = |error: String| (Exit::Unexpected, error);
    let sandbox = Sandbox::start(Options::quiet(), None)
        .await
        .map_err(|error| unexpected(error.to_string()))?;
    let (mut rows, events) = map_samples();
    let failed = rows.iter().filter(|row| row.status == "error").count();
    deliver(&sandbox, &events, &mut rows)
        .await
        .map_err(unexpected)?;
    let written = write_table(stdout, &rows).and_then(|()| stdout.flush());
    if let Err(error) = written {
        return Ok(unwritable(stderr, &error));
    }
    if !global.quiet {
        let delivered = rows
            .iter()
            .filter(|row| row.status.starts_with("200"))
            .count();
        let _ = writeln!(
            stderr,
            "{} samples mapped; {delivered} events delivered to a sandbox on this machine, which checked them",
            sample_count(),
        );
        if !args.keep {
            let _ = writeln!(
                stderr,
                "next: save an order as the platform sends it, and see what it becomes:\n  \
                 orderbridge explain shopify YOUR-ORDER.json"
            );
        }
    }
    let all_taken = rows
        .iter()
        .all(|row| row.status.starts_with("200") || row.status == "ignored");
    if args.keep {
        return keep(&sandbox, stderr).await;
    }
    Ok(if failed == 0 && all_taken {
        Exit::Done
    } else {
        Exit::Some
    })
}

/// Stays up until a signal.
async fn keep(sandbox: &Handle, stderr: &mut dyn Write) -> Result<Exit, Failed> {
    let mut signals = Signals::new().map_err(|error| (Exit::Unexpected, error.to_string()))?;
    let url = sandbox.url();
    let _ = writeln!(
        stderr,
        "the sandbox stays at {url} until Ctrl-C; send it orders of your own:\n  \
         orderbridge map shopify YOUR-ORDER.json --events-only | orderbridge send --to {url}"
    );
    let signal = signals.next().await;
    let _ = write!(stderr, "{}", sandbox.stats());
    Ok(Exit::Signal(signal))
}

fn sample_count() -> usize {
    orderbridge_registry::ALL
        .iter()
        .map(|source| source.samples.len())
        .sum()
}

/// Maps all samples: a row for each event, or for what became of the sample instead.
fn map_samples() -> (Vec<Row>, Vec<Sent>) {
    let (mut rows, mut events) = (Vec::new(), Vec::new());
    for source in orderbridge_registry::ALL {
        for sample in source.samples {
            map_sample(source, sample, &mut rows, &mut events);
        }
    }
    (rows, events)
}

fn map_sample(source: &Source, sample: &Sample, rows: &mut Vec<Row>, events: &mut Vec<Sent>) {
    let payload = Payload {
        topic: sample.topic,
        body: sample.body,
    };
    let order = format!("{} {}", source.adapter.name(), sample.name);
    let without_event = |status: &str, why: String| Row {
        order: order.clone(),
        event: String::new(),
        channel: String::new(),
        why,
        total: String::new(),
        status: status.to_owned(),
    };
    match source.adapter.map(payload, &Context::default()) {
        Ok(Mapped::Events(mapped)) => {
            for event in mapped.iter() {
                events.push(Sent {
                    row: rows.len(),
                    body: event.to_json(),
                });
                rows.push(Row {
                    order: order.clone(),
                    event: event.kind.name().to_owned(),
                    channel: event.channel.to_string(),
                    why: mapped.channel().because.clone().into_owned(),
                    total: total(event),
                    status: "not sent".to_owned(),
                });
            }
        }
        Ok(Mapped::Ignored(ignored)) => {
            rows.push(without_event(
                "ignored",
                format!("{}: {}", ignored.code, ignored.message),
            ));
        }
        Err(error) => rows.push(without_event("error", error.to_string())),
    }
}

fn total(event: &Event) -> String {
    let (amount, currency) = match (&event.kind, event.kind.order()) {
        (_, Some(order)) => (Some(order.total_price), order.currency),
        (orderbridge_event::Kind::ReceivedRefund(refund), None) => (refund.amount, refund.currency),
        _ => return String::new(),
    };
    let amount = amount.map(|amount| amount.with_minor_digits(currency).to_string());
    amount.map_or_else(String::new, |amount| format!("{amount} {currency}"))
}

/// Delivers the events, as `send` does, and notes what the sandbox answered to each.
async fn deliver(sandbox: &Handle, events: &[Sent], rows: &mut [Row]) -> Result<(), String> {
    let mut config = default_delivery();
    config.timeout = Duration::from_secs(5);
    let client = ClientConfig {
        url: sandbox.url(),
        token: None,
        concurrency: config.concurrency,
        timeout: config.timeout,
    };
    let client = Client::new(&client).map_err(|error| error.to_string())?;
    let (intake, mut queue) = queue(16 << 20);
    let jitter = || 0.0;
    let delivery = Delivery {
        sink: &client,
        config: &config,
        give_up_after: Duration::from_secs(10),
        jitter: &jitter,
    };
    let ended = send_all(&delivery, intake, &mut queue, events).await?;
    if !matches!(ended, Ended::Finished) {
        return Err("the sandbox did not take the events".to_owned());
    }
    let mut answers: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for received in sandbox.received() {
        let what = if received.duplicate {
            "duplicate"
        } else {
            "ok"
        };
        let what = if received.status == 200 {
            what
        } else {
            "rejected"
        };
        answers.insert(
            received.body.to_vec(),
            format!("{} {what}", received.status),
        );
    }
    for event in events {
        if let (Some(row), Some(answer)) = (rows.get_mut(event.row), answers.get(&event.body)) {
            row.status.clone_from(answer);
        }
    }
    Ok(())
}

async fn send_all(
    delivery: &Delivery<'_>,
    intake: Intake,
    queue: &mut Queue,
    events: &[Sent],
) -> Result<Ended, String> {
    for (line, event) in (1..).zip(events) {
        let body = Bytes::copy_from_slice(&event.body);
        let place = Place { file: 0, line };
        intake
            .push(place, body)
            .await
            .map_err(|error| error.to_string())?;
    }
    drop(intake);
    let mut ignore = |_: Progress<'_>| {};
    Ok(delivery
        .run(queue, std::future::pending(), &mut ignore)
        .await)
}

fn write_table(out: &mut dyn Write, rows: &[Row]) -> std::io::Result<()> {
    let head = ["order", "event", "channel", "why", "total", "status"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        [
            &row.order,
            &row.event,
            &row.channel,
            &row.why,
            &row.total,
            &row.status,
        ]
        .map(String::clone)
    });
    let lines: Vec<[String; 6]> = std::iter::once(head).chain(cells).collect();
    out.write_all(table(&lines, &[TOTAL]).as_bytes())
}
