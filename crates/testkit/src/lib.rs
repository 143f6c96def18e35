//! For the tests of adapters: the fixture loader, mutators and the laws that every adapter keeps.

mod fixture;
mod json;
pub mod mutate;

pub use fixture::{Fixture, fixtures};
