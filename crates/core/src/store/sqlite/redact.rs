//! Erasing people and sources.

use std::collections::{BTreeSet, HashSet};

use rusqlite::OptionalExtension as _;

use super::super::{Millis, PayloadId, Reason, RedactTarget, SubjectHash};
use super::Sql;
use super::codes::{DROPPED, PAYLOAD_REDACTED, PAYLOAD_REQUEST, payload_item_state};
use super::readers::View;
use super::show::read_subjects;
use super::tally::Kind;
use super::writer::Work;

/// Payloads that are erased in one commit, so that nobody waits long behind it.
pub(super) const BATCH: usize = 100;

/// Finds all payloads that speak of the target: by hash, and then all others of the same orders,
/// since a refund may name nobody. Reads beside the writer, however long it takes.
pub(super) fn find(view: &mut View, target: &RedactTarget) -> Sql<Vec<i64>> {
    let View { conn, labels } = view;
    match target {
        RedactTarget::Source(source) => {
            let source = labels.known(conn, source)?.unwrap_or(-1);
            let mut select =
                conn.prepare_cached("SELECT id FROM payload WHERE source = ?1 AND state <> 4")?;
            let rows = select.query_map([source], |row| row.get(0))?;
            rows.collect()
        }
        RedactTarget::Subjects(subjects) => {
            let wanted: HashSet<SubjectHash> = subjects.iter().copied().collect();
            let mut found = BTreeSet::new();
            let mut orders = HashSet::new();
            let mut select = conn.prepare_cached(
                "SELECT id, source, order_key, subjects FROM payload
                 WHERE subjects IS NOT NULL AND state <> 4",
            )?;
            let mut rows = select.query(())?;
            while let Some(row) = rows.next()? {
                let hashes = read_subjects(row.get_ref(3)?.as_blob()?);
                if hashes.iter().any(|hash| wanted.contains(hash)) {
                    found.insert(row.get(0)?);
                    if let Some(key) = row.get::<_, Option<String>>(2)? {
                        orders.insert((row.get::<_, i64>(1)?, key));
                    }
                }
            }
            let mut select = conn.prepare_cached(
                "SELECT id, source, order_key FROM payload
                 WHERE order_key IS NOT NULL AND state <> 4",
            )?;
            let mut rows = select.query(())?;
            while let Some(row) = rows.next()? {
                if !orders.is_empty() && orders.contains(&(row.get(1)?, row.get(2)?)) {
                    found.insert(row.get(0)?);
                }
            }
            Ok(found.into_iter().collect())
        }
    }
}

/// Erases payloads, their events and their orders. Tells how many had something to erase.
pub(super) fn erase(work: &mut Work<'_>, payloads: &[i64], now: Millis) -> Sql<u64> {
    let mut changed = 0;
    for payload in payloads {
        changed += u64::from(payload_and_events(work, *payload, now)?);
    }
    Ok(changed)
}

fn payload_and_events(work: &mut Work<'_>, payload: i64, now: Millis) -> Sql<bool> {
    let row: Option<(i64, i64, Option<i64>, Option<String>)> = work
        .conn
        .prepare_cached("SELECT source, state, reason, order_key FROM payload WHERE id = ?1")?
        .query_row([payload], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((source, state, reason, order_key)) = row else {
        return Ok(false);
    };
    if matches!(state, PAYLOAD_REDACTED | PAYLOAD_REQUEST) {
        return Ok(false);
    }
    let code = work.labels.id(work.conn, Reason::REDACTED)?;
    work.conn
        .prepare_cached("DELETE FROM payload_body WHERE payload = ?1")?
        .execute([payload])?;
    work.conn
        .prepare_cached(
            "UPDATE payload SET state = ?2, reason = ?3, message = NULL, path = NULL,
             subjects = NULL WHERE id = ?1",
        )?
        .execute((payload, PAYLOAD_REDACTED, code))?;
    let kind = |state, reason: Option<i64>| Kind {
        source,
        destination: 0,
        state,
        reason: reason.unwrap_or_default(),
    };
    if let Some(item) = payload_item_state(state) {
        work.tally.remove(kind(item, reason));
    }
    work.tally.add(kind(DROPPED, Some(code)));
    events(work, payload, code, now)?;
    if let Some(key) = order_key {
        work.conn
            .prepare_cached("DELETE FROM refund WHERE source = ?1 AND order_key = ?2")?
            .execute((source, &key))?;
        // Kept as a gravestone: what comes in of this order again is not stored.
        work.conn
            .prepare_cached(
                "INSERT INTO known_order VALUES (?1, ?2, NULL, NULL, NULL, NULL, ?3, 1)
                 ON CONFLICT DO UPDATE SET aliases = NULL, currency = NULL, channel = NULL,
                 updated_at = NULL, redacted = 1",
            )?
            .execute((source, key, now.get()))?;
    }
    Ok(true)
}

/// Erases the events of a payload. Delivered ones stay delivered; what was still to be sent is
/// dropped, and a sender that has it in hand can settle nothing.
fn events(work: &mut Work<'_>, payload: i64, code: i64, now: Millis) -> Sql<()> {
    let mut select = work.conn.prepare_cached(
        "SELECT id, source, destination, state, reason FROM delivery WHERE payload = ?1",
    )?;
    let rows = select.query_map([payload], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
        ))
    })?;
    let rows = rows.collect::<Sql<Vec<(i64, i64, i64, i64, Option<i64>)>>>()?;
    for (id, source, destination, state, reason) in rows {
        strip(work, id)?;
        work.conn
            .prepare_cached(
                "UPDATE delivery SET redacted = 1, message = NULL, path = NULL,
                 claim = NULL, lease_until = NULL,
                 settled_at = iif(state = 3, settled_at, ?2),
                 reason = iif(state = 3, reason, ?3), state = iif(state = 3, 3, 5)
                 WHERE id = ?1",
            )?
            .execute((id, now.get(), code))?;
        let kind = |state, reason: Option<i64>| Kind {
            source,
            destination,
            state,
            reason: reason.unwrap_or_default(),
        };
        if state != super::codes::DELIVERED {
            work.tally
                .shift(kind(state, reason), kind(DROPPED, Some(code)));
        }
    }
    Ok(())
}

/// Erases the plain values of a delivery: its body, and the answers, which may repeat it.
pub(super) fn strip(work: &Work<'_>, delivery: i64) -> Sql<()> {
    work.conn
        .prepare_cached("DELETE FROM event_body WHERE delivery = ?1")?
        .execute([delivery])?;
    work.conn
        .prepare_cached(
            "UPDATE attempt SET answer = NULL WHERE delivery = ?1 AND answer IS NOT NULL",
        )?
        .execute([delivery])?;
    Ok(())
}

/// Forgets what is known of customers or of a source, and marks the request as done.
pub(super) fn finish(
    work: &mut Work<'_>,
    target: &RedactTarget,
    request: Option<PayloadId>,
) -> Sql<()> {
    match target {
        RedactTarget::Subjects(subjects) => {
            for hash in subjects {
                work.conn
                    .execute("DELETE FROM customer WHERE hash = ?1", [hash.as_bytes()])?;
            }
        }
        RedactTarget::Source(source) => {
            let source = work.labels.known(work.conn, source)?.unwrap_or(-1);
            for table in ["customer", "refund"] {
                work.conn
                    .execute(&format!("DELETE FROM {table} WHERE source = ?1"), [source])?;
            }
            work.conn.execute(
                "UPDATE known_order SET aliases = NULL, currency = NULL, channel = NULL,
                 updated_at = NULL, redacted = 1 WHERE source = ?1",
                [source],
            )?;
        }
    }
    let Some(request) = request else {
        return Ok(());
    };
    let done: Option<(i64, i64)> = work
        .conn
        .prepare_cached(
            "UPDATE payload SET state = 5, subjects = NULL WHERE id = ?1 AND state = 4
             RETURNING source, reason",
        )?
        .query_row([request.get()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((source, reason)) = done {
        let kind = |state| Kind {
            source,
            destination: 0,
            state,
            reason,
        };
        work.tally.shift(kind(super::codes::PARKED), kind(DROPPED));
    }
    Ok(())
}
