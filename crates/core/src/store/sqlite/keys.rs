//! The keys of events: what is known already under the key of a new one.

use orderbridge_event::Code;

use super::super::NewEvent;
use super::Sql;
use super::codes::{DROPPED, HELD, PENDING};
use super::writer::Work;

/// A delivery that has the key of a new event.
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) payload: i64,
    pub(super) source: i64,
    pub(super) hash: Vec<u8>,
    pub(super) state: i64,
    pub(super) reason: Option<i64>,
    /// Dropped by a rule, and not by a person.
    pub(super) is_dropped_by_rule: bool,
    pub(super) can_be_replaced: bool,
    pub(super) updated_at: Option<i64>,
    pub(super) edition: i64,
    pub(super) redacted: bool,
}

/// The key of an event, by the numbers of its labels.
pub(super) struct Key<'a> {
    pub(super) destination: i64,
    pub(super) name: i64,
    pub(super) id: &'a str,
}

impl<'a> Key<'a> {
    /// The key of an event.
    pub(super) fn of(work: &mut Work<'_>, event: &'a NewEvent) -> Sql<Self> {
        Ok(Self {
            destination: work.labels.id(work.conn, &event.destination)?,
            name: work.labels.id(work.conn, &event.name)?,
            id: &event.id,
        })
    }
}

/// A new event's key, and what is known under it.
pub(super) struct Found<'a> {
    pub(super) event: &'a NewEvent,
    pub(super) key: Key<'a>,
    pub(super) known: Vec<Known>,
    /// Whether its destination knows the id under another name.
    pub(super) same_id: bool,
}

/// Looks all events of a payload up.
pub(super) fn find<'a>(work: &mut Work<'_>, events: &'a [NewEvent]) -> Sql<Vec<Found<'a>>> {
    let mut found = Vec::with_capacity(events.len());
    for event in events {
        let key = Key::of(work, event)?;
        let (known, same_id) = known(work, &key)?;
        found.push(Found {
            event,
            key,
            known,
            same_id,
        });
    }
    Ok(found)
}

impl Found<'_> {
    /// Whether this very event was erased on request.
    pub(super) fn is_redacted(&self) -> bool {
        self.known.iter().any(|known| known.redacted)
    }
}

/// All deliveries with a key: one, or several after conflicts; the first one first. Also whether
/// there are others with the same id and another name.
pub(super) fn known(work: &mut Work<'_>, key: &Key<'_>) -> Sql<(Vec<Known>, bool)> {
    let mut select = work.conn.prepare_cached(
        "SELECT id, payload, source, hash, state, replaceable, updated_at, edition, redacted, name,
         reason
         FROM delivery WHERE event_id = ?1 AND destination = ?2 ORDER BY name, edition",
    )?;
    let mut rows = select.query((key.id, key.destination))?;
    let (mut found, mut same_id) = (Vec::new(), false);
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(9)? != key.name {
            same_id = true;
            continue;
        }
        let state = row.get(4)?;
        let reason: Option<i64> = row.get(10)?;
        found.push(Known {
            id: row.get(0)?,
            payload: row.get(1)?,
            source: row.get(2)?,
            hash: row.get(3)?,
            state,
            reason,
            is_dropped_by_rule: state == DROPPED && is_a_rules(work, reason)?,
            can_be_replaced: matches!(state, HELD | PENDING) && row.get(5)?,
            updated_at: row.get(6)?,
            edition: row.get(7)?,
            redacted: row.get(8)?,
        });
    }
    Ok((found, same_id))
}

/// Whether a reason is that of a rule.
fn is_a_rules(work: &mut Work<'_>, reason: Option<i64>) -> Sql<bool> {
    let Some(reason) = reason else {
        return Ok(false);
    };
    let code = work.labels.text(work.conn, reason)?;
    Ok([Code::RuleDrop, Code::RuleExclude]
        .map(Code::as_str)
        .contains(&&*code))
}
