//! Delivery to Converge: the HTTP client, what follows each answer, and the engine that sends.
//!
//! Decisions are pure functions with the time as an argument ([`classify`], [`next`], [`Bucket`],
//! [`Breaker`]); only [`Delivery`] sleeps and only [`Client`] talks to the network.

mod answer;
mod breaker;
mod client;
mod config;
mod connections;
mod deliver;
pub mod dispatch;
mod gate;
mod rate;
mod refusals;
mod retry_after;
mod schedule;
mod sink;
pub mod store;
mod units;
mod window;

pub use answer::{Answer, Cause, FailureKind, SendError, Transport, classify};
pub use breaker::{Breaker, BreakerConfig, Permission, Phase};
pub use client::{Client, ClientConfig, ClientError, is_loopback};
pub use config::{DeliveryConfig, default_delivery};
pub use deliver::{Closed, Delivery, Ended, Intake, Job, Place, Progress, Queue, queue};
pub use rate::{Bucket, RateLimit};
pub use refusals::{RefusalLimit, Refused};
pub use retry_after::retry_after;
pub use schedule::{Next, ParkReason, Retry, Schedule, Tried, next};
pub use sink::Sink;
pub use units::{
    InvalidDuration, InvalidRate, InvalidSize, parse_duration, parse_size, show_duration,
};
pub use window::Share;
