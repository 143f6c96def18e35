//! `snapshot test`: what differs from what was approved, in words and line by line.

use std::fmt::Write as _;
use std::io::Write as _;

use similar::{ChangeTag, TextDiff};

use super::ChosenArgs;
use super::compare::{Compared, State, compare, meaning};
use super::folder::Folder;
use crate::meaning::{Seen, Summary, counted};
use crate::{Exit, Failed, Global, Io, unwritable};

/// A summary on one line is no longer than this.
const WIDTH: usize = 120;

pub(super) fn run(args: &ChosenArgs, global: &Global, io: &mut Io) -> Result<Exit, Failed> {
    let (folder, names) = Folder::chosen(args);
    let files = folder.files(names)?;
    let global = &folder.configured(global);
    let all = compare(&folder, &files, global)?;
    let report = Report {
        folder: &folder,
        color: global.color.on(io.stdout_terminal),
    };
    let differs = all.iter().any(|it| it.state != State::Same);
    if differs {
        let text = report.text(&all);
        let written = io
            .stdout
            .write_all(text.as_bytes())
            .and_then(|()| io.stdout.flush());
        if let Err(error) = written {
            return Ok(unwritable(&mut io.stderr, &error));
        }
    }
    if !global.quiet {
        let _ = io.stderr.write_all(counts(&all).as_bytes());
    }
    Ok(if differs { Exit::Differs } else { Exit::Done })
}

/// How many there are of each kind, and what can be done.
fn counts(all: &[Compared]) -> String {
    let count = |wanted: fn(&State) -> bool| all.iter().filter(|it| wanted(&it.state)).count();
    let same = count(|state| *state == State::Same);
    let unreferenced = count(|state| *state == State::Unreferenced);
    let payloads = counted(all.len() - unreferenced, "payload");
    if same == all.len() {
        return match same {
            0 => "there is no payload yet\n".to_owned(),
            _ => format!("{payloads}, as approved\n"),
        };
    }
    let mut text = format!("{payloads}: {same} as approved");
    let differ = count(|state| matches!(state, State::Differs { .. }));
    let new = count(|state| matches!(state, State::New { .. }));
    for (count, what) in [(differ, "not as approved"), (new, "new")] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    if unreferenced > 0 {
        let _ = write!(
            text,
            "; {} without a payload",
            counted(unreferenced, "snapshot")
        );
    }
    text.push_str(
        "\n`orderbridge snapshot accept` takes it as it is now, `orderbridge snapshot review` one \
         by one\n",
    );
    text
}

/// What is printed of differences.
pub(super) struct Report<'a> {
    pub(super) folder: &'a Folder,
    pub(super) color: bool,
}

impl Report<'_> {
    /// The summary of all, then each.
    fn text(&self, all: &[Compared]) -> String {
        let mut text = summary(all);
        for one in all {
            if one.state != State::Same {
                text.push('\n');
                self.one(&mut text, one);
            }
        }
        text
    }

    /// One payload: what its difference means, and the difference itself.
    pub(super) fn one(&self, text: &mut String, one: &Compared) {
        let name = &one.name;
        match &one.state {
            State::Same => {}
            State::New { after } => {
                let document = orderbridge_event::tree::Tree::parse(after.as_bytes());
                let seen = document.iter().flat_map(Seen::all);
                for seen in seen {
                    let _ = writeln!(text, "new   {name}  {}", seen.in_a_line());
                }
            }
            State::Unreferenced => {
                let path = self.folder.shown(&self.folder.snapshot(name));
                let _ = writeln!(text, "gone  {path}  has no payload any more");
            }
            State::Differs { before, after } => {
                let mut summary = Summary::default();
                for (_, change) in meaning(name, before, after) {
                    summary.add(name, change);
                }
                let words: Vec<String> = summary.words().collect();
                let _ = writeln!(text, "{name}  {}", words.join(" · "));
                self.difference(text, name, before, after);
            }
        }
    }

    /// The difference line by line, as git shows it.
    fn difference(&self, text: &mut String, name: &str, before: &str, after: &str) {
        let diff = TextDiff::from_lines(before, after);
        let path = self.folder.shown(&self.folder.snapshot(name));
        self.line(text, ChangeTag::Delete, &format!("--- {path}\n"));
        self.line(text, ChangeTag::Insert, "+++ as it is mapped now\n");
        for group in diff.grouped_ops(3) {
            let header = similar::udiff::UnifiedHunkHeader::new(&group);
            let _ = writeln!(text, "{header}");
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let sign = change.tag();
                self.line(text, sign, &format!("{sign}{}", change.value()));
            }
        }
    }

    fn line(&self, text: &mut String, tag: ChangeTag, line: &str) {
        let color = match tag {
            ChangeTag::Equal => None,
            ChangeTag::Delete => Some(anstyle::AnsiColor::Red),
            ChangeTag::Insert => Some(anstyle::AnsiColor::Green),
        };
        let line = line.trim_end_matches('\n');
        let _ = match color.filter(|_| self.color) {
            Some(color) => {
                let style = color.on_default();
                writeln!(text, "{style}{line}{style:#}")
            }
            None => writeln!(text, "{line}"),
        };
    }
}

/// What all differences mean, on one line if it fits.
pub(super) fn summary(all: &[Compared]) -> String {
    let mut summary = Summary::default();
    let (mut new, mut unreferenced) = (0, 0);
    for one in all {
        match &one.state {
            State::Same => {}
            State::New { .. } => new += 1,
            State::Unreferenced => unreferenced += 1,
            State::Differs { before, after } => {
                for (order, change) in meaning(&one.name, before, after) {
                    summary.add(&order, change);
                }
            }
        }
    }
    let sentences = summary
        .sentences()
        .into_iter()
        .map(|(sentence, _)| sentence);
    let mut sentences: Vec<String> = sentences.collect();
    if new > 0 {
        sentences.push(format!("{new} new"));
    }
    if unreferenced > 0 {
        sentences.push(format!(
            "{} without a payload",
            counted(unreferenced, "snapshot")
        ));
    }
    let line = sentences.join(" · ");
    if line.chars().count() <= WIDTH {
        line + "\n"
    } else {
        sentences.join("\n") + "\n"
    }
}
