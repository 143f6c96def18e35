//! Takes the people out of order payloads: names, addresses, e-mails, phones, IP addresses and
//! tokens become stable fakes of the same shape; ids, amounts, products, tags, countries and times
//! stay.
//!
//! What is somebody's is told by its key, on any platform, and by its shape wherever it stands. The
//! same value becomes the same fake in all payloads, so a customer who comes twice still does. For
//! that a fake is made of a hash of the value: whoever has a list of guesses can try them, so the
//! result is pseudonymous, not anonymous.

mod dice;
mod fake;
mod key;
mod known;
mod shape;
mod url;
mod walk;

use orderbridge_event::tree::Tree;

/// Scrubs payloads.
#[derive(Clone, Debug, Default)]
pub struct Scrub {
    shared: Vec<String>,
}

impl Scrub {
    /// Addresses in the shop's own list of shared ones stay, since the mapping depends on them.
    pub fn new(shared: &[String]) -> Self {
        Self {
            shared: shared.to_vec(),
        }
    }

    /// The same payload without its people, laid out over several lines; `None` if it is not JSON.
    pub fn json(&self, body: &[u8]) -> Option<String> {
        let tree = Tree::parse(body)?;
        Some(walk::scrubbed(&tree, &self.shared).pretty() + "\n")
    }
}

#[cfg(test)]
mod tests;
