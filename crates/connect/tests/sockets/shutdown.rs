//! The end of a server.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::client::{Client, Hook};
use crate::support::{bench, fixture, until};

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_new_begun() {
    let bench = bench().await;
    let address = bench.running.addr();
    bench.store.hold_up();
    let hook = Hook::new("orders/create", fixture("web-order"));
    let mut idle = Client::connect(address).await;
    let mut half = Client::connect(address).await;
    half.write(b"POST /webhooks/us-st").await;
    let mut busy = Client::connect(address).await;
    busy.write(&hook.bytes()).await;
    let mut sending = Client::connect(address).await;
    let bytes = hook.bytes();
    let (start, end) = bytes.split_at(bytes.len() - 100);
    sending.write(start).await;
    until("one under way", || {
        bench.store.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    sleep(Duration::from_millis(50)).await;

    let stopping = tokio::spawn(bench.running.shutdown(Duration::from_secs(20)));
    assert!(idle.is_closed_within(Duration::from_secs(5)).await);
    assert!(half.is_closed_within(Duration::from_secs(5)).await);
    until("nobody listens", || {
        std::net::TcpStream::connect(address).is_err()
    })
    .await;
    sending.write(end).await;
    bench.store.gate.0.add_permits(10);
    for client in [&mut busy, &mut sending] {
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(client.is_closed_within(Duration::from_secs(5)).await);
    }
    let ended = stopping.await.unwrap();
    assert_eq!(ended.cut, 0);
    assert_eq!(bench.store.known().intakes.len(), 2);
}

#[tokio::test]
async fn after_the_grace_time_the_rest_is_cut_without_an_answer() {
    let bench = bench().await;
    bench.store.hold_up();
    let hook = Hook::new("orders/create", fixture("web-order"));
    let mut busy = Client::connect(bench.running.addr()).await;
    busy.write(&hook.bytes()).await;
    until("one under way", || {
        bench.store.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    let start = Instant::now();
    let ended = bench.running.shutdown(Duration::from_millis(200)).await;
    assert_eq!(ended.cut, 1);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(busy.answer().await.is_none(), "nothing was acknowledged");
    assert_eq!(bench.store.known().intakes.len(), 0);
}

#[tokio::test]
async fn an_idle_server_ends_at_once_and_gives_its_port_back() {
    let bench = bench().await;
    let address = bench.running.addr();
    let hook = Hook::new("orders/create", fixture("web-order"));
    let mut client = Client::connect(address).await;
    assert_eq!(client.post(&hook).await.unwrap().status, 200);
    let start = Instant::now();
    bench.running.shutdown(Duration::from_secs(20)).await;
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(TcpStream::connect(address).await.is_err());
    assert!(tokio::net::TcpListener::bind(address).await.is_ok());
}
