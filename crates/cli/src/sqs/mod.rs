//! Queues of SQS. A program that was built without the feature `sqs` knows the key of the
//! configuration, and says what it lacks.

#[cfg(not(feature = "sqs"))]
mod absent;
#[cfg(feature = "sqs")]
mod built;

#[cfg(not(feature = "sqs"))]
pub(crate) use absent::{LACKS, Pollers, Queue, open};
#[cfg(feature = "sqs")]
pub(crate) use built::{LACKS, Pollers, Queue, open};
