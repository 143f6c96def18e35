//! `orderbridge queue`: looks into the store and changes what is in it, beside a running connector.

mod change;
mod export;
mod filter;
mod letter;
mod list;
mod pages;
mod people;
mod redact;
mod remap;
mod show;

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};
use orderbridge_core::dispatch::{Clock as _, SystemClock};
use orderbridge_core::store::Millis;
use orderbridge_core::store::sqlite::SqliteStore;

use crate::config::{Config, StoreConfig};
use crate::{Exit, Failed, Global, Io, fail, print};
use export::ExportArgs;
use filter::FilterArgs;
pub(crate) use filter::since;
pub(crate) use pages::Pages;
use redact::RedactArgs;

/// Looks at what is stored, and changes it.
#[derive(Args, Clone, Debug)]
pub struct QueueArgs {
    #[command(subcommand)]
    pub(crate) command: QueueCommand,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// List what is stored, the latest first
    List {
        #[command(flatten)]
        filter: FilterArgs,
        /// How the list is written
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// How many lines at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Show all that is known of one item: payload, frozen body, every attempt
    Show {
        /// The id, as in d12 or p7
        #[arg(value_name = "ID")]
        id: String,
        /// How it is written
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Count by state, source and reason
    Stats {
        /// How the counts are written
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Send again, at once and with a fresh schedule
    Retry {
        #[command(flatten)]
        filter: FilterArgs,
        /// Also what was delivered: it is sent a second time
        #[arg(long)]
        delivered: bool,
        /// Map the stored payloads again first, with today's adapter and configuration
        #[arg(long, conflicts_with = "delivered")]
        remap: bool,
    },
    /// Give up what is held, pending or parked
    Drop {
        #[command(flatten)]
        filter: FilterArgs,
        /// Why, for whoever looks later
        #[arg(long, value_name = "TEXT", default_value = "dropped by hand")]
        because: String,
    },
    /// Print parked items, or others, a JSON object a line, with the personal data in them
    Export(ExportArgs),
    /// Erase what is stored about somebody, an order or a source: payloads, events, answers
    Redact(RedactArgs),
    /// Send nothing to a destination until it is resumed
    Pause {
        /// The destination
        #[arg(value_name = "DESTINATION")]
        destination: String,
    },
    /// Send to a destination again
    Resume {
        /// The destination
        #[arg(value_name = "DESTINATION")]
        destination: String,
    },
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// A JSON object a line.
    Json,
}

/// Runs one command on the store.
pub(crate) fn run(args: &QueueArgs, global: &Global, io: Io) -> Exit {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut io = io;
    let result = match runtime {
        Ok(runtime) => runtime.block_on(work(&args.command, global, &mut io)),
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    };
    match result {
        Ok(Told {
            stdout,
            stderr,
            exit,
        }) => {
            if !global.quiet {
                let _ = io.stderr.write_all(stderr.as_bytes());
            }
            match print(io, &stdout) {
                Exit::Done => exit,
                other => other,
            }
        }
        Err(failed) => fail(&mut *io.stderr, failed),
    }
}

/// What a command prints.
#[derive(Debug)]
struct Told {
    stdout: String,
    stderr: String,
    exit: Exit,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            stdout: String::new(),
            stderr: String::new(),
            exit: Exit::Done,
        }
    }
}

async fn work(command: &QueueCommand, global: &Global, io: &mut Io) -> Result<Told, Failed> {
    let config = Config::find(global)?;
    let config = config.as_ref();
    let path = config.map_or_else(StoreConfig::default, |config| config.store.clone());
    let path = path.path;
    if !path.exists() {
        let message = format!("there is no store at {} yet", path.display());
        return Err((Exit::Usage, message));
    }
    let store = SqliteStore::beside(&path)
        .await
        .map_err(|error| (Exit::Unexpected, format!("{}: {error}", path.display())))?;
    let now = SystemClock.now();
    match command {
        QueueCommand::List {
            filter,
            format,
            limit,
        } => list::list(&store, filter.read(now)?, *format, *limit).await,
        QueueCommand::Show { id, format } => show::show(&store, id, *format).await,
        QueueCommand::Stats { format } => list::stats(&store, *format).await,
        QueueCommand::Retry {
            filter,
            remap: true,
            ..
        } => remap::retry(&store, filter.need(now)?, config, now).await,
        QueueCommand::Retry {
            filter, delivered, ..
        } => change::retry(&store, filter.need(now)?, *delivered, now).await,
        QueueCommand::Export(args) => {
            let exit = export::export(&store, args, config, now, global.quiet, io).await?;
            Ok(Told {
                exit,
                ..Told::default()
            })
        }
        QueueCommand::Redact(args) => redact::redact(&store, args, config, now, io).await,
        QueueCommand::Drop { filter, because } => {
            change::give_up(&store, filter.need(now)?, because, now).await
        }
        QueueCommand::Pause { destination } => change::pause(&store, destination, now).await,
        QueueCommand::Resume { destination } => change::resume(&store, destination, now).await,
    }
}

fn failed(error: &orderbridge_core::store::StoreError) -> Failed {
    (Exit::Unexpected, error.to_string())
}

/// A time as people and machines read it.
fn shown(time: Millis) -> String {
    let time = chrono::DateTime::from_timestamp_millis(time.get());
    time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        .unwrap_or_default()
}
