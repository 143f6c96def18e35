//! `orderbridge snapshot`: the user's own payloads against what was approved of their mapping.

mod accept;
mod compare;
mod folder;
mod new;
mod picture;
mod review;
mod sample;
mod test;

use clap::{Args, Subcommand};

pub(crate) use folder::Folder;
pub(crate) use picture::{Lines, canonical, outcomes};

use new::NewArgs;

use crate::{Exit, Global, Io, fail};

/// Tests a mapping with one's own payloads.
#[derive(Args, Clone, Debug)]
pub struct SnapshotArgs {
    #[command(subcommand)]
    pub(crate) command: SnapshotCommand,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Map the payloads and compare; writes nothing, and fails on any difference
    #[command(after_help = LAYOUT)]
    Test(ChosenArgs),
    /// Take what the payloads are mapped to now as approved
    #[command(after_help = LAYOUT)]
    Accept(ChosenArgs),
    /// Go through the differences one by one at a terminal
    #[command(after_help = LAYOUT)]
    Review(ChosenArgs),
    /// Put payloads in place as tests, without the people in them
    New(NewArgs),
}

const LAYOUT: &str = "\
A payload is DIR/payloads/<source or platform>/NAME.json, its snapshot is DIR/snapshots/<the same>. \
The configuration is the one that is named, or else DIR/orderbridge.toml. Exit code 1 means that \
something differs, is new or is without its payload.";

/// Which payloads.
#[derive(Args, Clone, Debug)]
pub(crate) struct ChosenArgs {
    /// The folder with payloads/ and snapshots/ [default: the working folder], and the names of
    /// some of them, as in us-store/1001
    #[arg(value_names = ["DIR", "NAME"], num_args = 0..)]
    pub(crate) paths: Vec<String>,
}

/// Runs one of the commands.
pub(crate) fn run(args: &SnapshotArgs, global: &Global, mut io: Io) -> Exit {
    let done = match &args.command {
        SnapshotCommand::Test(chosen) => test::run(chosen, global, &mut io),
        SnapshotCommand::Accept(chosen) => accept::run(chosen, global, &mut io),
        SnapshotCommand::Review(chosen) => review::run(chosen, global, &mut io),
        SnapshotCommand::New(args) => new::run(args, global, &mut io),
    };
    done.unwrap_or_else(|failed| fail(&mut io.stderr, failed))
}
