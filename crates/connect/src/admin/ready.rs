//! Whether webhooks can be taken in: the store, and nothing but the store.

use std::time::Duration;

use orderbridge_core::store::{Millis, Store};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// For how long an answer holds. The check writes to the disk, and anybody may ask.
const FRESH: Duration = Duration::from_secs(1);

/// A store that takes longer is not ready.
const PATIENCE: Duration = Duration::from_secs(5);

/// The last answer, and when it was found.
#[derive(Debug)]
pub(crate) struct Readiness {
    least_free_bytes: u64,
    last: Mutex<Option<(Millis, Result<(), String>)>>,
}

impl Readiness {
    pub(crate) fn new(least_free_bytes: u64) -> Self {
        Self {
            least_free_bytes,
            last: Mutex::new(None),
        }
    }

    /// Whether the store can be written to and has room, or why not.
    pub(crate) async fn check(&self, store: &dyn Store, now: Millis) -> Result<(), String> {
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = &*last
            && now >= *at
            && now.since(*at) < FRESH
        {
            return answer.clone();
        }
        let answer = self.ask(store).await;
        *last = Some((now, answer.clone()));
        answer
    }

    async fn ask(&self, store: &dyn Store) -> Result<(), String> {
        let health = match timeout(PATIENCE, store.health()).await {
            Ok(health) => health.map_err(|error| error.to_string())?,
            Err(_) => return Err("the store takes too long".to_owned()),
        };
        if let Err(kind) = health.writable {
            return Err(format!("the store cannot be written to: {}", kind.as_str()));
        }
        match health.disk_free_bytes {
            Some(free) if free < self.least_free_bytes => Err(format!(
                "the store's disk has {free} bytes left, fewer than {}",
                self.least_free_bytes
            )),
            _ => Ok(()),
        }
    }
}
