//! SQLite's errors, as a store's.

use rusqlite::{Error, ErrorCode};

use super::super::{StoreError, StoreErrorKind};

/// What kind of failure an error of SQLite is.
pub(super) fn kind(error: &Error) -> StoreErrorKind {
    match error {
        Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull => StoreErrorKind::Full,
            ErrorCode::ReadOnly => StoreErrorKind::ReadOnly,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreErrorKind::Corrupt,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreErrorKind::Busy,
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::NotFound => {
                StoreErrorKind::Unreachable
            }
            _ => StoreErrorKind::Unknown,
        },
        // A column that holds what we never write.
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Unknown,
    }
}

/// An error of SQLite in the course of an operation.
pub(super) fn failed(operation: &'static str, error: Error) -> StoreError {
    StoreError::caused(operation, kind(&error), error)
}

/// A column that holds what we never write: the file is damaged.
pub(super) fn unreadable(what: &'static str) -> Error {
    #[derive(Debug, thiserror::Error)]
    #[error("a value in the store is not a valid {0}")]
    struct Unreadable(&'static str);
    Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, Box::new(Unreadable(what)))
}
