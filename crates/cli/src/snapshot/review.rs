//! `snapshot review`: the differences one by one, at a terminal.

use std::fmt::Write as _;
use std::io::{self, Write};

use console::{Key, Term};

use super::compare::{Compared, State, compare};
use super::folder::Folder;
use super::test::Report;
use super::{ChosenArgs, accept};
use crate::meaning::counted;
use crate::{Exit, Failed, Global, Io};

/// What is decided about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It is as it should be: approved.
    Accept,
    /// The mapping is wrong: what was approved stays.
    Reject,
    /// Later.
    Skip,
    /// No more of them.
    Quit,
}

impl Answer {
    fn of(key: &Key) -> Option<Self> {
        match key {
            Key::Char('a' | 'A') => Some(Self::Accept),
            Key::Char('r' | 'R') => Some(Self::Reject),
            Key::Char('s' | 'S' | ' ') => Some(Self::Skip),
            Key::Char('q' | 'Q') | Key::Escape => Some(Self::Quit),
            _ => None,
        }
    }
}

pub(super) fn run(args: &ChosenArgs, global: &Global, io: &mut Io) -> Result<Exit, Failed> {
    if !(io.stdin_terminal && io.stdout_terminal) {
        let message = "review asks at a terminal; in a script there are `snapshot test` and \
                       `snapshot accept DIR NAME…`";
        return Err((Exit::Usage, message.to_owned()));
    }
    let (folder, names) = Folder::chosen(args);
    let files = folder.files(names)?;
    let global = &folder.configured(global);
    let all = compare(&folder, &files, global)?;
    let report = Report {
        folder: &folder,
        color: global.color.on(io.stdout_terminal),
    };
    let term = Term::stdout();
    let ask = || loop {
        if let Some(answer) = Answer::of(&term.read_key()?) {
            return Ok(answer);
        }
    };
    review(&all, &report, &mut *io.stdout, ask)
}

/// Shows each difference and does what is answered.
fn review(
    all: &[Compared],
    report: &Report<'_>,
    out: &mut dyn Write,
    mut ask: impl FnMut() -> io::Result<Answer>,
) -> Result<Exit, Failed> {
    let unexpected = |error: io::Error| (Exit::Unexpected, format!("the terminal: {error}"));
    let open: Vec<&Compared> = all.iter().filter(|it| it.state != State::Same).collect();
    let (mut accepted, mut rejected) = (0, Vec::new());
    for (place, one) in open.iter().enumerate() {
        let mut text = String::new();
        report.one(&mut text, one);
        let prompt = format!(
            "{text}\n{} of {}: (a)ccept, (r)eject, (s)kip, (q)uit ",
            place + 1,
            open.len()
        );
        out.write_all(prompt.as_bytes()).map_err(unexpected)?;
        out.flush().map_err(unexpected)?;
        let answer = ask().map_err(unexpected)?;
        let said = match answer {
            Answer::Accept => {
                accept::take(report.folder, one)?;
                accepted += 1;
                "accepted"
            }
            Answer::Reject => {
                rejected.push(one.name.as_str());
                "rejected"
            }
            Answer::Skip => "skipped",
            Answer::Quit => "left",
        };
        writeln!(out, "{said}\n").map_err(unexpected)?;
        if answer == Answer::Quit {
            break;
        }
    }
    let left = open.len() - accepted;
    let mut end = match open.len() {
        0 => "everything is as approved\n".to_owned(),
        _ => format!(
            "{accepted} accepted, {} left as it was\n",
            counted(left, "difference")
        ),
    };
    if !rejected.is_empty() {
        let _ = writeln!(end, "to be mended: {}", rejected.join(", "));
    }
    out.write_all(end.as_bytes()).map_err(unexpected)?;
    Ok(if left == 0 { Exit::Done } else { Exit::Differs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_asked_about_until_it_is_enough() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        let new = |name: &str| Compared {
            name: format!("us/{name}"),
            state: State::New {
                after: "{}\n".to_owned(),
            },
        };
        let all = ["a", "b", "c", "d", "e"].map(new);
        let mut answers = [Answer::Accept, Answer::Reject, Answer::Skip, Answer::Quit].into_iter();
        let mut out = Vec::new();
        let report = Report {
            folder: &folder,
            color: false,
        };
        let exit = review(&all, &report, &mut out, || {
            answers
                .next()
                .ok_or_else(|| io::Error::other("nothing more is asked"))
        });
        assert_eq!(exit, Ok(Exit::Differs));
        let there = ["a", "b", "c", "d", "e"].map(|name| {
            let path = folder.snapshot(&format!("us/{name}"));
            path.exists()
        });
        assert_eq!(there, [true, false, false, false, false]);
        let out = String::from_utf8(out).unwrap();
        let end = "1 accepted, 4 differences left as it was\nto be mended: us/b\n";
        assert!(out.ends_with(end), "{out}");
    }
}
