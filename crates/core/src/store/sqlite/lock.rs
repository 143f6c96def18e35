//! Keeps a second connector off the same store.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::super::{StoreError, StoreErrorKind};
use super::files;

/// The sentence that a second process gets.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is in use by another process, which holds the lock {}; stop that process first",
    store.display(), lock.display()
)]
struct InUse {
    store: PathBuf,
    lock: PathBuf,
}

/// Holds the lock until it is dropped, also by a crash: it belongs to the open file, not to its
/// existence.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock {
    /// Takes the lock of a store, or says who has it.
    pub(super) fn take(store: &Path) -> Result<Self, StoreError> {
        let lock = files::beside(store, ".lock");
        let failed = |error: std::io::Error| files::failed("open", &error, &lock);
        let file = files::create_private(&lock).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                let store = store.to_owned();
                let in_use = InUse { store, lock };
                Err(StoreError::caused("open", StoreErrorKind::Locked, in_use))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
