//! The engine: takes events from a queue, sends them, and settles each one.

mod engine;
mod input;

pub use engine::{Delivery, Ended, Progress};
pub use input::{Closed, Intake, Job, Place, Queue, queue};

#[cfg(test)]
mod tests;
