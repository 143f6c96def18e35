//! What is to be said about a configuration.

use std::path::Path;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The connector does not start with it.
    Mistake,
    /// It starts, and somebody may be sorry later.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word that is printed.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Mistake => "mistake",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something about a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// Line and column; the column is 0 when it is about the whole line.
    pub(crate) place: Option<(usize, usize)>,
    pub(crate) message: String,
}

impl Finding {
    /// The message with its place in the file.
    pub(crate) fn shown(&self, file: &Path) -> String {
        let file = file.display();
        let message = &self.message;
        match self.place {
            Some((line, 0)) => format!("{file}:{line}: {message}"),
            Some((line, column)) => format!("{file}:{line}:{column}: {message}"),
            None => format!("{file}: {message}"),
        }
    }
}
