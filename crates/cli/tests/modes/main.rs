//! A shop and its subscription tool through the real connector, to the sandbox: each purchase
//! counts once.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod both;
mod day;
mod house;
mod messages;
mod refunds;

#[path = "../process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;
#[path = "../process/shop.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod shop;
