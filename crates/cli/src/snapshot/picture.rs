//! What payload files are mapped to, in the one form that snapshots have.

use std::io::Read;
use std::path::Path;

use orderbridge_event::Timestamp;
use orderbridge_event::tree::Tree;
use orderbridge_rules::Ruled;

use crate::map::{Each, Mapper, Origin, write_outcome};
use crate::source::Chosen;
use crate::{Exit, Failed, input};

/// The order of the parts of an outcome: what matters most comes first, bodies last.
const PARTS: &[&str] = &["outcome", "channel", "reason", "error", "notes", "events"];

/// The text of a snapshot: what a file is mapped to.
pub(super) fn snapshot(chosen: &Chosen, path: &Path) -> Result<String, Failed> {
    let lines = outcomes(chosen, path)?;
    let trees = lines.iter().filter_map(|line| canonical(line));
    let trees: Vec<Tree<'_>> = trees.collect();
    let document = match <[Tree<'_>; 1]>::try_from(trees) {
        Ok([one]) => one,
        Err(several) => Tree::List(several),
    };
    Ok(document.pretty() + "\n")
}

/// The outcomes of all payloads in a file, as `map` would print them.
pub(crate) fn outcomes(chosen: &Chosen, path: &Path) -> Result<Vec<Vec<u8>>, Failed> {
    let file = path.to_str().ok_or_else(|| {
        let message = format!("cannot read {}: its name is not UTF-8", path.display());
        (Exit::Usage, message)
    })?;
    let nothing = Box::new(std::io::empty());
    Ok(read(chosen, None, file, nothing)?.lines)
}

/// Maps all payloads in a file; `-` is stdin. There is at least one.
pub(super) fn read(
    chosen: &Chosen,
    topic: Option<&str>,
    file: &str,
    stdin: Box<dyn Read + Send>,
) -> Result<Lines, Failed> {
    let unreadable = |why: String| (Exit::Usage, format!("cannot read {file}: {why}"));
    let is_report = Path::new(file)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
    let report = chosen.source.report.filter(|_| is_report);
    if is_report && report.is_none() {
        let platform = chosen.source.adapter.name();
        return Err(unreadable(format!("there are no reports of {platform}")));
    }
    let topic = topic.unwrap_or(&chosen.topic);
    let names = [file.to_owned()];
    let mapper = Mapper {
        source: chosen.source,
        topic: report.map_or(topic, |report| report.topic()),
        context: &chosen.context,
        rules: &chosen.rules,
        names: &names,
        parse_only: false,
    };
    let inputs = input::open(&names, stdin).map_err(|message| (Exit::Usage, message))?;
    let mut lines = Lines::default();
    let done = mapper.all(inputs, report, &mut lines);
    done.map_err(|unreadable_| unreadable(unreadable_.error.to_string()))?;
    if lines.lines.is_empty() {
        return Err(unreadable("there is no payload in it".to_owned()));
    }
    Ok(lines)
}

/// The outcomes of payloads, and the payloads themselves.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) lines: Vec<Vec<u8>>,
    pub(super) pieces: Vec<Piece>,
}

/// A payload that was taken out of what was around it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) topic: String,
    /// When it was sent, if its envelope says so.
    pub(super) received_at: Option<Timestamp>,
    pub(super) body: Vec<u8>,
}

impl Each for Lines {
    fn keeps_bodies(&self) -> bool {
        true
    }

    fn ruled(&mut self, origin: Origin<'_>, ruled: &Ruled) {
        let mut line = Vec::new();
        write_outcome(&mut line, &origin, &ruled.result);
        self.lines.push(line);
        self.pieces.push(Piece {
            topic: origin.topic.to_owned(),
            received_at: origin.received_at,
            body: origin.body.to_vec(),
        });
    }
}

/// A line of `map` without what is true of the file only, and in the order of snapshots.
pub(crate) fn canonical(line: &[u8]) -> Option<Tree<'_>> {
    let Tree::Object(mut fields) = Tree::parse(line)? else {
        return None;
    };
    let input = fields.iter().position(|(key, _)| key == "input")?;
    let (_, input) = fields.remove(input);
    let place = |key: &str| PARTS.iter().position(|part| *part == key);
    fields.sort_by_key(|(key, _)| place(key).unwrap_or(PARTS.len()));
    let topic = input.get("topic")?.clone();
    fields.insert(0, ("topic".to_owned(), topic));
    Some(Tree::Object(fields))
}
