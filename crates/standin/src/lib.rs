//! For tests: the APIs of platforms on this machine.
//!
//! A [`Server`] answers on loopback whatever it is told to, late or cut off as well. What a
//! platform would answer is up to its stand-in: [`amazon`], [`recharge`], [`sqs`], [`stripe`].

pub mod amazon;
pub mod recharge;
mod script;
mod server;
pub mod sqs;
pub mod stripe;

pub use script::Mishap;
pub use server::{Answer, Asked, Server};
