//! `queue export`: items as NDJSON, one after the other.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use orderbridge_core::store::{
    Filter, Item, ItemId, Millis, PayloadId, RedactTarget, State, Store, SubjectHash,
};

use super::failed;
use super::filter::FilterArgs;
use super::letter::{dead_letter, envelope};
use super::pages::Pages;
use super::people::PersonArgs;
use crate::config::Config;
use crate::{Exit, Failed, Io, unwritable};

/// How many payloads of a person are looked up at a time.
const AT_ONCE: usize = 200;

/// What is exported, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    person: PersonArgs,
    /// About whomever this request of a platform asks, as in p7; close it with `queue drop p7`
    #[arg(long, value_name = "ID", conflicts_with_all = ["email", "phone", "customer"])]
    request: Option<String>,
    /// The raw payloads, in envelopes that `map` reads
    #[arg(long)]
    as_payloads: bool,
    /// The event bodies alone, as `send` reads them
    #[arg(long, conflicts_with = "as_payloads")]
    events_only: bool,
    /// How records are written
    #[arg(long, value_enum, default_value_t = Records::Json)]
    format: Records,
    /// Write to a file that only you can read, instead of stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Records {
    /// A JSON object a line.
    Json,
}

/// Why an export ended before its end.
enum Broken {
    Write(io::Error),
    Failed(Failed),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<Failed> for Broken {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

/// Exports, record by record, so that a large store needs no large memory.
pub(super) async fn export(
    store: &dyn Store,
    args: &ExportArgs,
    config: Option<&Config>,
    now: Millis,
    quiet: bool,
    io: &mut Io,
) -> Result<Exit, Failed> {
    let about = about(store, args, config).await?;
    let mut filter = args.filter.read(now)?;
    let is_everything = filter == Filter::default();
    if is_everything && about.is_none() && !args.filter.all() {
        filter.states = Some(vec![State::Parked]);
    }
    let out: Box<dyn Write + '_> = match &args.output {
        Some(path) => Box::new(create(path)?),
        None => Box::new(&mut io.stdout),
    };
    let mut export = Export {
        store,
        args,
        out: BufWriter::new(out),
        line: Vec::new(),
        written: 0,
        left_out: 0,
    };
    let done = match about {
        None => export.filtered(filter).await,
        Some(payloads) => export.payloads(&payloads, filter, is_everything).await,
    };
    let done = done.and_then(|()| Ok(export.out.flush()?));
    let (written, left_out) = (export.written, export.left_out);
    drop(export);
    match done {
        Err(Broken::Failed(failed)) => return Err(failed),
        Err(Broken::Write(error)) => return Ok(unwritable(&mut *io.stderr, &error)),
        Ok(()) => {}
    }
    if !quiet {
        let _ = io
            .stderr
            .write_all(summary(args, written, left_out).as_bytes());
    }
    Ok(Exit::Done)
}

fn summary(args: &ExportArgs, written: u64, left_out: u64) -> String {
    let mut text = match written {
        0 => "nothing is stored that fits\n".to_owned(),
        1 => "1 record exported\n".to_owned(),
        count => format!("{count} records exported\n"),
    };
    if left_out > 0 {
        let why = if args.as_payloads {
            "their bytes are erased, no JSON, or of a test"
        } else {
            "there is no event, or it is erased"
        };
        let _ = writeln!(text, "{left_out} left out: {why}");
    }
    text
}

/// The payloads about somebody, if somebody was named.
async fn about(
    store: &dyn Store,
    args: &ExportArgs,
    config: Option<&Config>,
) -> Result<Option<Vec<PayloadId>>, Failed> {
    let subjects = match &args.request {
        Some(id) => requested(store, id).await?,
        None => args.person.subjects(&[], store, config).await?,
    };
    if subjects.is_empty() {
        return Ok(None);
    }
    let found = store.find(RedactTarget::Subjects(subjects)).await;
    found.map(Some).map_err(|error| failed(&error))
}

/// The people of an open request.
async fn requested(store: &dyn Store, id: &str) -> Result<Vec<SubjectHash>, Failed> {
    let open = store.open_requests().await;
    let open = open.map_err(|error| failed(&error))?;
    let wanted = ItemId::parse(id);
    let request = open
        .into_iter()
        .find(|request| Some(ItemId::Payload(request.payload)) == wanted);
    let request = request.ok_or_else(|| {
        let message = format!(
            "--request: there is no open request {id:?}; see `queue list --reason privacy.data_request`"
        );
        (Exit::Usage, message)
    })?;
    if request.subjects.is_empty() {
        let message = "--request: it names nobody whom the store could know";
        return Err((Exit::Usage, message.to_owned()));
    }
    Ok(request.subjects)
}

fn create(path: &Path) -> Result<std::fs::File, Failed> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        let message = format!("--output: cannot write {}: {error}", path.display());
        (Exit::Usage, message)
    })
}

struct Export<'a> {
    store: &'a dyn Store,
    args: &'a ExportArgs,
    out: BufWriter<Box<dyn Write + 'a>>,
    line: Vec<u8>,
    written: u64,
    left_out: u64,
}

impl Export<'_> {
    async fn filtered(&mut self, filter: Filter) -> Result<(), Broken> {
        let mut pages = Pages::new(filter);
        let mut last = None;
        while let Some(items) = pages.next(self.store).await? {
            for item in items {
                self.item(&item, &mut last).await?;
            }
        }
        Ok(())
    }

    /// What is known about somebody: the items of these payloads, and payloads that have none, since
    /// all their events are known from others.
    async fn payloads(
        &mut self,
        payloads: &[PayloadId],
        filter: Filter,
        is_everything: bool,
    ) -> Result<(), Broken> {
        for chunk in payloads.chunks(AT_ONCE) {
            let filter = Filter {
                payloads: Some(chunk.to_vec()),
                ..filter.clone()
            };
            let mut without: BTreeSet<i64> = chunk.iter().map(|payload| payload.get()).collect();
            let mut pages = Pages::new(filter);
            let mut last = None;
            while let Some(items) = pages.next(self.store).await? {
                for item in items {
                    without.remove(&item.position.payload);
                    self.item(&item, &mut last).await?;
                }
            }
            for payload in without.into_iter().filter(|_| is_everything) {
                self.one(
                    ItemId::Payload(PayloadId::new(payload)),
                    PayloadId::new(payload),
                )
                .await?;
            }
        }
        Ok(())
    }

    async fn item(&mut self, item: &Item, last: &mut Option<i64>) -> Result<(), Broken> {
        // Deliveries of one payload follow each other.
        let is_same = last.replace(item.position.payload) == Some(item.position.payload);
        if is_same && self.args.as_payloads {
            return Ok(());
        }
        self.one(item.id, PayloadId::new(item.position.payload))
            .await
    }

    async fn one(&mut self, id: ItemId, payload: PayloadId) -> Result<(), Broken> {
        self.line.clear();
        let is_there = if self.args.as_payloads {
            let raw = self
                .store
                .raw(payload)
                .await
                .map_err(|error| failed(&error))?;
            raw.is_some_and(|raw| !raw.is_test && envelope(&mut self.line, &raw))
        } else {
            let detail = self.store.show(id).await.map_err(|error| failed(&error))?;
            match detail {
                Some(detail) if self.args.events_only => {
                    let event = detail.event.as_ref();
                    self.line
                        .extend(event.iter().flat_map(|event| event.body.iter()));
                    event.is_some()
                }
                Some(detail) => {
                    dead_letter(&mut self.line, &detail);
                    true
                }
                None => false,
            }
        };
        if !is_there {
            self.left_out += 1;
            return Ok(());
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.written += 1;
        Ok(())
    }
}
