//! Text that is there, and text that must not be shown.

use std::fmt;

/// Text that is not blank. What is blank is absent: `Option<Text>` has no third state.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Takes text over, without the white space around it; blank text is `None`.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let trimmed = text.trim();
        if trimmed.is_empty() {
            None
        } else if trimmed.len() == text.len() {
            Some(Self(text))
        } else {
            Some(Self(trimmed.to_owned()))
        }
    }

    /// A label and a value in one, such as an alias; the label is not blank.
    pub fn labelled(label: &str, value: &str) -> Self {
        let mut text = String::with_capacity(label.len() + value.len());
        text.push_str(label);
        text.push_str(value);
        Self::solid(text)
    }

    /// Text as it stands, white space around it included; for reading back what was written.
    pub(crate) fn exact(text: &str) -> Option<Self> {
        let blank = text.trim().is_empty();
        (!blank).then(|| Self(text.to_owned()))
    }

    /// Text that was put together from other text, so it is known not to be blank.
    pub(crate) fn solid(text: String) -> Self {
        debug_assert!(!text.trim().is_empty(), "blank text");
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, given away.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A signing key or token. It cannot be printed; only [`Secret::expose`] gives it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret over.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the signature or header that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
