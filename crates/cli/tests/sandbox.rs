//! The sandbox: each rule of the webhook page, and each way to misbehave on request.
//!
//! <https://docs.runconverge.com/sources/server-integrations/webhook>

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "sandbox/bench.rs"]
mod bench;

use std::time::{Duration, Instant};

use orderbridge_cli::sandbox::{Latency, Options, Share};
use orderbridge_event::Secret;
use serde_json::{Value, json};

use bench::{Bench, Page, changed, event, head};

#[test]
fn an_event_is_taken_once_and_then_known() {
    let bench = Bench::new(Options::quiet());
    let first = bench.send(&event("1"));
    assert_eq!((first.status, first.body), (200, json!({"status": "ok"})));
    assert!(first.head.contains("content-type: application/json"));
    let again = bench.send(&event("1"));
    assert_eq!(
        (again.status, again.body),
        (200, json!({"status": "duplicate"}))
    );
    assert_eq!(bench.send(&event("2")).body, json!({"status": "ok"}));
    let stats = bench.sandbox.stats();
    assert_eq!((stats.accepted, stats.duplicates), (2, 1));
    assert_eq!(stats.by_name["Placed Order"], 2);
    assert_eq!(stats.by_channel["web"], 2);
    let received = bench.sandbox.received();
    let known: Vec<bool> = received.iter().map(|received| received.duplicate).collect();
    assert_eq!(known, [false, true, false]);
    assert_eq!(received[0].body, event("1").to_string().as_bytes());
}

#[test]
fn requests_that_are_refused_before_the_event_is_looked_at() {
    let options = Options {
        token: Some(Secret::new("tok")),
        ..Options::quiet()
    };
    let bench = Bench::new(options);
    let body = event("1").to_string();
    let (json, path) = ("application/json", "/api/webhooks");
    let token = "X-Webhook-Token: tok\r\n";
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(1 << 20));
    for (request, body, status, code) in [
        (
            head("POST", "/webhooks", json) + token,
            &body,
            404,
            "request.path",
        ),
        (
            head("GET", path, json) + token,
            &body,
            405,
            "request.method",
        ),
        (
            head("PUT", path, json) + token,
            &body,
            405,
            "request.method",
        ),
        (head("POST", path, json), &body, 401, "request.token"),
        (
            head("POST", path, json) + "X-Webhook-Token: Tok\r\n",
            &body,
            401,
            "request.token",
        ),
        (
            head("POST", path, "application/x-www-form-urlencoded") + token,
            &body,
            415,
            "request.type",
        ),
        (
            head("POST", path, "multipart/form-data; boundary=x") + token,
            &body,
            415,
            "request.type",
        ),
        (
            head("POST", path, json) + token,
            &large,
            413,
            "request.size",
        ),
    ] {
        let answer = bench.raw(&request, body.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.error()), (status, code), "{request}");
        assert_eq!(answer.head.contains("\r\nallow: post"), status == 405);
    }
    assert_eq!(bench.sandbox.stats().refused, 8);
    for path in ["/", path] {
        for kind in [json, "application/json; charset=utf-8", "Application/JSON"] {
            let request = head("POST", path, kind) + token;
            assert_eq!(
                bench.raw(&request, body.as_bytes()).unwrap().status,
                200,
                "{request}"
            );
        }
    }
}

#[test]
fn events_that_break_a_rule() {
    let bench = Bench::new(Options::quiet());
    let alias = |count: usize| -> Value { (0..count).map(|it| format!("urn:id:{it}")).collect() };
    for (event, code, path) in [
        (changed("/event_name", None), "body.missing", "event_name"),
        (changed("/event_id", None), "body.missing", "event_id"),
        (changed("/properties", None), "body.missing", "properties"),
        (
            changed("/profile_properties", None),
            "body.missing",
            "profile_properties",
        ),
        (changed("/aliases", None), "body.missing", "aliases"),
        (changed("/event_id", json!("")), "body.missing", "event_id"),
        (changed("/event_id", json!(17)), "body.type", "event_id"),
        (changed("/properties", json!([])), "body.type", "properties"),
        (
            changed("/aliases", json!("urn:id:1")),
            "body.type",
            "aliases",
        ),
        (changed("/aliases", alias(0)), "alias.count", "aliases"),
        (changed("/aliases", alias(11)), "alias.count", "aliases"),
        (
            changed("/aliases", json!(["urn:email:"])),
            "alias.empty",
            "aliases[0]",
        ),
        (
            changed("/timestamp", json!("2026-11-02T10:15:30")),
            "timestamp.invalid",
            "timestamp",
        ),
        (
            changed("/timestamp", json!(1_793_632_530_000_u64)),
            "timestamp.invalid",
            "timestamp",
        ),
        (
            changed("/properties/$sales_channel_type", json!("Web")),
            "channel.invalid",
            "properties.$sales_channel_type",
        ),
        (json!([]), "body.type", "$"),
    ] {
        let answer = bench.send(&event);
        assert_eq!(answer.status, 400, "{event}");
        let error = &answer.body["error"];
        assert_eq!(
            (&error["code"], &error["path"]),
            (&json!(code), &json!(path)),
            "{event}"
        );
        assert!(!error["message"].as_str().unwrap().is_empty());
        assert!(answer.body["findings"].as_array().unwrap().contains(error));
    }
    for text in [
        "",
        "{",
        "{\"event_name\": 1} x",
        "event_name=Placed+Order",
        "\u{0}",
    ] {
        let answer = bench.post(text.as_bytes()).unwrap();
        assert_eq!(
            (answer.status, answer.error()),
            (400, "body.syntax"),
            "{text}"
        );
    }
    let stats = bench.sandbox.stats();
    assert_eq!((stats.accepted, stats.rejected), (0, 21));
}

#[test]
fn what_is_at_the_edge_of_a_rule_is_taken() {
    let bench = Bench::new(Options::quiet());
    let ten: Value = (0..10).map(|it| format!("urn:id:{it}")).collect();
    let mut edges = [
        changed("/timestamp", None),
        changed("/timestamp", json!(1_793_632_530)),
        changed("/timestamp", json!("2026-11-02T15:15:30Z")),
        changed("/aliases", ten),
        changed("/event_name", json!("An Event Of One's Own")),
    ];
    for (place, edge) in edges.iter_mut().enumerate() {
        edge["event_id"] = json!(place.to_string());
        let answer = bench.send(edge);
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("ok")),
            "{edge}"
        );
    }
}

#[test]
fn what_is_only_flagged_is_taken_with_warnings() {
    let bench = Bench::new(Options::quiet());
    let answer = bench.send(&changed("/properties/total_price", json!(50)));
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")));
    let warning = &answer.body["warnings"][0];
    assert_eq!(warning["path"], "properties.total_price");
    assert_eq!(warning["severity"], "warning");
    assert_eq!(bench.sandbox.stats().warned, 1);
}

#[test]
fn the_log_has_a_line_for_each_event() {
    let page = Page::default();
    let bench = Bench::with_log(Options::quiet(), Some(Box::new(page.clone())));
    let pretty = serde_json::to_vec_pretty(&event("1")).unwrap();
    bench.post(&pretty).unwrap();
    bench.post(&pretty).unwrap();
    bench.post(b"no\nJSON").unwrap();
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    let outline = |line: &Value| (line["status"].clone(), line["duplicate"].clone());
    assert_eq!(outline(&lines[0]), (json!(200), json!(false)));
    assert_eq!(outline(&lines[1]), (json!(200), json!(true)));
    assert_eq!(outline(&lines[2]), (json!(400), json!(false)));
    assert_eq!(lines[0]["body"], event("1"));
    assert_eq!(lines[2]["text"], "no\nJSON");
    assert!(lines[0]["received_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn latency_holds_each_answer_back() {
    let options = Options {
        latency: "100ms..120ms".parse::<Latency>().unwrap(),
        ..Options::quiet()
    };
    let bench = Bench::new(options);
    let started = Instant::now();
    bench.send(&event("1"));
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[test]
fn a_share_of_requests_fails_and_the_same_ones_each_time() {
    let fates = |seed| -> Vec<u16> {
        let options = Options {
            fail_rate: Share::new(0.5).unwrap(),
            seed,
            ..Options::quiet()
        };
        let bench = Bench::new(options);
        let fates = (0..40).map(|id| bench.send(&event(&id.to_string())).status);
        let fates: Vec<u16> = fates.collect();
        let failed = fates.iter().filter(|status| **status == 500).count();
        assert_eq!(bench.sandbox.stats().failed, u64::try_from(failed).unwrap());
        assert!((5..35).contains(&failed), "{failed} of 40");
        fates
    };
    assert_eq!(fates(7), fates(7));
    assert_ne!(fates(7), fates(8));
}

#[test]
fn what_comes_too_fast_is_told_when_to_come_again() {
    let options = Options {
        rate_limit: Some("2/m".parse().unwrap()),
        ..Options::quiet()
    };
    let bench = Bench::new(options);
    assert_eq!(bench.send(&event("1")).status, 200);
    let answer = bench.send(&event("2"));
    assert_eq!((answer.status, answer.error()), (429, "request.rate"));
    let (_, wait) = answer.head.split_once("retry-after: ").unwrap();
    let wait: u64 = wait.lines().next().unwrap().parse().unwrap();
    assert!((25..=30).contains(&wait), "{wait}");
    assert_eq!(bench.sandbox.stats().throttled, 1);
}

#[test]
fn connections_are_cut_before_and_after_the_event_is_taken() {
    let always = Share::new(1.0).unwrap();
    let before = Bench::new(Options {
        cut_before: always,
        ..Options::quiet()
    });
    assert!(before.post(event("1").to_string().as_bytes()).is_none());
    let stats = before.sandbox.stats();
    assert_eq!((stats.accepted, stats.cut), (0, 1));
    let after = Bench::new(Options {
        cut_after: always,
        ..Options::quiet()
    });
    assert!(after.post(event("1").to_string().as_bytes()).is_none());
    let stats = after.sandbox.stats();
    assert_eq!((stats.accepted, stats.cut), (1, 1));
}
