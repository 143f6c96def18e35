//! The connector as a process: signed webhooks in, events out, and nothing lost by a kill.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;
#[path = "process/shop.rs"]
mod shop;

use std::fs;

use nix::sys::signal::Signal;

use running::{orderbridge, text};
use shop::{SECRET, arrived, configure, connector, id, order, post, queue, request, sandbox, wait};

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
