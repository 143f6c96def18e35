//! Stores with events in them, made through the store's own door.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{
    ConflictPolicy, DestinationChange, Intake, Millis, NewEvent, Outcome, Page, Private, Reason,
    Store,
};
use orderbridge_event::SalesChannel;

/// The only source and the only destination of what is measured.
pub const SOURCE: &str = "shop";
/// See [`SOURCE`].
pub const DESTINATION: &str = "main";

/// So many payloads in one commit.
const PAGE: u32 = 500;

/// Adds invented orders to a store, with a raw payload and one event of these sizes each. Numbers
/// start at `first`.
pub fn fill(
    path: &Path,
    first: u32,
    count: u32,
    payload: usize,
    event: usize,
) -> Result<(), String> {
    let (payload, event) = (filler(payload), filler(event));
    with(path, async |store| {
        let end = first + count;
        for start in (first..end).step_by(PAGE as usize) {
            let orders = start..end.min(start + PAGE);
            let page = Page {
                intakes: orders.map(|it| intake(it, &payload, &event)).collect(),
                cursor: None,
            };
            store
                .accept(page)
                .await
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    })
}

/// Has nothing sent from this store, or has it sent again.
pub fn pause(path: &Path, paused: bool) -> Result<(), String> {
    let change = if paused {
        DestinationChange::Pause(Reason::new("paused", "while it is measured"))
    } else {
        DestinationChange::Resume
    };
    with(path, async |store| {
        let changed = store.change_destination(DESTINATION, change, now());
        changed.await.map_err(|error| error.to_string())?;
        Ok(())
    })
}

fn with(
    path: &Path,
    work: impl AsyncFnOnce(&SqliteStore) -> Result<(), String>,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let store = SqliteStore::open(path, SqliteOptions::default()).await;
        let store = store.map_err(|error| error.to_string())?;
        work(&store).await?;
        store.close().await.map_err(|error| error.to_string())
    })
}

/// An order with this number that becomes one event.
pub fn intake(order: u32, payload: &Bytes, event: &Bytes) -> Intake {
    let now = now();
    Intake {
        source: SOURCE.to_owned(),
        topic: "orders/create".to_owned(),
        body: Private::new(payload.clone()),
        delivery_id: Some(format!("orders/create filled-{order:012}")),
        received_at: now,
        mapping: "shopify, filled".to_owned(),
        order: None,
        hold_until: None,
        conflict: ConflictPolicy::KeepFirst,
        subjects: Vec::new(),
        sent_at: None,
        is_test: false,
        outcome: Outcome::Events(vec![NewEvent {
            destination: DESTINATION.to_owned(),
            name: "Placed Order".to_owned(),
            id: format!("filled-{order:012}"),
            body: Private::new(event.clone()),
            channel: SalesChannel::Web,
            because: "filled".to_owned(),
            notes: Vec::new(),
            order_time: now,
            dropped: None,
            refunded: None,
        }]),
    }
}

/// A JSON text of this length.
pub fn filler(length: usize) -> Bytes {
    let text: String = std::iter::repeat_with(fastrand::alphanumeric)
        .take(length.saturating_sub(12))
        .collect();
    format!("{{\"filler\":\"{text}\"}}").into()
}

/// The time now.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    Millis::new(i64::try_from(millis).unwrap_or(i64::MAX))
}
