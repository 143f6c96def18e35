//! A new outcome for a stored payload.

use rusqlite::OptionalExtension as _;

use super::super::{Accepted, Millis, Outcome, Remap, Remapped};
use super::accept::{self, subjects};
use super::codes::{
    PAYLOAD_DROPPED, PAYLOAD_FETCH, PAYLOAD_MAPPED, PAYLOAD_PARKED, payload_item_state,
};
use super::events::{self, Arrival};
use super::keys::Found;
use super::tally::Kind;
use super::writer::Work;
use super::{Sql, keys, orders};

/// Gives a payload a new outcome.
pub(super) fn remap(work: &mut Work<'_>, remap: &Remap) -> Sql<Remapped> {
    let row: Option<(i64, i64, Option<i64>, i64)> = work
        .conn
        .prepare_cached("SELECT source, state, reason, received_at FROM payload WHERE id = ?1")?
        .query_row([remap.payload.get()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((source, before, reason, received_at)) = row else {
        return Ok(Remapped::NotPossible);
    };
    let can = matches!(
        before,
        PAYLOAD_MAPPED | PAYLOAD_DROPPED | PAYLOAD_PARKED | PAYLOAD_FETCH
    );
    if !can || matches!(remap.outcome, Outcome::Privacy(_)) {
        return Ok(Remapped::NotPossible);
    }
    let arrival = Arrival {
        payload: remap.payload,
        source,
        order_key: remap.order.as_ref().map(|order| order.key.as_str()),
        received_at: Millis::new(received_at),
        updated_at: remap.order.as_ref().and_then(|order| order.updated_at),
        hold_until: remap.hold_until,
        conflict: remap.conflict,
    };
    let (mut state, mut why) = accept::state(&remap.outcome);
    let taken = match &remap.outcome {
        Outcome::Events(new) => {
            let found = keys::find(work, new)?;
            if found.iter().any(Found::is_redacted) {
                return Ok(Remapped::NotPossible);
            }
            let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
            work.conn
                .prepare_cached("UPDATE payload SET events = events + ?2 WHERE id = ?1")?
                .execute((remap.payload.get(), count))?;
            events::take_all(work, &arrival, found)?
        }
        // Events that were made once are not unmade.
        _ if before == PAYLOAD_MAPPED => {
            (state, why) = (PAYLOAD_MAPPED, None);
            events::Taken::none()
        }
        _ => events::Taken::none(),
    };
    let code = why
        .as_ref()
        .map(|reason| work.labels.id(work.conn, &reason.code))
        .transpose()?;
    let mapping = work.labels.id(work.conn, &remap.mapping)?;
    let order = remap.order.as_ref();
    work.conn
        .prepare_cached(
            "UPDATE payload SET state = ?2, reason = ?3, message = ?4, path = ?5, mapping = ?6,
             order_key = coalesce(?7, order_key), updated_at = coalesce(?8, updated_at),
             subjects = coalesce(?9, subjects) WHERE id = ?1",
        )?
        .execute(rusqlite::params![
            remap.payload.get(),
            state,
            code,
            why.as_ref().map(|reason| &reason.message),
            why.as_ref().and_then(|reason| reason.path.as_ref()),
            mapping,
            order.map(|order| &order.key),
            order.and_then(|order| order.updated_at).map(Millis::get),
            subjects(&remap.subjects),
        ])?;
    let kind = |state, reason: Option<i64>| Kind {
        source,
        destination: 0,
        state,
        reason: reason.unwrap_or_default(),
    };
    if let Some(item) = payload_item_state(before) {
        work.tally.remove(kind(item, reason));
    }
    if let Some(item) = payload_item_state(state) {
        work.tally.add(kind(item, code));
    }
    if let Some(order) = order {
        orders::remember(work, source, order, remap.now)?;
    }
    Ok(Remapped::Done(Accepted::Stored {
        payload: remap.payload,
        events: taken.outcomes,
        same_id: taken.same_id,
    }))
}
