//! The same path with the store that is really used.

use std::sync::Arc;
use std::time::Duration;

use orderbridge_connect::{Limits, Receiver, Routes};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{Direction, Filter, ItemId, List, State, Store as _};
use serde_json::json;

use crate::support::client::Hook;
use crate::support::{changed, us_store};

fn all() -> List {
    List {
        filter: Filter::default(),
        direction: Direction::OldestFirst,
        after: None,
        limit: 100,
    }
}

fn order(topic: &str, minute: u32, total: &str) -> Hook {
    let fields = [
        (
            "updated_at",
            json!(format!("2026-11-02T10:{minute}:00-05:00")),
        ),
        ("total_price", json!(total)),
    ];
    Hook::new(topic, changed("web-order", &fields))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orders_life_from_the_first_webhook_to_its_erasure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).await;
    let store = Arc::new(store.unwrap());
    let mut source = us_store();
    source.hold = Some(Duration::from_secs(600));
    let routes = Arc::new(Routes::new([source]));
    let limits = Limits::default();
    let running = Receiver::start("127.0.0.1:0", routes, store.clone(), limits).await;
    let running = running.unwrap();
    let address = running.addr();

    let first = order("orders/create", 16, "49.20").with("X-Shopify-Event-Id", "e1");
    assert_eq!(first.send(address).await.body, "stored");
    assert_eq!(first.send(address).await.body, "duplicate");
    assert_eq!(
        order("orders/updated", 18, "59.20")
            .send(address)
            .await
            .body,
        "stored"
    );
    let id = json!(5_551_234_567_890_u64);
    let refund = Hook::new("refunds/create", changed("refund", &[("order_id", id)]));
    assert_eq!(refund.send(address).await.body, "stored");

    let items = store.list(all()).await.unwrap();
    let states: Vec<State> = items.iter().map(|item| item.state).collect();
    assert!(
        states.contains(&State::Held) && states.contains(&State::Pending),
        "{states:?}"
    );
    let held = items.iter().find(|item| item.state == State::Held).unwrap();
    assert!(matches!(held.id, ItemId::Delivery(_)));
    let detail = store.show(held.id).await.unwrap().unwrap();
    let body = detail.event.unwrap().body;
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(body.contains("\"total_price\":59.2"), "{body}");

    let redact = r#"{"customer":{"email":"JANE.example@example.com"}}"#;
    let redact = Hook::new("customers/redact", redact);
    assert_eq!(redact.send(address).await.body, "stored");
    for _ in 0..500 {
        if store.open_requests().await.unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The refund named nobody, and is gone with its order all the same.
    for item in store.list(all()).await.unwrap() {
        let detail = store.show(item.id).await.unwrap().unwrap();
        assert!(detail.raw.is_none() && detail.event.is_none(), "{item:?}");
    }
    // And an order that was erased does not come back.
    assert_eq!(first.send(address).await.status, 200);
    assert_eq!(
        order("orders/updated", 20, "61.20")
            .send(address)
            .await
            .status,
        200
    );
    let counts = store.counts().await.unwrap();
    assert!(
        counts.iter().all(|it| it.state == State::Dropped),
        "{counts:?}"
    );
    assert!(store.accounts().await.unwrap().balanced());
    running.shutdown(Duration::from_secs(5)).await;
}
