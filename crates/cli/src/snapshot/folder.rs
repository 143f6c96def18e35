//! A folder with payloads and their snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::ChosenArgs;
use crate::config::DEFAULT;
use crate::source::did_you_mean;
use crate::{Exit, Failed, Global};

/// The endings of what is mapped.
const PAYLOADS: &[&str] = &["json", "ndjson", "tsv"];

/// Where payloads and snapshots are.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// The files below a folder, by name. A name is the path without `payloads/` and `.json`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    pub(crate) payloads: BTreeMap<String, PathBuf>,
    pub(crate) snapshots: BTreeMap<String, PathBuf>,
}

impl Folder {
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of a command and the names that follow it. The first word is the folder if there
    /// are payloads in it.
    pub(super) fn chosen(args: &ChosenArgs) -> (Self, &[String]) {
        match args.paths.split_first() {
            Some((first, names)) if Self::new(first).is_one() => (Self::new(first), names),
            _ => (Self::new("."), &args.paths),
        }
    }

    /// Whether there are payloads here. Snapshots alone may be another program's.
    pub(crate) fn is_one(&self) -> bool {
        self.payloads().is_dir()
    }

    pub(crate) fn payloads(&self) -> PathBuf {
        self.root.join("payloads")
    }

    fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The path of a snapshot.
    pub(crate) fn snapshot(&self, name: &str) -> PathBuf {
        self.snapshots().join(format!("{name}.json"))
    }

    /// A path as people read it: without what they have already typed.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.display().to_string()
    }

    /// The flags with the configuration of this folder, unless another one is named.
    pub(crate) fn configured(&self, global: &Global) -> Global {
        let own = self.root.join(DEFAULT);
        let mut global = global.clone();
        if global.config.is_none() && own.exists() {
            global.config = Some(own);
        }
        global
    }

    /// All files, or those that are named.
    pub(crate) fn files(&self, names: &[String]) -> Result<Files, Failed> {
        if !self.is_one() {
            return Err(nothing_here(names));
        }
        let mut files = Files::default();
        for path in below(&self.payloads())? {
            if ending(&path).is_none_or(|ending| !PAYLOADS.contains(&ending.as_str())) {
                continue;
            }
            let name = name(&self.payloads(), &path);
            if !name.contains('/') {
                let message = format!(
                    "{}: put it into a folder that is named after its source or platform, as in \
                     payloads/shopify",
                    self.shown(&path)
                );
                return Err((Exit::Usage, message));
            }
            if let Some(other) = files.payloads.insert(name, path.clone()) {
                let (one, other) = (self.shown(&path), self.shown(&other));
                let message = format!("{one} and {other} would have one snapshot; rename one");
                return Err((Exit::Usage, message));
            }
        }
        for path in below(&self.snapshots())? {
            if ending(&path).as_deref() == Some("json") {
                files.snapshots.insert(name(&self.snapshots(), &path), path);
            }
        }
        files.only(names)
    }
}

/// What is said where no payloads are.
fn nothing_here(names: &[String]) -> Failed {
    let also = names.first();
    let also = also.map_or_else(String::new, |name| format!(" or in {name}"));
    let message = format!(
        "there is no folder payloads here{also}; `orderbridge snapshot new FILE…` puts payloads in \
         place"
    );
    (Exit::Usage, message)
}

impl Files {
    /// Those that are named: by their name, by the folder they are in, or by either path.
    fn only(self, names: &[String]) -> Result<Self, Failed> {
        if names.is_empty() {
            return Ok(self);
        }
        let known: BTreeSet<&String> = self.payloads.keys().chain(self.snapshots.keys()).collect();
        let mut wanted = BTreeSet::new();
        for given in names {
            let name = plain(given);
            let fits = |known: &str| {
                known
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let before = wanted.len();
            wanted.extend(
                known
                    .iter()
                    .filter(|known| fits(known))
                    .map(|it| (*it).clone()),
            );
            if wanted.len() == before && !wanted.iter().any(|known| fits(known)) {
                let hint = did_you_mean(name, known.iter().map(|it| it.as_str()));
                let message = format!("there is neither a payload nor a snapshot {name:?}{hint}");
                return Err((Exit::Usage, message));
            }
        }
        let mut files = self;
        files.payloads.retain(|name, _| wanted.contains(name));
        files.snapshots.retain(|name, _| wanted.contains(name));
        Ok(files)
    }
}

/// A name as it was typed, without the parts that all names have.
fn plain(given: &str) -> &str {
    let name = given.strip_prefix("./").unwrap_or(given);
    let name = name
        .strip_prefix("payloads/")
        .or(name.strip_prefix("snapshots/"))
        .unwrap_or(name);
    let name = name.trim_end_matches('/');
    name.strip_suffix(".json").unwrap_or(name)
}

/// All files below a folder in the order of their names; none if it is not there.
fn below(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let unreadable = |error: std::io::Error| {
        let message = format!("cannot read {}: {error}", folder.display());
        (Exit::Usage, message)
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            found.extend(below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn ending(path: &Path) -> Option<String> {
    let ending = path.extension()?.to_string_lossy();
    Some(ending.to_ascii_lowercase())
}

/// The path below a folder, with `/` on every system and without `.json`.
fn name(folder: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let parts = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    let name = parts.collect::<Vec<_>>().join("/");
    match name.strip_suffix(".json") {
        Some(stem) => stem.to_owned(),
        None => name,
    }
}
