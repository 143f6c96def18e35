//! Reading Amazon's API as a process: notification, fetch, delivery; history, cut by kills.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use orderbridge_standin::amazon::{Amazon, Fault, Order, Setup};

use running::{Running, orderbridge, start, text};

const SECRET: &str = "hush";

fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// Amazon with orders of the last days, so many each hour, and a quota that is never in the way.
fn amazon(orders: usize) -> (Amazon, BTreeSet<String>) {
    let placed = now() - 3 * 86_400;
    let orders: Vec<Order> = (1..=orders)
        .map(|number| Order::new(number, placed + i64::try_from(number).unwrap() % 86_400))
        .collect();
    let ids = orders.iter().map(|order| order.id.clone()).collect();
    let setup = Setup {
        speed: 10_000.0,
        ..Setup::default()
    };
    (Amazon::start(setup, orders).unwrap(), ids)
}

struct Shop {
    folder: tempfile::TempDir,
    config: String,
    _sandbox: Running,
}

impl Shop {
    fn new(amazon: &Amazon) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let log = path.join("log");
        let args = [
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--log",
            log.to_str().unwrap(),
        ];
        let mut sandbox = start(&args);
        let line = sandbox.told("listening on ");
        let to = line.trim().strip_prefix("listening on ").unwrap();
        for (name, secret) in [
            ("hook", SECRET),
            ("client", "client"),
            ("secret", "secret"),
            ("refresh", "refresh"),
        ] {
            fs::write(path.join(name), secret).unwrap();
        }
        let url = amazon.url();
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
             [destinations.main]\nurl = \"{to}\"\n\
             [sources.amazon]\nplatform = \"amazon\"\ndestination = \"main\"\n\
             webhook_secrets = [\"file:hook\"]\n\
             client_id = \"file:client\"\nclient_secret = \"file:secret\"\n\
             refresh_token = \"file:refresh\"\nmarketplaces = [\"US\"]\npoll = \"200ms\"\n\
             api_url = \"{url}\"\nauth_url = \"{url}\"\n"
        );
        let file = path.join("orderbridge.toml");
        fs::write(&file, text).unwrap();
        Self {
            config: file.to_str().unwrap().to_owned(),
            folder,
            _sandbox: sandbox,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A connector that is up, and its webhook address.
    fn connector(&self) -> (Running, String) {
        let mut running = start(&["run", "--config", &self.config]);
        let line = running.told("receiving at http://");
        let (_, rest) = line.split_once("http://").unwrap();
        (running, rest.split('/').next().unwrap().to_owned())
    }

    fn command(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let all = [args, &["--config", &self.config]].concat();
        let output = orderbridge(&all).output().unwrap();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    fn arrived(&self) -> Vec<String> {
        arrived(&self.path("log"))
    }
}

/// The ids that arrived, in the order of the log.
fn arrived(log: &Path) -> Vec<String> {
    let log = fs::read_to_string(log).unwrap_or_default();
    let ids = log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("\"event_id\":\"")?;
        Some(rest.split('"').next()?.to_owned())
    });
    ids.collect()
}

/// Asks again and again until it is so, for as long as a loaded machine may take.
fn wait(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain for {what}");
}

fn notify(address: &str, order: &str) -> u16 {
    let body = format!(
        "{{\"NotificationType\": \"ORDER_CHANGE\", \"Payload\": {{\"OrderChangeNotification\": \
         {{\"AmazonOrderId\": \"{order}\", \"Summary\": {{\"OrderStatus\": \"Unshipped\"}}}}}}, \
         \"NotificationMetadata\": {{\"NotificationId\": \"n {order}\"}}}}"
    );
    let length = body.len();
    let head = format!(
        "POST /webhooks/amazon HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {SECRET}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_notification_leads_to_a_delivery_and_what_never_came_is_found() {
    let (amazon, _) = amazon(0);
    let shop = Shop::new(&amazon);
    let (running, receiver) = shop.connector();

    // Only its notification tells of it.
    let told = Order::new(1, now() - 60);
    amazon.hide(&told.id);
    amazon.put(told.clone());
    assert_eq!(notify(&receiver, &told.id), 200);
    wait("the order that was told", || {
        shop.arrived() == [told.id.clone()]
    });

    // Its notification is accepted, and the process is killed before anything is fetched.
    let killed = Order::new(2, now() - 60);
    amazon.hide(&killed.id);
    assert_eq!(notify(&receiver, &killed.id), 200);
    running.signal(Signal::SIGKILL);
    drop(running);
    amazon.put(killed.clone());
    let (running, _) = shop.connector();
    wait("the order after the kill", || {
        shop.arrived().contains(&killed.id)
    });

    // No notification ever comes.
    let silent = Order::new(3, now() - 10 * 60);
    amazon.put(silent.clone());
    wait("the order that nobody told", || {
        shop.arrived().contains(&silent.id)
    });
    assert_eq!(shop.arrived().len(), 3, "each once");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
    let (code, counts, _) = shop.command(&["queue", "stats"]);
    assert_eq!(code, Some(0));
    assert!(counts.contains("pull.fetched"), "{counts}");
}

#[test]
fn reconcile_tells_what_misses_and_backfill_fetches_it() {
    let (amazon, ids) = amazon(30);
    let shop = Shop::new(&amazon);
    let (code, table, advice) = shop.command(&["reconcile", "amazon", "--since", "7d"]);
    assert_eq!(code, Some(3), "{advice}");
    assert_eq!(table.matches("missing ").count(), 31, "{table}");
    assert!(advice.contains("orderbridge backfill amazon"), "{advice}");
    let (code, _, told) = shop.command(&["backfill", "amazon", "--since", "7d"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("30 stored"), "{told}");
    assert!(told.contains("`orderbridge run` delivers"), "{told}");
    let args = ["reconcile", "amazon", "--since", "7d", "--format", "json"];
    let (code, json, _) = shop.command(&args);
    assert_eq!(code, Some(0));
    assert!(json.contains("\"stored\":30"), "{json}");
    let (running, _) = shop.connector();
    wait("all orders", || shop.arrived().len() == ids.len());
    running.signal(Signal::SIGINT);
    assert_eq!(running.end().0, 130);
}

#[test]
fn a_backfill_that_is_stopped_is_gone_on_with() {
    let (amazon, _) = amazon(5);
    let shop = Shop::new(&amazon);
    let slow = Fault::Slow(Duration::from_secs(600));
    amazon.fault("getReport", slow);
    let args = [
        "backfill",
        "amazon",
        "--since",
        "7d",
        "--config",
        &shop.config,
    ];
    let running = start(&args);
    wait("the report to be ordered", || {
        amazon.requests("getReport") == 1
    });
    running.signal(Signal::SIGINT);
    let (code, said) = running.end();
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("the same command goes on"), "{said}");

    let (code, _, told) = shop.command(&["backfill", "amazon", "--since", "8d"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("backfill amazon --since 7d"), "{told}");
    let (code, _, told) = shop.command(&["backfill", "amazon", "--since", "7d"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("going on with"), "{told}");
    assert_eq!(
        amazon.requests("createReport"),
        1,
        "the report was not ordered twice"
    );
    amazon.revoke();
    let (code, _, told) = shop.command(&["backfill", "amazon", "--since", "8d"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("pull.credentials"), "{told}");
}

#[test]
fn what_is_wrong_with_a_source_is_told() {
    let (amazon, _) = amazon(0);
    let shop = Shop::new(&amazon);
    let (code, _, told) = shop.command(&["backfill", "amzon", "--since", "7d"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("did you mean \"amazon\""), "{told}");
    let (code, _, told) = shop.command(&["backfill", "amazon", "--since", "soon"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("an age such as 90d"), "{told}");

    let text = fs::read_to_string(&shop.config).unwrap();
    let wrong = text
        .replace("marketplaces = [\"US\"]", "marketplaces = [\"XX\"]")
        .replace(
            "client_id = \"file:client\"",
            "client_id = \"amzn1.secret\"",
        );
    fs::write(&shop.config, wrong).unwrap();
    let (code, _, told) = shop.command(&["backfill", "amazon", "--since", "7d"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("orderbridge.toml:10:13: client_id"), "{told}");
    assert!(!told.contains("amzn1.secret"), "{told}");
    let wrong = text.replace("refresh_token", "sandbox = true #");
    let wrong = wrong.replace("marketplaces = [\"US\"]", "marketplaces = [\"XX\"]");
    fs::write(&shop.config, wrong).unwrap();
    let (code, _, told) = shop.command(&["backfill", "amazon", "--since", "7d"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("refresh_token is missing"), "{told}");
}

/// `ORDERBRIDGE_ORDERS` sets how many; 100000 take a few minutes without optimization.
#[test]
fn a_backfill_that_is_killed_ten_times_delivers_each_order_once() {
    let orders = std::env::var("ORDERBRIDGE_ORDERS");
    let orders = orders.map_or(10_000, |text| text.parse().unwrap());
    let (amazon, ids) = amazon(orders);
    let shop = Shop::new(&amazon);
    let args = [
        "backfill",
        "amazon",
        "--since",
        "7d",
        "--config",
        &shop.config,
    ];
    let store = shop.path("orderbridge.db");
    let size = || {
        let sum = |name: &str| fs::metadata(shop.path(name)).map_or(0, |it| it.len());
        sum("orderbridge.db") + sum("orderbridge.db-wal")
    };
    for round in 0..10 {
        let (before, asked) = (size(), amazon.requests("report"));
        // One time it cannot be done before it is killed, the other time it has just written.
        let is_held_up = round % 2 == 0;
        if is_held_up {
            amazon.fault("report", Fault::Slow(Duration::from_secs(600)));
        }
        let mut running = start(&args);
        wait("it to be at work", || {
            if is_held_up {
                amazon.requests("report") > asked
            } else {
                size() != before || running.0.try_wait().unwrap().is_some()
            }
        });
        let is_done = running.0.try_wait().unwrap().is_some();
        assert!(!(is_held_up && is_done), "it did not wait for the report");
        running.0.kill().unwrap();
    }
    assert!(store.exists());
    let (code, _, told) = shop.command(&args[..4]);
    assert_eq!(code, Some(0), "{told}");
    let (running, _) = shop.connector();
    wait("all deliveries", || shop.arrived().len() >= ids.len());
    let arrived = shop.arrived();
    assert_eq!(arrived.len(), ids.len(), "none twice");
    assert_eq!(arrived.into_iter().collect::<BTreeSet<_>>(), ids);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
}
