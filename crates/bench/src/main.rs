//! Measures OrderBridge: generated payloads in, whole commands, one table of figures out.
//!
//! `scripts/bench` builds the release binaries and runs this.

mod connector;
mod map;
mod measure;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use orderbridge_bench::generate;

#[derive(Debug, Parser)]
#[command(about = "Measures OrderBridge on this machine")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Mapping: orders a second, CPU time and memory of the whole command
    Map(map::MapArgs),
    /// The connector: webhooks taken in a second, while they are delivered
    Intake(connector::IntakeArgs),
    /// The connector: stored events delivered a second, by latency and concurrency
    Deliver(connector::DeliverArgs),
    /// The connector: whether it is as fast with a million events in its store
    Backlog(connector::BacklogArgs),
    /// Writes the generated payloads of a platform as NDJSON
    Generate(generate::GenerateArgs),
    /// Runs one command and prints what it used; the measuring itself
    #[command(hide = true)]
    Child {
        /// Where the command's stdout goes.
        stdout: PathBuf,
        /// The command.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Receives, checks and stores, and nothing else; the yardstick of `intake`
    #[command(hide = true)]
    BareReceiver {
        /// Whose signature.
        platform: String,
        /// Where to.
        store: PathBuf,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().what {
        What::Map(args) => map::run(&args),
        What::Intake(args) => connector::intake(&args),
        What::Deliver(args) => connector::deliver(&args),
        What::Backlog(args) => connector::backlog(&args),
        What::Generate(args) => generate::run(&args),
        What::Child { stdout, command } => measure::child(&stdout, &command),
        What::BareReceiver { platform, store } => connector::bare_receiver(&platform, &store),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[expect(clippy::print_stderr, reason = "a command-line program")]
            {
                eprintln!("error: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a command-line program")]
fn say(line: &str) {
    println!("{line}");
}
