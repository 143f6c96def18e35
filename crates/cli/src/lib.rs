//! The command line of OrderBridge.

mod adapters;
mod address;
mod args;
mod check;
mod config;
mod demo;
mod diff;
mod exit;
mod explain;
mod explain_code;
mod init;
mod input;
mod io;
mod log;
mod map;
mod meaning;
mod pages;
mod pull;
mod queue;
mod run;
pub mod sandbox;
mod send;
mod setup;
mod signal;
mod snapshot;
mod source;
mod sources;
mod sqs;
mod stored;
mod table;
mod trigger;
mod usage;

pub use args::{Cli, Color, Command, Global, LogFormat};
pub use exit::Exit;
pub use io::Io;

use std::ffi::OsString;
use std::io::Write;

/// Why a command could not do what it was asked to: the exit code, and a message for people.
type Failed = (Exit, String);

/// Runs one command: arguments (the program's name first) and streams in, exit code out.
pub fn run(args: impl IntoIterator<Item = OsString>, mut io: Io) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match usage::parse(&args, io.columns) {
        Ok(cli) => cli,
        Err(error) => return usage::refuse(error, usage::color(&args), &mut io),
    };
    log::start(&cli.global);
    let global = &cli.global;
    match &cli.command {
        Command::Map(args) => map::run(args, global, io),
        Command::Explain(args) => explain::run(args, global, io),
        Command::Send(args) => send::run(args, global, io),
        Command::Run(args) => run::run(args, global, io),
        Command::Backfill(args) => pull::backfill::run(args, global, io),
        Command::Reconcile(args) => pull::reconcile::run(args, global, io),
        Command::Queue(args) => queue::run(args, global, io),
        Command::Diff(args) => diff::run(args, global, io),
        Command::Snapshot(args) => snapshot::run(args, global, io),
        Command::Init(args) => init::run(args, global, io),
        Command::Check(args) => check::run(args, global, io),
        Command::Trigger(args) => trigger::run(args, global, io),
        Command::Demo(args) => demo::run(args, global, io),
        Command::Sandbox(args) => sandbox::run(args, global, io),
        Command::Adapters(args) => adapters::run(args, io),
        Command::ExplainCode(args) => explain_code::run(args, io),
        Command::Completions(args) => pages::completions(args, io),
        Command::Man => pages::man(io),
    }
}

/// Ends a command with a message and its exit code.
fn fail(stderr: &mut dyn Write, (exit, message): Failed) -> Exit {
    let _ = writeln!(stderr, "error: {message}");
    exit
}

/// Ends a command whose results could not be written. A reader that has seen enough is no error.
fn unwritable(stderr: &mut dyn Write, error: &std::io::Error) -> Exit {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Exit::Done;
    }
    fail(
        stderr,
        (
            Exit::Unexpected,
            format!("cannot write the results: {error}"),
        ),
    )
}

/// Writes text to stdout as the whole result of a command.
fn print(mut io: Io, text: &str) -> Exit {
    let written = io
        .stdout
        .write_all(text.as_bytes())
        .and_then(|()| io.stdout.flush());
    match written {
        Ok(()) => Exit::Done,
        Err(error) => unwritable(&mut io.stderr, &error),
    }
}
