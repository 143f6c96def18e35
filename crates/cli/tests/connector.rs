//! The connector as a process: signed webhooks in, events out, and nothing lost by a kill.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use nix::sys::signal::Signal;
use orderbridge_event::Secret;

use running::{Running, orderbridge, start, text};

const ORDER: &str = include_str!("../../../adapters/shopify/fixtures/web-order.json");
const SECRET: &str = "hush";

/// A sandbox whose log can be read, and its address.
fn sandbox(folder: &Path, more: &[&str]) -> (Running, String) {
    let log = folder.join("log");
    let args = [
        "sandbox",
        "--listen",
        "127.0.0.1:0",
        "--log",
        log.to_str().unwrap(),
    ];
    let mut running = start(&[&args[..], more].concat());
    let line = running.told("listening on ");
    let url = line.trim().strip_prefix("listening on ").unwrap();
    (running, url.to_owned())
}

/// A configuration with one shop and one destination.
fn configure(folder: &Path, url: &str, more: &str) -> String {
    fs::write(folder.join("secret"), SECRET).unwrap();
    let file = folder.join("orderbridge.toml");
    let retry = "retry = { schedule = [\"50ms\", \"100ms\"] }";
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
         [destinations.main]\nurl = \"{url}\"\n{retry}\n\
         [sources.shop]\nplatform = \"shopify\"\ndestination = \"main\"\n\
         webhook_secrets = [\"file:secret\"]\n{more}\n"
    );
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// A connector that is up: the process, its webhook address and its admin address.
fn connector(config: &str) -> (Running, String, String) {
    let mut running = start(&["run", "--config", config]);
    let line = running.told("receiving at http://");
    let (_, rest) = line.split_once("http://").unwrap();
    let receiver = rest.split('/').next().unwrap().to_owned();
    let line = running.told("health and metrics at http://");
    let (_, rest) = line.split_once("http://").unwrap();
    let admin = rest.split_whitespace().next().unwrap().to_owned();
    (running, receiver, admin)
}

/// One request; gives the status and the whole answer. 0 when there was no answer.
fn request(address: &str, head: &str, body: &[u8]) -> (u16, String) {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return (0, String::new());
    };
    let length = body.len();
    let head = format!("{head}Host: shop\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let sent = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
    let _ = sent.and_then(|()| stream.read_to_end(&mut answer));
    let answer = text(&answer);
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.unwrap_or(0), answer)
}

/// Posts an order as the platform would sign it.
fn post(address: &str, secret: &str, number: usize, body: &str) -> u16 {
    let shopify = orderbridge_registry::find("shopify").unwrap();
    let signature = shopify.verify.unwrap();
    let headers = signature.sign(&Secret::new(secret), "orders/create", body.as_bytes());
    let mut head = String::from("POST /webhooks/shop HTTP/1.1\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "X-Shopify-Event-Id: event-{number}\r\n");
    request(address, &head, body.as_bytes()).0
}

/// Asks again and again until it is so.
fn wait(what: &str, so: impl Fn() -> bool) {
    running::poll(what, || so().then_some(()));
}

fn id(number: usize) -> String {
    (100_000_000 + number).to_string()
}

fn order(number: usize) -> String {
    ORDER.replace("5551234567890", &id(number))
}

/// The ids that the sandbox took, each once, in order.
fn arrived(folder: &Path) -> Vec<String> {
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let ids = log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("\"event_id\":\"")?;
        Some(rest.split('"').next()?.to_owned())
    });
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}

fn queue(config: &str, args: &[&str]) -> String {
    let all = [&["queue"], args, &["--config", config]].concat();
    let output = orderbridge(&all).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_webhook_becomes_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &[]);
    let config = configure(folder, &url, "");
    let (running, receiver, admin) = connector(&config);

    assert_eq!(post(&receiver, SECRET, 1, &order(1)), 200);
    assert_eq!(post(&receiver, SECRET, 1, &order(1)), 200, "a repetition");
    assert_eq!(post(&receiver, "not the secret", 2, &order(2)), 401);
    assert_eq!(post(&receiver, SECRET, 3, "{\"id\": 7}"), 200, "parked");
    wait("the event", || arrived(folder) == ["100000001"]);
    for page in ["/livez", "/readyz", "/metrics", "/status"] {
        let (status, answer) = request(&admin, &format!("GET {page} HTTP/1.1\r\n"), b"");
        assert_eq!(status, 200, "{page}: {answer}");
        for metric in [
            "delivery_attempts_total",
            "delivery_repeats_total",
            "breaker_state",
        ] {
            let shown = answer.contains(&format!("orderbridge_{metric}{{"));
            assert_eq!(shown, page == "/metrics", "{metric} in {page}");
        }
    }

    wait("the delivery", || {
        queue(
            &config,
            &["list", "--state", "delivered", "--format", "json"],
        )
        .contains("\"d")
    });
    let parked = queue(&config, &["list", "--state", "parked", "--format", "json"]);
    assert!(parked.contains("payload.missing"), "{parked}");
    let stats = queue(&config, &["stats"]);
    assert!(
        stats.contains("delivered") && stats.contains("parked"),
        "{stats}"
    );
    let shown = queue(&config, &["show", "p2"]);
    assert!(shown.contains("{\"id\": 7}"), "{shown}");
    queue(&config, &["drop", "p2"]);
    assert_eq!(
        queue(&config, &["list", "--state", "parked", "--format", "json"]),
        ""
    );
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
}

#[test]
fn whatever_was_answered_with_200_arrives_though_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &["--latency", "2ms..20ms", "--cut-after", "0.1"]);
    let config = configure(folder, &url, "");
    let mut owed = Vec::new();
    let mut number = 0;
    for round in 0..4 {
        let (running, receiver, _) = connector(&config);
        for _ in 0..25 {
            number += 1;
            if post(&receiver, SECRET, number, &order(number)) == 200 {
                owed.push(id(number));
            }
        }
        if round < 3 {
            running.signal(Signal::SIGKILL);
            drop(running);
        } else {
            wait("every order", || {
                owed.iter().all(|id| arrived(folder).contains(id))
            });
            running.signal(Signal::SIGINT);
            assert_eq!(running.end().0, 130);
        }
    }
    assert_eq!(owed.len(), 100);
    assert_eq!(arrived(folder), owed);
}

#[test]
fn a_second_connector_is_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), "http://127.0.0.1:9/", "");
    let (_first, ..) = connector(&config);
    let output = orderbridge(&["run", "--config", &config]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("orderbridge.db"), "{said}");
}

#[test]
fn a_wrong_start_is_told_before_anything_is_received() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = configure(folder, "http://127.0.0.1:9/", "");
    fs::remove_file(folder.join("secret")).unwrap();
    let output = orderbridge(&["run", "--config", &config]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("sources.shop: webhook_secrets: cannot read"));

    fs::write(&config, "[destinations.main]\n").unwrap();
    let output = orderbridge(&["run", "--config", &config]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("has no source to receive from"));
}
