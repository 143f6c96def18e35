//! `orderbridge explain`: what a payload becomes and why, for a person.

use std::fmt::Write as _;
use std::io::Write;

use clap::Args;
use orderbridge_rules::{Ruled, Told, Verdict};

use crate::map::{Each, Format, Mapper, Origin, Tally};
use crate::source::SourceArgs;
use crate::{Exit, Failed, Global, Io, fail, input, print};

/// Shows what a payload becomes.
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// The file with the payload; - or none is stdin. Each payload in it is explained
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// How the input is written
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
}

/// Explains each payload of a file.
pub(crate) fn run(args: &ExplainArgs, global: &Global, mut io: Io) -> Exit {
    let color = global.color.on(io.stdout_terminal);
    let stdin = std::mem::replace(&mut io.stdin, Box::new(std::io::empty()));
    match explain(args, global, stdin, &mut io, color) {
        Ok(Page { tally, .. }) if tally.payloads == 0 => {
            let _ = writeln!(io.stderr, "no payload was found");
            Exit::Done
        }
        Ok(Page { text, tally, .. }) => match print(io, &text) {
            Exit::Done => tally.exit(),
            other => other,
        },
        Err(failed) => fail(&mut io.stderr, failed),
    }
}

fn explain(
    args: &ExplainArgs,
    global: &Global,
    stdin: Box<dyn std::io::Read + Send>,
    io: &mut Io,
    color: bool,
) -> Result<Page, Failed> {
    let mut chosen = args.source.choose(global)?;
    let report = args.format.report(chosen.source)?;
    if let Some(report) = report {
        report.topic().clone_into(&mut chosen.topic);
    }
    let rules = std::mem::take(&mut chosen.rules).telling();
    let inputs =
        input::open(args.file.as_slice(), stdin).map_err(|message| (Exit::Usage, message))?;
    if io.stdin_terminal && !global.quiet {
        input::tell_of_waiting(&inputs, "a payload", &mut io.stderr);
    }
    let names: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
    let mapper = Mapper {
        source: chosen.source,
        topic: &chosen.topic,
        context: &chosen.context,
        rules: &rules,
        names: &names,
        parse_only: false,
    };
    let mut page = Page {
        text: String::new(),
        color,
        tally: Tally::default(),
    };
    mapper
        .all(inputs, report, &mut page)
        .map_err(|unreadable| {
            let name = mapper.name(unreadable.file);
            (
                Exit::Usage,
                format!("cannot read {name}: {}", unreadable.error),
            )
        })?;
    Ok(page)
}

struct Page {
    text: String,
    color: bool,
    tally: Tally,
}

impl Each for Page {
    fn ruled(&mut self, origin: Origin<'_>, ruled: &Ruled) {
        if self.tally.payloads > 0 {
            self.text.push('\n');
        }
        self.tally.add(&ruled.result);
        let index = origin
            .index
            .map_or_else(String::new, |index| format!("[{index}]"));
        let Origin {
            file, line, topic, ..
        } = origin;
        let head = format!("input    {file}:{line}{index}  {topic}\n");
        let lines: Vec<String> = ruled.told.iter().map(told).collect();
        let outcome = orderbridge_event::explain(&ruled.result);
        let lines = lines.iter().map(String::as_str);
        for line in head.lines().chain(lines).chain(outcome.lines()) {
            self.push(line);
        }
    }
}

impl Page {
    /// Adds a line; the label at its start stands out, if there is one and colors are on.
    fn push(&mut self, line: &str) {
        let label = line
            .find(' ')
            .filter(|end| *end > 0 && line.starts_with(char::is_alphabetic));
        let _ = match label
            .filter(|_| self.color)
            .and_then(|end| line.split_at_checked(end))
        {
            Some((label, rest)) => {
                let style = style(label);
                writeln!(self.text, "{style}{label}{style:#}{rest}")
            }
            None => writeln!(self.text, "{line}"),
        };
    }
}

/// What a rule says of an event, in one line. It has values of the payload in it.
fn told(told: &Told) -> String {
    let mut line = format!("{:<8} {}", "rule", told.rule);
    if let Some(event) = &told.event {
        let _ = write!(line, " on {event}");
    }
    line.push_str(match &told.verdict {
        Verdict::Matched => ": matches",
        Verdict::Unmatched | Verdict::Absent(_) => ": does not match",
        Verdict::Failed(_) => ": fails, so it does not match",
    });
    match &told.verdict {
        Verdict::Absent(name) => {
            let _ = write!(line, ", since {name} is absent");
        }
        Verdict::Failed(why) => {
            let _ = write!(line, ", since {why}");
        }
        Verdict::Matched | Verdict::Unmatched => {}
    }
    let seen = told.seen.iter();
    let seen: Vec<String> = seen
        .map(|(path, value)| format!("{path} = {value}"))
        .collect();
    if !seen.is_empty() {
        let _ = write!(line, "  ({})", seen.join(", "));
    }
    if !told.does.is_empty() {
        let _ = write!(line, "  → {}", told.does.join(", "));
    }
    if !told.decided_before.is_empty() {
        let before = told.decided_before.join(", ");
        let _ = write!(line, "  (an earlier rule decided: {before})");
    }
    line
}

fn style(label: &str) -> anstyle::Style {
    let color = match label {
        "error" => anstyle::AnsiColor::Red,
        "note" => anstyle::AnsiColor::Yellow,
        _ => anstyle::AnsiColor::Cyan,
    };
    color.on_default().bold()
}
