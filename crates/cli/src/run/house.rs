//! Housekeeping: bodies of delivered events are erased after the retention.

use std::sync::Arc;
use std::time::Duration;

use orderbridge_core::dispatch::{Clock as _, SystemClock};
use orderbridge_core::store::{Retention, Store};
use tokio::time::sleep;

/// How often old bodies are looked for.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// How many payloads lose their bodies in one commit, so that nobody has to wait for long.
const AT_ONCE: usize = 500;
/// What is known of an order, for its refunds, is kept for longer than its body.
const ORDERS: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Keeps house until it is aborted.
pub(super) async fn keep(store: Arc<dyn Store>, retention: Duration) {
    loop {
        erase(&*store, retention).await;
        sleep(EVERY).await;
    }
}

async fn erase(store: &dyn Store, retention: Duration) {
    let now = SystemClock.now();
    let mut after = None;
    loop {
        let batch = Retention {
            bodies_before: now.minus(retention),
            orders_before: now.minus(ORDERS.max(retention)),
            after,
            limit: AT_ONCE,
        };
        match store.erase(batch).await {
            Ok(erased) => {
                if erased.payloads > 0 {
                    tracing::info!(payloads = erased.payloads, "erased old bodies");
                }
                after = erased.next;
            }
            Err(error) => {
                tracing::warn!(%error, "old bodies could not be erased");
                return;
            }
        }
        if after.is_none() {
            return;
        }
    }
}
