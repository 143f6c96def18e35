//! Queues that are read.

use std::sync::Arc;

use orderbridge_connect::pull::Patience;
use orderbridge_connect::sqs::{AccessKey, QueueMetrics, QueuePoller};
use orderbridge_connect::{MoreMetrics, Routes};
use orderbridge_core::store::Store;
use orderbridge_event::Secret;
use tokio::task::JoinHandle;

use crate::config::SqsConfig;

pub(crate) use orderbridge_connect::sqs::Queue;

/// What keeps all queues from being read.
pub(crate) const LACKS: Option<&str> = None;

/// A queue, as a source names it.
pub(crate) fn open(
    config: &SqsConfig,
    id: Secret,
    secret: Secret,
    session_token: Option<Secret>,
) -> Option<Queue> {
    let key = AccessKey {
        id,
        secret,
        session_token,
    };
    Queue::new(&config.queue_url, &config.region, key)
}

/// Who reads the queues of sources.
pub(crate) struct Pollers(Vec<QueuePoller>);

impl Pollers {
    pub(crate) fn new(
        queues: Vec<(String, Queue)>,
        routes: &Arc<Routes>,
        store: &Arc<dyn Store>,
    ) -> Self {
        let poller = |(source, queue)| QueuePoller {
            routes: Arc::clone(routes),
            source,
            store: Arc::clone(store),
            queue,
            patience: Patience::default(),
            tally: Arc::default(),
        };
        Self(queues.into_iter().map(poller).collect())
    }

    /// What they count.
    pub(crate) fn metrics(&self) -> Vec<Arc<dyn MoreMetrics>> {
        let tally = |it: &QueuePoller| (it.source.clone(), Arc::clone(&it.tally));
        let tallies = self.0.iter().map(tally).collect();
        vec![Arc::new(QueueMetrics(tallies))]
    }

    /// Starts them. Each can be ended at any moment.
    pub(crate) fn start(self) -> impl Iterator<Item = JoinHandle<()>> {
        let pollers = self.0.into_iter();
        pollers.map(|poller| tokio::spawn(async move { poller.run().await }))
    }
}
