//! The admin address.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use orderbridge_connect::{
    Admin, AdminConfig, Build, Exposition, MetricKind, MoreMetrics, Running,
};
use orderbridge_core::store::StoreErrorKind;
use orderbridge_event::Secret;

use crate::support::client::{Client, Hook, get};
use crate::support::{Bench, bench, changed, fixture};

struct Dispatcher;

impl MoreMetrics for Dispatcher {
    fn write(&self, out: &mut Exposition) {
        out.metric("delivery_attempts_total", MetricKind::Counter, "Attempts.");
        out.value(&[("destination", "main"), ("class", "delivered")], 3);
        // Taken already.
        out.metric("destination_paused", MetricKind::Gauge, "Twice.");
        out.value(&[("destination", "main")], 7);
    }
}

async fn admin(bench: &Bench, token: Option<&str>) -> Running {
    let build = Build {
        version: "1.2.3".to_owned(),
        rules_hash: None,
    };
    let mut config = AdminConfig::new(vec!["main".to_owned(), "paused".to_owned()], build);
    config.token = token.map(Secret::new);
    let (routes, store) = (bench.routes.clone(), bench.store.clone());
    let more: Vec<Arc<dyn MoreMetrics>> = vec![Arc::new(Dispatcher)];
    Admin::start("127.0.0.1:0", routes, store, config, more)
        .await
        .unwrap()
}

#[tokio::test]
async fn alive_is_the_process_and_ready_is_the_store() {
    let bench = bench().await;
    let admin = admin(&bench, None).await;
    let address = admin.addr();
    assert_eq!(get(address, "/livez", "").await.status, 200);
    assert_eq!(get(address, "/readyz", "").await.status, 200);
    bench.store.fail(Some(StoreErrorKind::Full));
    assert_eq!(get(address, "/livez", "").await.status, 200);
    let answer = wait_for(address, 503).await;
    assert!(answer.contains("no space is left"), "{answer}");
    // The counters of the process stay in sight.
    let metrics = get(address, "/metrics", "").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("orderbridge_events_received_total"));
    assert_eq!(get(address, "/status", "").await.status, 503);

    bench.store.fail(None);
    wait_for(address, 200).await;
    bench.store.disk_free.store(1_000_000, Ordering::SeqCst);
    let answer = wait_for(address, 503).await;
    assert!(answer.contains("1000000 bytes left"), "{answer}");
}

/// The answer of `/readyz` is remembered for a second.
async fn wait_for(address: SocketAddr, status: u16) -> String {
    for _ in 0..300 {
        let answer = get(address, "/readyz", "").await;
        if answer.status == status {
            return answer.body;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never {status}");
}

#[tokio::test]
async fn metrics_are_well_formed_and_tell_what_happened() {
    let bench = bench().await;
    let admin = admin(&bench, None).await;
    let hooks = bench.running.addr();
    let order = Hook::new("orders/create", fixture("web-order")).with("X-Shopify-Event-Id", "e");
    order.send(hooks).await;
    order.send(hooks).await;
    order
        .clone()
        .with("X-Shopify-Hmac-Sha256", "")
        .send(hooks)
        .await;
    Hook::new("orders/create", fixture("cut-off"))
        .send(hooks)
        .await;
    Hook::new("whatever/else", "{}").send(hooks).await;
    get(hooks, "/webhooks/us-store", "").await;

    let answer = get(admin.addr(), "/metrics", "").await;
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let values = parse(&answer.body);
    let source = "source=\"us-store\"";
    for (name, labels, expected) in [
        (
            "events_received_total",
            format!("{source},topic=\"orders/create\""),
            "3",
        ),
        (
            "events_received_total",
            format!("{source},topic=\"other\""),
            "1",
        ),
        ("source_signature_failures_total", source.to_owned(), "1"),
        (
            "mapping_failures_total",
            format!("{source},reason=\"payload.syntax\""),
            "1",
        ),
        (
            "duplicates_total",
            format!("{source},kind=\"delivery\""),
            "1",
        ),
        (
            "webhook_requests_total",
            format!("{source},status=\"200\""),
            "4",
        ),
        (
            "webhook_requests_total",
            format!("{source},status=\"401\""),
            "1",
        ),
        (
            "webhook_request_duration_seconds_count",
            source.to_owned(),
            "5",
        ),
        (
            "outbox_commit_duration_seconds_count",
            source.to_owned(),
            "4",
        ),
        ("outbox_events", "state=\"parked\"".to_owned(), "1"),
        ("outbox_parked", "reason=\"payload.syntax\"".to_owned(), "1"),
        ("destination_paused", "destination=\"main\"".to_owned(), "0"),
        (
            "destination_paused",
            "destination=\"paused\"".to_owned(),
            "1",
        ),
        ("store_writable", String::new(), "1"),
        (
            "delivery_attempts_total",
            "destination=\"main\",class=\"delivered\"".to_owned(),
            "3",
        ),
    ] {
        let found = values.get(&(format!("orderbridge_{name}"), labels.clone()));
        assert_eq!(found.map(String::as_str), Some(expected), "{name} {labels}");
    }
}

/// Reads an exposition and checks its grammar: each metric has one head, before all its values,
/// and no label names a single thing.
fn parse(text: &str) -> BTreeMap<(String, String), String> {
    let mut values = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut current = (String::new(), String::new());
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            assert!(!help.is_empty() && seen.insert(name.to_owned()), "{line}");
            name.clone_into(&mut current.0);
            continue;
        }
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, current.0);
            kind.clone_into(&mut current.1);
            continue;
        }
        let (key, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = key.split_once('{').unwrap_or((key, "}"));
        let labels = labels.strip_suffix('}').unwrap();
        let stem = match current.1.as_str() {
            "histogram" => ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|ending| name.strip_suffix(ending))
                .unwrap(),
            "counter" => {
                assert!(name.ends_with("_total"), "{name}");
                name
            }
            "gauge" => name,
            other => panic!("{other}"),
        };
        assert_eq!(stem, current.0, "{line}");
        assert!(name.starts_with("orderbridge_"), "{name}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (name, value) = label.split_once('=').unwrap();
            let known = [
                "source",
                "topic",
                "status",
                "reason",
                "kind",
                "state",
                "destination",
                "le",
                "class",
                "version",
                "mapping_version",
                "rules_hash",
            ];
            assert!(known.contains(&name), "{line}");
            assert!(value.starts_with('"') && value.ends_with('"'), "{line}");
            let digits = value.chars().filter(char::is_ascii_digit).count();
            assert!(digits < 6, "an id in a label: {line}");
        }
        let twice = values.insert((name.to_owned(), labels.to_owned()), value.to_owned());
        assert_eq!(twice, None, "{line}");
    }
    assert!(seen.len() > 15, "{seen:?}");
    values
}

#[tokio::test]
async fn the_status_names_what_no_table_has_and_no_person() {
    let bench = bench().await;
    let admin = admin(&bench, None).await;
    let hooks = bench.running.addr();
    for name in ["unknown-source", "web-order"] {
        Hook::new("orders/create", changed(name, &[]))
            .send(hooks)
            .await;
    }
    let answer = get(admin.addr(), "/status", "").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let status: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let source = &status["sources"][0];
    assert_eq!(source["name"], "us-store");
    assert_eq!(source["platform"], "shopify");
    let unmapped = &source["unmapped"];
    assert_eq!(unmapped.as_array().unwrap().len(), 1, "{unmapped}");
    assert_eq!(unmapped[0]["count"], 1);
    let message = unmapped[0]["message"].as_str().unwrap();
    assert!(message.contains("755357713"), "{message}");
    assert_eq!(status["destinations"][0]["paused"], serde_json::Value::Null);
    assert_eq!(status["destinations"][1]["paused"]["code"], "token");
    assert!(status["destinations"][0]["oldest_pending_age_seconds"].is_u64());
    assert_eq!(status["counts"][0]["state"], "pending");
    assert_eq!(status["counts"][0]["count"], 2);
    assert_eq!(status["store"]["writable"], true);
    assert!(!answer.body.contains('@'), "{}", answer.body);
}

#[tokio::test]
async fn the_status_may_ask_for_a_token() {
    let bench = bench().await;
    let admin = admin(&bench, Some("open sesame")).await;
    let address = admin.addr();
    for (header, status) in [
        ("", 401),
        ("Authorization: Bearer open\r\n", 401),
        ("Authorization: open sesame\r\n", 401),
        ("Authorization: Bearer open sesame\r\n", 200),
    ] {
        assert_eq!(
            get(address, "/status", header).await.status,
            status,
            "{header}"
        );
    }
    // Whoever watches the machine needs none.
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(get(address, path, "").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn other_pages_and_methods_are_refused() {
    let bench = bench().await;
    let admin = admin(&bench, None).await;
    for path in ["/", "/webhooks/us-store", "/livez/", "/../status"] {
        assert_eq!(get(admin.addr(), path, "").await.status, 404, "{path}");
    }
    let mut client = Client::connect(admin.addr()).await;
    client
        .write(b"POST /status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        .await;
    let answer = client.answer().await.unwrap();
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, HEAD"))
    );
}
