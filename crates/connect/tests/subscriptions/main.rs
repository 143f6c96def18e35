//! The APIs of subscription platforms as their stand-ins answer: every event once, whatever goes
//! wrong on the way, and with the person that a webhook leaves out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod bench;
mod chargebee;
mod recharge;
mod stripe;
