//! What is in the store leaves it, comes back, is mapped again and is erased; and `send` puts
//! events there that survive a kill.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
mod running;
#[path = "process/shop.rs"]
mod shop;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use nix::sys::signal::Signal;
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{
    ConflictPolicy, Intake, Millis, Outcome, Page, Private, Reason, Store as _,
};
use orderbridge_event::Timestamp;

use running::{orderbridge, run, start, text};
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
