//! For the tests of adapters: the fixture loader, mutators and the laws that every adapter keeps.

pub mod bad;
mod fixture;
mod json;
mod laws;
pub mod mutate;

pub use fixture::{Fixture, fixtures};
pub use laws::{Check, LAWS, Law};
