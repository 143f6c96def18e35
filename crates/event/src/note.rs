//! Remarks on an event that was made.

use std::borrow::Cow;

use crate::Code;

/// Something worth knowing about an event: a value left out, a guess, a sum that does not close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The kind of remark.
    pub code: Code,
    /// The remark, without personal data.
    pub message: Cow<'static, str>,
    /// The field it is about, as in `line_items[2].price`.
    pub path: Cow<'static, str>,
}

impl Note {
    /// A remark on the field at a path.
    pub fn new(
        code: Code,
        message: impl Into<Cow<'static, str>>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            path: path.into(),
        }
    }
}
