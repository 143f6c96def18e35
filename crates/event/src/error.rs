//! Why a payload could not be mapped.

use std::borrow::Cow;
use std::fmt;

use crate::Code;

/// A payload that cannot become an event, and where the fault is.
///
/// Holds no value of the payload: codes, paths and what was expected are all that is ever printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    code: Code,
    path: String,
    message: Cow<'static, str>,
    place: Option<(usize, usize)>,
}

impl MapError {
    /// A field that is needed and not there.
    pub fn missing(path: impl Into<String>) -> Self {
        Self::new(Code::PayloadMissing, path, "is missing")
    }

    /// A field that holds something else than it should; `expected` finishes "expected …".
    pub fn invalid(code: Code, path: impl Into<String>, expected: &str) -> Self {
        Self::new(code, path, format!("expected {expected}"))
    }

    /// A field that contradicts another one.
    pub fn conflict(code: Code, path: impl Into<String>, other: &str) -> Self {
        Self::new(code, path, format!("contradicts {other}"))
    }

    fn new(code: Code, path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            path: path.into(),
            message: message.into(),
            place: None,
        }))
    }

    /// The same error with the line and column it was found at, both from 1.
    #[must_use]
    pub(crate) fn at(mut self, line: usize, column: usize) -> Self {
        self.0.place = Some((line, column));
        self
    }

    /// The same error, below the object that was being read.
    #[must_use]
    pub fn under(mut self, parent: &str) -> Self {
        self.0.path = match self.0.path.as_str() {
            "$" => parent.to_owned(),
            path if path.starts_with('[') => format!("{parent}{path}"),
            path => format!("{parent}.{path}"),
        };
        self
    }

    /// The kind of error.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The field, as in `line_items[2].price`; `$` is the whole payload.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong, as the rest of a sentence that begins with the path.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        self.0.code.page()
    }

    /// Line and column in the payload, both from 1, where they are known.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.0.place
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.code(), self.path(), self.message())
    }
}

impl std::error::Error for MapError {}
