//! `send` against endpoints of every temper, in real time with short waits.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod reject;
mod request;
mod sandbox;

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::{Ran, run};

/// A buyer who must not be found in anything that is said.
const BUYER: &str = "jane.example@example.com";

/// An event with this id, as the mapping makes it.
fn event(id: usize) -> String {
    let order = "adapters/shopify/fixtures/web-order.json";
    let mapped = run(&["map", "shopify", "--events-only", "-q", order], "").stdout;
    assert!(mapped.contains(BUYER));
    mapped
        .trim_end()
        .replace("5551234567890", &format!("id-{id:06}"))
}

/// So many events, a line each.
fn events(count: usize) -> String {
    let first = event(0);
    let numbered = (0..count).map(|id| first.replace("id-000000", &format!("id-{id:06}")) + "\n");
    numbered.collect()
}

/// A folder with a configuration of the destination `test` and what a test needs beside it.
struct Bench {
    folder: TempDir,
}

impl Bench {
    /// A destination that is tried again soon, and however often it fails.
    fn new(url: &str, more: &str) -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let text = format!(
            "[destinations.test]\nurl = \"{url}\"\nbreaker = {{ minimum = 1000000 }}\n{more}\n"
        );
        bench.write("orderbridge.toml", &text);
        bench
    }

    /// A destination whose waits are a hundredth of a second.
    fn hasty(url: &str) -> Self {
        Self::new(url, "retry = { schedule = [\"10ms\"] }")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// The lines of the rejects file, in order.
    fn rejects(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("rejects.ndjson")).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// Sends these lines with more flags, and sees that nothing of them is told.
    fn send(&self, lines: &str, flags: &[&str]) -> Ran {
        let (config, rejects) = (self.path("orderbridge.toml"), self.path("rejects.ndjson"));
        let start = [
            "send",
            "--to",
            "test",
            "--config",
            &config,
            "--rejects",
            &rejects,
        ];
        let ran = run(&[&start[..], flags].concat(), lines);
        assert_eq!(ran.stdout, "", "stdout is for results");
        for private in [BUYER, "Jane", "urn:", "id-0", "Green tea"] {
            assert!(!ran.stderr.contains(private), "{}", ran.stderr);
        }
        ran.replace(&self.folder.path().display().to_string(), "DIR")
    }
}

/// All lines of a text, as [`Bench::rejects`] gives them.
fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// What was said, without what differs from run to run.
fn settled(ran: Ran, url: &str) -> Ran {
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut ran = ran.replace(host, "HOST");
    ran.stderr = ran
        .stderr
        .lines()
        .map(|line| {
            let line = without(line, " delivered", " in ", ")");
            let line = without(&line, "; trying again", " in ", ",");
            without(&line, "attempts failed", "; ", " attempts") + "\n"
        })
        .collect();
    ran
}

/// A line without what stands between two texts, if it is a line of that kind.
fn without(line: &str, kind: &str, start: &str, end: &str) -> String {
    let cut = line.contains(kind).then(|| {
        let (before, rest) = line.rsplit_once(start)?;
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{start}…{end}{after}"))
    });
    cut.flatten().unwrap_or_else(|| line.to_owned())
}

fn exists(path: &str) -> bool {
    Path::new(path).exists()
}
