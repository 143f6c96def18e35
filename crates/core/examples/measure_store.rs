//! Measures the store in a file: accepting from many tasks, claiming and settling, start-up.
//!
//! `cargo run --release -p orderbridge-core --features testing --example measure_store -- FOLDER [EVENTS]`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a measurement may panic, prints its figures, and rounds them"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::suite::make::{at, due, intake, settlement};
use orderbridge_core::store::{Lane, Millis, Outcome, Page, Private, Store, Verdict};

const TASKS: u32 = 32;
const PAYLOAD: usize = 10_900;
const EVENT: usize = 2_500;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| ".".to_owned());
    let events: u32 = args.next().map_or(200_000, |text| text.parse().unwrap());
    let path = Path::new(&folder).join("measure.db");
    for ending in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    let mut next = 0;
    LazyLock::force(&POOL);
    let empty = Instant::now();
    let store = Arc::new(open(&path).await);
    println!("start, empty               {:?}", empty.elapsed());
    accept(&store, &mut next, 20_000, "accept, empty").await;
    deliver(&store, 20_000, "claim and settle, empty").await;
    accept(
        &store,
        &mut next,
        events.saturating_sub(20_000),
        "accept, filling",
    )
    .await;
    let what = format!("accept, {next} stored");
    accept(&store, &mut next, 20_000, &what).await;
    deliver(&store, 20_000, &format!("claim and settle, {next} stored")).await;
    deliver(&store, usize::MAX, "claim and settle, the rest").await;
    let what = format!("accept, {next} delivered");
    accept(&store, &mut next, 20_000, &what).await;
    let accounts = Instant::now();
    assert!(store.accounts().await.unwrap().balanced());
    println!("adding everything up       {:?}", accounts.elapsed());
    let counts = Instant::now();
    let _ = store.counts().await.unwrap();
    println!("counts                     {:?}", counts.elapsed());
    println!("{:?}", store.health().await.unwrap());
    println!("memory at most             {} kB", memory());
    // As after a crash: the journal is read again.
    drop(store);
    let start = Instant::now();
    let store = open(&path).await;
    println!("start, full                {:?}", start.elapsed());
    store.close().await.unwrap();
}

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default())
        .await
        .unwrap()
}

async fn accept(store: &Arc<SqliteStore>, next: &mut u32, count: u32, what: &str) {
    let (started, used) = (Instant::now(), cpu());
    let counter = Arc::new(AtomicU32::new(*next));
    *next += count;
    let end = *next;
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (store, counter) = (Arc::clone(store), Arc::clone(&counter));
            tokio::spawn(async move {
                loop {
                    let order = counter.fetch_add(1, Ordering::Relaxed);
                    if order >= end {
                        return;
                    }
                    store.accept(Page::one(payload(order))).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    report(what, count as usize, started, used);
}

async fn deliver(store: &Arc<SqliteStore>, most: usize, what: &str) {
    let (started, used) = (Instant::now(), cpu());
    let now = at(1_000_000);
    let mut delivered = 0;
    let mut under_way = Vec::new();
    while delivered < most {
        let claimed = store.claim(due(Lane::Fresh, 256, now)).await.unwrap();
        if claimed.is_empty() {
            break;
        }
        delivered += claimed.len();
        let batch = claimed
            .iter()
            .map(|it| settlement(it, Verdict::Delivered, now))
            .collect();
        let store = Arc::clone(store);
        under_way.push(tokio::spawn(
            async move { store.settle(batch).await.unwrap() },
        ));
    }
    for settling in under_way {
        assert!(settling.await.unwrap().stale.is_empty());
    }
    report(what, delivered, started, used);
}

fn payload(order: u32) -> orderbridge_core::store::Intake {
    let now = Millis::new(at(0).get() + i64::from(order));
    let mut intake = intake(order, 1, now);
    intake.body = Private::new(POOL[order as usize % POOL.len()].clone());
    intake.delivery_id = Some(format!("{:032x}", fastrand::u128(..)));
    let key = store_key().hash(
        orderbridge_core::store::SubjectKind::Email,
        &order.to_string(),
    );
    intake.subjects = vec![key, key, key];
    if let Outcome::Events(events) = &mut intake.outcome {
        for event in events {
            event.body = Private::new(intake.body.slice(PAYLOAD - EVENT..));
        }
    }
    intake
}

/// Made before the clock runs: making them would cost more than storing them.
static POOL: LazyLock<Vec<Bytes>> =
    LazyLock::new(|| (0..500).map(|order| Bytes::from(body(order))).collect());

/// A real order's shape with values of its own: what packs well in it packs well in any.
fn body(order: u32) -> Vec<u8> {
    const SHAPE: &str =
        include_str!("../../../adapters/shopify/fixtures/discounts-of-every-kind.json");
    let compact: String = SHAPE.lines().map(str::trim).collect();
    let mut random = fastrand::Rng::with_seed(order.into());
    let mut body: Vec<u8> = compact
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' => random.u8(b'0'..=b'9'),
            byte => byte,
        })
        .collect();
    let start = body.clone();
    while body.len() < PAYLOAD {
        body.extend_from_slice(&start);
    }
    body.truncate(PAYLOAD);
    body
}

fn store_key() -> orderbridge_core::store::SubjectKey {
    orderbridge_core::store::SubjectKey::new([7; 32])
}

fn report(what: &str, count: usize, started: Instant, used: Duration) {
    let took = started.elapsed().as_secs_f64();
    let cpu = cpu().saturating_sub(used).as_secs_f64();
    let each = cpu * 10_000.0 / count as f64;
    println!(
        "{what:<36} {count:>7} in {took:>6.2} s  {:>7.0}/s  {each:.2} CPU s per 10,000",
        count as f64 / took
    );
}

/// Processor time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
