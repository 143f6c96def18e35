//! Reading the APIs of subscription platforms as a process: what a webhook lacks, and history that
//! is cut by kills.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "subscriptions/recharge.rs"]
mod recharge;
#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;
#[path = "subscriptions/shop.rs"]
mod shop;
#[path = "subscriptions/stripe.rs"]
mod stripe;
