//! Senders that do not keep to the limits.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use orderbridge_connect::Limits;
use tokio::time::sleep;

use crate::support::client::{Client, Hook};
use crate::support::{Bench, bench, fixture, start, until, us_store};

/// A receiver that takes bodies of up to 1000 bytes.
async fn small() -> Bench {
    let mut source = us_store();
    source.largest_body = 1_000;
    start(source, Limits::default()).await
}

fn of_size(size: usize) -> Hook {
    Hook::new("orders/create", vec![b' '; size])
}

#[tokio::test]
async fn a_body_that_is_too_large_is_told_so() {
    let bench = small().await;
    let address = bench.running.addr();
    assert_eq!(of_size(1_000).send(address).await.status, 200);
    assert_eq!(of_size(1_001).send(address).await.status, 413);
    // Far too large: the answer does not wait for it.
    let mut client = Client::connect(address).await;
    client
        .write(&of_size(0).head("Content-Length: 999999999"))
        .await;
    let answer = client.answer().await.unwrap();
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(client.is_closed_within(Duration::from_secs(5)).await);
    assert_eq!(bench.store.known().intakes.len(), 1);
}

#[tokio::test]
async fn a_body_in_chunks_is_counted_as_it_comes() {
    let bench = small().await;
    for (size, status) in [(1_000, 200), (1_001, 413), (3_000, 413), (100_000, 413)] {
        let mut client = Client::connect(bench.running.addr()).await;
        client.write(&of_size(size).chunked(100)).await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, status, "{size}");
    }
    let mut endless = Client::connect(bench.running.addr()).await;
    endless
        .write(&of_size(0).head("Transfer-Encoding: chunked"))
        .await;
    for _ in 0..1_000 {
        endless.write(b"10\r\n0123456789abcdef\r\n").await;
    }
    assert_eq!(endless.answer().await.unwrap().status, 413);
}

#[tokio::test]
async fn a_real_order_in_chunks_is_stored_as_it_is() {
    let bench = bench().await;
    let body = fixture("many-lines");
    let hook = Hook::new("orders/create", body.clone());
    let mut client = Client::connect(bench.running.addr()).await;
    for size in [1, 997, 8_192] {
        client.write(&hook.chunked(size)).await;
        assert_eq!(client.answer().await.unwrap().status, 200);
    }
    let known = bench.store.known();
    assert!(known.intakes.iter().all(|intake| *intake.body == body));
    assert_eq!((known.intakes.len(), known.events.len()), (3, 1));
}

#[tokio::test]
async fn headers_that_trickle_in_are_cut_off() {
    let limits = Limits {
        headers: Duration::from_millis(300),
        ..Limits::default()
    };
    let bench = start(us_store(), limits).await;
    let address = bench.running.addr();
    let start = Instant::now();
    let mut slow = Client::connect(address).await;
    slow.write(b"POST /webhooks/us-store HTTP/1.1\r\n").await;
    assert!(slow.is_closed_within(Duration::from_secs(5)).await);
    let mut trickling = Client::connect(address).await;
    trickling
        .write(b"POST /webhooks/us-store HTTP/1.1\r\n")
        .await;
    let trickle = async {
        loop {
            trickling.write(b"X-Header: x\r\n").await;
            if trickling.is_closed_within(Duration::from_millis(50)).await {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), trickle)
        .await
        .unwrap();
    assert!(start.elapsed() >= Duration::from_millis(600));
    // A connection that rests has all the time it wants, before and between requests.
    let mut resting = Client::connect(address).await;
    for _ in 0..2 {
        sleep(Duration::from_millis(600)).await;
        let hook = Hook::new("orders/create", fixture("web-order"));
        assert_eq!(resting.post(&hook).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_connection_that_rests_too_long_is_closed() {
    let limits = Limits {
        idle: Duration::from_millis(300),
        ..Limits::default()
    };
    let bench = start(us_store(), limits).await;
    let mut fresh = Client::connect(bench.running.addr()).await;
    let mut used = Client::connect(bench.running.addr()).await;
    let hook = Hook::new("orders/create", fixture("web-order"));
    assert_eq!(used.post(&hook).await.unwrap().status, 200);
    for client in [&mut fresh, &mut used] {
        assert!(client.is_closed_within(Duration::from_secs(5)).await);
    }
    until("none", || bench.running.connections() == 0).await;
}

#[tokio::test]
async fn a_body_that_trickles_in_is_cut_off_and_holds_up_nobody() {
    let limits = Limits {
        body: Duration::from_millis(300),
        requests: 1,
        ..Limits::default()
    };
    let bench = start(us_store(), limits).await;
    let address = bench.running.addr();
    let mut slow = Client::connect(address).await;
    slow.write(&of_size(0).head("Content-Length: 100")).await;
    slow.write(b"{").await;
    let hook = Hook::new("orders/create", fixture("web-order"));
    assert_eq!(hook.send(address).await.status, 200);
    assert_eq!(slow.answer().await.unwrap().status, 408);
    assert!(slow.is_closed_within(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let bench = bench().await;
    let address = bench.running.addr();
    let hook = Hook::new("orders/create", fixture("web-order"));
    let many = (0..200).fold(hook.clone(), |hook, n| hook.with(&format!("X-{n}"), "1"));
    assert_eq!(many.send(address).await.status, 431);
    let huge = hook.clone().with("X-Huge", &"a".repeat(200_000));
    assert_eq!(huge.send(address).await.status, 431);
    // A few proxies' worth of headers is fine.
    let some = (0..60).fold(hook, |hook, n| hook.with(&format!("X-{n}"), "1"));
    assert_eq!(some.send(address).await.status, 200);
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let bench = bench().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GARBAGE\r\n\r\n",
        b"POST /webhooks/us-store HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /webhooks/us-store HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let mut client = Client::connect(bench.running.addr()).await;
        client.write(bytes).await;
        if let Some(answer) = client.answer().await {
            assert_eq!(answer.status, 400);
        }
        assert!(client.is_closed_within(Duration::from_secs(5)).await);
    }
    let hook = Hook::new("orders/create", fixture("web-order"));
    assert_eq!(hook.send(bench.running.addr()).await.status, 200);
}

#[tokio::test]
async fn too_much_at_a_time_is_put_off() {
    let limits = Limits {
        requests: 2,
        ..Limits::default()
    };
    let bench = start(us_store(), limits).await;
    let address = bench.running.addr();
    bench.store.hold_up();
    let hook = Hook::new("orders/create", fixture("web-order"));
    let mut under_way = Vec::new();
    for _ in 0..2 {
        let hook = hook.clone();
        under_way.push(tokio::spawn(async move { hook.send(address).await }));
    }
    until("two under way", || {
        bench.store.waiting.load(Ordering::SeqCst) == 2
    })
    .await;
    let answer = hook.send(address).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    bench.store.gate.0.add_permits(1_000);
    for task in under_way {
        assert_eq!(task.await.unwrap().status, 200);
    }
    assert_eq!(hook.send(address).await.status, 200);
}

#[tokio::test]
async fn bodies_share_a_bounded_memory() {
    let limits = Limits {
        memory: 10_000,
        ..Limits::default()
    };
    let bench = start(us_store(), limits).await;
    let address = bench.running.addr();
    let mut first = Client::connect(address).await;
    first.write(&of_size(0).head("Content-Length: 9000")).await;
    first.write(&[b' '; 8_000]).await;
    sleep(Duration::from_millis(100)).await;
    let answer = of_size(5_000).send(address).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    drop(first);
    let mut status = 503;
    for _ in 0..100 {
        status = of_size(5_000).send(address).await.status;
        if status == 200 {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(status, 200, "the memory was not given back");
}

#[tokio::test]
async fn a_store_that_hangs_is_not_waited_for() {
    let limits = Limits {
        answer: Duration::from_millis(200),
        ..Limits::default()
    };
    let bench = start(us_store(), limits).await;
    bench.store.hold_up();
    let hook = Hook::new("orders/create", fixture("web-order"));
    let answer = hook.send(bench.running.addr()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let bench = bench().await;
    let mut client = Client::connect(bench.running.addr()).await;
    let hook = Hook::new("orders/create", fixture("web-order"));
    for _ in 0..50 {
        assert_eq!(client.post(&hook).await.unwrap().status, 200);
    }
    // Also when they come without waiting for the answers, and after a refusal.
    let unsigned = hook.clone().with("X-Shopify-Hmac-Sha256", "");
    client
        .write(&[unsigned.bytes(), hook.bytes()].concat())
        .await;
    assert_eq!(client.answer().await.unwrap().status, 401);
    assert_eq!(client.answer().await.unwrap().status, 200);
    assert_eq!(bench.running.connections(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_do_no_harm() {
    // Both ends of each connection are files of this process; some are left to the other tests.
    let count = (most_open_files().saturating_sub(600) / 2).min(10_000);
    assert!(count >= 1_000, "raise the hard limit of open files");
    let bench = bench().await;
    let address = bench.running.addr();
    let mut idle = Vec::with_capacity(count);
    for _ in 0..count {
        idle.push(Client::connect(address).await);
    }
    until("all accepted", || bench.running.connections() == count).await;
    let hook = Hook::new("orders/create", fixture("web-order"));
    for _ in 0..20 {
        assert_eq!(hook.send(address).await.status, 200);
    }
    // And each of them still works.
    for client in idle.iter_mut().step_by(count / 10) {
        assert_eq!(client.post(&hook).await.unwrap().status, 200);
    }
    let ended = bench.running.shutdown(Duration::from_secs(10)).await;
    assert_eq!(ended.cut, 0);
}

/// Raises the limit of open files as far as this process may, and tells it.
fn most_open_files() -> usize {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    usize::try_from(hard).unwrap_or(usize::MAX)
}
