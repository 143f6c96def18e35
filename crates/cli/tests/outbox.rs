//! `send --store` puts events where they survive a kill.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
mod running;
#[path = "process/shop.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod shop;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Output;

use nix::sys::signal::Signal;

use running::{orderbridge, run, start, text};
use shop::{arrived, configure, connector, id, order, queue, sandbox, wait};

const NOBODY: &str = "http://127.0.0.1:9/";

fn exit(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn tried(config: &str, args: &[&str]) -> Output {
    run(&[&["queue"], args, &["--config", config]].concat())
}

fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// So many events in a file, as `map` makes them.
fn events(path: &Path, count: usize) -> Vec<String> {
    let orders: Vec<String> = (0..count).map(|it| order(it).replace('\n', " ")).collect();
    let from = path.with_extension("orders");
    fs::write(&from, orders.join("\n")).unwrap();
    let mapped = run(&[
        "map",
        "shopify",
        "--events-only",
        "-q",
        from.to_str().unwrap(),
    ]);
    assert_eq!(exit(&mapped), 0);
    fs::write(path, &mapped.stdout).unwrap();
    text(&mapped.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn events_are_enqueued_and_delivered_later_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &[]);
    let file = folder.join("events.ndjson");
    let mut all = events(&file, 3);
    all.push(all[0].clone());
    all.push("{\"event_name\": \"Placed Order\"}".to_owned());
    fs::write(&file, all.join("\n")).unwrap();
    let file = file.to_str().unwrap();
    let store = format!("sqlite:{}", folder.join("out.db").display());
    let send = |more: &[&str]| {
        let args = ["send", "--to", &url, "--store", &store];
        run(&[&args[..], more].concat())
    };
    let enqueued = send(&[file, "--ack", "enqueued"]);
    let said = text(&enqueued.stderr);
    assert_eq!(exit(&enqueued), 3, "one line is parked\n{said}");
    assert!(
        said.contains("3 stored in") && said.contains("1 invalid and parked"),
        "{said}"
    );
    assert_eq!(arrived(folder), Vec::<String>::new());
    // Without a line: what waits is delivered.
    let delivered = send(&["/dev/null"]);
    let said = text(&delivered.stderr);
    assert_eq!(exit(&delivered), 0, "{said}");
    assert!(said.contains("3 delivered"), "{said}");
    assert_eq!(arrived(folder), [id(0), id(1), id(2)]);
    // The same file again: nothing is new, and nothing is sent.
    let again = send(&[file]);
    let said = text(&again.stderr);
    assert_eq!(exit(&again), 3, "{said}");
    assert!(
        said.contains("0 stored in") && said.contains("3 delivered"),
        "{said}"
    );
    let log = fs::read_to_string(folder.join("log")).unwrap();
    assert_eq!(log.lines().count(), 3);
    let alone = run(&["send", "--to", &url, "--ack", "enqueued", file]);
    assert_eq!(exit(&alone), 2);
    assert!(text(&alone.stderr).contains("needs a --store"));
    let wrong = run(&["send", "--to", &url, "--store", "postgres://x", file]);
    assert_eq!(exit(&wrong), 2);
}

#[test]
fn a_refused_event_is_parked_and_a_wrong_token_ends_with_4_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("secret"), "right").unwrap();
    let (_sandbox, url) = sandbox(folder, &["--token", "right"]);
    let file = folder.join("events.ndjson");
    events(&file, 2);
    let file = file.to_str().unwrap();
    let store = format!("sqlite:{}", folder.join("out.db").display());
    let token = format!("file:{}", folder.join("secret").display());
    let args = [
        "send", "--to", &url, "--store", &store, file, "--token", &token,
    ];
    fs::write(folder.join("secret"), "wrong").unwrap();
    let refused = run(&args);
    let said = text(&refused.stderr);
    assert_eq!(exit(&refused), 4, "{said}");
    assert!(
        said.contains("2 still waiting") && said.contains("destination.no_access"),
        "{said}"
    );
    fs::write(folder.join("secret"), "right").unwrap();
    let mended = run(&args);
    assert_eq!(exit(&mended), 0, "{}", text(&mended.stderr));
    assert_eq!(arrived(folder), [id(0), id(1)]);
}

#[test]
fn killed_in_the_middle_and_run_again_each_event_arrives_once() {
    const COUNT: usize = 300;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &["--latency", "1ms..10ms"]);
    let file = folder.join("events.ndjson");
    events(&file, COUNT);
    let store = format!("sqlite:{}", folder.join("out.db").display());
    let args = [
        "send",
        "--to",
        &url,
        "--store",
        &store,
        file.to_str().unwrap(),
    ];
    for part in [10, 100] {
        let sending = start(&args);
        wait("some of them", || arrived(folder).len() >= part);
        sending.signal(Signal::SIGKILL);
    }
    let rest = run(&args);
    let said = text(&rest.stderr);
    assert_eq!(exit(&rest), 0, "{said}");
    assert!(said.contains(&format!("{COUNT} delivered")), "{said}");
    let expected: Vec<String> = (0..COUNT).map(id).collect();
    assert_eq!(arrived(folder), expected);
}

#[test]
fn beside_a_connector_it_is_the_connector_that_delivers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &[]);
    // No source names the destination `etl`.
    let more = format!("[destinations.etl]\nurl = \"{url}\"\n");
    let config = configure(folder, &url, &more);
    let (_running, ..) = connector(&config);
    let file = folder.join("events.ndjson");
    events(&file, 3);
    let store = format!("sqlite:{}", folder.join("orderbridge.db").display());
    let mut send = orderbridge(&[
        "send", "--to", "etl", "--store", &store, "--config", &config,
    ]);
    let output = send.arg(&file).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(exit(&output), 0, "{said}");
    assert!(said.contains("3 delivered"), "{said}");
    assert_eq!(arrived(folder), [id(0), id(1), id(2)]);
    // A person's pause is told at once.
    queue(&config, &["pause", "etl"]);
    fs::write(&file, events(&file, 4).pop().unwrap()).unwrap();
    let mut send = orderbridge(&[
        "send", "--to", "etl", "--store", &store, "--config", &config,
    ]);
    let mut sending = send.arg(&file).spawn().unwrap();
    let status = sending.wait().unwrap();
    assert_eq!(status.code(), Some(4));
    queue(&config, &["resume", "etl"]);
    wait("the last", || arrived(folder).len() == 4);
}

#[test]
fn a_signal_ends_the_waiting_and_keeps_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = folder.join("events.ndjson");
    let all = events(&file, 1);
    let store = format!("sqlite:{}", folder.join("out.db").display());
    let mut sending = start(&["send", "--to", NOBODY, "--store", &store]);
    let mut stdin = sending.stdin();
    writeln!(stdin, "{}", all[0]).unwrap();
    let path = folder.join("orderbridge.toml");
    fs::write(&path, format!("[store]\nurl = \"{store}\"\n")).unwrap();
    let config = path.to_str().unwrap();
    wait("it to be stored", || {
        let listed = tried(config, &["list", "--format", "json"]);
        text(&listed.stdout).contains(&id(0))
    });
    sending.signal(Signal::SIGINT);
    assert_eq!(sending.end().0, 130);
    let waiting = queue(config, &["list", "--state", "pending", "--format", "json"]);
    assert_eq!(lines(&waiting).len(), 1, "{waiting}");
    drop(stdin);
}
