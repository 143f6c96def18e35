//! Rules over real mappings: each operator, each action, each mistake.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::indexing_slicing, reason = "a test may panic")]
#![expect(clippy::panic, reason = "a test may panic")]

mod actions;
mod expressions;
mod laws;
mod mistaken_actions;
mod mistakes;
mod operators;
mod page;
mod support;
