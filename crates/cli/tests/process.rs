//! The real program: pipes, signals, full disks, and what stays when it ends.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
mod running;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use nix::sys::signal::Signal;

use running::{Running, orderbridge, poll, run, start, text};

const ORDER: &str = include_str!("../../../adapters/shopify/fixtures/web-order.json");
/// A sandbox of its own process, and its address.
fn sandbox(more: &[&str]) -> (Running, String) {
    let args = [&["sandbox", "--listen", "127.0.0.1:0"][..], more].concat();
    let mut running = start(&args);
    let line = running.told("listening on ");
    let url = line.trim().strip_prefix("listening on ").unwrap();
    (running, url.to_owned())
}

fn order() -> String {
    ORDER.replace('\n', " ")
}

/// So many events in a file.
fn events(path: &Path, count: usize) -> Vec<String> {
    let mut map = start(&["map", "shopify", "--events-only", "-q"]);
    map.stdin().write_all(order().as_bytes()).unwrap();
    let mut event = String::new();
    let stdout = map.0.stdout.as_mut().unwrap();
    stdout.read_to_string(&mut event).unwrap();
    assert_eq!(map.end().0, 0);
    let numbered = (0..count).map(|id| event.trim().replace("5551234567890", &format!("{id:09}")));
    let lines: Vec<String> = numbered.collect();
    fs::write(path, lines.join("\n")).unwrap();
    lines
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.ndjson");
    fs::write(&path, (order() + "\n").repeat(5_000)).unwrap();
    for more in [&[][..], &["--events-only"], &["--jobs", "8"]] {
        let args = [&["map", "shopify", path.to_str().unwrap()][..], more].concat();
        let mut map = start(&args);
        let mut first = String::new();
        let mut stdout = BufReader::new(map.0.stdout.take().unwrap());
        stdout.read_line(&mut first).unwrap();
        drop(stdout);
        assert!(first.contains("Placed Order"));
        assert_eq!(map.end(), (0, String::new()));
    }
    for args in [&["adapters"][..], &["man"], &["--help"], &["demo"]] {
        let mut running = start(args);
        drop(running.0.stdout.take());
        assert_eq!(running.end().0, 0, "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("order.json");
    fs::write(&path, ORDER).unwrap();
    let path = path.to_str().unwrap();
    for args in [
        &["map", "shopify", path][..],
        &["map", "shopify", path, "-q"],
        &["explain", "shopify", path],
        &["adapters", "--json"],
        &["demo"],
        &["--help"],
        &["--version"],
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = orderbridge(args).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let said = text(&output.stderr);
        let wanted = "error: cannot write the results: No space left on device";
        assert!(said.contains(wanted), "{args:?}: {said}");
    }
}

#[test]
fn a_pipe_that_pauses_holds_nothing_up() {
    let mut map = start(&["map", "shopify"]);
    let mut stdin = map.stdin();
    let mut stdout = BufReader::new(map.0.stdout.take().unwrap());
    for line in 1..=3 {
        writeln!(stdin, "{}", order()).unwrap();
        let mut outcome = String::new();
        stdout.read_line(&mut outcome).unwrap();
        let start = format!("{{\"input\":{{\"file\":\"-\",\"line\":{line},");
        assert!(outcome.starts_with(&start), "{outcome}");
    }
    drop(stdin);
    assert_eq!(map.end().0, 0);
}

#[test]
fn the_first_line_of_a_pipe_may_be_wrong() {
    let mut map = start(&["map", "shopify"]);
    let mut stdin = map.stdin();
    let mut stdout = BufReader::new(map.0.stdout.take().unwrap());
    writeln!(stdin, "[]\n{}", order()).unwrap();
    let mut outcome = String::new();
    stdout.read_line(&mut outcome).unwrap();
    assert!(outcome.contains("\"line\":2,"), "{outcome}");
    drop(stdin);
    assert_eq!(map.end().0, 0);
}

/// The ids of bodies that stand in a text, a line each.
fn ids(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once("\"event_id\":\"")?;
        Some(rest.split('"').next()?.to_owned())
    });
    let mut ids: Vec<String> = lines.collect();
    ids.sort();
    ids
}

#[test]
fn a_signal_ends_sending_and_every_line_is_accounted_for() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let folder = tempfile::tempdir().unwrap();
        let [input, rejects, log] =
            ["events", "rejects", "log"].map(|name| folder.path().join(name));
        let lines = events(&input, 3_000);
        let (sandbox, url) = sandbox(&["--latency", "5ms", "--log", log.to_str().unwrap()]);
        let args = ["send", "--to", &url, "--concurrency", "2", "--rejects"];
        let files = [rejects.to_str().unwrap(), input.to_str().unwrap()];
        let send = start(&[&args[..], &files].concat());
        wait_for_lines(&log, 20);
        send.signal(signal);
        let (ended, said) = send.end();
        assert_eq!(ended, code, "{said}");
        assert!(said.starts_with("stopping: "), "{said}");
        sandbox.signal(Signal::SIGTERM);
        assert_eq!(sandbox.end().0, 143);
        let delivered = ids(&fs::read_to_string(&log).unwrap());
        let left = ids(&fs::read_to_string(&rejects).unwrap());
        assert!(delivered.len() >= 20 && left.len() > 100, "{said}");
        let all: Vec<String> = (0..lines.len()).map(|id| format!("{id:09}")).collect();
        let mut found = [delivered, left].concat();
        found.sort();
        assert!(
            found == all,
            "{} of {} lines: {said}",
            found.len(),
            all.len()
        );
    }
}

#[test]
fn what_a_pipe_gave_before_a_signal_is_accounted_for_too() {
    let folder = tempfile::tempdir().unwrap();
    let [input, rejects, log] = ["events", "rejects", "log"].map(|name| folder.path().join(name));
    let lines = events(&input, 200);
    let (_sandbox, url) = sandbox(&["--latency", "20ms", "--log", log.to_str().unwrap()]);
    let args = ["send", "--to", &url, "--concurrency", "1", "--rejects"];
    let mut send = start(&[&args[..], &[rejects.to_str().unwrap()]].concat());
    // The pipe stays open, so nobody knows whether more would come.
    let mut stdin = send.stdin();
    stdin
        .write_all((lines.join("\n") + "\n").as_bytes())
        .unwrap();
    wait_for_lines(&log, 1);
    send.signal(Signal::SIGINT);
    let (ended, said) = send.end();
    assert_eq!(ended, 130, "{said}");
    let delivered = ids(&fs::read_to_string(&log).unwrap());
    let left = ids(&fs::read_to_string(&rejects).unwrap());
    assert_eq!(delivered.len() + left.len(), lines.len(), "{said}");
    assert!(said.contains("the input was not read to its end"), "{said}");
    drop(stdin);
}

#[cfg(target_os = "linux")]
#[test]
fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("events");
    events(&input, 10);
    let (_sandbox, url) = sandbox(&["--latency", "1h"]);
    let mut send = start(&[
        "send",
        "--to",
        &url,
        "--timeout",
        "1h",
        input.to_str().unwrap(),
    ]);
    // A request is under way when its connection is there, which only the sandbox sees; the first
    // signal is heard from when the run begins, and waits for what is under way.
    wait_for_handler(&send);
    send.signal(Signal::SIGINT);
    send.told("stopping: ");
    send.signal(Signal::SIGINT);
    let (code, said) = send.end();
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("stopped at once"), "{said}");
}

/// Waits until a process has taken SIGINT over; before that the signal would just end it.
#[cfg(target_os = "linux")]
fn wait_for_handler(running: &Running) {
    let path = format!("/proc/{}/status", running.0.id());
    poll("a handler of SIGINT", || {
        let status = fs::read_to_string(&path).ok()?;
        let caught = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))?;
        let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
        (caught & 0b10 != 0).then_some(())
    });
}

fn wait_for_lines(path: &Path, count: usize) {
    poll("lines in the log", || {
        let found = fs::read_to_string(path).ok()?.lines().count();
        (found >= count).then_some(())
    });
}

#[test]
fn the_sandbox_says_where_it_is_and_ends_on_a_signal() {
    let (sandbox, url) = sandbox(&[]);
    let address = url.trim_start_matches("http://").split('/').next().unwrap();
    TcpStream::connect(address).unwrap();
    sandbox.signal(Signal::SIGTERM);
    let (code, said) = sandbox.end();
    assert_eq!(code, 143);
    assert!(said.contains("accepted"), "{said}");
}

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["sandbox", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    let start = format!("error: {address} is in use: ");
    assert!(said.starts_with(&start), "{said}");
}

fn sample_events() -> usize {
    let output = run(&["demo", "-q"]);
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout).lines().count() - 1
}

#[test]
fn the_demo_delivers_each_sample() {
    let output = run(&["demo"]);
    let (table, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{table}{said}");
    let mut rows = table.lines();
    let head: Vec<&str> = rows.next().unwrap().split_whitespace().collect();
    assert_eq!(
        head,
        ["order", "event", "channel", "why", "total", "status"]
    );
    for source in orderbridge_registry::ALL {
        for sample in source.samples {
            let start = format!("{} {} ", source.adapter.name(), sample.name);
            let mut found = table.lines().filter(|row| row.starts_with(&start));
            assert!(found.next().is_some(), "{start}: {table}");
        }
    }
    for row in rows {
        let fine = row.ends_with("  200 ok") || row.ends_with("  ignored");
        assert!(fine, "{row}");
    }
    assert_eq!(sample_events() + 1, table.lines().count());
    assert!(said.contains("events delivered"), "{said}");
}

#[test]
fn the_demo_stays_on_request() {
    let mut demo = start(&["demo", "--keep"]);
    let line = demo.told("the sandbox stays at ");
    let address = line.split("//").nth(1).unwrap().split('/').next().unwrap();
    TcpStream::connect(address).unwrap();
    demo.signal(Signal::SIGINT);
    let (code, said) = demo.end();
    assert_eq!(code, 130, "{said}");
}

#[test]
fn log_lines_are_text_or_json() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("events");
    events(&input, 1);
    let (_sandbox, url) = sandbox(&[]);
    let input = input.to_str().unwrap();
    let lines = |more: &[&str]| {
        let output = run(&[&["send", "--to", &url, input, "-vv"][..], more].concat());
        assert_eq!(output.status.code(), Some(0));
        text(&output.stderr)
    };
    let said = lines(&[]);
    assert!(said.contains("DEBUG attempt"), "{said}");
    assert!(!said.contains("jane"), "{said}");
    let said = lines(&["--log-format", "json"]);
    let log = said.lines().find(|line| line.starts_with('{')).unwrap();
    let log: serde_json::Value = serde_json::from_str(log).unwrap();
    assert_eq!(log["fields"]["class"], "delivered");
    assert_eq!(log["level"], "DEBUG");
}
