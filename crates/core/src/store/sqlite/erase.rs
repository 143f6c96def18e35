//! Retention: what is done and old enough loses its body.

use rusqlite::OptionalExtension as _;

use super::super::{Erased, Position, Retention};
use super::codes::{PAYLOAD_FETCH, PAYLOAD_PARKED, PAYLOAD_REQUEST};
use super::writer::Work;
use super::{Sql, redact};

/// However many are asked for, no more than this are erased in one commit.
const MOST: usize = 500;

/// Erases the bodies of a bounded number of payloads. Only payloads that still have a body are
/// looked at, the oldest first, up to the first one that is too young.
pub(super) fn erase(work: &mut Work<'_>, retention: &Retention) -> Sql<Erased> {
    let limit = retention.limit.min(MOST);
    let after = retention.after.map_or(0, |position| position.payload);
    let mut select = work.conn.prepare_cached(
        "SELECT b.payload, p.state, p.received_at FROM payload_body b
         JOIN payload p ON p.id = b.payload WHERE b.payload > ?1 ORDER BY b.payload LIMIT ?2",
    )?;
    let rows = select.query_map((after, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    let rows = rows.collect::<Sql<Vec<(i64, i64, i64)>>>()?;
    let mut erased = Erased::default();
    let full = rows.len() == limit;
    let mut last = None;
    for (payload, state, received_at) in rows {
        if received_at >= retention.bodies_before.get() {
            last = None;
            break;
        }
        last = Some(Position {
            payload,
            delivery: 0,
        });
        let waits = matches!(state, PAYLOAD_PARKED | PAYLOAD_REQUEST | PAYLOAD_FETCH);
        if !waits && one(work, payload, retention.bodies_before.get())? {
            erased.payloads += 1;
        }
    }
    erased.next = last.filter(|_| full);
    erased.orders = orders(work, retention, limit)?;
    Ok(erased)
}

/// Erases one payload, unless one of its deliveries is still needed.
fn one(work: &Work<'_>, payload: i64, before: i64) -> Sql<bool> {
    let needed: Option<i64> = work
        .conn
        .prepare_cached(
            "SELECT 1 FROM delivery WHERE payload = ?1
             AND (state NOT IN (3, 5) OR settled_at >= ?2) LIMIT 1",
        )?
        .query_row((payload, before), |row| row.get(0))
        .optional()?;
    if needed.is_some() {
        return Ok(false);
    }
    let mut select = work
        .conn
        .prepare_cached("SELECT id FROM delivery WHERE payload = ?1")?;
    let ids = select.query_map([payload], |row| row.get(0))?;
    for id in ids.collect::<Sql<Vec<i64>>>()? {
        redact::strip(work, id)?;
    }
    work.conn
        .prepare_cached("DELETE FROM payload_body WHERE payload = ?1")?
        .execute([payload])?;
    Ok(true)
}

fn orders(work: &Work<'_>, retention: &Retention, limit: usize) -> Sql<u64> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let deleted = work
        .conn
        .prepare_cached(
            "DELETE FROM known_order WHERE (source, order_key) IN (
             SELECT source, order_key FROM known_order
             WHERE redacted = 0 AND touched_at < ?1 ORDER BY touched_at LIMIT ?2)",
        )?
        .execute((retention.orders_before.get(), limit))?;
    Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
}
