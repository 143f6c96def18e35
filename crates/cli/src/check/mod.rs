//! `orderbridge check`: what is wrong with a configuration, what is in force, and on request what
//! the destinations answer.

mod latency;
mod live;
mod probe;
mod report;

use std::io;
use std::net::TcpListener;

use clap::{Args, ValueEnum};
use orderbridge_core::FailureKind;

use crate::config::{Config, Finding, Loaded, Severity};
use crate::setup::{self, Place, Setup};
use crate::source::did_you_mean;
use crate::{Exit, Failed, Global, Io, fail, print};
use latency::Latency;
use probe::Probe;
use report::Report;

/// Validates the configuration and shows what is in force.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Send a marked test event to each destination and show what is answered
    #[arg(long)]
    pub probe: bool,
    /// Send wrong, repeated, large and old test events as well, to this destination only. For a
    /// test source of Converge
    #[arg(long, value_name = "DESTINATION")]
    pub probe_all: Option<String>,
    /// Only ask the connector that runs with this configuration whether it can take webhooks in
    #[arg(long, conflicts_with_all = ["probe", "probe_all"])]
    pub live: bool,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

/// How the result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Checks, and prints all that was found.
pub(crate) fn run(args: &CheckArgs, global: &Global, mut io: Io) -> Exit {
    let result = if args.live {
        live::ask(global)
    } else {
        check(args, global)
    };
    match result {
        Ok((exit, text)) => match print(io, &text) {
            Exit::Done => exit,
            failed => failed,
        },
        Err(failed) => fail(&mut *io.stderr, failed),
    }
}

fn check(args: &CheckArgs, global: &Global) -> Result<(Exit, String), Failed> {
    let Loaded { config, mistakes } = Config::load(global)?.ok_or_else(crate::config::none_here)?;
    let mut examined = setup::examine(&config, mistakes);
    examined.findings.extend(listening(&config));
    let latency = measure(&config, &mut examined.findings);
    examined.findings.sort_by_key(|it| (it.severity, it.place));
    let findings = examined.findings.clone();
    let probes = match examined.ready() {
        Ok(setup) => probes(args, &config, &setup)?,
        // Nothing is sent from a configuration that is wrong.
        Err(_) => Vec::new(),
    };
    let report = Report {
        config: &config,
        findings: &findings,
        latency: latency.as_ref(),
        probes: &probes,
    };
    let text = match args.format {
        CheckFormat::Text => report.text(),
        CheckFormat::Json => report.json(),
    };
    Ok((exit(&findings, &probes), text))
}

fn exit(findings: &[Finding], probes: &[Probe]) -> Exit {
    if findings.iter().any(|it| it.severity == Severity::Mistake) {
        return Exit::Usage;
    }
    // What is wrong on purpose is refused, as it should be.
    let failures = || {
        probes
            .iter()
            .filter(|it| it.is_plain)
            .filter_map(|it| it.failure)
    };
    if failures().any(|kind| kind != FailureKind::Rejected) {
        Exit::Unavailable
    } else if failures().next().is_some() {
        Exit::Some
    } else {
        Exit::Done
    }
}

/// Whether the addresses can be listened at.
fn listening(config: &Config) -> Vec<Finding> {
    let server = &config.server;
    let mut found = Vec::new();
    for (key, address) in [("listen", &server.listen), ("admin", &server.admin)] {
        let Err(error) = TcpListener::bind(address) else {
            continue;
        };
        let (severity, message) = match error.kind() {
            io::ErrorKind::AddrInUse => (
                Severity::Warning,
                format!("server: {key}: {address} is in use; it is well if a connector runs there"),
            ),
            // Has been told already.
            io::ErrorKind::InvalidInput => continue,
            _ => (
                Severity::Mistake,
                format!("server: {key}: cannot listen on {address}: {error}"),
            ),
        };
        let line = config.line(&format!("server.{key}"));
        found.push(Finding {
            severity,
            place: line.map(|line| (line, 0)),
            message,
        });
    }
    found
}

/// How long a commit takes where the store is.
fn measure(config: &Config, findings: &mut Vec<Finding>) -> Option<Latency> {
    let folder = Place::of(&config.store.path).folder;
    // What is no folder has been told already.
    if !folder.is_dir() {
        return None;
    }
    let mut warn = |message: String| {
        findings.push(Finding {
            severity: Severity::Warning,
            place: config.line("store.url").map(|line| (line, 0)),
            message: format!("store: {message}"),
        });
    };
    match latency::measure(&folder) {
        Ok(latency) => {
            if let Some(remark) = latency.remark() {
                warn(remark);
            }
            Some(latency)
        }
        Err(error) => {
            warn(format!(
                "no commit could be timed in {}: {error}",
                folder.display()
            ));
            None
        }
    }
}

fn probes(args: &CheckArgs, config: &Config, setup: &Setup) -> Result<Vec<Probe>, Failed> {
    if let Some(name) = &args.probe_all
        && !setup.clients.contains_key(name)
    {
        let hint = did_you_mean(name, config.destinations.keys().map(String::as_str));
        let message = format!("--probe-all: there is no destination {name:?}{hint}");
        return Err((Exit::Usage, message));
    }
    if !args.probe && args.probe_all.is_none() {
        return Ok(Vec::new());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| (Exit::Unexpected, error.to_string()))?;
    runtime.block_on(async {
        let mut probes = Vec::new();
        for (name, client) in &setup.clients {
            let is_test_source = args.probe_all.as_ref() == Some(name);
            if args.probe || is_test_source {
                probes.extend(probe::send(config, name, client, is_test_source).await);
            }
        }
        Ok(probes)
    })
}
