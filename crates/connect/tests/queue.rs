//! A queue of SQS: what is in it is stored once, and only then deleted, whatever goes wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use orderbridge_amazon::AMAZON;
use orderbridge_connect::pull::{Patience, WalkError};
use orderbridge_connect::sqs::{AccessKey, Queue, QueueMetrics, QueuePoller};
use orderbridge_connect::{Exposition, MoreMetrics as _, Routes, SourceRoute};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_event::{Secret, Trouble};
use orderbridge_standin::sqs::{Fault, KEY_ID, Queue as Standin, REGION, SECRET};

/// Long enough that nothing comes again while a test looks.
const LONG: Duration = Duration::from_secs(600);

struct Bench {
    queue: Standin,
    poller: QueuePoller,
    _folder: tempfile::TempDir,
}

async fn bench(visibility: Duration, secret: &str) -> Bench {
    let queue = Standin::start(visibility).unwrap();
    let mut route = SourceRoute::new("amazon", &AMAZON, "main");
    route.fetch = Some(Arc::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path, SqliteOptions::default());
    let key = AccessKey {
        id: Secret::new(KEY_ID),
        secret: Secret::new(secret),
        session_token: None,
    };
    let poller = QueuePoller {
        routes: Arc::new(Routes::new([route])),
        source: "amazon".to_owned(),
        store: Arc::new(store.await.unwrap()),
        queue: Queue::new(&queue.url(), REGION, key).unwrap(),
        patience: Patience {
            first: Duration::from_millis(2),
            longest: Duration::from_millis(20),
            credentials: Duration::from_millis(20),
            ..Patience::default()
        },
        tally: Arc::default(),
    };
    Bench {
        queue,
        poller,
        _folder: folder,
    }
}

fn notification(order: usize) -> String {
    format!(
        r#"{{"NotificationType": "ORDER_CHANGE", "Payload": {{"OrderChangeNotification":
           {{"AmazonOrderId": "111-{order}", "Summary": {{"OrderStatus": "Unshipped"}}}}}},
           "NotificationMetadata": {{"NotificationId": "n-{order}"}}}}"#
    )
}

impl Bench {
    /// How many orders wait to be fetched.
    async fn open(&self) -> usize {
        let open = self.poller.store.open_fetches("amazon", None, 1_000);
        open.await.unwrap().len()
    }

    async fn turn(&self) -> usize {
        self.poller.turn().await.unwrap()
    }

    fn metrics(&self) -> String {
        let tally = Arc::clone(&self.poller.tally);
        let mut out = Exposition::new();
        QueueMetrics(vec![("amazon".to_owned(), tally)]).write(&mut out);
        out.into_text()
    }

    /// Reads as the connector does, until the queue is empty.
    async fn read_all(self) -> Self {
        let Self { queue, poller, .. } = &self;
        let emptied = async {
            for _ in 0..6_000 {
                if queue.is_empty() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("the queue is never empty");
        };
        tokio::select! {
            () = poller.run() => unreachable!("it reads until it is dropped"),
            () = emptied => {}
        }
        self
    }
}

#[tokio::test]
async fn what_is_stored_is_deleted() {
    let bench = bench(LONG, SECRET).await;
    for order in 0..25 {
        bench.queue.put(&notification(order));
    }
    assert_eq!((bench.turn().await, bench.open().await), (10, 10));
    assert_eq!(bench.queue.len(), 15);
    assert_eq!(bench.turn().await + bench.turn().await, 15);
    assert_eq!(bench.turn().await, 0, "nothing, after a wait");
    assert_eq!((bench.queue.len(), bench.open().await), (0, 25));
    let metrics = bench.metrics();
    assert!(
        metrics.contains("queue_messages_deleted_total{source=\"amazon\"} 25"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_comes_again_is_stored_once() {
    let bench = bench(Duration::from_millis(50), SECRET).await;
    for order in 0..30 {
        bench.queue.put(&notification(order));
    }
    // The same notification in two messages, as SNS and retries make them.
    bench.queue.put(&notification(7));
    for fault in [Fault::Cut, Fault::Status(503), Fault::Throttled, Fault::Cut] {
        bench.queue.fault("ReceiveMessage", fault);
    }
    for fault in [Fault::Partly, Fault::Cut, Fault::Status(500), Fault::Partly] {
        bench.queue.fault("DeleteMessageBatch", fault);
    }
    let bench = bench.read_all().await;
    assert_eq!(bench.open().await, 30);
    assert!(bench.queue.requests("ReceiveMessage") > 6);
}

#[tokio::test]
async fn what_nobody_can_read_is_parked_and_does_not_come_again() {
    let bench = bench(LONG, SECRET).await;
    for poison in [
        "no JSON",
        "{\"Payload\":",
        "{\"NotificationType\": \"ORDER_CHANGE\"}",
    ] {
        bench.queue.put(poison);
    }
    bench.queue.put(&notification(1));
    assert_eq!(bench.turn().await, 4);
    assert!(bench.queue.is_empty());
    assert_eq!(bench.open().await, 1);
    let accounts = bench.poller.store.accounts().await.unwrap();
    assert!(accounts.balanced());
    let counts = bench.poller.store.counts().await.unwrap();
    let parked: u64 = counts
        .iter()
        .filter(|it| it.state == orderbridge_core::store::State::Parked)
        .map(|it| it.count)
        .sum();
    assert_eq!(parked, 3, "{counts:?}");
}

#[tokio::test]
async fn nothing_is_deleted_that_could_not_be_stored() {
    let bench = bench(LONG, SECRET).await;
    bench.queue.put(&notification(1));
    bench.poller.store.close().await.unwrap();
    let error = bench.poller.turn().await.unwrap_err();
    assert!(matches!(error, WalkError::Store(_)), "{error}");
    assert_eq!(bench.queue.requests("DeleteMessageBatch"), 0);
    assert_eq!(bench.queue.len(), 1);
}

#[tokio::test]
async fn a_wrong_key_is_told_without_a_secret() {
    let bench = bench(LONG, "not the key").await;
    let WalkError::Pull(error) = bench.poller.turn().await.unwrap_err() else {
        panic!("the store");
    };
    assert_eq!(error.trouble, Trouble::Credentials);
    assert_eq!(
        error.message,
        "ReceiveMessage: status 400 InvalidSignatureException"
    );
}
