//! A queue of SQS read by the connector as a process: from the notification to the delivery.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;
#[path = "process/shop.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod shop;

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use orderbridge_standin::amazon::{Amazon, Order, Setup};
use orderbridge_standin::sqs::{Fault, KEY_ID, Queue, REGION, SECRET};

use running::{orderbridge, text};
use shop::{arrived, connector, request, sandbox, wait};

fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn notification(order: &Order) -> String {
    let id = &order.id;
    format!(
        "{{\"NotificationType\": \"ORDER_CHANGE\", \"Payload\": {{\"OrderChangeNotification\": \
         {{\"AmazonOrderId\": \"{id}\", \"Summary\": {{\"OrderStatus\": \"Unshipped\"}}}}}}, \
         \"NotificationMetadata\": {{\"NotificationId\": \"n {id}\"}}}}"
    )
}

/// A configuration of a seller whose notifications come by a queue.
fn configure(folder: &Path, to: &str, amazon: &Amazon, queue: &Queue) -> String {
    for (name, secret) in [
        ("hook", "hush"),
        ("client", "client"),
        ("secret", "secret"),
        ("refresh", "refresh"),
        ("key-id", KEY_ID),
        ("key", SECRET),
    ] {
        fs::write(folder.join(name), secret).unwrap();
    }
    let (url, queue_url) = (amazon.url(), queue.url());
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
         [destinations.main]\nurl = \"{to}\"\n\
         [sources.amazon]\nplatform = \"amazon\"\ndestination = \"main\"\n\
         webhook_secrets = [\"file:hook\"]\n\
         client_id = \"file:client\"\nclient_secret = \"file:secret\"\n\
         refresh_token = \"file:refresh\"\nmarketplaces = [\"US\"]\npoll = \"1h\"\n\
         api_url = \"{url}\"\nauth_url = \"{url}\"\n\
         [sources.amazon.sqs]\nqueue_url = \"{queue_url}\"\nregion = \"{REGION}\"\n\
         access_key_id = \"file:key-id\"\nsecret_access_key = \"file:key\"\n"
    );
    let file = folder.join("orderbridge.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_message_in_the_queue_leads_to_one_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let setup = Setup {
        speed: 10_000.0,
        ..Setup::default()
    };
    let amazon = Amazon::start(setup, Vec::new()).unwrap();
    // Soon enough that messages come again while the connector is down.
    let queue = Queue::start(Duration::from_millis(200)).unwrap();
    let (_sandbox, to) = sandbox(folder, &[]);
    let config = configure(folder, &to, &amazon, &queue);
    let orders: Vec<Order> = (1..=20).map(|number| Order::new(number, now())).collect();
    for order in &orders {
        // Only the queue tells of it.
        amazon.hide(&order.id);
        amazon.put(order.clone());
    }
    let (first, second) = orders.split_at(10);
    for fault in [Fault::Cut, Fault::Partly, Fault::Throttled] {
        queue.fault("DeleteMessageBatch", fault);
    }
    for order in first {
        queue.put(&notification(order));
    }
    let (running, ..) = connector(&config);
    wait("something to be stored", || {
        queue.requests("DeleteMessageBatch") > 0
    });
    running.signal(Signal::SIGKILL);
    drop(running);
    for order in second {
        queue.put(&notification(order));
    }
    let (running, _, admin) = connector(&config);
    wait("all deliveries", || arrived(folder).len() >= orders.len());
    wait("the queue to be empty", || queue.is_empty());
    let mut ids = arrived(folder);
    ids.sort();
    let mut expected: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(ids, expected, "each once");
    let (_, metrics) = request(&admin, "GET /metrics HTTP/1.1\r\n", b"");
    assert!(
        metrics.contains("orderbridge_queue_messages_deleted_total{source=\"amazon\"}"),
        "{metrics}"
    );
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
}

#[test]
fn check_reads_the_queue_of_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let amazon = Amazon::start(Setup::default(), Vec::new()).unwrap();
    let queue = Queue::start(Duration::from_secs(1)).unwrap();
    let config = configure(folder, "http://127.0.0.1:9", &amazon, &queue);
    let check = || {
        let output = orderbridge(&["check", "--config", &config])
            .output()
            .unwrap();
        (
            output.status.code(),
            text(&output.stdout) + &text(&output.stderr),
        )
    };
    let (code, told) = check();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("access_key_id = \"file:"), "{told}");
    assert!(!told.contains(KEY_ID) && !told.contains(SECRET), "{told}");

    fs::write(folder.join("key"), " \n").unwrap();
    let (code, told) = check();
    assert_eq!(code, Some(2));
    assert!(
        told.contains("sources.amazon.sqs: secret_access_key: the secret"),
        "{told}"
    );
    let text = fs::read_to_string(&config).unwrap();
    let without = text
        .replace("client_id =", "# ")
        .replace("client_secret =", "# ");
    let without = without
        .replace("refresh_token =", "# ")
        .replace("marketplaces =", "# ");
    let without = without
        .replace("api_url =", "# ")
        .replace("auth_url =", "# ");
    fs::write(&config, without.replace("poll =", "# ")).unwrap();
    let (_, told) = check();
    assert!(
        told.contains("a notification only names an order"),
        "{told}"
    );
}
