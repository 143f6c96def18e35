//! What `check` prints.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::latency::Latency;
use super::probe::Probe;
use crate::config::{Config, Finding, Severity};

/// All that was found.
pub(super) struct Report<'a> {
    pub(super) config: &'a Config,
    pub(super) findings: &'a [Finding],
    pub(super) latency: Option<&'a Latency>,
    pub(super) probes: &'a [Probe],
}

impl Report<'_> {
    fn count(&self, severity: Severity) -> usize {
        let of_severity = |it: &&Finding| it.severity == severity;
        self.findings.iter().filter(of_severity).count()
    }

    fn is_good(&self) -> bool {
        self.count(Severity::Mistake) == 0
    }

    /// For people: first what is to be done, last what was found in a line.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for finding in self.findings {
            let what = finding.severity.as_str();
            let _ = writeln!(text, "{what:<8} {}", finding.shown(&self.config.path));
        }
        if self.is_good() {
            if !self.findings.is_empty() {
                text.push('\n');
            }
            let _ = writeln!(text, "# in force\n{}", self.config.shown());
        }
        if let Some(latency) = self.latency {
            let _ = writeln!(
                text,
                "commits  {} in {}: half within {}, 99 of 100 within {}",
                latency.commits,
                latency.folder.display(),
                millis(latency.p50),
                millis(latency.p99),
            );
        }
        for probe in self.probes {
            write_probe(&mut text, probe);
        }
        let _ = writeln!(text, "{}", self.verdict());
        text
    }

    fn verdict(&self) -> String {
        let file = self.config.path.display();
        let counted = |severity, one: &str, many: &str| match self.count(severity) {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let mistakes = counted(Severity::Mistake, "mistake", "mistakes");
        let warnings = counted(Severity::Warning, "warning", "warnings");
        match (mistakes, warnings) {
            (None, None) => format!("{file} is good"),
            (None, Some(warnings)) => format!("{file} is good, with {warnings}"),
            (Some(mistakes), None) => format!("{file} has {mistakes}"),
            (Some(mistakes), Some(warnings)) => format!("{file} has {mistakes} and {warnings}"),
        }
    }

    /// One object in one line.
    pub(super) fn json(&self) -> String {
        let findings = self.findings.iter().map(|it| {
            let (line, column) = it.place.unzip();
            json!({
                "severity": it.severity.as_str(),
                "line": line,
                "column": column.filter(|column| *column > 0),
                "message": it.message,
            })
        });
        let latency = self.latency.map(|it| {
            json!({
                "folder": it.folder.display().to_string(),
                "commits": it.commits,
                "p50_seconds": it.p50.as_secs_f64(),
                "p99_seconds": it.p99.as_secs_f64(),
            })
        });
        let probes = self.probes.iter().map(|it| {
            json!({
                "destination": it.destination,
                "sent": it.what,
                "status": it.status,
                "seconds": it.took.as_secs_f64(),
                "class": it.class(),
                "error": it.error,
                "answer": it.answer,
            })
        });
        // What is shown is a file of its own; where something is wrong, it would be half of one.
        let in_force = if self.is_good() {
            toml::from_str(&self.config.shown()).unwrap_or(Value::Null)
        } else {
            Value::Null
        };
        let whole = json!({
            "file": self.config.path.display().to_string(),
            "good": self.is_good(),
            "findings": findings.collect::<Vec<_>>(),
            "configuration": in_force,
            "commits": latency,
            "probes": probes.collect::<Vec<_>>(),
        });
        format!("{whole}\n")
    }
}

fn write_probe(text: &mut String, probe: &Probe) {
    let Probe {
        destination,
        what,
        host,
        ..
    } = probe;
    let took = millis(probe.took);
    let answered = match (probe.status, &probe.error) {
        (Some(status), _) => format!("answered {status} in {took}"),
        (None, Some(error)) => format!("{error} after {took}"),
        (None, None) => String::new(),
    };
    let _ = writeln!(text, "probe    {destination} ({host}), {what}: {answered}");
    let _ = writeln!(text, "         {}: {}", probe.class(), probe.follows());
    for line in probe.answer.lines().filter(|line| !line.trim().is_empty()) {
        let _ = writeln!(text, "         > {line}");
    }
}

/// A short time for people.
pub(super) fn millis(duration: Duration) -> String {
    let micros = duration.as_micros();
    if micros < 10_000 {
        format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10)
    } else {
        format!("{} ms", micros / 1000)
    }
}
