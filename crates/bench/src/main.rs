//! Measures OrderBridge: generated payloads in, whole commands, one table of figures out.
//!
//! `scripts/bench` builds the release binaries and runs this.

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
}

fn main() -> ExitCode {
    let result = match Cli::parse().what {
        What::Map(args) => map::run(&args),
        What::Generate(args) => generate::run(&args),
        What::Child { stdout, command } => measure::child(&stdout, &command),
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
