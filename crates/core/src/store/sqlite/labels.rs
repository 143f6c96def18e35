//! Few texts that many rows repeat, kept once.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use super::Sql;
use super::error::unreadable;

/// A cache of the labels. Labels are never changed or removed, so it only ever grows; their number
/// is the number of sources, destinations, topics and kinds of reasons.
#[derive(Debug, Default)]
pub(super) struct Labels {
    ids: HashMap<Arc<str>, i64>,
    texts: HashMap<i64, Arc<str>>,
}

impl Labels {
    /// The number of a text, which it is given if it has none.
    pub(super) fn id(&mut self, conn: &Connection, text: &str) -> Sql<i64> {
        if let Some(id) = self.known(conn, text)? {
            return Ok(id);
        }
        conn.prepare_cached("INSERT INTO label (text) VALUES (?1)")?
            .execute([text])?;
        let id = conn.last_insert_rowid();
        self.note(id, text.into());
        Ok(id)
    }

    /// The number of a text, if it has one.
    pub(super) fn known(&mut self, conn: &Connection, text: &str) -> Sql<Option<i64>> {
        if let Some(id) = self.ids.get(text) {
            return Ok(Some(*id));
        }
        let id: Option<i64> = conn
            .prepare_cached("SELECT id FROM label WHERE text = ?1")?
            .query_row([text], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            self.note(id, text.into());
        }
        Ok(id)
    }

    /// The text of a number.
    pub(super) fn text(&mut self, conn: &Connection, id: i64) -> Sql<Arc<str>> {
        if let Some(text) = self.texts.get(&id) {
            return Ok(Arc::clone(text));
        }
        let text: Option<String> = conn
            .prepare_cached("SELECT text FROM label WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let text: Arc<str> = text.ok_or_else(|| unreadable("label"))?.into();
        self.note(id, Arc::clone(&text));
        Ok(text)
    }

    /// Forgets everything: after a rollback, some of it never was.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.texts.clear();
    }

    fn note(&mut self, id: i64, text: Arc<str>) {
        self.ids.insert(Arc::clone(&text), id);
        self.texts.insert(id, text);
    }
}
