//! What is remembered of destinations.

use rusqlite::{Connection, OptionalExtension as _};

use super::super::{
    Backlog, DestinationChange, DestinationState, Millis, OpenBreaker, Paused, Reason,
};
use super::Sql;
use super::claim::millis;
use super::labels::Labels;
use super::readers::View;
use super::writer::Work;

/// The state of a destination.
pub(super) fn read(
    conn: &Connection,
    labels: &mut Labels,
    destination: i64,
) -> Sql<DestinationState> {
    let mut reason = None;
    let state = conn
        .prepare_cached(
            "SELECT paused_since, paused_reason, paused_message, not_before, breaker_until,
             breaker_pause, idle_before, idle_since FROM destination WHERE id = ?1",
        )?
        .query_row([destination], |row| {
            let paused: Option<i64> = row.get(0)?;
            reason = row.get::<_, Option<i64>>(1)?;
            let message: Option<String> = row.get(2)?;
            let until: Option<i64> = row.get(4)?;
            let pause: Option<i64> = row.get(5)?;
            let time = |at: Option<i64>| at.map(Millis::new);
            Ok(DestinationState {
                paused: time(paused).map(|since| Paused {
                    since,
                    reason: Reason::new("", message.unwrap_or_default()),
                }),
                not_before: time(row.get(3)?),
                breaker: time(until).map(|until| OpenBreaker {
                    until,
                    pause: millis(pause.unwrap_or_default()),
                }),
                idle_before: millis(row.get(6)?),
                idle_since: time(row.get(7)?),
            })
        })
        .optional()?;
    let mut state = state.unwrap_or_default();
    if let (Some(paused), Some(code)) = (&mut state.paused, reason) {
        paused.reason.code = labels.text(conn, code)?.to_string();
    }
    Ok(state)
}

/// The state of a destination by its name.
pub(super) fn state(view: &mut View, destination: &str) -> Sql<DestinationState> {
    match view.labels.known(&view.conn, destination)? {
        Some(id) => read(&view.conn, &mut view.labels, id),
        None => Ok(DestinationState::default()),
    }
}

/// Changes the state.
pub(super) fn change(
    work: &mut Work<'_>,
    destination: &str,
    change: &DestinationChange,
    now: Millis,
) -> Sql<DestinationState> {
    let id = work.labels.id(work.conn, destination)?;
    let before = read(work.conn, work.labels, id)?;
    let state = before.clone().after(change, now);
    if state == before {
        return Ok(state);
    }
    let reason = state.paused.as_ref().map(|paused| &paused.reason);
    let code = reason
        .map(|reason| work.labels.id(work.conn, &reason.code))
        .transpose()?;
    let number =
        |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    work.conn
        .prepare_cached(
            "INSERT OR REPLACE INTO destination VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(rusqlite::params![
            id,
            state.paused.as_ref().map(|paused| paused.since.get()),
            code,
            reason.map(|reason| &reason.message),
            state.not_before.map(Millis::get),
            state.breaker.map(|breaker| breaker.until.get()),
            state.breaker.map(|breaker| number(breaker.pause)),
            number(state.idle_before),
            state.idle_since.map(Millis::get),
        ])?;
    Ok(state)
}

/// What waits for a destination.
pub(super) fn backlog(view: &mut View, destination: &str) -> Sql<Backlog> {
    let Some(id) = view.labels.known(&view.conn, destination)? else {
        return Ok(Backlog::default());
    };
    // What is due at once stands in the order of arrival: the first entry of the index is the
    // oldest. What was tried stands in the order of its next attempt, and all of it is looked at,
    // in the index alone; a destination that stands still is not tried, so that is never much.
    let oldest: Option<i64> = view
        .conn
        .prepare_cached(
            "SELECT min(oldest) FROM (
             SELECT min(received_at) AS oldest FROM delivery
                 WHERE state = 1 AND destination = ?1 AND lane = 0 AND not_before = 0
             UNION ALL SELECT min(received_at) FROM delivery
                 WHERE state = 1 AND destination = ?1 AND lane = 1 AND not_before = 0
             UNION ALL SELECT min(received_at) FROM delivery
                 WHERE state = 1 AND destination = ?1 AND lane IN (0, 1) AND not_before > 0)",
        )?
        .query_row([id], |row| row.get(0))?;
    Ok(Backlog {
        oldest_pending: oldest.map(Millis::new),
    })
}
