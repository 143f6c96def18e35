//! The name of a user's rule.

use std::fmt;
use std::sync::Arc;

/// The id of a user's rule: what a channel, a drop and a counter are labelled with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The most characters that an id has.
    pub const LONGEST: usize = 64;

    /// Reads an id: letters, digits, `-`, `_` and `.`, as it stands in metrics and on lines.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let good = !text.is_empty() && text.len() <= Self::LONGEST && text.bytes().all(fits);
        good.then(|| Self(Arc::from(text)))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
