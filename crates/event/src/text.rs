//! Text that is there, and text that must not be shown.

use std::fmt;

use compact_str::{CompactString, ToCompactString};

/// Text that is not blank. What is blank is absent: `Option<Text>` has no third state.
///
/// Text of up to 24 bytes, which ids, codes and names nearly always are, is kept in place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(CompactString);

impl Text {
    /// Takes text over, without the white space around it; blank text is `None`.
    pub fn new(text: impl AsRef<str>) -> Option<Self> {
        let text = trim(text.as_ref());
        (!text.is_empty()).then(|| Self(CompactString::new(text)))
    }

    /// A label and a value in one, such as an alias; the label is not blank.
    pub fn labelled(label: &str, value: &str) -> Self {
        Self::joined([label, value])
    }

    /// The digits of a number.
    pub(crate) fn number(number: &impl ToCompactString) -> Self {
        Self(number.to_compact_string())
    }

    /// Text as it stands, white space around it included; for reading back what was written.
    pub(crate) fn exact(text: &str) -> Option<Self> {
        let blank = text.trim().is_empty();
        (!blank).then(|| Self(CompactString::new(text)))
    }

    /// Pieces put together, which are known not to be blank all of them.
    pub(crate) fn joined<const N: usize>(pieces: [&str; N]) -> Self {
        let length = pieces.iter().map(|piece| piece.len()).sum();
        let mut text = CompactString::with_capacity(length);
        for piece in pieces {
            text.push_str(piece);
        }
        debug_assert!(!text.trim().is_empty(), "blank text");
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Trims; nearly all text needs none, and an ASCII letter or digit at both ends is quickly seen.
fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
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
