//! What a new user does first, with the real program: the demonstration, a check that asks the
//! destination, a webhook that is triggered.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use nix::sys::signal::Signal;

use running::{Running, orderbridge, poll, start, text};

const TOKEN: &str = "tok-s3cret";

/// A sandbox that demands a token, its log, and a configuration that has it as destination.
struct House {
    folder: tempfile::TempDir,
    _sandbox: Running,
}

impl House {
    fn new(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let log = log.to_str().unwrap();
        let args = [
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--token",
            TOKEN,
            "--log",
            log,
        ];
        let mut sandbox = start(&[&args[..], more].concat());
        let line = sandbox.told("listening on ");
        let url = line.trim().strip_prefix("listening on ").unwrap();
        fs::write(folder.path().join("token"), TOKEN).unwrap();
        fs::write(folder.path().join("hush"), "hush").unwrap();
        let house = Self {
            folder,
            _sandbox: sandbox,
        };
        house.configure(url, "token", "127.0.0.1:0", "127.0.0.1:0");
        house
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn configure(&self, url: &str, token: &str, listen: &str, admin: &str) {
        let text = format!(
            "[server]\nlisten = \"{listen}\"\nadmin = \"{admin}\"\n\
             [destinations.main]\nurl = \"{url}\"\ntoken = \"file:{token}\"\ntimeout = \"20s\"\n\
             [sources.shop]\nplatform = \"shopify\"\ndestination = \"main\"\n\
             webhook_secrets = [\"file:hush\"]\n"
        );
        fs::write(self.path().join("orderbridge.toml"), text).unwrap();
    }

    /// Runs a command in the folder; exit code, stdout, stderr.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = orderbridge(args).current_dir(self.path()).output().unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(!stdout.contains("s3cret"), "{stdout}");
        assert!(!stderr.contains("s3cret"), "{stderr}");
        (output.status.code().unwrap(), stdout, stderr)
    }

    /// The ids that the sandbox took.
    fn arrived(&self) -> BTreeSet<String> {
        let log = fs::read_to_string(self.path().join("log")).unwrap_or_default();
        let ids = log.lines().filter_map(|line| {
            let (_, rest) = line.split_once("\"event_id\":\"")?;
            Some(rest.split('"').next()?.to_owned())
        });
        ids.collect()
    }
}

/// A server that answers each request with this, for as long as the test runs.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            // The whole body ends with the closing brace of the event.
            while !seen.ends_with(b"}") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => seen.extend(buffer.iter().take(count)),
                }
            }
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/")
}

#[test]
fn a_probe_shows_what_is_answered_and_ends_accordingly() {
    let house = House::new(&[]);
    let (code, told, _) = house.run(&["check", "--probe"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("a test event: answered 200"), "{told}");
    assert!(told.contains("delivered: the event is delivered"), "{told}");
    assert!(told.contains("> {\"status\":\"ok\"}"), "{told}");
    let log = fs::read_to_string(house.path().join("log")).unwrap();
    assert!(log.contains("\"event_name\":\"OrderBridge Test\""), "{log}");

    let sandbox = told
        .lines()
        .find(|it| it.starts_with("url = \"http"))
        .unwrap();
    let sandbox = sandbox.split('"').nth(1).unwrap();
    house.configure(sandbox, "hush", "127.0.0.1:0", "127.0.0.1:0");
    let (code, told, _) = house.run(&["check", "--probe"]);
    assert_eq!(code, 4, "a wrong token: {told}");
    assert!(
        told.contains("destination: the destination would be paused"),
        "{told}"
    );

    let refusing = answering(
        "HTTP/1.1 422 No\r\nContent-Length: 15\r\nConnection: close\r\n\r\nsay: tok-s3cret",
    );
    house.configure(&refusing, "token", "127.0.0.1:0", "127.0.0.1:0");
    let (code, told, _) = house.run(&["check", "--probe"]);
    assert_eq!(code, 3, "{told}");
    assert!(
        told.contains("rejected: the event would be parked"),
        "{told}"
    );
    assert!(told.contains("> say: …"), "{told}");

    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    house.configure(
        &format!("http://{free}/"),
        "token",
        "127.0.0.1:0",
        "127.0.0.1:0",
    );
    let (code, told, _) = house.run(&["check", "--probe", "--format", "json"]);
    assert_eq!(code, 4, "{told}");
    let json: serde_json::Value = serde_json::from_str(&told).unwrap();
    let probe = json.pointer("/probes/0").unwrap();
    assert_eq!(probe.get("class").unwrap(), "temporary");
    assert!(probe.get("status").unwrap().is_null());
}

#[test]
fn a_test_source_is_sent_everything_that_can_be_wrong() {
    let house = House::new(&[]);
    let (code, told, said) = house.run(&["check", "--probe-all", "main"]);
    assert_eq!(code, 0, "{told}{said}");
    for (what, status, class) in [
        ("a test event", 200, "delivered"),
        ("the same again", 200, "delivered"),
        ("a broken body", 400, "rejected"),
        ("a large event", 413, "rejected"),
        ("an old event", 200, "delivered"),
        ("a wrong token", 401, "destination"),
    ] {
        let head = format!("{what}: answered {status} in ");
        let mut lines = told.lines().skip_while(|line| !line.contains(&head));
        assert!(lines.next().is_some(), "{head}: {told}");
        let follows = lines.next().unwrap().trim_start();
        assert!(
            follows.starts_with(&format!("{class}: ")),
            "{what}: {follows}"
        );
    }
    assert!(told.contains("\"duplicate\""), "{told}");
}

/// A connector in the house, with the addresses that it has written into the configuration.
fn connector(house: &House) -> Running {
    let mut running = start(&[
        "run",
        "--config",
        house.path().join("orderbridge.toml").to_str().unwrap(),
    ]);
    let address = |line: &str| {
        let (_, rest) = line.split_once("http://").unwrap();
        rest.split(['/', ' ']).next().unwrap().to_owned()
    };
    let receiver = address(&running.told("receiving at http://"));
    let admin = address(&running.told("health and metrics at http://"));
    let config = fs::read_to_string(house.path().join("orderbridge.toml")).unwrap();
    let config = config
        .replacen("127.0.0.1:0", &receiver, 1)
        .replacen("127.0.0.1:0", &admin, 1);
    fs::write(house.path().join("orderbridge.toml"), config).unwrap();
    running
}

#[test]
fn what_is_triggered_arrives() {
    let house = House::new(&[]);
    let _connector = connector(&house);
    assert_eq!(house.run(&["check", "--live"]).0, 0);
    let wait = |count: usize| {
        poll("the events", || {
            (house.arrived().len() == count).then_some(())
        });
    };

    for _ in 0..2 {
        let (code, told, said) = house.run(&["trigger", "shop"]);
        assert_eq!(code, 0, "{said}");
        assert!(
            told.starts_with("200 stored  shopify web-order  orders/create  order "),
            "{told}"
        );
    }
    wait(2);
    let (code, told, _) = house.run(&[
        "trigger",
        "shop",
        "--times",
        "3",
        "--set",
        "line_items[0].price=12.50",
    ]);
    assert_eq!((code, told.lines().count()), (0, 3), "{told}");
    wait(5);
    let log = fs::read_to_string(house.path().join("log")).unwrap();
    assert_eq!(
        log.matches("\"price\":12.50").count() + log.matches("\"price\":12.5,").count(),
        3,
        "{log}"
    );

    for _ in 0..2 {
        assert_eq!(house.run(&["trigger", "shop", "--same"]).0, 0);
    }
    wait(6);
    assert!(house.arrived().contains("5551234567890"));
    assert_eq!(house.run(&["trigger", "shop", "--set", "id=4711"]).0, 0);
    wait(7);
    assert!(house.arrived().contains("4711"));
    assert_eq!(house.run(&["trigger", "shop", "--sample", "refund"]).0, 0);
    wait(8);
}

#[test]
fn a_trigger_that_is_refused_or_finds_nobody_says_so() {
    let house = House::new(&[]);
    let connector = connector(&house);
    let (code, _, said) = house.run(&["trigger", "shop", "--secret", "file:token"]);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("answered 401") && said.contains("another secret"),
        "{said}"
    );
    let config = fs::read_to_string(house.path().join("orderbridge.toml")).unwrap();
    let receiver = config.split('"').nth(1).unwrap().to_owned();
    let to = format!("http://{receiver}/");
    let args = ["trigger", "shopify", "--secret", "file:hush", "--to", &to];
    let (code, _, said) = house.run(&args);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("answered 404"), "{said}");
    let to = format!("{to}webhooks/shop");
    let args = ["trigger", "shopify", "--secret", "file:hush", "--to", &to];
    assert_eq!(house.run(&args).0, 0);
    connector.signal(Signal::SIGTERM);
    assert_eq!(connector.end().0, 143);
    let (code, _, said) = house.run(&["trigger", "shop"]);
    assert_eq!(code, 4, "{said}");
    assert_eq!(house.run(&["check", "--live"]).0, 4);
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let count = || fs::read_dir(folder.path()).unwrap().count();
    let output = orderbridge(&["demo", "-q"])
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(count(), 0);

    let mut demo = orderbridge(&["demo", "--keep"]);
    let mut demo = Running(demo.env("TMPDIR", folder.path()).spawn().unwrap());
    let line = demo.told("orderbridge trigger shopify --config ");
    let config = line.split_whitespace().last().unwrap().to_owned();
    let again = orderbridge(&["trigger", "shopify", "--config", &config])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    let stats = orderbridge(&["queue", "stats", "--config", &config])
        .output()
        .unwrap();
    assert!(
        text(&stats.stdout).contains("delivered"),
        "{}",
        text(&stats.stderr)
    );
    assert_eq!(count(), 1);
    demo.signal(Signal::SIGINT);
    let (code, said) = demo.end();
    assert_eq!((code, count()), (130, 0), "{said}");
}
