//! `orderbridge diff`: what another configuration would change, before it is in force.

mod over;
mod report;

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::{Exit, Global, Io, fail, unwritable};

/// Compares two configurations.
#[derive(Args, Clone, Debug)]
pub struct DiffArgs {
    /// The configuration that would be in force instead, or a folder with one; or a folder with
    /// payloads/ and the snapshots that were approved of them
    #[arg(long, value_name = "CONFIG|DIR")]
    pub(crate) against: PathBuf,
    /// Files with payloads, or folders with payloads/ [default: the payloads in the store]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only of this source; for files, the source or platform that they are of
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// Only what is stored since: 7d, 2h, or a time such as 2026-11-02T10:15:30Z
    #[arg(long, value_name = "TIME", conflicts_with = "files")]
    pub(crate) since: Option<String>,
    /// Only the last so many of what is stored
    #[arg(long, value_name = "N", conflicts_with = "files")]
    pub(crate) limit: Option<usize>,
    /// End with exit code 1 if anything would change
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// How the differences are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// How the differences are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: per source and channel, with the numbers of the orders.
    Table,
    /// A JSON object a line, for each order.
    Json,
}

/// Compares, and prints what differs.
pub(crate) fn run(args: &DiffArgs, global: &Global, mut io: Io) -> Exit {
    let report = match over::compare(args, global, &mut io) {
        Ok(report) => report,
        Err(failed) => return fail(&mut io.stderr, failed),
    };
    let text = match args.format {
        Format::Table => report.table(),
        Format::Json => report.json(),
    };
    let written = io.stdout.write_all(text.as_bytes());
    if let Err(error) = written.and_then(|()| io.stdout.flush()) {
        return unwritable(&mut io.stderr, &error);
    }
    if !global.quiet {
        let _ = io.stderr.write_all(report.counts().as_bytes());
    }
    if args.exit_code && report.differs() {
        Exit::Differs
    } else {
        Exit::Done
    }
}
