//! Takes in the webhooks of shop platforms, and shows how the connector is.
//!
//! [`receive`] is the whole path of a webhook without any framework: signature → mapping → one
//! commit → answer. [`Receiver`] puts it on a socket, [`Admin`] answers health, metrics and status
//! on another. Which platforms there are is the caller's business: [`Routes`] are built from plain
//! structs.

mod admin;
mod answers;
mod caller;
mod clock;
mod commit;
mod counters;
mod exposition;
mod intake;
mod mapping;
mod path;
mod people;
mod privacy;
pub mod pull;
mod receive;
mod remap;
mod reply;
pub mod report;
mod request;
mod routes;
mod ruled;
mod server;
#[cfg(feature = "sqs")]
pub mod sqs;
mod throttle;

pub use admin::{Admin, AdminConfig, Build, MoreMetrics};
pub use answers::Answers;
pub use caller::{CallError, Called, Caller};
pub use exposition::{Exposition, MetricKind};
pub use people::subject;
pub use privacy::carry_out;
pub use receive::receive;
pub use remap::{Again, NotMapped, remap};
pub use reply::Reply;
pub use request::{Request, Unverified, Verified};
pub use routes::{NewCustomer, Routes, SourceRoute};
pub use server::{Ended, Limits, Receiver, Running};
