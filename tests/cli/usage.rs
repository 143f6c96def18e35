//! Help, and what is said of a command line that can't be.

use std::io;

use orderbridge_cli::Exit;

use crate::support::{run, run_on};

const COMMANDS: &[&str] = &[
    "map",
    "explain",
    "send",
    "demo",
    "sandbox",
    "adapters",
    "run",
    "backfill",
    "reconcile",
    "queue",
    "diff",
    "snapshot",
    "init",
    "check",
    "trigger",
    "explain-code",
    "completions",
    "man",
];

#[test]
fn help_of_the_program_and_of_each_command() {
    let program = run(&["--help"], "");
    program.check("help");
    // The `help` command is clap's own.
    let listed = program.stdout.split("\n\n").nth(2).unwrap_or_default();
    assert_eq!(listed.lines().count(), 1 + COMMANDS.len() + 1, "{listed}");
    for command in COMMANDS {
        assert!(program.stdout.contains(&format!("\n  {command} ")));
        run(&[command, "--help"], "").check(&format!("help-{command}"));
    }
    for command in ["test", "accept", "review", "new"] {
        run(&["snapshot", command, "--help"], "").check(&format!("help-snapshot-{command}"));
    }
    assert_eq!(
        run(&["help", "map"], "").stdout,
        run(&["map", "--help"], "").stdout
    );
}

#[test]
fn no_command_shows_the_commands_and_is_wrong_usage() {
    run(&[], "").check("usage-nothing");
}

#[test]
fn the_version_is_a_result() {
    let ran = run(&["--version"], "");
    assert_eq!(ran.exit, Exit::Done);
    assert_eq!(
        ran.stdout,
        format!("orderbridge {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn what_is_misspelled_is_suggested() {
    run(&["mpa"], "").check("usage-unknown-command");
    run(&["frobnicate"], "").check("usage-unlike-any-command");
    run(&["map", "shopify", "--event-only"], "").check("usage-unknown-flag");
    run(&["map", "shopify", "--format", "jsno"], "").check("usage-unknown-format");
    run(&["completions", "fsh"], "").check("usage-unknown-shell");
    run(&["explain-code", "amount.invald"], "").check("usage-unknown-code");
}

// The platforms grow in number, so what lists them is no snapshot.
#[test]
fn a_platform_that_is_missing_or_unknown() {
    let missing = run(&["map"], "");
    assert_eq!(missing.exit, Exit::Usage);
    assert!(missing.stderr.contains("<PLATFORM>"), "{}", missing.stderr);
    assert!(
        missing.stderr.contains("tip: platforms are: "),
        "{}",
        missing.stderr
    );
    let unknown = run(&["map", "shopfy", "orders.ndjson"], "");
    assert_eq!(unknown.exit, Exit::Usage);
    let start = "error: there is no platform \"shopfy\" (did you mean \"shopify\"?); there are: ";
    assert!(unknown.stderr.starts_with(start), "{}", unknown.stderr);
    for wrong in ["Cargo.toml", "-"] {
        let swapped = run(&["map", wrong, "shopify"], "");
        assert_eq!(swapped.exit, Exit::Usage);
        let end = "the platform comes before the files\n";
        assert!(swapped.stderr.ends_with(end), "{}", swapped.stderr);
    }
}

#[test]
fn inputs_that_can_not_be_read() {
    run(&["map", "shopify", "no-such-file.json"], "").check("input-missing");
    run(&["map", "shopify", "adapters"], "").check("input-folder");
    run(&["map", "shopify", "-", "-"], "").check("input-stdin-twice");
    run(&["explain", "shopify", "no-such-file.json"], "").check("input-missing-explain");
    run(
        &["send", "no-such-file.json", "--to", "http://127.0.0.1:9"],
        "",
    )
    .check("input-missing-send");
}

#[test]
fn nothing_is_mapped_when_one_of_the_files_is_missing() {
    let there = crate::fixture("web-order");
    let ran = run(&["map", "shopify", &there, "no-such-file.json"], "");
    assert_eq!((ran.exit, ran.stdout.as_str()), (Exit::Usage, ""));
}

#[test]
fn flags_that_do_not_fit() {
    run(&["map", "shopify", "--format", "tsv"], "").check("usage-no-reports");
    run(&["map", "shopify", "--jobs", "0"], "").check("usage-no-jobs");
    run(&["map", "shopify", "-q", "-v"], "").check("usage-quiet-and-verbose");
    run(&["map", "shopify", "--received-at", "2026-11-02"], "").check("usage-received-at");
    run(&["send"], "").check("usage-send-without-to");
    let to = ["send", "--to", "http://127.0.0.1:9"];
    for (name, more) in [
        ("allow-rejects-alone", &["--allow-rejects"][..]),
        ("concurrency", &["--concurrency", "0"]),
        ("rate", &["--rate-limit", "5"]),
        ("duration", &["--give-up-after", "10"]),
        ("rejects-in-no-folder", &["--rejects", "no/such/folder"]),
    ] {
        run(&[&to[..], more].concat(), "").check(&format!("usage-send-{name}"));
    }
    run(&["send", "--to", "main"], "").check("usage-send-to-a-name");
    run(&["send", "--to", "ftp://127.0.0.1"], "").check("usage-send-to-no-url");
    run(&["sandbox", "--listen", "here"], "").check("usage-sandbox-address");
    run(&["sandbox", "--fail-rate", "20%"], "").check("usage-sandbox-share");
    run(&["sandbox", "--latency", "2"], "").check("usage-sandbox-latency");
}

#[test]
fn at_a_terminal_it_says_that_it_waits() {
    let told = "reading payloads from the terminal; end with Ctrl-D\n";
    let empty = || Box::new(io::empty());
    let ran = run_on(&["map", "shopify"], empty(), true);
    assert!(ran.stderr.starts_with(told), "{}", ran.stderr);
    let ran = run_on(&["map", "shopify", "-q"], empty(), true);
    assert_eq!(ran.stderr, "");
    let ran = run_on(&["map", "shopify"], empty(), false);
    assert!(!ran.stderr.contains("terminal"), "{}", ran.stderr);
    let ran = run_on(
        &["map", "shopify", &crate::fixture("web-order")],
        empty(),
        true,
    );
    assert!(!ran.stderr.contains("terminal"), "{}", ran.stderr);
    let ran = run_on(&["explain", "shopify"], empty(), true);
    assert!(
        ran.stderr.starts_with("reading a payload from"),
        "{}",
        ran.stderr
    );
    let ran = run_on(&["send", "--to", "http://127.0.0.1:9"], empty(), true);
    assert!(
        ran.stderr.starts_with("reading events from"),
        "{}",
        ran.stderr
    );
}

#[test]
fn colors_of_mistakes_are_as_asked_for() {
    let plain = run(&["mpa"], "").stderr;
    for args in [
        &["mpa", "--color", "always"][..],
        &["--color=always", "mpa"],
    ] {
        let ran = run(args, "");
        assert!(ran.stderr.contains("\u{1b}[1m"), "{}", ran.stderr);
    }
    assert_eq!(run(&["mpa", "--color", "never"], "").stderr, plain);
    assert_eq!(run(&["mpa", "--color"], "").stderr, plain);
}
