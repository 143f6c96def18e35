//! The state of the store itself, and whether its sums add up.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::super::{Accounts, Health, StoreErrorKind};
use super::readers::View;
use super::writer::Work;
use super::{Sql, files, schema};

/// Writes a little, to see whether it can.
pub(super) fn pulse(work: &mut Work<'_>) -> Sql<()> {
    work.conn
        .prepare_cached("UPDATE meta SET value = value + 1 WHERE name = 'pulse'")?
        .execute(())?;
    Ok(())
}

/// What the files tell.
pub(super) fn health(
    view: &mut View,
    path: &Path,
    writable: Result<(), StoreErrorKind>,
    commit: Duration,
) -> Sql<Health> {
    let number = |pragma: &str| -> Sql<u64> {
        view.conn
            .query_row(&format!("PRAGMA {pragma}"), (), |row| row.get(0))
    };
    let page = number("page_size")?;
    Ok(Health {
        writable,
        commit,
        bytes: page.saturating_mul(number("page_count")?),
        reusable_bytes: page.saturating_mul(number("freelist_count")?),
        wal_bytes: files::size(&files::beside(path, "-wal")),
        disk_free_bytes: files::disk_free(path),
        schema_version: schema::newest(),
    })
}

/// The sum of invariant I1.
pub(super) fn accounts(view: &mut View) -> Sql<Accounts> {
    let conn = &view.conn;
    let mut accounts = conn.query_row(
        "SELECT count(*), coalesce(sum(state = 0), 0), coalesce(sum(state = 1), 0),
         coalesce(sum(state = 2), 0), coalesce(sum(state IN (3, 4, 5)), 0),
         coalesce(sum(events), 0), coalesce(sum(merged), 0),
         coalesce(sum(state = 6), 0) FROM payload",
        (),
        |row| {
            Ok(Accounts {
                payloads: row.get(0)?,
                mapped: row.get(1)?,
                dropped: row.get(2)?,
                parked: row.get(3)?,
                privacy: row.get(4)?,
                events: row.get(5)?,
                merged: row.get(6)?,
                fetches: row.get(7)?,
                ..Accounts::default()
            })
        },
    )?;
    let one = |sql: &str| -> Sql<u64> { conn.query_row(sql, (), |row| row.get(0)) };
    accounts.deliveries = one("SELECT count(*) FROM delivery")?;
    // What waits needs a body; what is being sent needs a lease that can run out.
    accounts.stuck = one("SELECT count(*) FROM delivery d WHERE
         (state IN (0, 1, 2) AND NOT EXISTS (SELECT 1 FROM event_body WHERE delivery = d.id))
         OR (state = 2 AND (lease_until IS NULL OR claim IS NULL)) OR state NOT BETWEEN 0 AND 5")?;
    accounts.miscounted = miscounted(conn)?;
    Ok(accounts)
}

/// Compares the counts that are kept with what they count.
fn miscounted(conn: &Connection) -> Sql<u64> {
    conn.query_row(
        "WITH items AS (
             SELECT source, destination, state, coalesce(reason, 0) AS reason, count(*) AS count
             FROM delivery GROUP BY 1, 2, 3, 4
             UNION ALL
             SELECT source, 0, iif(state IN (2, 4), 4, iif(state = 6, 1, 5)), coalesce(reason, 0), count(*)
             FROM payload WHERE state <> 0 GROUP BY 1, 2, 3, 4),
         differences AS (
             SELECT source, destination, state, reason, sum(count) AS count FROM (
                 SELECT * FROM items
                 UNION ALL SELECT source, destination, state, reason, -count FROM tally)
             GROUP BY 1, 2, 3, 4)
         SELECT coalesce(sum(abs(count)), 0) FROM differences",
        (),
        |row| row.get(0),
    )
}
