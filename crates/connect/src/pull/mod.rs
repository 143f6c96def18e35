//! Reads the APIs of platforms: performs the requests that adapters describe, stores what the
//! answers hold together with the position, and fetches what notifications name.
//!
//! A task that is dropped, or a process that is killed, at any moment loses nothing: the position
//! and the payloads of an answer are in one commit, and a notification is a row of the store until
//! what it names was stored.

mod account;
mod download;
mod fetch;
pub(crate) mod http;
mod metrics;
mod puller;
mod quota;
mod tallies;
mod trip;
mod walk;

pub use account::{Account, Patience};
pub use metrics::PullMetrics;
pub use puller::Puller;
pub use trip::{Backfill, Look, Trip};
pub use walk::{Reader, Turn, WalkError};
