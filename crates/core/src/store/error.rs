//! Why a store did not do what it was asked.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A store that failed. Holds no value of any payload.
///
/// After an error the outcome of a write is unknown: it may have happened. Doing it again is
/// harmless, since everything that is accepted has a key and every settlement a fence.
#[derive(Clone, Debug)]
pub struct StoreError {
    /// What was asked of the store, as in "accept".
    pub operation: &'static str,
    /// What kind of failure.
    pub kind: StoreErrorKind,
    /// The error underneath, where there is one. All who waited for one commit share it.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kinds of failure that callers treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// No space left on the disk.
    Full,
    /// The file or its folder cannot be written to.
    ReadOnly,
    /// The file is damaged, or is no store at all.
    Corrupt,
    /// Somebody else held the store for too long; trying again helps.
    Busy,
    /// Another process runs on this store.
    Locked,
    /// The file was made by a newer version.
    TooNew,
    /// The file, or its folder, is not there or may not be opened.
    Unreachable,
    /// It lies where its locks cannot be relied on.
    Network,
    /// The store was shut down.
    Closed,
    /// The software underneath is not fit for a promise.
    Unsupported,
    /// Anything else.
    Unknown,
}

impl StoreErrorKind {
    /// What happened, as the rest of a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "no space is left on the disk",
            Self::ReadOnly => "it is read-only",
            Self::Corrupt => "the file is damaged or is not a store",
            Self::Busy => "another process held it for too long",
            Self::Locked => "another process runs on it",
            Self::TooNew => "the file was made by a newer version of OrderBridge",
            Self::Unreachable => "the file cannot be opened",
            Self::Network => "it lies on a network file system; it needs a local disk",
            Self::Closed => "it was shut down",
            Self::Unsupported => "the database library is too old",
            Self::Unknown => "an unexpected error",
        }
    }
}

impl StoreError {
    /// An error of this kind without another underneath.
    pub const fn new(operation: &'static str, kind: StoreErrorKind) -> Self {
        Self {
            operation,
            kind,
            source: None,
        }
    }

    /// An error of this kind with the one that caused it.
    pub fn caused(
        operation: &'static str,
        kind: StoreErrorKind,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            operation,
            kind,
            source: Some(Arc::new(source)),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store could not {}: ", self.operation)?;
        f.write_str(self.kind.as_str())
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}
