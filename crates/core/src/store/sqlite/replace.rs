//! A newer version of an event in the place of the one that is stored.

use sha2::{Digest as _, Sha256};

use super::super::{Millis, NewEvent};
use super::Sql;
use super::codes::{DROPPED, PENDING};
use super::events::{Arrival, save_body};
use super::keys::{Key, Known};
use super::tally::Kind;
use super::writer::Work;

/// The same bytes may stand for a later version of the order: what lies between is then old.
pub(super) fn note_newer(work: &Work<'_>, same: &Known, updated_at: Option<Millis>) -> Sql<()> {
    if let Some(updated_at) = updated_at
        && same.can_be_replaced
        && same
            .updated_at
            .is_some_and(|known| known < updated_at.get())
    {
        work.conn
            .prepare_cached("UPDATE delivery SET updated_at = ?2 WHERE id = ?1")?
            .execute((same.id, updated_at.get()))?;
    }
    Ok(())
}

/// Whether what comes in is older than what is known. Without both times it is not.
pub(super) fn is_older(arrival: &Arrival<'_>, known: &Known) -> bool {
    let times = arrival.updated_at.zip(known.updated_at.map(Millis::new));
    times.is_some_and(|(ours, theirs)| ours < theirs)
}

/// Puts a newer version in the place of one that nobody has seen yet, or that a rule had dropped.
/// The hold still ends when it would have: an order that changes every minute must leave some time.
pub(super) fn replace(
    work: &mut Work<'_>,
    arrival: &Arrival<'_>,
    event: &NewEvent,
    key: &Key<'_>,
    old: &Known,
) -> Sql<()> {
    let hash = Sha256::digest(&event.body[..]);
    let dropped = event.dropped.as_ref();
    let code = dropped
        .map(|reason| work.labels.id(work.conn, &reason.code))
        .transpose()?;
    let state = match (dropped, old.state) {
        (Some(_), _) => DROPPED,
        (None, DROPPED) => PENDING,
        (None, state) => state,
    };
    work.conn
        .prepare_cached(
            "UPDATE delivery SET payload = ?2, source = ?3, hash = ?4, updated_at = ?5,
             order_time = ?6, received_at = ?7, state = ?8, reason = ?9, message = ?10,
             settled_at = ?11 WHERE id = ?1",
        )?
        .execute(rusqlite::params![
            old.id,
            arrival.payload.get(),
            arrival.source,
            &hash[..],
            arrival.updated_at.map(Millis::get),
            event.order_time.get(),
            arrival.received_at.get(),
            state,
            code,
            dropped.map(|reason| &reason.message),
            dropped.map(|_| arrival.received_at.get()),
        ])?;
    save_body(work, old.id, event)?;
    // The older payload's event now belongs to the newer payload.
    work.conn
        .prepare_cached("UPDATE payload SET merged = merged + 1 WHERE id = ?1")?
        .execute([old.payload])?;
    let kind = |source, state, reason: Option<i64>| Kind {
        source,
        destination: key.destination,
        state,
        reason: reason.unwrap_or_default(),
    };
    work.tally.shift(
        kind(old.source, old.state, old.reason),
        kind(arrival.source, state, code),
    );
    Ok(())
}
