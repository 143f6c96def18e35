//! `orderbridge init`: a commented configuration to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use clap::Args;

use crate::config::{DEFAULT, secret_variables, template};
use crate::source::platform;
use crate::{Exit, Failed, Global, Io, fail, print};

/// Writes a commented configuration.
#[derive(Args, Clone, Debug)]
pub struct InitArgs {
    /// A platform to begin with; several times for several
    #[arg(long, value_name = "PLATFORM", default_value = "shopify")]
    pub platform: Vec<String>,
    /// Print it instead of writing a file
    #[arg(long, conflicts_with = "force")]
    pub stdout: bool,
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
}

/// Writes the file, or prints it.
pub(crate) fn run(args: &InitArgs, global: &Global, mut io: Io) -> Exit {
    let mut platforms: Vec<&str> = Vec::new();
    for name in &args.platform {
        match platform(name) {
            Ok(_) if platforms.contains(&name.as_str()) => {}
            Ok(_) => platforms.push(name),
            Err(failed) => return fail(&mut *io.stderr, failed),
        }
    }
    let text = template(&platforms);
    if args.stdout {
        return print(io, &text);
    }
    let path = global.config.as_deref().unwrap_or(Path::new(DEFAULT));
    if let Err(failed) = write(path, &text, args.force) {
        return fail(&mut *io.stderr, failed);
    }
    if !global.quiet {
        let _ = io.stderr.write_all(next_steps(path, &platforms).as_bytes());
    }
    Exit::Done
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failed> {
    let shown = path.display();
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let message = match error.kind() {
            ErrorKind::AlreadyExists => {
                format!("{shown} is there already; --force writes over it, --stdout prints")
            }
            _ => format!("cannot write {shown}: {error}"),
        };
        (Exit::Usage, message)
    })
}

fn next_steps(path: &Path, platforms: &[&str]) -> String {
    let with = if path == Path::new(DEFAULT) {
        String::new()
    } else {
        format!(" --config {}", path.display())
    };
    let secrets: Vec<String> = platforms
        .iter()
        .flat_map(|platform| secret_variables(platform))
        .map(|variable| format!("{variable}=…"))
        .collect();
    let secrets = secrets.join(" ");
    let first = platforms.first().copied().unwrap_or_default();
    format!(
        "wrote {}; next:\n  \
         export CONVERGE_WEBHOOK_TOKEN=… {secrets}\n  \
         orderbridge check{with}             # what is wrong, what is in force\n  \
         orderbridge run{with}               # receive, store, deliver\n  \
         orderbridge trigger {first}{with}   # a signed sample order, from another terminal\n",
        path.display()
    )
}
