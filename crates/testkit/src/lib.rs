//! For the tests of adapters: the fixture loader, mutators and the laws that every adapter keeps.

mod fixture;

pub use fixture::{Fixture, fixtures};
