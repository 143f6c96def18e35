//! `orderbridge demo`: the whole connector on this machine. Samples of every adapter are signed and
//! posted as the platform would, stored, and delivered to a sandbox; a table shows what arrived.

mod rows;
mod stage;

use std::io::Write;

use clap::Args;

use crate::signal::Signals;
use crate::table::table;
use crate::{Exit, Failed, Global, Io, fail, unwritable};
use rows::Row;
use stage::Stage;

/// Shows the whole path on this machine.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Leave everything up afterwards, until Ctrl-C
    #[arg(long)]
    pub keep: bool,
}

/// The column of totals.
const TOTAL: usize = 4;

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
        Ok(runtime) => runtime.block_on(until_signal(args, global, &mut *stdout, &mut *stderr)),
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    };
    match result {
        Ok(exit) => exit,
        Err(failed) => fail(&mut stderr, failed),
    }
}

/// The demonstration, cut short by a signal. The folder goes in any case.
async fn until_signal(
    args: &DemoArgs,
    global: &Global,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Exit, Failed> {
    let mut signals = Signals::new().map_err(|error| (Exit::Unexpected, error.to_string()))?;
    let stage = Stage::build().await?;
    let result = tokio::select! {
        result = play(&stage, args, global, stdout, stderr) => result,
        signal = signals.next() => Ok(Exit::Signal(signal)),
    };
    let result = match result {
        Ok(_) if args.keep => {
            let signal = signals.next().await;
            let _ = write!(stderr, "{}", stage.sandbox.stats());
            Ok(Exit::Signal(signal))
        }
        other => other,
    };
    stage.clear().await;
    result
}

async fn play(
    stage: &Stage,
    args: &DemoArgs,
    global: &Global,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Exit, Failed> {
    let posted = stage.post_samples().await?;
    let rows = rows::gather(stage, &posted).await?;
    let written = write_table(stdout, &rows).and_then(|()| stdout.flush());
    if let Err(error) = written {
        return Ok(unwritable(stderr, &error));
    }
    if !global.quiet {
        let delivered = rows.iter().filter(|row| row.has_arrived()).count();
        let _ = writeln!(
            stderr,
            "{} samples posted as signed webhooks; {delivered} events delivered to a sandbox on \
             this machine, which checked them",
            posted.len(),
        );
        if !args.keep {
            let _ = writeln!(
                stderr,
                "next: save an order as the platform sends it, and see what it becomes:\n  \
                 orderbridge explain shopify YOUR-ORDER.json\n\
                 or write a configuration and run the connector:\n  orderbridge init"
            );
        }
    }
    if args.keep {
        let _ = stderr.write_all(stage.where_it_is()?.as_bytes());
    }
    let all_well = rows.iter().all(Row::is_well);
    Ok(if all_well { Exit::Done } else { Exit::Some })
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
