//! Makes a store fail where its promise is at stake, for tests.

use super::StoreError;

/// A moment at which a store can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailPoint {
    /// Everything is written and nothing is committed.
    BeforeCommit,
    /// Everything is committed and nobody knows it yet.
    AfterCommit,
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailWith {
    /// The commit returns an error, and its outcome is unknown.
    Error,
    /// The process ends at once, as by `kill -9`.
    Abort,
}

/// Where a store fails next. Costs nothing unless the feature `testing` is on.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    #[cfg(feature = "testing")]
    armed: std::sync::Arc<std::sync::Mutex<Option<(FailPoint, FailWith)>>>,
}

impl Hooks {
    /// Makes the next commit fail.
    #[cfg(feature = "testing")]
    pub fn arm(&self, point: FailPoint, with: FailWith) {
        *self
            .armed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some((point, with));
    }

    /// Passes a point: fails if it was armed.
    #[cfg(feature = "testing")]
    pub(crate) fn pass(&self, point: FailPoint) -> Result<(), StoreError> {
        let mut armed = self
            .armed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match armed.take_if(|(armed, _)| *armed == point) {
            None => Ok(()),
            Some((_, FailWith::Error)) => {
                let kind = super::StoreErrorKind::Unknown;
                Err(StoreError::new("commit", kind))
            }
            Some((_, FailWith::Abort)) => std::process::abort(),
        }
    }

    /// Passes a point.
    #[cfg(not(feature = "testing"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "the same signature as with the feature"
    )]
    pub(crate) fn pass(&self, _: FailPoint) -> Result<(), StoreError> {
        Ok(())
    }
}
