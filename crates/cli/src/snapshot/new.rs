//! `snapshot new`: payloads of files or of the store become tests, without the people in them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use orderbridge_core::store::PayloadId;
use orderbridge_event::json::Object;
use orderbridge_event::tree::Tree;
use orderbridge_event::{Context, Payload};
use orderbridge_scrub::Scrub;

use super::folder::Folder;
use super::picture::{self, Lines, Piece, canonical};
use super::{accept, sample};
use crate::map::Mapper;
use crate::meaning::{Change, Seen, changes, counted};
use crate::source::Chosen;
use crate::sources::Sources;
use crate::stored::{Shelf, Stored, block_on};
use crate::{Exit, Failed, Global, Io};

/// Which payloads become tests.
#[derive(Args, Clone, Debug)]
pub(crate) struct NewArgs {
    /// Files with payloads; - is stdin
    #[arg(value_name = "FILE", required_unless_present = "from_store")]
    files: Vec<String>,
    /// The source or platform that they are of [default: the only source of the configuration]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The topic of bare bodies [default: the platform's own, as in orders/create]
    #[arg(long, value_name = "TOPIC", conflicts_with = "from_store")]
    topic: Option<String>,
    /// The folder with payloads/ and snapshots/ [default: the working folder]
    #[arg(
        long,
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true
    )]
    dir: PathBuf,
    /// Take them out of the store
    #[arg(long, conflicts_with = "files")]
    from_store: bool,
    /// Only what came in since: 7d, 2h, or a time such as 2026-11-02T10:15:30Z
    #[arg(long, value_name = "TIME", requires = "from_store")]
    since: Option<String>,
    /// Only so many, of every source, topic, channel and reason as many as there is room for
    #[arg(long, value_name = "N", requires = "from_store")]
    sample: Option<usize>,
    /// Leave names, addresses, e-mails and phone numbers in
    #[arg(long)]
    keep_personal_data: bool,
}

pub(super) fn run(args: &NewArgs, global: &Global, io: &mut Io) -> Result<Exit, Failed> {
    let folder = Folder::new(&args.dir);
    let global = &folder.configured(global);
    let mut sources = Sources::new(global)?;
    let mut new = New {
        args,
        folder: &folder,
        told: Told::default(),
    };
    if args.from_store {
        block_on(new.stored(&mut sources))?;
    } else {
        let source = match &args.source {
            Some(source) => source.clone(),
            None => sources.only("--source")?,
        };
        let stdin = std::mem::replace(&mut io.stdin, Box::new(std::io::empty()));
        new.files(sources.named(&source, "--source")?, &source, stdin)?;
    }
    let told = new.told;
    let written = io.stdout.write_all(told.paths.as_bytes());
    if let Err(error) = written.and_then(|()| io.stdout.flush()) {
        return Ok(crate::unwritable(&mut io.stderr, &error));
    }
    if !global.quiet {
        let _ = io.stderr.write_all(told.text(args).as_bytes());
    }
    Ok(Exit::Done)
}

/// What is said in the end.
#[derive(Debug, Default)]
struct Told {
    paths: String,
    count: usize,
    known: usize,
    /// Those that are no JSON, so that nobody can be taken out of them.
    no_json: usize,
    differs: Vec<String>,
    /// Sources of the store that are not configured any more.
    no_source: BTreeSet<String>,
}

impl Told {
    fn text(&self, args: &NewArgs) -> String {
        let people = if args.keep_personal_data {
            "with the personal data in them"
        } else {
            "without the people in them"
        };
        let mut text = format!("{} put in place, {people}", counted(self.count, "payload"));
        if self.known > 0 {
            let _ = write!(text, "; {} there already", self.known);
        }
        text.push('\n');
        if self.no_json > 0 {
            let _ = writeln!(text, "{} left out: not JSON", self.no_json);
        }
        for source in &self.no_source {
            let _ = writeln!(
                text,
                "those of {source:?} left out: no such source is configured"
            );
        }
        for differs in &self.differs {
            let _ = writeln!(
                text,
                "without its people it becomes something else: {differs}"
            );
        }
        if self.count > 0 {
            text.push_str("`orderbridge snapshot accept` approves of what they are mapped to\n");
        }
        text
    }
}

struct New<'a> {
    args: &'a NewArgs,
    folder: &'a Folder,
    told: Told,
}

impl New<'_> {
    fn files(
        &mut self,
        chosen: &Chosen,
        source: &str,
        stdin: Box<dyn std::io::Read + Send>,
    ) -> Result<(), Failed> {
        let mut stdin = Some(stdin);
        for file in &self.args.files {
            let stdin = stdin.take_if(|_| file == "-");
            let stdin = stdin.unwrap_or_else(|| Box::new(std::io::empty()));
            let lines = picture::read(chosen, self.args.topic.as_deref(), file, stdin)?;
            let is_one = lines.pieces.len() == 1 && file != "-";
            for (place, piece) in lines.pieces.iter().enumerate() {
                let name = if is_one {
                    stem(file)
                } else {
                    let order = order(chosen, piece);
                    name(
                        &piece.topic,
                        &order.unwrap_or_else(|| (place + 1).to_string()),
                    )
                };
                self.put(chosen, source, &name, piece)?;
            }
        }
        Ok(())
    }

    async fn stored(&mut self, sources: &mut Sources<'_>) -> Result<(), Failed> {
        let args = self.args;
        let config = sources.config();
        let (source, since) = (args.source.as_deref(), args.since.as_deref());
        let mut store = Shelf::open(config, source, since, None).await?;
        if let Some(most) = args.sample {
            let mut kinds: Vec<(PayloadId, String)> = Vec::new();
            store
                .each(async |store, stored| {
                    if let Some(lines) = mapped(store, &stored, sources).await? {
                        kinds.push((stored.id, sample::kind(&stored, &lines)));
                    }
                    Ok(())
                })
                .await?;
            store.keep(&sample::spread(kinds, most));
        }
        store
            .each(async |_, stored| {
                if !sources.has(&stored.raw.source) {
                    self.told.no_source.insert(stored.raw.source.clone());
                    return Ok(());
                }
                let chosen = sources.named(&stored.raw.source, &stored.raw.source)?;
                let piece = Piece {
                    topic: stored.raw.topic.clone(),
                    received_at: stored.sent_at(),
                    body: stored.raw.body.to_vec(),
                };
                let order = order(chosen, &piece).unwrap_or(stored.order);
                let name = name(&piece.topic, &order);
                self.put(chosen, &stored.raw.source, &name, &piece)
            })
            .await
    }

    /// Writes one payload, and looks whether it still becomes the same.
    fn put(
        &mut self,
        chosen: &Chosen,
        source: &str,
        name: &str,
        piece: &Piece,
    ) -> Result<(), Failed> {
        let Some(text) = self.text(chosen, piece) else {
            self.told.no_json += 1;
            return Ok(());
        };
        let folder = self.folder.payloads().join(source);
        let Some(path) = free(&folder, name, &text)? else {
            self.told.known += 1;
            return Ok(());
        };
        accept::write(&path, text.as_bytes()).map_err(|error| {
            let message = format!("cannot write {}: {error}", path.display());
            (Exit::Unexpected, message)
        })?;
        self.told.count += 1;
        let shown = self.folder.shown(&path);
        self.told.paths.push_str(&shown);
        self.told.paths.push('\n');
        let words: Vec<String> = differences(chosen, piece, &text)
            .iter()
            .map(ToString::to_string)
            .collect();
        if !words.is_empty() {
            self.told
                .differs
                .push(format!("{shown}  {}", words.join(" · ")));
        }
        Ok(())
    }

    /// The text of the file: the body, in an envelope if it has to be said what it is about.
    fn text(&self, chosen: &Chosen, piece: &Piece) -> Option<String> {
        let body = if self.args.keep_personal_data {
            Tree::parse(&piece.body)?.pretty()
        } else {
            let shared = &chosen.context.options.shared_emails;
            Scrub::new(shared).json(&piece.body)?
        };
        let default = chosen.source.adapter.profile().default_topic;
        if piece.topic == default && piece.received_at.is_none() {
            return Some(Tree::parse(body.as_bytes())?.pretty() + "\n");
        }
        let mut out = Vec::new();
        let mut envelope = Object::open(&mut out);
        envelope.text("topic", &piece.topic);
        let time = piece.received_at.map(|time| time.to_string());
        envelope.maybe_text("received_at", time.as_deref());
        envelope.field("payload").extend_from_slice(body.as_bytes());
        envelope.close();
        Some(Tree::parse(&out)?.pretty() + "\n")
    }
}

/// What a stored payload is mapped to; `None` if its source is not configured any more.
async fn mapped(
    store: &Shelf,
    stored: &Stored,
    sources: &mut Sources<'_>,
) -> Result<Option<Lines>, Failed> {
    let source = &stored.raw.source;
    if !sources.has(source) {
        return Ok(None);
    }
    let mut lines = Lines::default();
    let chosen = sources.named(source, source)?;
    store.map(stored, chosen, &mut lines).await?;
    Ok(Some(lines))
}

/// What changes with the people gone, apart from the people.
fn differences(chosen: &Chosen, piece: &Piece, text: &str) -> Vec<Change> {
    let context = Context {
        received_at: piece.received_at,
        ..chosen.context.clone()
    };
    let mapped = |text: &[u8]| {
        let mapper = Mapper {
            source: chosen.source,
            topic: &piece.topic,
            context: &context,
            rules: &chosen.rules,
            names: &[],
            parse_only: false,
        };
        let mut lines = Lines::default();
        mapper.text(0, 1, text, None, &mut lines);
        lines.lines.into_iter().next().unwrap_or_default()
    };
    let (before, after) = (mapped(&piece.body), mapped(text.as_bytes()));
    let (Some(before), Some(after)) = (canonical(&before), canonical(&after)) else {
        return Vec::new();
    };
    let all = changes(&Seen::new(&before), &Seen::new(&after));
    all.into_iter()
        .filter(|change| !change.is_of_a_field())
        .collect()
}

/// The number of the order that a payload is about.
fn order(chosen: &Chosen, piece: &Piece) -> Option<String> {
    let payload = Payload {
        topic: &piece.topic,
        body: &piece.body,
    };
    let about = chosen.source.webhook?.about(payload);
    about.order.map(|order| order.key.as_str().to_owned())
}

/// A name out of a topic and an order: `orders-create-1001`.
fn name(topic: &str, order: &str) -> String {
    // What an address is the number of says who somebody is.
    let order = if order.contains('@') { "order" } else { order };
    plain(&format!("{topic}-{order}"))
}

fn stem(file: &str) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    plain(&stem.to_string_lossy())
}

/// Only what can stand in the name of a file everywhere.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || matches!(letter, '.' | '_') {
            name.push(letter);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    name.trim_matches(['-', '.']).to_owned()
}

/// The path for a payload: its name, or the next one that is free. `None` if the same is there.
fn free(folder: &Path, name: &str, text: &str) -> Result<Option<PathBuf>, Failed> {
    let mut path = folder.join(format!("{name}.json"));
    for number in 2.. {
        match fs::read(&path) {
            Ok(known) if known == text.as_bytes() => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some(path)),
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                return Err((Exit::Usage, message));
            }
        }
        path = folder.join(format!("{name}-{number}.json"));
    }
    Ok(None)
}
