//! The receiver and the admin address over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_wrap,
    reason = "these are tests, and what helps them"
)]

mod admin;
mod answers;
mod hold;
mod limits;
mod privacy;
mod rules;
mod shutdown;
mod sqlite;
mod support;
