//! What is done while nobody waits: merging the journal, giving space back.

use std::time::Duration;

use rusqlite::Connection;

use super::Sql;
use super::connection::BUSY;

/// Free pages that are given back at a time: 4 MB, some milliseconds.
const PAGES: u32 = 1_000;

/// Merges the journal into the file and cuts it to nothing, and gives back free pages. Tells
/// whether all is done; a reader that is still looking at the journal makes it wait.
pub(super) fn tidy(conn: &Connection) -> bool {
    let freed = give_back(conn).unwrap_or_default();
    // Only whoever has time waits for readers, and here somebody may come any moment.
    let merged = conn
        .busy_timeout(Duration::ZERO)
        .and_then(|()| truncate(conn))
        .unwrap_or(false);
    let _ = conn.busy_timeout(BUSY);
    merged && freed < PAGES
}

/// Merges the journal and cuts it to nothing; false if a reader or writer is in the way.
pub(super) fn truncate(conn: &Connection) -> Sql<bool> {
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| {
        row.get::<_, i64>(0).map(|busy| busy == 0)
    })
}

fn give_back(conn: &Connection) -> Sql<u32> {
    let free: u32 = conn.query_row("PRAGMA freelist_count", (), |row| row.get(0))?;
    // What is free soon fills up again; only what is left after an erasure is worth the work.
    if free < PAGES {
        return Ok(0);
    }
    let mut statement = conn.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = statement.query(())?;
    while rows.next()?.is_some() {}
    Ok(PAGES)
}
