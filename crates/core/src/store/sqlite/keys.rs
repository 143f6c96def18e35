//! The keys of events: what is known already under the key of a new one.

use rusqlite::OptionalExtension as _;

use super::super::NewEvent;
use super::Sql;
use super::codes::{HELD, PENDING};
use super::writer::Work;

/// A delivery that has the key of a new event.
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) payload: i64,
    pub(super) source: i64,
    pub(super) hash: Vec<u8>,
    pub(super) state: i64,
    pub(super) can_be_replaced: bool,
    pub(super) updated_at: Option<i64>,
    pub(super) edition: i64,
}

/// The key of an event, by the numbers of its labels.
pub(super) struct Key<'a> {
    pub(super) destination: i64,
    pub(super) name: i64,
    pub(super) id: &'a str,
}

impl<'a> Key<'a> {
    /// The key of an event.
    pub(super) fn of(work: &mut Work<'_>, event: &'a NewEvent) -> Sql<Self> {
        Ok(Self {
            destination: work.labels.id(work.conn, &event.destination)?,
            name: work.labels.id(work.conn, &event.name)?,
            id: &event.id,
        })
    }
}

/// Whether this very event was erased on request.
pub(super) fn is_redacted(work: &mut Work<'_>, event: &NewEvent) -> Sql<bool> {
    let key = Key::of(work, event)?;
    let redacted: Option<i64> = work
        .conn
        .prepare_cached(
            "SELECT 1 FROM delivery
             WHERE event_id = ?1 AND name = ?2 AND destination = ?3 AND redacted = 1 LIMIT 1",
        )?
        .query_row((key.id, key.name, key.destination), |row| row.get(0))
        .optional()?;
    Ok(redacted.is_some())
}

/// All deliveries with a key: one, or several after conflicts; the first one first.
pub(super) fn known(work: &Work<'_>, key: &Key<'_>) -> Sql<Vec<Known>> {
    let mut select = work.conn.prepare_cached(
        "SELECT id, payload, source, hash, state, replaceable, updated_at, edition
         FROM delivery WHERE event_id = ?1 AND name = ?2 AND destination = ?3 ORDER BY edition",
    )?;
    let rows = select.query_map((key.id, key.name, key.destination), |row| {
        let state = row.get(4)?;
        Ok(Known {
            id: row.get(0)?,
            payload: row.get(1)?,
            source: row.get(2)?,
            hash: row.get(3)?,
            state,
            can_be_replaced: matches!(state, HELD | PENDING) && row.get(5)?,
            updated_at: row.get(6)?,
            edition: row.get(7)?,
        })
    })?;
    rows.collect()
}
