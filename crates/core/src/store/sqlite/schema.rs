//! The layout of the file, and how older files are brought up to it.

use rusqlite::{Connection, TransactionBehavior};

use super::Sql;

/// Each step leads from the version before it to its own: the first from 0 to 1. A step is never
/// changed once it was released.
const STEPS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// Tells a store from any other SQLite file: "Obrd".
const APPLICATION: i32 = 0x4f62_7264;

/// The version that this program writes.
pub(super) fn newest() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A store of this version; 0 is an empty file.
    Version(u32),
    /// Some other program's database.
    Foreign,
}

/// Looks at a file.
pub(super) fn look(conn: &Connection) -> Sql<Found> {
    let version: u32 = conn.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let application: i32 = conn.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    let tables: u32 = conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let empty = version == 0 && application == 0 && tables == 0;
    Ok(if empty || application == APPLICATION {
        Found::Version(version)
    } else {
        Found::Foreign
    })
}

/// Brings a file to the newest version, step by step, in one commit.
pub(super) fn migrate(conn: &mut Connection) -> Sql<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = tx.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(done) {
        tx.execute_batch(step)?;
    }
    if version == 0 {
        tx.execute(
            "INSERT INTO meta VALUES ('subject_key', randomblob(32)), ('pulse', 0)",
            (),
        )?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
    }
    tx.pragma_update(None, "user_version", newest())?;
    tx.commit()
}
