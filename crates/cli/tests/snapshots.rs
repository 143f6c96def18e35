//! What is stored becomes tests, and what another configuration would change in it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{
    ConflictPolicy, Intake, Millis, Outcome, Page, Private, Reason, Store as _,
};
use orderbridge_event::Timestamp;

const PROGRAM: &str = env!("CARGO_BIN_EXE_orderbridge");
const WEB_ORDER: &str = include_str!("../../../adapters/shopify/fixtures/web-order.json");
const REFUND: &str = include_str!("../../../adapters/shopify/fixtures/refund.json");
const BEFORE: &str = "[sources.shop]\nplatform = \"shopify\"\n";
const AFTER: &str = r#"
[sources.shop]
platform = "shopify"

[[rules]]
id = "wholesale"
if = { tags = { has = "wholesale" } }
then = { channel = "offline" }
"#;

/// An order of the shop with a number and tags.
fn order(number: u64, tags: &str) -> String {
    let order = WEB_ORDER.replace("5551234567890", &number.to_string());
    let tagged = order.replace(
        "\"tags\": \"vip, newsletter\"",
        &format!("\"tags\": \"{tags}\""),
    );
    assert!(tagged.contains(&format!("\"{tags}\"")) && tagged.contains(&number.to_string()));
    tagged
}

fn intake(topic: &str, body: String) -> Intake {
    Intake {
        source: "shop".to_owned(),
        topic: topic.to_owned(),
        body: Private::new(body.into()),
        delivery_id: None,
        sent_at: Timestamp::parse("2026-11-02T10:15:30Z"),
        is_test: false,
        received_at: Millis::new(1_700_000_000_000),
        mapping: "shopify 0.1.0".to_owned(),
        order: None,
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        outcome: Outcome::Ignored(Reason::new("order.test", "for this test")),
    }
}

/// A folder with a configuration and a store.
fn shop(intakes: Vec<Intake>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("orderbridge.toml"), BEFORE).unwrap();
    fs::write(folder.path().join("new.toml"), AFTER).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    runtime.block_on(async {
        let path = folder.path().join("orderbridge.db");
        let store = SqliteStore::open(&path, SqliteOptions::default()).await;
        let store = store.unwrap();
        let page = Page {
            intakes,
            cursor: None,
        };
        store.accept(page).await.unwrap();
        store.close().await.unwrap();
    });
    folder
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(args)
        .current_dir(folder)
        .env_remove("ORDERBRIDGE_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_changed_rule_gives_the_orders_whose_channel_changes_and_nothing_else() {
    let orders = (1..=500).map(|number| {
        let tags = if number % 100 == 7 {
            "wholesale, b2b"
        } else {
            "vip"
        };
        intake("orders/create", order(9_000 + number, tags))
    });
    let folder = shop(orders.collect());
    let folder = folder.path();
    let output = run(folder, &["diff", "--against", "new.toml"]);
    let (stdout, stderr) = said(&output);
    let expected = "shop  web  5 of 500 orders\n  5 orders: channel web → offline (rule wholesale)\n    \
                    9007, 9107, 9207, 9307, 9407\n";
    assert_eq!(stdout, expected, "{stderr}");
    assert_eq!(stderr, "5 of 500 orders would change\n");
    assert_eq!(output.status.code(), Some(0));
    let last = [
        "diff",
        "--against",
        "new.toml",
        "--limit",
        "100",
        "--exit-code",
    ];
    let output = run(folder, &last);
    assert!(
        said(&output).0.contains("    9407\n"),
        "{}",
        said(&output).0
    );
    assert_eq!(output.status.code(), Some(1));
    let json = ["diff", "--against", "new.toml", "--format", "json", "-q"];
    let (stdout, stderr) = said(&run(folder, &json));
    assert_eq!((stdout.lines().count(), stderr.as_str()), (5, ""));
    let first: serde_json::Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["order"], "9007");
    assert_eq!(first["channel"]["after"], "offline");
    let same = ["diff", "--against", "orderbridge.toml", "--exit-code"];
    let output = run(folder, &same);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(said(&output).1, "500 orders, and nothing would change\n");
    let lately = ["diff", "--against", "new.toml", "--since", "1h"];
    assert_eq!(
        said(&run(folder, &lately)).1,
        "there is nothing to compare\n"
    );
}

#[test]
fn a_day_of_orders_becomes_tests_without_its_people() {
    let mut intakes: Vec<Intake> = (1..=20)
        .map(|number| intake("orders/create", order(9_000 + number, "vip")))
        .collect();
    intakes.push(intake("refunds/create", REFUND.to_owned()));
    let till = order(9_100, "vip").replace("\"source_name\": \"web\"", "\"source_name\": \"pos\"");
    intakes.push(intake("orders/create", till));
    let mut tried = intake("orders/create", order(9_200, "vip"));
    tried.is_test = true;
    intakes.push(tried);
    intakes.push(intake("orders/create", "{\"id\": ".to_owned()));
    let folder = shop(intakes);
    let folder = folder.path();
    let sampled = ["snapshot", "new", "--from-store", "--sample", "4"];
    let output = run(folder, &sampled);
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    // What is rare is among them: the refund, and what was bought at the till.
    for expected in [
        "refunds-create-",
        "orders-create-9100",
        "orders-create-9020",
    ] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    assert!(stderr.contains("1 left out: not JSON"), "{stderr}");
    let all = ["snapshot", "new", "--from-store"];
    let (_, stderr) = said(&run(folder, &all));
    assert!(stderr.starts_with("19 payloads put in place"), "{stderr}");
    assert!(stderr.contains("3 there already"), "{stderr}");
    for file in fs::read_dir(folder.join("payloads/shop")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for person in ["jane.example", "Jane", "2025550142"] {
            assert!(!text.contains(person), "{person}: {text}");
        }
        assert!(text.contains("\"received_at\""), "{text}");
    }
    assert_eq!(run(folder, &["snapshot", "test"]).status.code(), Some(1));
    assert_eq!(run(folder, &["snapshot", "accept"]).status.code(), Some(0));
    assert_eq!(run(folder, &["snapshot", "test"]).status.code(), Some(0));
}

/// A terminal with the program at it.
#[test]
fn a_review_takes_one_key_for_each_difference() {
    let folder = shop(Vec::new());
    let folder = folder.path();
    let payloads = folder.join("payloads/shop");
    fs::create_dir_all(&payloads).unwrap();
    for number in [1, 2, 3] {
        fs::write(
            payloads.join(format!("{number}.json")),
            order(number, "vip"),
        )
        .unwrap();
    }
    let output = run(folder, &["snapshot", "review"]);
    assert_eq!(output.status.code(), Some(2), "no terminal");
    let pty = nix::pty::openpty(None, None).unwrap();
    let slave = || {
        pty.slave
            .try_clone()
            .map(|slave: OwnedFd| Stdio::from(slave))
            .unwrap()
    };
    let mut child = Command::new(PROGRAM)
        .args(["snapshot", "review"])
        .current_dir(folder)
        .env_remove("ORDERBRIDGE_CONFIG")
        .stdin(slave())
        .stdout(slave())
        .stderr(slave())
        .spawn()
        .unwrap();
    drop(pty.slave);
    let mut terminal = fs::File::from(pty.master);
    let mut shown = String::new();
    for (prompt, key) in [
        ("1 of 3", "a"),
        ("2 of 3", "x"),
        ("2 of 3", "s"),
        ("3 of 3", "r"),
    ] {
        // A key that means nothing is not answered.
        while !shown.contains(prompt) {
            let mut piece = [0; 1024];
            let read = terminal.read(&mut piece).unwrap();
            shown.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        terminal.write_all(key.as_bytes()).unwrap();
    }
    let mut rest = Vec::new();
    // The end of a terminal is an error on Linux.
    let _ = terminal.read_to_end(&mut rest);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let there = [1, 2, 3].map(|number| {
        folder
            .join(format!("snapshots/shop/{number}.json"))
            .exists()
    });
    assert_eq!(there, [true, false, false]);
}
