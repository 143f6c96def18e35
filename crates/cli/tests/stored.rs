//! What is in the store leaves it, comes back, is mapped again and is erased.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;
#[path = "process/shop.rs"]
mod shop;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use nix::sys::signal::Signal;
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{
    ConflictPolicy, Intake, Millis, Outcome, Page, Private, Reason, Store as _,
};
use orderbridge_event::Timestamp;

use running::{run, start, text};
use shop::{SECRET, arrived, configure, connector, id, order, post, queue, sandbox, wait};

const CONTRACT: &str = include_str!("../../../adapters/shopify/fixtures/contract-created.json");
const NOBODY: &str = "http://127.0.0.1:9/";
const SENT_AT: &str = "2026-11-02T10:15:30.123Z";

/// A payload that an older mapping could not read.
fn unmappable(source: &str, topic: &str, body: &str) -> Intake {
    Intake {
        source: source.to_owned(),
        topic: topic.to_owned(),
        body: Private::new(body.to_owned().into()),
        delivery_id: None,
        sent_at: Timestamp::parse(SENT_AT),
        is_test: false,
        received_at: Millis::new(1_800_000_000_000),
        mapping: "shopify 0.0.1".to_owned(),
        order: None,
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        outcome: Outcome::Unmappable(Reason::new("payload.type", "expected text")),
    }
}

/// Puts payloads into the store beside a configuration.
fn fill(folder: &Path, intakes: Vec<Intake>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let path = folder.join("orderbridge.db");
        let store = SqliteStore::open(&path, SqliteOptions::default()).await;
        let store = store.unwrap();
        let page = Page {
            intakes,
            cursor: None,
        };
        store.accept(page).await.unwrap();
        store.close().await.unwrap();
    });
}

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

#[test]
fn what_could_not_be_mapped_is_mapped_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = configure(folder, NOBODY, "");
    let mut test = unmappable("shop", "orders/create", &order(5));
    test.is_test = true;
    fill(
        folder,
        vec![
            unmappable("shop", "orders/create", &order(1)),
            unmappable("shop", "subscription_contracts/create", CONTRACT),
            unmappable("shop", "orders/create", "{\"id\": 7}"),
            unmappable("gone", "orders/create", &order(2)),
            test,
        ],
    );
    let again = tried(&config, &["retry", "--remap", "--state", "parked"]);
    let said = text(&again.stderr);
    assert_eq!(exit(&again), 3, "{said}");
    for expected in [
        "4 mapped again: 2 became events, 1 ignored, 1 failed still",
        "1  order.test",
        "1  payload.missing",
        "1 left: their source \"gone\" is not configured",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    // The contract has no time of its own: the platform's time of sending is the event's.
    let bodies = queue(&config, &["export", "--all", "--events-only"]);
    let bodies = lines(&bodies);
    assert_eq!(bodies.len(), 2);
    let sent_at = bodies.iter().any(|body| body["timestamp"] == SENT_AT);
    assert!(sent_at, "{bodies:?}");
    let pending = queue(&config, &["list", "--state", "pending", "--format", "json"]);
    assert_eq!(lines(&pending).len(), 2);
    // Once more, beside a connector: nothing new, and nothing is sent twice.
    let again = tried(&config, &["retry", "--remap", "p1"]);
    let said = text(&again.stderr);
    assert_eq!(exit(&again), 0);
    assert!(said.contains("1 of them bring nothing new"), "{said}");
    let lost = tried("/nowhere.toml", &["retry", "--remap", "--all"]);
    assert_eq!(exit(&lost), 2);
}

#[test]
fn a_running_connector_delivers_what_is_mapped_again_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &[]);
    let config = configure(folder, &url, "");
    fill(folder, vec![unmappable("shop", "orders/create", &order(1))]);
    let (_running, ..) = connector(&config);
    let again = tried(&config, &["retry", "--remap", "--reason", "payload.type"]);
    assert_eq!(exit(&again), 0, "{}", text(&again.stderr));
    wait("the event", || arrived(folder) == [id(1)]);
}

#[test]
fn what_a_rule_dropped_is_kept_and_comes_back_when_the_rule_is_gone() {
    let rule = "[[rules]]\nid = \"vips\"\nif.tags.has = \"vip\"\nthen.drop = \"ours\"\n";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &[]);
    let config = configure(folder, &url, rule);
    {
        let (_running, receiver, _) = connector(&config);
        assert_eq!(post(&receiver, SECRET, 1, &order(1)), 200);
    }
    let args = ["list", "--state", "dropped", "--format", "json"];
    let dropped = lines(&queue(&config, &args));
    assert_eq!(dropped.len(), 1, "{dropped:?}");
    assert_eq!(dropped[0]["reason"]["code"], "rule.drop");
    assert_eq!(dropped[0]["reason"]["message"], "ours (rule vips)");
    // Under the same rule it stays where it is.
    let again = tried(&config, &["retry", "--remap", "--reason", "rule.drop"]);
    let said = text(&again.stderr);
    assert!(
        said.contains("1 ignored") && said.contains("rule.drop"),
        "{said}"
    );
    let config = configure(folder, &url, "");
    let (_running, ..) = connector(&config);
    let again = tried(&config, &["retry", "--remap", "--reason", "rule.drop"]);
    assert_eq!(exit(&again), 0, "{}", text(&again.stderr));
    wait("the order", || arrived(folder) == [id(1)]);
    assert_eq!(lines(&queue(&config, &args)).len(), 0);
}

#[test]
fn what_is_exported_can_be_mapped_and_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = configure(folder, NOBODY, "");
    fill(
        folder,
        vec![
            unmappable("shop", "orders/create", &order(1)),
            unmappable("shop", "subscription_contracts/create", CONTRACT),
            unmappable("shop", "orders/create", "no JSON"),
        ],
    );
    let payloads = folder.join("payloads.ndjson");
    let file = payloads.to_str().unwrap();
    let exported = tried(&config, &["export", "--as-payloads", "--output", file]);
    let said = text(&exported.stderr);
    assert!(said.contains("2 records exported\n1 left out"), "{said}");
    let mode = fs::metadata(&payloads).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mapped = run(&["map", "shopify", "--events-only", "-q", file]);
    assert_eq!(exit(&mapped), 0, "{}", text(&mapped.stderr));

    let letters = queue(&config, &["export"]);
    let letters = lines(&letters);
    assert_eq!(letters.len(), 3);
    let letter = &letters[2];
    for (field, expected) in [
        ("adapter", "shopify"),
        ("adapter_version", "0.0.1"),
        ("topic", "orders/create"),
        ("account", "shop"),
        ("stage", "map"),
        ("code", "payload.type"),
        ("body", "bm8gSlNPTg=="),
    ] {
        assert_eq!(letter[field], expected, "{field}");
    }
    assert_eq!((&letter["v"], &letter["attempts"]), (&1.into(), &0.into()));

    // The same bytes as from the store itself.
    tried(&config, &["retry", "--remap", "--state", "parked"]);
    let bodies = queue(&config, &["export", "--state", "pending", "--events-only"]);
    assert_eq!(bodies, text(&mapped.stdout));
    let letters = lines(&queue(&config, &["export", "--state", "pending"]));
    assert_eq!(letters[0]["stage"], "send");
    assert_eq!(letters[0]["event"]["event_id"], id(1));
    let wrong = tried(&config, &["export", "--email", ""]);
    assert_eq!(exit(&wrong), 2);
}

#[test]
fn a_reader_that_has_seen_enough_of_an_export_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = configure(folder, NOBODY, "");
    let all = (0..400).map(|it| unmappable("shop", "orders/create", &order(it)));
    fill(folder, all.collect());
    let mut export = start(&["queue", "export", "--config", &config]);
    let mut first = String::new();
    let mut stdout = BufReader::new(export.0.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    assert!(first.starts_with("{\"v\":1,"));
    assert_eq!(export.end(), (0, String::new()));
}

#[test]
fn a_person_is_told_what_is_stored_and_erased() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = configure(folder, NOBODY, "");
    let other = |it| order(it).replace('@', ".other@");
    let (running, receiver, _) = connector(&config);
    let email = {
        let body: serde_json::Value = serde_json::from_str(&order(1)).unwrap();
        body["email"].as_str().unwrap().to_owned()
    };
    assert_eq!(post(&receiver, SECRET, 1, &order(1)), 200);
    let of_another = other(2).replace("\"customer\": {", "\"was\": {");
    assert_eq!(post(&receiver, SECRET, 2, &of_another), 200);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);

    let about = ["export", "--email", &email];
    let found = lines(&queue(&config, &about));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["event"]["event_id"], id(1));
    let unasked = tried(&config, &["redact", "--email", &email]);
    assert_eq!(exit(&unasked), 2);
    let said = text(&unasked.stderr);
    assert!(said.contains("would erase 1 payload about them"), "{said}");
    assert_eq!(exit(&tried(&config, &["redact"])), 2);
    let redacted = tried(&config, &["redact", "--email", &email, "--yes"]);
    let said = text(&redacted.stderr);
    assert!(said.starts_with("erased 1 payload about them"), "{said}");
    assert_eq!(queue(&config, &about), "");
    let left = lines(&queue(&config, &["export", "--all"]));
    let left = left.iter().filter(|it| !it["event"].is_null());
    assert_eq!(left.count(), 1, "the other one stays");
    let bytes = fs::read(folder.join("orderbridge.db")).unwrap();
    let plain = email.as_bytes();
    assert!(!bytes.windows(plain.len()).any(|part| part == plain));
    let source = tried(&config, &["redact", "--source", "shop", "--yes"]);
    assert!(text(&source.stderr).starts_with("erased 1 payload of this source"));
    let nobody = tried(&config, &["redact", "--order", "404", "--yes"]);
    assert_eq!(exit(&nobody), 0);
    assert!(text(&nobody.stderr).contains("nothing is stored"));
}
