//! `send --store`: the events are put into a store, and delivered from there.
//!
//! Whoever holds the lock of the store delivers: this command if nobody else does, or a connector
//! that runs on it, for which this command waits.

mod enqueue;
mod outbox;
mod tell;
mod wait;

use std::path::Path;
use std::sync::Arc;
use std::thread;

use orderbridge_core::Place;
use tokio::sync::mpsc;

use self::enqueue::Enqueued;
use self::outbox::Outbox;
use self::wait::Waited;
use super::destination::{Destination, known};
use super::input::each_line;
use super::ledger::Ledger;
use super::{Ack, SendArgs};
use crate::config::sqlite_path;
use crate::input::Input;
use crate::signal::Signals;
use crate::{Exit, Failed, Global, Io, fail};

/// The name under which its events are in the store.
const SOURCE: &str = "send";

/// Lines that are read ahead.
const AHEAD: usize = 1_024;

/// A line, and where it stands.
type Line = (Place, bytes::Bytes);

pub(super) fn run(url: &str, args: &SendArgs, global: &Global, io: Io) -> Exit {
    let Io {
        stdin,
        mut stderr,
        stdin_terminal,
        ..
    } = io;
    let inputs = match crate::input::open(&args.files, stdin) {
        Ok(inputs) => inputs,
        Err(message) => return fail(&mut *stderr, (Exit::Usage, message)),
    };
    if stdin_terminal && !global.quiet {
        crate::input::tell_of_waiting(&inputs, "events", &mut stderr);
    }
    let names = inputs.iter().map(|input| input.name.clone()).collect();
    let verbose = global.verbose > 0;
    let ledger = Ledger::new(names, verbose, args.give_up_after, stderr, None, None);
    let ledger = Arc::new(ledger);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(work(url, args, global, inputs, &ledger));
            // The reader may wait for a pipe for ever.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    };
    result.unwrap_or_else(|(exit, message)| {
        ledger.say(&format!("error: {message}"));
        exit
    })
}

async fn work(
    url: &str,
    args: &SendArgs,
    global: &Global,
    inputs: Vec<Input>,
    ledger: &Arc<Ledger>,
) -> Result<Exit, Failed> {
    let usage = |message: String| (Exit::Usage, message);
    let path = sqlite_path(url, Path::new(""));
    let path = path.map_err(|what| usage(format!("--store must be {what}")))?;
    let destination = match args.ack {
        Ack::Delivered => Some(Destination::resolve(args, global)?),
        Ack::Enqueued => {
            known(args, global)?;
            None
        }
    };
    let signals = Signals::new();
    let mut signals = signals.map_err(|error| (Exit::Unexpected, error.to_string()))?;
    let mut outbox = Outbox::open(path, args.to.clone(), destination).await?;
    let before = outbox.waiting().await?;
    let lines = read(inputs, Arc::clone(ledger));
    let mut enqueued = Enqueued::new(&outbox, ledger, !args.no_check).await?;
    let signal = tokio::select! {
        stored = enqueued.take_all(lines, &outbox) => {
            stored?;
            None
        }
        signal = signals.next() => Some(signal),
    };
    let waited = match (signal, args.ack) {
        (Some(signal), _) => Waited::Signal(signal),
        (None, Ack::Enqueued) => Waited::Done,
        (None, Ack::Delivered) => {
            let tracked = enqueued.deliveries(&outbox).await?;
            tokio::select! {
                waited = outbox.wait(tracked, args.give_up_after) => waited?,
                signal = signals.next() => Waited::Signal(signal),
            }
        }
    };
    let end = tell::End {
        ack: args.ack,
        waited,
        before,
        now: outbox.waiting().await?,
        fates: enqueued.fates(&outbox).await?,
        path: outbox.path().display().to_string(),
    };
    tokio::select! {
        () = outbox.close() => {}
        // What was under way is sent again by whoever comes next.
        _ = signals.next() => {}
    }
    if !global.quiet {
        end.tell(&enqueued, ledger);
    }
    Ok(end.exit(&ledger.counts()))
}

/// Reads lines on a thread of its own.
fn read(inputs: Vec<Input>, ledger: Arc<Ledger>) -> mpsc::Receiver<Line> {
    let (lines, taken) = mpsc::channel(AHEAD);
    thread::spawn(move || {
        each_line(inputs, &ledger, |place, body| {
            lines.blocking_send((place, body)).is_ok()
        });
    });
    taken
}
