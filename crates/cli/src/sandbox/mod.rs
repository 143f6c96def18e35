//! `orderbridge sandbox`: a local stand-in for Converge.

mod endpoint;
mod options;
mod record;
mod reply;
mod server;

pub use options::{Latency, Options, Share};
pub use record::{Log, Received, Stats};
pub use server::{Handle, Sandbox};

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use orderbridge_core::RateLimit;
use orderbridge_event::Secret;

use crate::signal::Signals;
use crate::{Exit, Failed, Global, Io, fail};

/// Takes events as Converge would, checks them, and keeps a log.
#[derive(Args, Clone, Debug)]
pub struct SandboxArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4141")]
    pub listen: String,
    /// Wait before each answer: 20ms, or 10ms..200ms for a time between
    #[arg(long, value_name = "DURATION", default_value = "0")]
    pub latency: Latency,
    /// Answer 500 to this share of requests, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub fail_rate: Share,
    /// Answer 429 to what comes faster than this, such as 50/s
    #[arg(long, value_name = "RATE")]
    pub rate_limit: Option<RateLimit>,
    /// Cut this share of connections before the event is read
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub cut_before: Share,
    /// Cut this share of connections after the event is taken, without an answer
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub cut_after: Share,
    /// Demand this token in X-Webhook-Token
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,
    /// Write each event received as a JSON line; - is stdout
    #[arg(long, value_name = "FILE")]
    pub log: Option<String>,
    /// Start the dice of the options above from this number, to see the same again
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// Runs the sandbox until a signal.
pub(crate) fn run(args: &SandboxArgs, global: &Global, io: Io) -> Exit {
    let Io {
        stdout, mut stderr, ..
    } = io;
    let result = serve(args, global, stdout, &mut *stderr);
    match result {
        Ok(exit) => exit,
        Err(failed) => fail(&mut *stderr, failed),
    }
}

fn serve(
    args: &SandboxArgs,
    global: &Global,
    stdout: Log,
    stderr: &mut dyn Write,
) -> Result<Exit, Failed> {
    let unexpected = |error: io::Error| (Exit::Unexpected, error.to_string());
    let log = args
        .log
        .as_deref()
        .map(|path| open_log(path, stdout))
        .transpose()?;
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let options = Options {
        listen: args.listen.clone(),
        latency: args.latency,
        fail_rate: args.fail_rate,
        rate_limit: args.rate_limit,
        cut_before: args.cut_before,
        cut_after: args.cut_after,
        token: args.token.as_ref().map(Secret::new),
        seed,
        keep: false,
    };
    let dice = options.needs_dice();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(unexpected)?;
    runtime.block_on(async {
        let mut signals = Signals::new().map_err(unexpected)?;
        let handle = Sandbox::start(options, log)
            .await
            .map_err(|error| cannot_listen(args, &error))?;
        // Also with --quiet: with port 0 nothing else tells where it is.
        let _ = writeln!(stderr, "listening on {}", handle.url());
        if dice && !global.quiet {
            let _ = writeln!(stderr, "seed {seed}");
        }
        let signal = signals.next().await;
        let stats = handle.shutdown().await;
        if !global.quiet {
            let _ = write!(stderr, "{stats}");
        }
        Ok(Exit::Signal(signal))
    })
}

fn cannot_listen(args: &SandboxArgs, error: &io::Error) -> Failed {
    let address = &args.listen;
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            let help = "another program listens there; choose another port with --listen";
            (Exit::Unexpected, format!("{address} is in use: {help}"))
        }
        io::ErrorKind::InvalidInput => (
            Exit::Usage,
            format!("{address} is not an address such as 127.0.0.1:4141"),
        ),
        _ => (
            Exit::Unexpected,
            format!("cannot listen on {address}: {error}"),
        ),
    }
}

fn open_log(path: &str, stdout: Log) -> Result<Log, Failed> {
    if path == "-" {
        return Ok(stdout);
    }
    match OpenOptions::new()
        .create(true)
        .append(true)
        .open(Path::new(path))
    {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err((Exit::Usage, format!("cannot write {path}: {error}"))),
    }
}
