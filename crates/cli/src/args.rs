//! The command line: the one list of commands and of the flags that all of them have.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::adapters::AdaptersArgs;
use crate::check::CheckArgs;
use crate::demo::DemoArgs;
use crate::diff::DiffArgs;
use crate::explain::ExplainArgs;
use crate::explain_code::ExplainCodeArgs;
use crate::init::InitArgs;
use crate::map::MapArgs;
use crate::pages::CompletionsArgs;
use crate::pull::backfill::BackfillArgs;
use crate::pull::reconcile::ReconcileArgs;
use crate::queue::QueueArgs;
use crate::run::RunArgs;
use crate::sandbox::SandboxArgs;
use crate::send::SendArgs;
use crate::snapshot::SnapshotArgs;
use crate::trigger::TriggerArgs;

/// Turns the orders of shop platforms into Converge events with the right sales channel, and
/// delivers them.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "orderbridge",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What all commands understand.
    #[command(flatten)]
    pub global: Global,
}

const EXIT_CODES: &str = "\
Exit codes: 0 all done; 1 unexpected error, or a test that found differences; 2 wrong usage or configuration, or an input that can't \
be read; 3 some payloads failed, the rest is done; 4 the destination is unavailable or paused, run \
again later; 130 and 143 on a signal.";

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Map payloads to events: NDJSON or JSON in, one JSON line for each payload out
    Map(MapArgs),
    /// Show what one payload becomes and why: channel, notes, the money sum, the exact body
    Explain(ExplainArgs),
    /// Deliver event bodies (NDJSON) to Converge
    Send(SendArgs),
    /// Receive webhooks, store them, deliver their events: the connector
    Run(RunArgs),
    /// Read what was ordered in a time through a platform's API; goes on where it stopped
    Backfill(BackfillArgs),
    /// Compare a platform's orders with ours: counts, and the ids that miss
    Reconcile(ReconcileArgs),
    /// Look into the store, send again, give up, pause; beside a running connector
    Queue(QueueArgs),
    /// Show what another configuration would change, over stored payloads or files
    Diff(DiffArgs),
    /// Test the mapping of your own payloads against what you approved
    Snapshot(SnapshotArgs),
    /// Write a commented configuration
    Init(InitArgs),
    /// Validate the configuration and show what is in force
    Check(CheckArgs),
    /// Sign a sample webhook as the platform would and post it to a receiver
    Trigger(TriggerArgs),
    /// Show the whole path on this machine: webhooks, store, delivery to a sandbox
    Demo(DemoArgs),
    /// Stand in for Converge: check what arrives, keep a log, misbehave on request
    Sandbox(SandboxArgs),
    /// List platforms, topics, events and channels
    Adapters(AdaptersArgs),
    /// Tell what a code such as amount.invalid means
    ExplainCode(ExplainCodeArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
}

/// Flags of all commands.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The configuration [default: orderbridge.toml in the working folder, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "ORDERBRIDGE_CONFIG")]
    #[arg(hide_env_values = true)]
    #[arg(help_heading = "Common options")]
    pub config: Option<PathBuf>,
    /// How log lines on stderr are written
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    #[arg(help_heading = "Common options")]
    pub log_format: LogFormat,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    #[arg(help_heading = "Common options")]
    pub quiet: bool,
    /// Say more; twice for even more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    #[arg(help_heading = "Common options")]
    pub verbose: u8,
    /// When to use colors
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    #[arg(help_heading = "Common options")]
    pub color: Color,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether to color what goes to a stream that is a terminal or is not.
    pub fn on(self, terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                terminal && !refused
            }
        }
    }
}
