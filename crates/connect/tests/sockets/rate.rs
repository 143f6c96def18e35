//! A measurement rather than a test: `cargo test --release -p orderbridge-connect -- --ignored
//! --nocapture rate`. The clients share the machine with the receiver.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orderbridge_connect::{Request, Routes, receive};
use orderbridge_core::store::Millis;
use orderbridge_event::Headers;

use crate::support::client::{Client, Hook};
use crate::support::store::Memory;
use crate::support::{bench, fixture, us_store};

const SIZE: usize = 10_900;

/// The processor time of this process so far, which unlike the clock on the wall does not depend on
/// what else runs on the machine.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .map(|it| it.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// An order with as many lines as make it that large.
fn order() -> Vec<u8> {
    let mut body: serde_json::Value = serde_json::from_slice(&fixture("web-order")).unwrap();
    let line = body["line_items"][0].clone();
    while serde_json::to_vec(&body).unwrap().len() < SIZE {
        let lines = body["line_items"].as_array_mut().unwrap();
        lines.push(line.clone());
    }
    serde_json::to_vec(&body).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures, and takes seconds"]
async fn rate_over_sockets() {
    const CONNECTIONS: usize = 64;
    const EACH: usize = 500;
    let bench = bench().await;
    let address = bench.running.addr();
    let bytes = Arc::new(Hook::new("orders/create", order()).bytes());
    let (start, used) = (Instant::now(), processor());
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let bytes = Arc::clone(&bytes);
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(address).await;
            let mut slowest = Duration::ZERO;
            for _ in 0..EACH {
                let sent = Instant::now();
                client.write(&bytes).await;
                assert_eq!(client.answer().await.unwrap().status, 200);
                slowest = slowest.max(sent.elapsed());
            }
            slowest
        }));
    }
    let mut slowest = Duration::ZERO;
    for task in tasks {
        slowest = slowest.max(task.await.unwrap());
    }
    let count = u32::try_from(CONNECTIONS * EACH).unwrap();
    let each = start.elapsed() / count;
    let used = processor().saturating_sub(used) / count;
    let size = bytes.len();
    println!("{size} bytes over sockets: one in {each:?}; client and receiver use {used:?}");
    println!("the slowest answer took {slowest:?}");
}

#[tokio::test]
#[ignore = "it measures, and takes seconds"]
async fn rate_of_the_path_alone() {
    const COUNT: u32 = 20_000;
    let store = Memory::default();
    let routes = Routes::new([us_store()], None);
    let hook = Hook::new("orders/create", order());
    let pairs = hook.headers.iter();
    let pairs: Vec<(&str, &str)> = pairs.map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let body = bytes::Bytes::from(hook.body);
    let used = processor();
    for _ in 0..COUNT {
        let headers = Headers::new(&pairs);
        let now = Millis::new(1);
        let request = Request::new("POST", &hook.path, headers, body.clone(), now);
        assert_eq!(receive(&routes, &store, request).await.status, 200);
    }
    let used = processor().saturating_sub(used) / COUNT;
    println!("the path alone: {used:?} each");
}
