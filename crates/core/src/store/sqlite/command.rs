//! What people ask: to send again, to give up.

use super::super::{
    Applied, Direction, Item, ItemId, List, Millis, Position, Reason, Selection, State,
};
use super::codes::{DROPPED, PAYLOAD_DROPPED, PENDING, RETRY, state_code};
use super::tally::Kind;
use super::writer::Work;
use super::{Sql, list};

/// However many are asked for, no more than this are changed in one commit.
const MOST: usize = 500;

/// Sends deliveries again.
pub(super) fn retry(work: &mut Work<'_>, items: &Selection, delivered: bool) -> Sql<Applied> {
    each(work, items, |work, item| {
        let allowed = match item.state {
            State::Parked | State::Dropped | State::Held | State::Pending => true,
            State::Delivered => delivered,
            State::Sending => false,
        };
        let ItemId::Delivery(id) = item.id else {
            return Ok(false);
        };
        if !allowed {
            return Ok(false);
        }
        // Without its body there is nothing to send. What is tried by hand begins a new schedule.
        let changed = work
            .conn
            .prepare_cached(
                "UPDATE delivery SET state = ?2, lane = ?3, not_before = 0, attempts = 0,
                 first_at = NULL, first_idle = NULL, settled_at = NULL, reason = NULL,
                 message = NULL, path = NULL
                 WHERE id = ?1 AND redacted = 0
                 AND EXISTS (SELECT 1 FROM event_body WHERE delivery = ?1)",
            )?
            .execute((id.get(), PENDING, RETRY))?;
        if changed > 0 {
            shift(work, item, PENDING, None)?;
        }
        Ok(changed > 0)
    })
}

/// Gives items up.
pub(super) fn drop(
    work: &mut Work<'_>,
    items: &Selection,
    reason: &Reason,
    now: Millis,
) -> Sql<Applied> {
    let code = work.labels.id(work.conn, &reason.code)?;
    each(work, items, |work, item| {
        if !matches!(item.state, State::Held | State::Pending | State::Parked) {
            return Ok(false);
        }
        match item.id {
            ItemId::Delivery(id) => {
                work.conn
                    .prepare_cached(
                        "UPDATE delivery SET state = ?2, settled_at = ?3, reason = ?4,
                         message = ?5, path = NULL WHERE id = ?1",
                    )?
                    .execute((id.get(), DROPPED, now.get(), code, &reason.message))?;
            }
            ItemId::Payload(id) => {
                // A request to erase is done or not; it is not for us to give it up.
                let changed = work
                    .conn
                    .prepare_cached(
                        "UPDATE payload SET state = ?2, reason = ?3, message = ?4, path = NULL
                         WHERE id = ?1 AND state IN (2, 6)",
                    )?
                    .execute((id.get(), PAYLOAD_DROPPED, code, &reason.message))?;
                if changed == 0 {
                    return Ok(false);
                }
            }
        }
        shift(work, item, DROPPED, Some(&reason.code))?;
        Ok(true)
    })
}

/// Does something to each item of a selection, up to its limit.
fn each(
    work: &mut Work<'_>,
    items: &Selection,
    mut change: impl FnMut(&mut Work<'_>, &Item) -> Sql<bool>,
) -> Sql<Applied> {
    let page = List {
        filter: items.filter.clone(),
        direction: Direction::OldestFirst,
        after: items.after,
        limit: items.limit.min(MOST),
    };
    let found = list::items(work.conn, work.labels, &page)?;
    let mut applied = Applied::default();
    for item in &found {
        if change(work, item)? {
            applied.changed += 1;
        } else {
            applied.skipped += 1;
        }
    }
    let last: Option<Position> = found.last().map(|item| item.position);
    applied.next = last.filter(|_| found.len() == page.limit);
    Ok(applied)
}

/// Counts an item elsewhere.
fn shift(work: &mut Work<'_>, item: &Item, state: i64, reason: Option<&str>) -> Sql<()> {
    let mut label = |text: Option<&str>| match text {
        Some(text) => work.labels.id(work.conn, text),
        None => Ok(0),
    };
    let source = label(Some(&item.source))?;
    let destination = label(item.event.as_ref().map(|event| event.destination.as_str()))?;
    let before = label(item.reason.as_ref().map(|reason| reason.code.as_str()))?;
    let after = label(reason)?;
    let kind = |state, reason| Kind {
        source,
        destination,
        state,
        reason,
    };
    work.tally
        .shift(kind(state_code(item.state), before), kind(state, after));
    Ok(())
}
