//! Payloads for measuring: invented, as long as real ones, and the same in each run.

#![recursion_limit = "256"]

pub mod fill;
pub mod generate;
