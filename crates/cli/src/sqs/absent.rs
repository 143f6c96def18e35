//! What stands in for queues where none can be read: there is no value of a queue.

use std::sync::Arc;

use orderbridge_connect::{MoreMetrics, Routes};
use orderbridge_core::store::Store;
use orderbridge_event::Secret;
use tokio::task::JoinHandle;

use crate::config::SqsConfig;

/// What keeps all queues from being read.
pub(crate) const LACKS: Option<&str> = Some(
    "this program was built without queues; build it with `--features sqs`, or have the queue \
     relayed to the receiver",
);

#[derive(Debug)]
pub(crate) enum Queue {}

pub(crate) fn open(_: &SqsConfig, _: Secret, _: Secret, _: Option<Secret>) -> Option<Queue> {
    None
}

pub(crate) struct Pollers;

impl Pollers {
    pub(crate) fn new(_: Vec<(String, Queue)>, _: &Arc<Routes>, _: &Arc<dyn Store>) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "as where queues are read")]
    pub(crate) fn metrics(&self) -> Vec<Arc<dyn MoreMetrics>> {
        Vec::new()
    }

    #[expect(clippy::unused_self, reason = "as where queues are read")]
    pub(crate) fn start(self) -> impl Iterator<Item = JoinHandle<()>> {
        std::iter::empty()
    }
}
