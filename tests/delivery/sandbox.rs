//! Thousands of events to the sandbox, well-behaved and not.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use orderbridge_cli::Exit;
use orderbridge_cli::sandbox::{Handle, Latency, Options, Sandbox, Share};
use tokio::runtime::Runtime;

use crate::{Bench, events, settled, sorted};

fn start(options: Options) -> (Runtime, Handle) {
    let runtime = Runtime::new().unwrap();
    let handle = runtime.block_on(Sandbox::start(options, None)).unwrap();
    (runtime, handle)
}

/// The bodies that were accepted, each as often as it was accepted for the first time.
fn accepted(sandbox: &Handle) -> Vec<String> {
    let mut bodies: Vec<String> = sandbox
        .received()
        .into_iter()
        .filter(|received| received.status == 200 && !received.duplicate)
        .map(|received| String::from_utf8(received.body.to_vec()).unwrap())
        .collect();
    bodies.sort();
    bodies
}

#[test]
fn two_thousand_events_over_eight_connections() {
    let (_runtime, sandbox) = start(Options::quiet());
    let lines = events(2_000);
    let bench = Bench::hasty(&sandbox.url());
    let ran = bench.send(&lines, &["--concurrency", "8"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    let stats = sandbox.stats();
    assert_eq!(
        (stats.accepted, stats.duplicates, stats.rejected),
        (2_000, 0, 0)
    );
    assert!(stats.connections <= 8, "{} connections", stats.connections);
    assert_eq!(accepted(&sandbox), sorted(&lines));
    assert!(bench.rejects().is_empty());
    assert!(
        ran.stderr.starts_with("2000 delivered in "),
        "{}",
        ran.stderr
    );
}

#[test]
fn one_event_over_one_connection() {
    let (_runtime, sandbox) = start(Options::quiet());
    let ran = Bench::hasty(&sandbox.url()).send(&events(1), &[]);
    settled(ran, &sandbox.url()).check("send-one");
}

#[test]
fn each_event_arrives_whatever_the_sandbox_does() {
    let options = Options {
        fail_rate: Share::new(0.2).unwrap(),
        cut_before: Share::new(0.1).unwrap(),
        cut_after: Share::new(0.1).unwrap(),
        seed: 11,
        ..Options::quiet()
    };
    let (_runtime, sandbox) = start(options);
    let lines = events(400);
    let bench = Bench::hasty(&sandbox.url());
    let ran = bench.send(&lines, &["--concurrency", "8"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    let stats = sandbox.stats();
    assert_eq!((stats.accepted, stats.rejected), (400, 0));
    assert!(stats.failed > 0 && stats.cut > 0, "{stats}");
    // What was taken and then cut came again, as the same bytes.
    assert!(stats.duplicates > 0, "{stats}");
    let bodies: BTreeSet<Vec<u8>> = sandbox
        .received()
        .into_iter()
        .map(|received| received.body.to_vec())
        .collect();
    assert_eq!(bodies.len(), 400);
    assert_eq!(accepted(&sandbox), sorted(&lines));
}

#[test]
fn who_is_told_to_wait_waits() {
    let options = Options {
        rate_limit: Some("2/s".parse().unwrap()),
        ..Options::quiet()
    };
    let (_runtime, sandbox) = start(options);
    let ran = Bench::hasty(&sandbox.url()).send(&events(5), &["--concurrency", "5"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    let stats = sandbox.stats();
    assert_eq!((stats.accepted, stats.duplicates), (5, 0));
    // No more than what was under way when the first of them was told.
    assert!((1..=12).contains(&stats.throttled), "{stats}");
}

#[test]
fn the_rate_is_kept_to() {
    let (_runtime, sandbox) = start(Options::quiet());
    let started = Instant::now();
    let ran = Bench::hasty(&sandbox.url()).send(&events(21), &["--rate-limit", "20/s"]);
    assert_eq!(ran.exit, Exit::Done);
    assert_eq!(sandbox.stats().accepted, 21);
    // The first goes at once, each of the others waits its twentieth of a second.
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(990), "{took:?}");
}

#[test]
fn the_wrong_token_pauses_and_the_right_one_goes_on_where_it_stopped() {
    let options = Options {
        token: Some(orderbridge_event::Secret::new(env!("CARGO_PKG_NAME"))),
        ..Options::quiet()
    };
    let (_runtime, sandbox) = start(options);
    let lines = events(100);
    let bench = Bench::hasty(&sandbox.url());
    let ran = bench.send(&lines, &[]);
    assert_eq!(ran.exit, Exit::Unavailable);
    assert_eq!(bench.rejects(), sorted(&lines));
    settled(ran, &sandbox.url()).check("send-without-token");
    let again = bench.rejects().join("\n");
    let ran = bench.send(&again, &["--token", "env:CARGO_PKG_NAME"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    assert_eq!(accepted(&sandbox), sorted(&lines));
}

#[test]
fn no_answer_in_time_is_no_delivery() {
    let options = Options {
        latency: "1h".parse::<Latency>().unwrap(),
        ..Options::quiet()
    };
    let (_runtime, sandbox) = start(options);
    let bench = Bench::hasty(&sandbox.url());
    let lines = events(3);
    let ran = bench.send(&lines, &["--timeout", "50ms", "--give-up-after", "200ms"]);
    assert_eq!(bench.rejects(), sorted(&lines));
    settled(ran, &sandbox.url()).check("send-no-answer");
}
