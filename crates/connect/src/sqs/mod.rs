//! Takes notifications out of a queue of SQS. A message is deleted once what it says is on the
//! disk; one that nobody can read is parked like a webhook.
//!
//! What is asked is two operations of SQS's JSON protocol, by the HTTP client that reads APIs; only
//! the signature comes from a library.

mod poller;
mod queue;
mod sign;

pub use poller::{QueueMetrics, QueuePoller, QueueTally};
pub use queue::{AccessKey, Queue};
