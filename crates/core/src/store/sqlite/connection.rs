//! Opening the file, with the settings that the promise rests on.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::super::{StoreError, StoreErrorKind};
use super::error::failed;
use super::schema::{self, Found};
use super::{Sql, files};

/// Older versions can damage a file when two connections checkpoint at the same moment.
/// <https://sqlite.org/wal.html#walresetbug>
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long a statement waits for another process. Commands hold the file for milliseconds.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// Pages of journal after which a commit merges it into the file: 8 MB. Everybody waits meanwhile,
/// some 20 ms; with four times as much they wait for longer and nothing gets faster.
const CHECKPOINT_PAGES: u32 = 2_000;

/// The journal file is cut to this after a merge.
const JOURNAL_BYTES: u32 = 64 * 1024 * 1024;

/// The page cache of the writer and of each reader, in KiB, negative as SQLite wants it.
const WRITER_CACHE: i32 = -24 * 1024;
const READER_CACHE: i32 = -2 * 1024;

/// Refuses a library that could break the promise.
pub(super) fn check_version() -> Result<(), StoreError> {
    if rusqlite::version_number() >= OLDEST_SQLITE {
        Ok(())
    } else {
        Err(StoreError::new("open", StoreErrorKind::Unsupported))
    }
}

/// Opens the connection that writes. The file is there, perhaps empty.
pub(super) fn writer(path: &Path, max_pages: Option<u32>) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> Sql<Connection> {
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(BUSY)?;
        prepare_once(&conn, 128)?;
        // Has an effect only before the first table is made.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        // On macOS a plain fsync does not reach the disk.
        conn.pragma_update(None, "fullfsync", true)?;
        conn.pragma_update(None, "checkpoint_fullfsync", true)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "secure_delete", true)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        conn.pragma_update(None, "cache_size", WRITER_CACHE)?;
        conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        conn.pragma_update(None, "journal_size_limit", JOURNAL_BYTES)?;
        if let Some(pages) = max_pages {
            conn.pragma_update(None, "max_page_count", pages)?;
        }
        Ok(conn)
    };
    let conn = open().map_err(|error| failed("open", error))?;
    let mode: String = conn
        .query_row("PRAGMA journal_mode", (), |row| row.get(0))
        .map_err(|error| failed("open", error))?;
    if mode != "wal" {
        return Err(StoreError::new("open", StoreErrorKind::Unsupported));
    }
    Ok(conn)
}

/// Keeps statements prepared. SQLite would make a plan anew for each value that is bound, wherever
/// a value could matter to the plan, as with a limit or beside a partial index.
fn prepare_once(conn: &Connection, statements: usize) -> Sql<()> {
    conn.set_prepared_statement_cache_capacity(statements);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Opens a connection that can only read.
pub(super) fn reader(path: &Path) -> Sql<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    prepare_once(&conn, 64)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(conn)
}

/// The version of a store; an error if it is none, or too new.
pub(super) fn version(conn: &Connection) -> Result<u32, StoreError> {
    match schema::look(conn).map_err(|error| failed("open", error))? {
        Found::Foreign => Err(StoreError::new("open", StoreErrorKind::Corrupt)),
        Found::Version(version) if version > schema::newest() => {
            Err(StoreError::new("open", StoreErrorKind::TooNew))
        }
        Found::Version(version) => Ok(version),
    }
}

/// Makes the file if it is not there. SQLite gives its other files the same permissions.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    match files::create_private(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && path.exists() => {
            let text = std::io::Error::other(format!("{} cannot be written to", path.display()));
            Err(StoreError::caused("open", StoreErrorKind::ReadOnly, text))
        }
        Err(error) => Err(files::failed("open", &error, path)),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_prepared_once_whatever_is_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.db");
        create(&path).unwrap();
        let mut writer = writer(&path, None).unwrap();
        schema::migrate(&mut writer).unwrap();
        for conn in [&writer, &reader(&path).unwrap()] {
            let mut statement = conn
                .prepare(
                    "SELECT id FROM delivery WHERE event_id = ?1 AND destination = ?2
                     ORDER BY name LIMIT ?3",
                )
                .unwrap();
            for limit in 1..4 {
                assert!(!statement.exists(("order-1", limit, limit)).unwrap());
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
        }
    }
}
