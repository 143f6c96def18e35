//! What the tests share: a store in memory, a receiver on a socket, a client that can misbehave.

pub(crate) mod client;
pub(crate) mod store;

use std::sync::Arc;
use std::time::Duration;

use orderbridge_connect::{Limits, Receiver, Routes, Running, SourceRoute};
use orderbridge_event::{Secret, Timestamp};
use orderbridge_shopify::SHOPIFY;

use store::Memory;

/// The secret of the test shop.
pub(crate) const SECRET: &str = "hush";

/// A receiver that runs, with its store.
pub(crate) struct Bench {
    pub(crate) store: Arc<Memory>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) running: Running,
}

/// The source `us-store` as most tests want it.
pub(crate) fn us_store() -> SourceRoute {
    let mut source = SourceRoute::new("us-store", &SHOPIFY, "main");
    source.secrets = vec![Secret::new(SECRET)];
    source
}

/// Starts a receiver for one source.
pub(crate) async fn start(source: SourceRoute, limits: Limits) -> Bench {
    let store = Arc::new(Memory::default());
    let routes = Arc::new(Routes::new([source]));
    let running = Receiver::start("127.0.0.1:0", routes.clone(), store.clone(), limits)
        .await
        .unwrap();
    Bench {
        store,
        routes,
        running,
    }
}

/// A receiver with all defaults.
pub(crate) async fn bench() -> Bench {
    start(us_store(), Limits::default()).await
}

/// A fixture of Shopify's adapter.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../adapters/shopify/fixtures"
    );
    std::fs::read(format!("{folder}/{name}.json")).unwrap()
}

/// A fixture with some of its fields set.
pub(crate) fn changed(name: &str, fields: &[(&str, serde_json::Value)]) -> Vec<u8> {
    let mut body: serde_json::Value = serde_json::from_slice(&fixture(name)).unwrap();
    for (field, value) in fields {
        body[*field] = value.clone();
    }
    serde_json::to_vec(&body).unwrap()
}

/// The signature of a body.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let verify = SHOPIFY.verify.unwrap();
    let headers = verify.sign(
        &Secret::new(secret),
        "",
        body,
        Timestamp::from_unix(0).unwrap(),
    );
    let signature = headers
        .into_iter()
        .find(|(name, _)| name.ends_with("Sha256"));
    signature.unwrap().1
}

/// Waits until something holds, and fails if it does not come to that.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still not: {what}");
}
