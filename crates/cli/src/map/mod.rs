//! `orderbridge map`: payloads in, one JSON line for each out.

mod all;
mod mapper;
mod tally;
mod work;

use std::io::Write;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use clap::{Args, ValueEnum};
use orderbridge_event::{Report, Source};

pub(crate) use mapper::{Each, Mapper, Origin, write_outcome};
pub(crate) use tally::Tally;

use crate::source::SourceArgs;
use crate::{Exit, Failed, Global, Io, fail, input, unwritable};

/// Maps payloads to events.
#[derive(Args, Clone, Debug)]
pub struct MapArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Files to map; - or none is stdin. NDJSON, one JSON document, or a list
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// Print only the bodies of events, ready for `orderbridge send`
    #[arg(long)]
    pub events_only: bool,
    /// Only read the payloads: what `scripts/bench` measures mapping against
    #[arg(long, hide = true, conflicts_with = "events_only")]
    pub parse_only: bool,
    /// How the input is written
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
    /// Threads to use; the order of the output stays [default: all cores]
    #[arg(long, short, value_name = "N", value_parser = parse_jobs)]
    pub jobs: Option<NonZeroUsize>,
}

/// How an input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A payload a line, or JSON documents.
    Json,
    /// A report with tabs, of platforms that have reports.
    Tsv,
}

impl Format {
    /// Who reads the reports of a platform; none where the input is JSON.
    pub(crate) fn report(self, source: &Source) -> Result<Option<&'static dyn Report>, Failed> {
        match (self, source.report) {
            (Self::Json, _) => Ok(None),
            (Self::Tsv, Some(report)) => Ok(Some(report)),
            (Self::Tsv, None) => {
                let name = source.adapter.name();
                let message = format!(
                    "--format tsv: there are no reports of {name} to read; leave it out for JSON"
                );
                Err((Exit::Usage, message))
            }
        }
    }
}

fn parse_jobs(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "not a number from 1 up")
}

/// Maps until the end of the input.
pub(crate) fn run(args: &MapArgs, global: &Global, io: Io) -> Exit {
    let Io {
        stdin,
        stdout,
        mut stderr,
        stdin_terminal,
        ..
    } = io;
    let (mut chosen, report, inputs) = match prepare(args, global, stdin) {
        Ok(prepared) => prepared,
        Err(failed) => return fail(&mut stderr, failed),
    };
    if let Some(report) = report {
        report.topic().clone_into(&mut chosen.topic);
    }
    if stdin_terminal && !global.quiet {
        input::tell_of_waiting(&inputs, "payloads", &mut stderr);
    }
    let names: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
    let mapper = Mapper {
        source: chosen.source,
        topic: &chosen.topic,
        context: &chosen.context,
        rules: &chosen.rules,
        names: &names,
        parse_only: args.parse_only,
    };
    let jobs = args.jobs.map_or_else(
        || available_parallelism().map_or(1, usize::from),
        usize::from,
    );
    let form = match (args.parse_only, args.events_only) {
        (true, _) => work::Form::Nothing,
        (false, true) => work::Form::Bodies,
        (false, false) => work::Form::Outcomes,
    };
    let feed = match report {
        Some(report) => work::Feed::Reports(input::Reports::new(report, inputs)),
        None => work::Feed::Payloads(input::Payloads::new(inputs)),
    };
    let done = work::run(&mapper, form, feed, jobs, stdout);
    if let Some(unreadable) = &done.unreadable {
        let name = names.get(unreadable.file).map_or("-", String::as_str);
        let _ = writeln!(stderr, "error: cannot read {name}: {}", unreadable.error);
    }
    if let Some(error) = &done.unwritable {
        return unwritable(&mut stderr, error);
    }
    if !global.quiet {
        let _ = write!(
            stderr,
            "{}{}",
            done.tally,
            done.tally.of_rules(&chosen.rules)
        );
    }
    match done.unreadable {
        Some(_) => Exit::Usage,
        None => done.tally.exit(),
    }
}

type Prepared = (
    crate::source::Chosen,
    Option<&'static dyn Report>,
    Vec<input::Input>,
);

/// Everything that can be wrong with the command is known before the first payload is read.
fn prepare(
    args: &MapArgs,
    global: &Global,
    stdin: Box<dyn std::io::Read + Send>,
) -> Result<Prepared, Failed> {
    let chosen = args.source.choose(global)?;
    let report = args.format.report(chosen.source)?;
    let inputs = input::open(&args.files, stdin).map_err(|message| (Exit::Usage, message))?;
    Ok((chosen, report, inputs))
}
