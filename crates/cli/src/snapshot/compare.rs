//! All payloads of a folder, each against its snapshot.

use std::fs;

use orderbridge_event::tree::Tree;

use super::folder::{Files, Folder};
use super::picture;
use crate::meaning::{Change, Seen, changes};
use crate::sources::Sources;
use crate::{Exit, Failed, Global};

/// A payload, or a snapshot that has lost its payload.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    /// As in `us-store/1001`.
    pub(crate) name: String,
    pub(crate) state: State,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// As it was approved.
    Same,
    /// It was approved otherwise.
    Differs { before: String, after: String },
    /// Nothing was approved yet.
    New { after: String },
    /// A snapshot without a payload.
    Unreferenced,
}

/// Maps all payloads and reads their snapshots.
pub(crate) fn compare(
    folder: &Folder,
    files: &Files,
    global: &Global,
) -> Result<Vec<Compared>, Failed> {
    let mut sources = Sources::new(global)?;
    let mut all = Vec::new();
    for (name, path) in &files.payloads {
        let source = name.split('/').next().unwrap_or_default();
        let chosen = sources.named(source, &format!("payloads/{source}"))?;
        let after = picture::snapshot(chosen, path)?;
        let state = match files.snapshots.get(name) {
            None => State::New { after },
            Some(path) => {
                let before = fs::read(path).map_err(|error| {
                    let message = format!("cannot read {}: {error}", folder.shown(path));
                    (Exit::Usage, message)
                })?;
                // Git may have changed the ends of lines, which are not what is compared.
                let before = String::from_utf8_lossy(&before).replace("\r\n", "\n");
                if before == after {
                    State::Same
                } else {
                    State::Differs { before, after }
                }
            }
        };
        all.push(Compared {
            name: name.clone(),
            state,
        });
    }
    let names = files.snapshots.keys();
    all.extend(
        names
            .filter(|name| !files.payloads.contains_key(*name))
            .map(|name| Compared {
                name: name.clone(),
                state: State::Unreferenced,
            }),
    );
    Ok(all)
}

/// The changes between two snapshots, each with the order it is about.
pub(crate) fn meaning(name: &str, before: &str, after: &str) -> Vec<(String, Change)> {
    let old = Tree::parse(before.as_bytes());
    let new = Tree::parse(after.as_bytes());
    let (Some(old), Some(new)) = (old, new) else {
        let change = Change::Words("the snapshot is not JSON".to_owned());
        return vec![(name.to_owned(), change)];
    };
    let (old, new) = (Seen::all(&old), Seen::all(&new));
    let mut found = Vec::new();
    for place in 0..old.len().max(new.len()) {
        let order = format!("{name}[{place}]");
        let differences = match (old.get(place), new.get(place)) {
            (Some(old), Some(new)) => changes(old, new),
            (Some(_), None) => vec![Change::Words("a payload less in its file".to_owned())],
            (None, _) => vec![Change::Words("a payload more in its file".to_owned())],
        };
        found.extend(
            differences
                .into_iter()
                .map(|change| (order.clone(), change)),
        );
    }
    if found.is_empty() {
        let change = Change::Words("the same, laid out in another way".to_owned());
        found.push((name.to_owned(), change));
    }
    found
}
