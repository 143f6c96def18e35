//! The dispatcher against a scripted sink and a store in memory, in virtual time.

mod bench;
mod crash;
mod flow;
#[cfg(feature = "sqlite")]
mod sqlite;
mod trouble;
mod volatile;

use bench::{Bench, Reply, at};
