//! Takes messages out of a queue: receive → one commit → delete. What is not deleted comes again,
//! and is known then.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use orderbridge_core::store::{Page, Store};
use orderbridge_event::{Delivery, Payload, Trouble};
use tokio::time::sleep;

use super::Queue;
use super::queue::Message;
use crate::commit::commit;
use crate::exposition::MetricKind::{Counter, Gauge};
use crate::intake::Work;
use crate::pull::{Patience, WalkError};
use crate::routes::Route;
use crate::{Exposition, MoreMetrics, Routes, clock};

/// Reads the queue of one source.
pub struct QueuePoller {
    /// All sources; this one is among them.
    pub routes: Arc<Routes>,
    /// The source.
    pub source: String,
    /// Where everything is stored.
    pub store: Arc<dyn Store>,
    /// The queue.
    pub queue: Queue,
    /// How patient it is.
    pub patience: Patience,
    /// What it counts.
    pub tally: Arc<QueueTally>,
}

impl fmt::Debug for QueuePoller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuePoller")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl QueuePoller {
    /// Reads until it is dropped, at any moment.
    pub async fn run(&self) {
        let mut failures = 0;
        loop {
            match self.turn().await {
                Ok(_) => {
                    failures = 0;
                    if self.tally.trouble(None) {
                        tracing::info!(source = self.source, "reading the queue again");
                    }
                }
                Err(error) => {
                    self.trouble(&error);
                    sleep(self.pause(&error, failures)).await;
                    failures += 1;
                }
            }
        }
    }

    /// Receives messages, stores them and deletes them; tells how many there were.
    pub async fn turn(&self) -> Result<usize, WalkError> {
        let Some(route) = self.routes.named(&self.source) else {
            return Ok(0);
        };
        let messages = self.queue.receive().await?;
        if messages.is_empty() {
            return Ok(0);
        }
        self.tally
            .received
            .fetch_add(count(messages.len()), Ordering::Relaxed);
        let mut page = Page {
            intakes: Vec::with_capacity(messages.len()),
            cursor: None,
        };
        for message in &messages {
            page.intakes
                .extend(self.page(route, message).await?.intakes);
        }
        commit(&self.routes, &*self.store, route, page).await?;
        let left = self.queue.delete(&messages).await?;
        let deleted = messages.len().saturating_sub(left);
        self.tally
            .deleted
            .fetch_add(count(deleted), Ordering::Relaxed);
        if left > 0 {
            tracing::debug!(
                source = self.source,
                left,
                "messages were not deleted, they come again"
            );
        }
        Ok(messages.len())
    }

    async fn page(&self, route: &Route, message: &Message) -> Result<Page, WalkError> {
        let platform = route.source.platform;
        let topic = platform.adapter.profile().default_topic;
        let body = Bytes::copy_from_slice(message.body.as_bytes());
        // The platform's own id is the same in two messages; the queue's only in one that comes
        // again.
        let webhook = platform.webhook;
        let payload = Payload { topic, body: &body };
        let own = webhook.and_then(|webhook| webhook.message_id(payload));
        let id = own.is_none().then_some(message.id.as_str());
        let work = Work {
            route,
            store: &*self.store,
            key: self.routes.key(&*self.store).await?,
            topic,
            delivery: Delivery {
                id,
                ..Delivery::default()
            },
            received_at: clock::now(),
            completes: true,
        };
        Ok(work.page(&body).await?)
    }

    fn pause(&self, error: &WalkError, failures: u32) -> std::time::Duration {
        match error {
            WalkError::Pull(error) if error.trouble == Trouble::Credentials => {
                self.patience.credentials
            }
            WalkError::Pull(_) | WalkError::Store(_) => self.patience.pause(failures),
        }
    }

    fn trouble(&self, error: &WalkError) {
        let code = match error {
            WalkError::Pull(error) => error.trouble.code().as_str(),
            WalkError::Store(_) => "store",
        };
        let source = self.source.as_str();
        if self.tally.trouble(Some(code)) {
            tracing::warn!(source, %error, "cannot take messages out of the queue");
        } else {
            tracing::debug!(source, %error, "still cannot take messages out of the queue");
        }
    }
}

fn count(messages: usize) -> u64 {
    u64::try_from(messages).unwrap_or(u64::MAX)
}

/// What is counted of a queue. It starts at zero with the process.
#[derive(Debug, Default)]
pub struct QueueTally {
    received: AtomicU64,
    deleted: AtomicU64,
    /// What is wrong now.
    trouble: Mutex<Option<&'static str>>,
}

impl QueueTally {
    /// Notes what is wrong, or that all is well; tells whether that is news.
    fn trouble(&self, code: Option<&'static str>) -> bool {
        let mut known = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *known, code) != code
    }
}

/// The counts of all queues, by source.
#[derive(Debug, Default)]
pub struct QueueMetrics(pub Vec<(String, Arc<QueueTally>)>);

impl MoreMetrics for QueueMetrics {
    fn write(&self, out: &mut Exposition) {
        if self.0.is_empty() {
            return;
        }
        let help = "Messages received from queues, those that came again as well.";
        out.metric("queue_messages_received_total", Counter, help);
        for (source, tally) in &self.0 {
            let received = tally.received.load(Ordering::Relaxed);
            out.value(&[("source", source)], received);
        }
        let help = "Messages deleted from queues, after they were stored.";
        out.metric("queue_messages_deleted_total", Counter, help);
        for (source, tally) in &self.0 {
            let deleted = tally.deleted.load(Ordering::Relaxed);
            out.value(&[("source", source)], deleted);
        }
        let help = "1 for what is wrong now with reading a queue.";
        out.metric("queue_trouble", Gauge, help);
        for (source, tally) in &self.0 {
            let trouble = *tally.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(reason) = trouble {
                out.value(&[("source", source), ("reason", reason)], 1);
            }
        }
    }
}
