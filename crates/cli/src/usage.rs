//! The command line read, and what is said when it can't be.

use std::ffi::OsString;
use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, ValueEnum};

use crate::{Cli, Color, Exit, Io, source};

/// What `--color` says, also on a command line that can't be read otherwise.
pub(crate) fn color(args: &[OsString]) -> Color {
    let mut args = args.iter().filter_map(|arg| arg.to_str());
    while let Some(arg) = args.next() {
        let value = match arg {
            "--color" => args.next(),
            other => other.strip_prefix("--color="),
        };
        if let Some(color) = value.and_then(|value| Color::from_str(value, false).ok()) {
            return color;
        }
    }
    Color::Auto
}

/// Reads the arguments.
pub(crate) fn parse(args: &[OsString], columns: Option<usize>) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    if let Some(columns) = columns {
        command = command.term_width(columns);
    }
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Prints what clap has to say: a mistake to stderr, help that was asked for to stdout.
pub(crate) fn refuse(mut error: clap::Error, color: Color, io: &mut Io) -> Exit {
    advise(&mut error);
    let (stream, terminal): (&mut dyn Write, bool) = if error.use_stderr() {
        (&mut io.stderr, io.terminal)
    } else {
        (&mut io.stdout, io.stdout_terminal)
    };
    let text = error.render();
    let written = if color.on(terminal) {
        write!(stream, "{}", text.ansi())
    } else {
        write!(stream, "{text}")
    };
    let written = written.and_then(|()| stream.flush());
    match (error.use_stderr(), written) {
        (true, _) => Exit::Usage,
        (false, Ok(())) => Exit::Done,
        (false, Err(error)) => crate::unwritable(&mut io.stderr, &error),
    }
}

/// Adds what clap does not know: commands that are near, and which platforms there are.
fn advise(error: &mut clap::Error) {
    match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(wrong)))
            if error.get(ContextKind::SuggestedSubcommand).is_none() =>
        {
            let command = Cli::command();
            let names = command.get_subcommands().map(clap::Command::get_name);
            if let Some(near) = source::nearest(wrong, names) {
                let near = ContextValue::Strings(vec![near.to_owned()]);
                error.insert(ContextKind::SuggestedSubcommand, near);
            }
        }
        (ErrorKind::MissingRequiredArgument, _) => {
            let lacks_platform = matches!(
                error.get(ContextKind::InvalidArg),
                Some(ContextValue::Strings(missing)) if missing.iter().any(|it| it == "<PLATFORM>")
            );
            if lacks_platform {
                let tip = format!("platforms are: {}", source::platforms().join(", "));
                let tip = ContextValue::StyledStrs(vec![tip.into()]);
                error.insert(ContextKind::Suggested, tip);
            }
        }
        _ => {}
    }
}
