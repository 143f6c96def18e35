//! What a change of a mapping means: outcomes before and after, compared and told in words.
//!
//! An outcome is what `map` prints for a payload and what a snapshot holds. The words never quote
//! what could be somebody's name or address: of such values only their key is told.

mod body;
mod change;
mod seen;
mod summary;

pub(crate) use change::{Change, changes};
pub(crate) use seen::Seen;
pub(crate) use summary::{Summary, counted};
