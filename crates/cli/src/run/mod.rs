//! `orderbridge run`: the connector. Receives, stores, delivers.

mod house;
mod metrics;
pub(crate) mod route;
mod start;

use std::io::Write;
use std::time::Duration;

use clap::Args;
use orderbridge_core::dispatch::Stop;

use crate::config::{Config, Loaded, Severity};
use crate::setup::{self, Setup};
use crate::signal::Signals;
use crate::{Exit, Failed, Global, Io, fail};
pub(crate) use start::Connector;

/// How long requests that are under way may take at the end.
const GRACE: Duration = Duration::from_secs(20);

/// Runs the connector until a signal.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Receive webhooks here instead of where the configuration says; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Show health and metrics here instead of where the configuration says
    #[arg(long, value_name = "ADDRESS")]
    pub admin: Option<String>,
}

/// Runs until a signal.
pub(crate) fn run(args: &RunArgs, global: &Global, io: Io) -> Exit {
    let Io { mut stderr, .. } = io;
    match serve(args, global, &mut *stderr) {
        Ok(exit) => exit,
        Err(failed) => fail(&mut *stderr, failed),
    }
}

fn serve(args: &RunArgs, global: &Global, stderr: &mut dyn Write) -> Result<Exit, Failed> {
    let Loaded {
        mut config,
        mistakes,
    } = Config::load(global)?.ok_or_else(crate::config::none_here)?;
    if let Some(listen) = &args.listen {
        config.server.listen.clone_from(listen);
    }
    if let Some(admin) = &args.admin {
        config.server.admin.clone_from(admin);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| (Exit::Unexpected, error.to_string()))?;
    let examined = setup::examine(&config, mistakes);
    let of_config = examined.findings.iter();
    let warnings: Vec<String> = of_config
        .filter(|it| it.severity == Severity::Warning)
        .map(|it| it.shown(&config.path))
        .collect();
    let setup = examined
        .ready()
        .map_err(|mistakes| config.refuse(&mistakes))?;
    if !global.quiet {
        for warning in warnings {
            let _ = writeln!(stderr, "warning: {warning}");
        }
    }
    runtime.block_on(until_signal(&config, setup, global, stderr))
}

async fn until_signal(
    config: &Config,
    setup: Setup,
    global: &Global,
    stderr: &mut dyn Write,
) -> Result<Exit, Failed> {
    let unexpected = |error: std::io::Error| (Exit::Unexpected, error.to_string());
    let mut signals = Signals::new().map_err(unexpected)?;
    let mut connector = Connector::start(config, setup).await?;
    let mut say = |line: &str| {
        if !global.quiet {
            let _ = writeln!(stderr, "{line}");
        }
    };
    for warning in connector.warnings() {
        say(&format!("warning: {warning}"));
    }
    for line in connector.addresses() {
        say(&line);
    }
    let result = tokio::select! {
        signal = signals.next() => Ok(Exit::Signal(signal)),
        why = connector.broken() => Err((Exit::Unexpected, why)),
    };
    say("stopping: finishing what is under way; again to stop at once");
    connector.stop(Stop::Drain);
    let mut ending = std::pin::pin!(connector.end(GRACE));
    let ended = tokio::select! {
        ended = &mut ending => Some(ended),
        // What was under way is sent again at the next start: nothing is lost.
        _ = signals.next() => None,
    };
    match ended {
        Some(lines) => lines.iter().for_each(|line| say(line)),
        None => say("stopped at once; what was under way is sent again at the next start"),
    }
    result
}
