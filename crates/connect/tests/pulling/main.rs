//! Reading an API: every answer is stored once with its position, whatever happens on the way.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod toy;

use std::sync::Arc;
use std::time::Duration;

use orderbridge_connect::pull::{Account, Backfill, Puller, Reader, Trip, Turn, WalkError};
use orderbridge_connect::{Exposition, MoreMetrics as _, Receiver, Routes};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{Filter, Item, List, State, Store, StoreErrorKind};
use orderbridge_event::{Timestamp, Trouble};
use orderbridge_standin::Answer;

use toy::{Shop, patience, route};

/// A shop's API, and a store to read it into.
struct Bench {
    shop: Arc<Shop>,
    folder: tempfile::TempDir,
    routes: Arc<Routes>,
    account: Arc<Account>,
}

impl Bench {
    fn new(orders: usize) -> Self {
        let shop = Shop::start(orders);
        Self {
            account: Arc::new(Account::new(shop.api(), patience()).unwrap()),
            shop,
            folder: tempfile::tempdir().unwrap(),
            routes: Arc::new(Routes::new([route()])),
        }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let path = self.folder.path().join("store.db");
        // Tasks that were told to end may hold the one before for a moment.
        for _ in 0..1_000 {
            match SqliteStore::open(&path, SqliteOptions::default()).await {
                Err(error) if error.kind == StoreErrorKind::Locked => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                opened => return Arc::new(opened.unwrap()),
            }
        }
        panic!("the store before is never given back");
    }

    fn reader<'a>(&'a self, store: &'a dyn Store) -> Reader<'a> {
        Reader::new(&self.routes, "shop", store, &self.account).unwrap()
    }

    fn backfill(&self) -> Trip {
        let time = |second| Timestamp::from_unix(second).unwrap();
        Trip::backfill(&self.account, "a day", time(0), time(86_400)).unwrap()
    }

    /// Goes through all orders; tells how many payloads were new.
    async fn walk(&self, store: &dyn Store) -> Result<usize, WalkError> {
        let mut trip = self.backfill();
        let mut new = 0;
        while let Turn::Went { stored, .. } = self.reader(store).turn(&mut trip).await? {
            new += stored;
        }
        Ok(new)
    }
}

async fn items(store: &dyn Store) -> Vec<Item> {
    let list = List {
        filter: Filter::default(),
        direction: orderbridge_core::store::Direction::OldestFirst,
        after: None,
        limit: 1_000,
    };
    store.list(list).await.unwrap()
}

/// Waits until something holds, and fails if it does not come to that.
async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    for _ in 0..3_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still not: {what}");
}

#[tokio::test]
async fn every_order_is_stored_once() {
    let bench = Bench::new(25);
    let store = bench.store().await;
    assert_eq!(bench.walk(&*store).await.unwrap(), 25);
    assert_eq!(items(&*store).await.len(), 25);
    assert_eq!(bench.walk(&*store).await.unwrap(), 0, "all are known");
    let done = Backfill::last(&*store, "shop").await.unwrap().unwrap();
    assert_eq!((done.payloads, done.stored, done.is_done), (25, 0, true));
    assert!(store.accounts().await.unwrap().balanced());
}

#[tokio::test]
async fn a_walk_goes_on_where_it_was_cut() {
    let bench = Bench::new(25);
    let store = bench.store().await;
    let mut trip = bench.backfill();
    for _ in 0..2 {
        bench.reader(&*store).turn(&mut trip).await.unwrap();
    }
    drop((trip, store));
    bench.shop.forget();

    let store = bench.store().await;
    let kept = Backfill::last(&*store, "shop").await.unwrap().unwrap();
    assert_eq!((kept.payloads, kept.is_done), (20, false));
    let mut trip = Trip::resumed(kept);
    let reader = bench.reader(&*store);
    while reader.turn(&mut trip).await.unwrap() != Turn::Done {}
    assert_eq!(bench.shop.asked("/orders"), ["page=3"]);
    assert_eq!(items(&*store).await.len(), 25);
}

#[tokio::test]
async fn a_token_that_expires_is_renewed_once_and_the_request_repeated() {
    let bench = Bench::new(25);
    let store = bench.store().await;
    let mut trip = bench.backfill();
    let reader = bench.reader(&*store);
    reader.turn(&mut trip).await.unwrap();
    bench.shop.expire_tokens();
    while reader.turn(&mut trip).await.unwrap() != Turn::Done {}
    assert_eq!(items(&*store).await.len(), 25);
    assert_eq!(bench.shop.asked("/token").len(), 2);
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let bench = Bench::new(25);
    let store = bench.store().await;
    bench.shop.once(|| Answer::bytes(429, "{}"));
    bench.shop.once(|| Answer::bytes(503, "busy"));
    bench
        .shop
        .once(|| Answer::bytes(429, "{}").header("retry-after", "1"));
    bench.shop.once(|| Answer::bytes(500, ""));
    bench.shop.cut_once();
    bench.shop.truncate_once();
    assert_eq!(bench.walk(&*store).await.unwrap(), 25);
    let mut text = Exposition::new();
    let puller = puller(&bench, store);
    puller.metrics().write(&mut text);
    let text = text.into_text();
    for expected in [
        "outcome=\"throttled\"} 2\n",
        "outcome=\"unavailable\"} 3\n",
        "outcome=\"unreadable\"} 1\n",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_told() {
    let bench = Bench::new(5);
    let store = bench.store().await;
    let trouble = |error| match error {
        WalkError::Pull(error) => (error.trouble, error.message.to_string()),
        other => panic!("{other}"),
    };
    bench.shop.always(|| Answer::bytes(403, "secret words"));
    let (kind, message) = trouble(bench.walk(&*store).await.unwrap_err());
    assert_eq!(kind, Trouble::Credentials);
    assert!(message.contains("403") && !message.contains("secret"));

    bench.shop.always(|| Answer::bytes(200, "{\"orders\": ["));
    let (kind, _) = trouble(bench.walk(&*store).await.unwrap_err());
    assert_eq!(kind, Trouble::Answer);

    bench.shop.always(|| Answer::bytes(502, ""));
    let (kind, message) = trouble(bench.walk(&*store).await.unwrap_err());
    assert_eq!(kind, Trouble::Unavailable);
    assert!(message.contains("502"), "{message}");
    assert!(items(&*store).await.is_empty());
}

fn puller(bench: &Bench, store: Arc<dyn Store>) -> Puller {
    Puller {
        routes: Arc::clone(&bench.routes),
        source: "shop".to_owned(),
        store,
        account: Arc::clone(&bench.account),
        every: Duration::from_millis(20),
    }
}

#[tokio::test]
async fn rounds_find_what_is_new() {
    let bench = Bench::new(3);
    let store = bench.store().await;
    let puller = puller(&bench, Arc::clone(&store));
    let metrics = puller.metrics();
    let task = tokio::spawn(async move { puller.run().await });
    until("the first", || async { items(&*store).await.len() == 3 }).await;
    bench.shop.add(2);
    until("the next", || async { items(&*store).await.len() == 5 }).await;
    until("the lag", || async {
        let mut text = Exposition::new();
        metrics.write(&mut text);
        let text = text.into_text();
        text.contains("source_cursor_lag_seconds{source=\"shop\",stream=\"orders\"}")
    })
    .await;
    task.abort();
}

/// Posts a notification, which names these orders, to a receiver.
async fn notify(bench: &Bench, store: &Arc<dyn Store>, id: &str, orders: &[u64]) {
    let limits = orderbridge_connect::Limits::default();
    let routes = Arc::clone(&bench.routes);
    let receiver = Receiver::start("127.0.0.1:0", routes, Arc::clone(store), limits);
    let receiver = receiver.await.unwrap();
    let url = format!("http://{}/webhooks/shop", receiver.addr());
    let body = serde_json::json!({ "changed": orders }).to_string();
    let mut request = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(url);
    for (name, value) in toy::sign(body.as_bytes()) {
        request = request.header(name, value);
    }
    let request = request.header("X-Shopify-Event-Id", id).body(body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    receiver.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn what_a_notification_names_is_fetched_after_a_crash_as_well() {
    let bench = Bench::new(4);
    let store = bench.store().await;
    notify(&bench, &store, "n1", &[1]).await;
    notify(&bench, &store, "n2", &[1, 2]).await;
    notify(&bench, &store, "n2", &[1, 2]).await;
    let open = store.open_fetches("shop", None, 100).await.unwrap();
    assert_eq!(open.len(), 2, "a repetition is known");
    drop(store);

    let store = bench.store().await;
    bench.shop.no_lists();
    let puller = puller(&bench, Arc::clone(&store));
    let task = tokio::spawn(async move { puller.run().await });
    until("both are settled", || async {
        let open = store.open_fetches("shop", None, 100).await.unwrap();
        open.is_empty()
    })
    .await;
    task.abort();
    assert_eq!(bench.shop.asked("/order").len(), 2, "each order once");
    let items = items(&*store).await;
    let states: Vec<State> = items.iter().map(|item| item.state).collect();
    let expected = [
        State::Dropped,
        State::Dropped,
        State::Pending,
        State::Pending,
    ];
    assert_eq!(states, expected, "{items:#?}");
    assert!(store.accounts().await.unwrap().balanced());
}

#[tokio::test]
async fn what_is_not_there_is_asked_for_again_and_put_aside_in_the_end() {
    let bench = Bench::new(4);
    let store = bench.store().await;
    notify(&bench, &store, "n1", &[5]).await;
    notify(&bench, &store, "n2", &[99]).await;
    bench.shop.no_lists();
    let task = puller(&bench, Arc::clone(&store));
    let task = tokio::spawn(async move { task.run().await });
    until("it was asked for", || async {
        bench.shop.asked("/order").len() > 2
    })
    .await;
    bench.shop.add(1);
    until("one is there, the other put aside", || async {
        let items = items(&*store).await;
        let reason = |item: &Item| item.reason.clone().map(|reason| reason.code);
        let codes: Vec<_> = items.iter().filter_map(reason).collect();
        codes == ["pull.fetched", "pull.missing"]
    })
    .await;
    task.abort();
}
