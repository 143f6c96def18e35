//! Sockets. hyper itself rather than axum: the limits that matter here (time for headers, their
//! size and number, shutdown of each connection) belong to hyper's connections, which
//! `axum::serve` does not give access to, and there is a single route to be found.

mod body;
mod connection;
mod limits;
mod listener;
mod webhooks;

pub use limits::Limits;
pub use listener::{Ended, Running};
pub use webhooks::Receiver;

pub(crate) use body::{Budget, drain, read};
pub(crate) use connection::Handler;
pub(crate) use listener::listen;
