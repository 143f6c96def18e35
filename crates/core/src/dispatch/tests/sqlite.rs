//! The same over the store in a file, in real time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use orderbridge_event::SalesChannel;
use tokio::sync::watch;
use tokio::time::sleep;

use super::super::*;
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::store::{
    ConflictPolicy, Intake, NewEvent, Outcome, Page, Private, Reason, State, Store,
};
use crate::{Answer, SendError, Sink, default_delivery};

/// Counts what arrives; answers as each body says, but 401 to all until it is opened.
#[derive(Debug, Default)]
struct Gate {
    open: Mutex<bool>,
    seen: Mutex<BTreeMap<Bytes, usize>>,
}

#[async_trait]
impl Sink for Gate {
    async fn send(&self, body: &Bytes) -> Result<Answer, SendError> {
        let status = match (*self.open.lock().unwrap(), body.starts_with(b"bad")) {
            (false, _) => 401,
            (true, true) => 422,
            (true, false) => 200,
        };
        *self.seen.lock().unwrap().entry(body.clone()).or_default() += 1;
        SendError::sort(Answer::new(status, b"{}"), None)
    }
}

fn intake(body: String) -> Intake {
    let now = SystemClock.now();
    let event = NewEvent {
        destination: String::from("main"),
        name: String::from("Placed Order"),
        id: body.clone(),
        body: Private::new(body.clone().into()),
        channel: SalesChannel::Web,
        because: String::new(),
        notes: Vec::new(),
        order_time: now,
        dropped: None,
        refunded: None,
    };
    Intake {
        source: String::from("shop"),
        topic: String::from("orders/create"),
        body: Private::new(body.into()),
        delivery_id: None,
        sent_at: None,
        is_test: false,
        received_at: now,
        mapping: String::new(),
        order: None,
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        outcome: Outcome::Events(vec![event]),
    }
}

/// Runs until this holds, then drains.
async fn run(store: &Arc<SqliteStore>, sink: &Arc<Gate>, until: impl AsyncFn() -> bool) {
    let dispatcher = Dispatcher {
        store: Arc::clone(store) as Arc<dyn Store>,
        sink: Arc::clone(sink) as Arc<dyn Sink>,
        destination: String::from("main"),
        config: default_delivery(),
        pace: Pace::default(),
        clock: Arc::new(SystemClock),
        jitter: Arc::new(|| 0.0),
        metrics: Arc::default(),
        wake: Arc::default(),
    };
    let (stop, asked) = watch::channel(Stop::No);
    let task = tokio::spawn(async move { dispatcher.run(asked).await });
    for _ in 0..3_000 {
        if until().await {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    stop.send(Stop::Drain).unwrap();
    let ended = task.await.unwrap();
    assert!(matches!(ended, Ended::Drained), "{ended:?}");
}

async fn count(store: &SqliteStore, state: State, reason: Option<&str>) -> u64 {
    let counts = store.counts().await.unwrap();
    counts
        .iter()
        .filter(|count| count.state == state && count.reason.as_deref() == reason)
        .map(|count| count.count)
        .sum()
}

#[tokio::test]
async fn a_wrong_token_then_a_restart_and_everything_arrives_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let open = async || SqliteStore::open(&path, SqliteOptions::default()).await;
    let store = Arc::new(open().await.unwrap());
    let bodies = (0..700).map(|number| match number {
        300..303 => format!("bad-{number}"),
        _ => format!("good-{number}"),
    });
    let page = Page {
        intakes: bodies.map(intake).collect(),
        cursor: None,
    };
    store.accept(page).await.unwrap();
    let sink = Arc::new(Gate::default());
    let paused = async || store.destination("main").await.unwrap().paused.is_some();
    run(&store, &sink, paused).await;
    assert_eq!(count(&store, State::Pending, None).await, 700);
    store.close().await.unwrap();
    drop(store);

    let store = Arc::new(open().await.unwrap());
    *sink.open.lock().unwrap() = true;
    sink.seen.lock().unwrap().clear();
    let done = async || count(&store, State::Delivered, None).await == 697;
    run(&store, &sink, done).await;
    assert_eq!(count(&store, State::Delivered, None).await, 697);
    assert_eq!(
        count(&store, State::Parked, Some(Reason::REJECTED)).await,
        3
    );
    assert_eq!(store.destination("main").await.unwrap().paused, None);
    assert!(store.accounts().await.unwrap().balanced());
    let seen = sink.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 700);
    assert!(seen.values().all(|times| *times == 1), "each one once");
}
