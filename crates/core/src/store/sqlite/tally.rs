//! How many items there are of each kind. Changes are gathered and written once for each commit,
//! so that a thousand settlements cost a handful of updates.

use std::collections::HashMap;

use rusqlite::Connection;

use super::Sql;

/// A kind of item, by the numbers of its labels; 0 stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) source: i64,
    pub(super) destination: i64,
    pub(super) state: i64,
    pub(super) reason: i64,
}

/// Changes that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Tally(HashMap<Kind, i64>);

impl Tally {
    /// An item was added.
    pub(super) fn add(&mut self, kind: Kind) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// An item is no longer of this kind.
    pub(super) fn remove(&mut self, kind: Kind) {
        *self.0.entry(kind).or_default() -= 1;
    }

    /// An item changed.
    pub(super) fn shift(&mut self, from: Kind, to: Kind) {
        self.remove(from);
        self.add(to);
    }

    /// Writes the changes, as a part of the commit.
    pub(super) fn flush(&mut self, conn: &Connection) -> Sql<()> {
        let mut insert = conn.prepare_cached(
            "INSERT INTO tally VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET count = count + excluded.count",
        )?;
        for (kind, change) in self.0.drain().filter(|(_, change)| *change != 0) {
            let Kind {
                source,
                destination,
                state,
                reason,
            } = kind;
            insert.execute((source, destination, state, reason, change))?;
        }
        Ok(())
    }

    /// Forgets changes that were rolled back.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
