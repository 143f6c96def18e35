//! The store in a SQLite file.
//!
//! The connector opens it with [`SqliteStore::open`] and holds a lock on it. Commands of people
//! open it with [`SqliteStore::beside`]: without the lock, they read and write in transactions of
//! milliseconds, for which SQLite itself lets only one process in at a time.

mod accept;
mod claim;
mod codes;
mod command;
mod connection;
mod destination;
mod erase;
mod error;
mod events;
mod files;
mod filter;
mod health;
mod idle;
mod implementation;
mod keys;
mod labels;
mod list;
mod lock;
mod network;
mod orders;
mod pack;
mod readers;
mod redact;
mod remap;
mod replace;
mod schema;
mod settle;
mod show;
mod tally;
mod text;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::hooks::Hooks;
use super::{StoreError, StoreErrorKind};
use error::failed;
use lock::Lock;
pub use network::network_file_system;
use readers::Readers;
use writer::{Reopen, Writer};

type Sql<T> = Result<T, rusqlite::Error>;

/// How a file is opened; everything has a default.
#[derive(Clone, Debug, Default)]
pub struct SqliteOptions {
    /// The file takes no more than this many pages of 4 KiB, if it is limited.
    pub max_pages: Option<u32>,
    /// Where it fails, for tests.
    pub hooks: Hooks,
}

/// A store in one file, with a journal and a lock beside it.
pub struct SqliteStore {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
    /// Held by the connector, not by commands beside it.
    lock: Mutex<Option<Lock>>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a file for the connector, and makes it if there is none. Fails if another process
    /// has it. Deliveries that a process before this one had in hand are given back.
    pub async fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        let own = path.to_owned();
        let store = blocking(move || {
            connection::check_version()?;
            network::refuse(&own, network_file_system(&own))?;
            connection::create(&own)?;
            let lock = Lock::take(&own)?;
            let mut conn = connection::writer(&own, options.max_pages)?;
            if connection::version(&conn)? < schema::newest() {
                schema::migrate(&mut conn).map_err(|error| failed("open", error))?;
            }
            Self::start(own, conn, options, Some(lock))
        })
        .await?;
        store.writer.run("open", claim::end_leases).await?;
        Ok(store)
    }

    /// Opens a file for a command, beside a connector that may be running on it.
    pub async fn beside(path: &Path) -> Result<Self, StoreError> {
        let own = path.to_owned();
        blocking(move || {
            connection::check_version()?;
            let mut conn = connection::writer(&own, None)?;
            let version = connection::version(&conn)?;
            if version == 0 {
                return Err(StoreError::new("open", StoreErrorKind::Unreachable));
            }
            if version < schema::newest() {
                // A connector of an older version must not find its file changed.
                let _lock = Lock::take(&own)?;
                schema::migrate(&mut conn).map_err(|error| failed("open", error))?;
            }
            Self::start(own, conn, SqliteOptions::default(), None)
        })
        .await
    }

    fn start(
        path: PathBuf,
        conn: rusqlite::Connection,
        options: SqliteOptions,
        lock: Option<Lock>,
    ) -> Result<Self, StoreError> {
        let reopen = Reopen {
            path: path.clone(),
            max_pages: options.max_pages,
        };
        Ok(Self {
            writer: Writer::start(conn, reopen, options.hooks)?,
            readers: Readers::new(path.clone()),
            path,
            lock: Mutex::new(lock),
        })
    }

    /// Ends the writer, then gives the lock back: in this order, so that two never write.
    fn stop(&self) {
        self.readers.close();
        self.writer.stop();
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs something that waits for a disk away from the tasks that must not wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::caused("open", StoreErrorKind::Unknown, error)),
    }
}
