//! Amazon's API as its stand-in answers: every order once, whatever goes wrong on the way.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use orderbridge_amazon::AMAZON;
use orderbridge_connect::pull::{Account, Patience, Puller, Reader, Trip, Turn, WalkError};
use orderbridge_connect::{Routes, SourceRoute};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{Direction, Filter, Item, List, State, Store};
use orderbridge_event::{PersonalData, PullSettings, Secret, Timestamp, Trouble};
use orderbridge_standin::amazon::{Amazon, Fault, Order, Refund, Setup};

/// Quotas fill ten thousand times as fast as Amazon's.
const SPEED: f64 = 10_000.0;

fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn patience() -> Patience {
    Patience {
        first: Duration::from_millis(2),
        longest: Duration::from_millis(50),
        tries: 4,
        credentials: Duration::from_millis(50),
        missing: Duration::from_secs(2),
    }
}

struct Bench {
    amazon: Amazon,
    routes: Arc<Routes>,
    account: Arc<Account>,
    store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

/// An account with so many orders of the last minutes.
async fn bench(setup: Setup, orders: usize, marketplaces: &[&str]) -> Bench {
    bench_of(setup, orders, marketplaces, "2026-01-01").await
}

async fn bench_of(setup: Setup, orders: usize, marketplaces: &[&str], version: &str) -> Bench {
    let placed = now() - 10 * 60;
    let orders = (1..=orders).map(|number| Order::new(number, placed));
    let amazon = Amazon::start(setup, orders.collect()).unwrap();
    let mut settings = PullSettings::default();
    for (key, secret) in [
        ("client_id", "client"),
        ("client_secret", "secret"),
        ("refresh_token", "refresh"),
    ] {
        settings.secrets.insert(key, Secret::new(secret));
    }
    for (key, text) in [
        ("region", "na".to_owned()),
        ("api_version", version.to_owned()),
        ("api_url", amazon.url()),
        ("auth_url", amazon.url()),
    ] {
        settings.texts.insert(key, text);
    }
    let list = marketplaces.iter().map(|it| (*it).to_owned()).collect();
    settings.lists.insert("marketplaces", list);
    for switch in ["fetch_refunds", "restricted_data"] {
        settings.switches.insert(switch, true);
    }
    let api = AMAZON.pull.unwrap().open(&settings).unwrap();
    let mut route = SourceRoute::new("amazon", &AMAZON, "main");
    route.fetch = Some(Arc::default());
    route.options.personal_data = PersonalData::Forward;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path, SqliteOptions::default());
    Bench {
        amazon,
        routes: Arc::new(Routes::new([route])),
        account: Arc::new(Account::new(api, patience()).unwrap()),
        store: Arc::new(store.await.unwrap()),
        _folder: folder,
    }
}

fn quick() -> Setup {
    Setup {
        speed: SPEED,
        page: 10,
        ..Setup::default()
    }
}

impl Bench {
    fn reader(&self) -> Reader<'_> {
        Reader::new(&self.routes, "amazon", &*self.store, &self.account).unwrap()
    }

    /// Reads the history of the last `days`.
    async fn backfill(&self, days: i64) -> Result<usize, WalkError> {
        let time = |seconds| Timestamp::from_unix(seconds).unwrap();
        let since = time(now() - days * 86_400);
        let mut trip = Trip::backfill(&self.account, "some days", since, time(now()))?;
        let mut new = 0;
        while let Turn::Went { stored, .. } = self.reader().turn(&mut trip).await? {
            new += stored;
        }
        Ok(new)
    }

    /// Reads as the connector does, until something holds.
    async fn read_until<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let puller = Puller {
            routes: Arc::clone(&self.routes),
            source: "amazon".to_owned(),
            store: Arc::clone(&self.store),
            account: Arc::clone(&self.account),
            every: Duration::from_millis(20),
        };
        let task = tokio::spawn(async move { puller.run().await });
        for _ in 0..3_000 {
            if holds().await {
                task.abort();
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still not: {what}");
    }

    async fn pending(&self) -> Vec<Item> {
        let filter = Filter {
            states: Some(vec![State::Pending]),
            destination: Some("main".to_owned()),
            ..Filter::default()
        };
        let list = List {
            filter,
            direction: Direction::OldestFirst,
            after: None,
            limit: 10_000,
        };
        self.store.list(list).await.unwrap()
    }

    /// The body that is sent.
    async fn body(&self, item: &Item) -> String {
        let shown = self.store.show(item.id).await.unwrap().unwrap();
        let body = shown.event.unwrap().body.into_inner();
        String::from_utf8(body.to_vec()).unwrap()
    }

    async fn has(&self, orders: usize) -> bool {
        self.pending().await.len() == orders
    }
}

#[tokio::test]
async fn a_search_goes_through_all_pages_whatever_happens() {
    let bench = bench(quick(), 95, &["US"]).await;
    // The first answer tells the rate; until then a throttle holds as long as Amazon documents.
    for fault in [
        Fault::Slow(Duration::from_millis(50)),
        Fault::Status(503),
        Fault::Throttled,
        Fault::Cut,
        Fault::Truncated,
        Fault::TokenExpired,
    ] {
        bench.amazon.fault("searchOrders", fault);
    }
    bench.read_until("all orders", || bench.has(95)).await;
    assert!(bench.store.accounts().await.unwrap().balanced());
    let cursor = bench.store.cursor("amazon", "orders ATVPDKIKX0DER").await;
    assert!(cursor.unwrap().is_some(), "each marketplace has its own");
}

#[tokio::test]
async fn tokens_expire_and_pages_walk_in_circles() {
    let bench = bench(quick(), 35, &[]).await;
    for fault in [Fault::Slow(Duration::ZERO), Fault::Circle, Fault::Circle] {
        bench.amazon.fault("searchOrders", fault);
    }
    bench.read_until("all orders", || bench.has(35)).await;
    let tokens = bench.amazon.requests("token");
    bench.amazon.expire_tokens();
    bench.amazon.put(Order::new(99, now() - 9 * 60));
    bench.read_until("one more", || bench.has(36)).await;
    assert_eq!(bench.amazon.requests("token"), tokens + 1);
}

#[tokio::test]
async fn a_backfill_reads_reports() {
    for (gzip, faults, ordered) in [
        (true, &[Fault::Fatal, Fault::Status(500)], 5),
        (false, &[Fault::Slow(Duration::ZERO), Fault::Throttled], 4),
    ] {
        let setup = Setup { gzip, ..quick() };
        let bench = bench(setup, 1_500, &["US"]).await;
        for fault in faults {
            bench.amazon.fault("createReport", *fault);
        }
        for fault in [Fault::Cut, Fault::Status(403), Fault::Status(503)] {
            bench.amazon.fault("report", fault);
        }
        // Of the two months before there is nothing to report.
        assert_eq!(bench.backfill(70).await.unwrap(), 1_500);
        assert!(bench.has(1_500).await);
        assert_eq!(bench.amazon.requests("createReport"), ordered);
        assert_eq!(bench.backfill(70).await.unwrap(), 0, "all are known");
        assert!(bench.store.accounts().await.unwrap().balanced());
    }
}

#[tokio::test]
async fn a_report_in_shift_jis_is_read_whole() {
    for gzip in [true, false] {
        let setup = Setup {
            gzip,
            shift_jis: true,
            ..quick()
        };
        let bench = bench(setup, 300, &["US"]).await;
        assert_eq!(bench.backfill(10).await.unwrap(), 300);
        for item in bench.pending().await {
            let body = bench.body(&item).await;
            assert!(body.contains("\"$city\":\"東京\""), "{body}");
            assert!(body.contains("\"name\":\"マグ \\\"large\\\"\""), "{body}");
        }
    }
}

#[tokio::test]
async fn a_report_that_cannot_be_made_is_told() {
    let bench = bench(quick(), 5, &["US"]).await;
    for _ in 0..3 {
        bench.amazon.fault("createReport", Fault::Fatal);
    }
    let WalkError::Pull(error) = bench.backfill(10).await.unwrap_err() else {
        panic!("the store");
    };
    assert_eq!(error.trouble, Trouble::Refused);
    assert!(error.message.contains("could not make the report"));
}

#[tokio::test]
async fn a_revoked_authorization_is_told_without_a_secret() {
    let bench = bench(quick(), 5, &["US"]).await;
    bench.amazon.revoke();
    let WalkError::Pull(error) = bench.backfill(10).await.unwrap_err() else {
        panic!("the store");
    };
    assert_eq!(error.trouble, Trouble::Credentials);
    assert!(error.message.contains("invalid_grant"), "{error}");
    assert!(!error.message.contains("words"), "{error}");
}

#[tokio::test]
async fn amazons_own_quotas_are_kept() {
    // Half of the burst of a search is ours to use at once, and no request is refused.
    let setup = Setup {
        speed: 1.0,
        page: 10,
        ..Setup::default()
    };
    let bench = bench(setup, 45, &["US"]).await;
    bench.read_until("all orders", || bench.has(45)).await;
    assert!(bench.amazon.requests("searchOrders") <= 10);
}

fn refund(number: usize, posted: i64, status: &'static str) -> Refund {
    let order = Order::new(number, posted);
    Refund {
        id: format!("R-{number}"),
        order_id: order.id,
        posted,
        status,
        cents: 1_904,
    }
}

#[tokio::test]
async fn a_backfill_reads_refunds_as_well() {
    let bench = bench(quick(), 25, &["US"]).await;
    for number in 1..=13 {
        let status = if number == 7 { "DEFERRED" } else { "RELEASED" };
        bench.amazon.refund(refund(number, now() - 3_600, status));
    }
    for fault in [Fault::Cut, Fault::Status(503), Fault::Truncated] {
        bench.amazon.fault("listTransactions", fault);
    }
    // The deferred one is stored as well, and makes no event yet.
    assert_eq!(bench.backfill(10).await.unwrap(), 25 + 13);
    assert!(bench.has(25 + 12).await);
    assert_eq!(bench.backfill(10).await.unwrap(), 0, "all are known");
    bench
        .amazon
        .refund(refund(7, now() - 3_600, "DEFERRED_RELEASED"));
    assert_eq!(bench.backfill(10).await.unwrap(), 1);
    assert!(bench.has(25 + 13).await);
    let pending = bench.pending().await;
    let names = pending.iter().filter_map(|item| item.event.as_ref());
    let refunds = names.filter(|event| event.name == "Received Refund");
    assert_eq!(refunds.count(), 13);
    assert!(bench.store.accounts().await.unwrap().balanced());
}

#[tokio::test]
async fn the_older_api_is_read_with_its_personal_data() {
    let bench = bench_of(quick(), 25, &["US"], "v0").await;
    for fault in [Fault::Cut, Fault::Throttled] {
        bench.amazon.fault("createRestrictedDataToken", fault);
    }
    bench.read_until("all orders", || bench.has(25)).await;
    bench.amazon.expire_tokens();
    bench.amazon.put(Order::new(99, now() - 9 * 60));
    bench.read_until("one more", || bench.has(26)).await;
    for item in bench.pending().await {
        let body = bench.body(&item).await;
        assert!(body.contains("urn:amazon:buyer:b"), "{body}");
    }
}
