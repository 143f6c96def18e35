//! Every command as a user meets it, in process: exit code, stdout and stderr.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod check;
mod config;
mod explain;
mod forms;
mod init;
mod map;
mod pages;
mod queues;
mod reports;
mod rules;
mod snapshot;
mod snapshot_new;
mod trigger;
mod usage;

#[path = "../support/mod.rs"]
mod support;

use std::fs;

/// A fixture of Shopify, relative to the root, which is where the tests run.
fn fixture(name: &str) -> String {
    format!("adapters/shopify/fixtures/{name}.json")
}

/// The text of a fixture in one line. A line break in JSON is never part of a value.
fn line(name: &str) -> String {
    fs::read_to_string(fixture(name))
        .unwrap()
        .replace('\n', " ")
}

/// The JSON lines of a text.
fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
