//! The payloads that two configurations are compared over: files, folders, or what is stored.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use orderbridge_event::tree::Tree;

use super::DiffArgs;
use super::report::Report;
use crate::config::DEFAULT;
use crate::snapshot::{Folder, Lines, outcomes};
use crate::sources::Sources;
use crate::stored::{Shelf, block_on};
use crate::{Exit, Failed, Global, Io};

pub(super) fn compare(args: &DiffArgs, global: &Global, io: &mut Io) -> Result<Report, Failed> {
    let folder = Folder::new(&args.against);
    if folder.is_one() {
        return approved(args, &folder, global);
    }
    let against = configuration(&args.against)?;
    let other = Global {
        config: Some(against),
        ..global.clone()
    };
    let mut report = Report::default();
    let mut sides = Sides {
        before: Sources::new(global)?,
        after: Sources::new(&other)?,
    };
    if args.files.is_empty() {
        block_on(sides.stored(args, &mut report))?;
    }
    for file in &args.files {
        sides.file(args, file, &mut report)?;
    }
    if sides.before.config().is_none() && !global.quiet {
        let told =
            format!("there is no {DEFAULT} here: compared with the defaults of the platform\n");
        let _ = io.stderr.write_all(told.as_bytes());
    }
    Ok(report)
}

/// The configuration that a path names: a file, or the one in a folder.
fn configuration(path: &Path) -> Result<std::path::PathBuf, Failed> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let inside = path.join(DEFAULT);
    if inside.exists() {
        return Ok(inside);
    }
    let message = format!(
        "--against {}: there is neither {DEFAULT} nor payloads/ in this folder",
        path.display()
    );
    Err((Exit::Usage, message))
}

/// What was approved against what the configuration in force makes of the same payloads.
fn approved(args: &DiffArgs, folder: &Folder, global: &Global) -> Result<Report, Failed> {
    if !args.files.is_empty() {
        let message = "--against a folder with payloads/ compares these, and no other files";
        return Err((Exit::Usage, message.to_owned()));
    }
    let global = &folder.configured(global);
    let mut sources = Sources::new(global)?;
    let mut report = Report::default();
    let files = folder.files(&[])?;
    for (name, path) in &files.payloads {
        let source = name.split('/').next().unwrap_or_default();
        if args
            .source
            .as_deref()
            .is_some_and(|wanted| wanted != source)
        {
            continue;
        }
        let Some(snapshot) = files.snapshots.get(name) else {
            report.leave_out("nothing was approved of them".to_owned());
            continue;
        };
        let chosen = sources.named(source, &format!("payloads/{source}"))?;
        let after = outcomes(chosen, path)?;
        let before = fs::read(snapshot).map_err(|error| {
            let message = format!("cannot read {}: {error}", folder.shown(snapshot));
            (Exit::Usage, message)
        })?;
        let before = Tree::parse(&before);
        let before: Vec<&Tree<'_>> = match &before {
            Some(Tree::List(all)) => all.iter().collect(),
            one => one.iter().collect(),
        };
        let after: Vec<_> = after
            .iter()
            .map(|line| crate::snapshot::canonical(line))
            .collect();
        for place in 0..before.len().max(after.len()) {
            let old = before.get(place).copied();
            let new = after.get(place).and_then(Option::as_ref);
            report.pair(source, name, old, new);
        }
    }
    Ok(report)
}

/// Both configurations.
struct Sides<'a> {
    before: Sources<'a>,
    after: Sources<'a>,
}

impl Sides<'_> {
    async fn stored(&mut self, args: &DiffArgs, report: &mut Report) -> Result<(), Failed> {
        let source = args.source.as_deref();
        if let Some(source) = source {
            self.before.named(source, "--source")?;
        }
        let config = self.before.config();
        let store = Shelf::open(config, source, args.since.as_deref(), args.limit).await?;
        store
            .each(async |store, stored| {
                let source = &stored.raw.source;
                let (mut old, mut new) = (Lines::default(), Lines::default());
                for (sources, lines) in [(&mut self.before, &mut old), (&mut self.after, &mut new)]
                {
                    if !sources.has(source) {
                        report.leave_out(format!(
                            "their source {source:?} is not in both configurations"
                        ));
                        return Ok(());
                    }
                    let chosen = sources.named(source, source)?;
                    store.map(&stored, chosen, lines).await?;
                }
                report.add(source, &stored.order, &old.lines, &new.lines);
                Ok(())
            })
            .await
    }

    /// A file of one source, or a folder with payloads of several.
    fn file(&mut self, args: &DiffArgs, path: &Path, report: &mut Report) -> Result<(), Failed> {
        let folder = Folder::new(path);
        if folder.is_one() {
            for (name, path) in folder.files(&[])?.payloads {
                let source = name.split('/').next().unwrap_or_default();
                if args.source.as_deref().is_none_or(|wanted| wanted == source) {
                    self.one(source, &name, &path, report)?;
                }
            }
            return Ok(());
        }
        let source = match &args.source {
            Some(source) => source.clone(),
            None => self.before.only("--source")?,
        };
        self.one(&source, &path.display().to_string(), path, report)
    }

    fn one(
        &mut self,
        source: &str,
        name: &str,
        path: &Path,
        report: &mut Report,
    ) -> Result<(), Failed> {
        let before = outcomes(self.before.named(source, source)?, path)?;
        let after = outcomes(self.after.named(source, source)?, path)?;
        report.add(source, name, &before, &after);
        Ok(())
    }
}
