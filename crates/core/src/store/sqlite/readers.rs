//! A few connections that read beside the writer.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::super::{StoreError, StoreErrorKind};
use super::error::failed;
use super::labels::Labels;
use super::{Sql, connection};

/// How many queries run at a time.
const READERS: usize = 4;

/// What a query works on.
pub(super) struct View {
    pub(super) conn: Connection,
    pub(super) labels: Labels,
}

/// The pool. Connections are made when they are needed.
pub(super) struct Readers {
    path: PathBuf,
    room: Semaphore,
    free: Arc<Mutex<Vec<View>>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            room: Semaphore::new(READERS),
            free: Arc::default(),
        }
    }

    /// Runs a query on a thread that may block. It sees one moment of the store.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        query: impl FnOnce(&mut View) -> Sql<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = |_| StoreError::new(operation, StoreErrorKind::Closed);
        let permit = self.room.acquire().await.map_err(closed)?;
        let free = Arc::clone(&self.free);
        let path = self.path.clone();
        let blocking = tokio::task::spawn_blocking(move || -> Sql<T> {
            let known = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut view = match known {
                Some(view) => view,
                None => View {
                    conn: connection::reader(&path)?,
                    labels: Labels::default(),
                },
            };
            // Several statements of one query must not see different moments.
            view.conn.execute_batch("BEGIN")?;
            let answer = query(&mut view);
            // A connection that cannot even end its query is not used again.
            if view.conn.execute_batch("COMMIT").is_ok() {
                free.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(view);
            }
            answer
        });
        let answer = blocking
            .await
            .map_err(|error| StoreError::caused(operation, StoreErrorKind::Unknown, error))?;
        drop(permit);
        answer.map_err(|error| failed(operation, error))
    }

    /// Closes all connections; queries fail after this.
    pub(super) fn close(&self) {
        self.room.close();
        self.free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
