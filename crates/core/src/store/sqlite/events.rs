//! Storing events: what is new, what is known, and what contradicts what is known.

use sha2::{Digest as _, Sha256};

use super::super::{
    ConflictPolicy, DeliveryId, EventOutcome, Intake, Millis, NewEvent, PayloadId, Reason,
};
use super::codes::{DROPPED, FRESH, HELD, PARKED, PENDING};
use super::keys::{Found, Key, known};
use super::replace;
use super::tally::Kind;
use super::text::notes;
use super::writer::Work;
use super::{Sql, orders};

/// What all events of one payload have in common.
pub(super) struct Arrival<'a> {
    pub(super) payload: PayloadId,
    pub(super) source: i64,
    pub(super) order_key: Option<&'a str>,
    pub(super) received_at: Millis,
    pub(super) updated_at: Option<Millis>,
    pub(super) hold_until: Option<Millis>,
    pub(super) conflict: ConflictPolicy,
}

impl<'a> Arrival<'a> {
    /// What the events of an intake have in common.
    pub(super) fn of(payload: PayloadId, source: i64, intake: &'a Intake) -> Self {
        Self {
            payload,
            source,
            order_key: intake.order.as_ref().map(|order| order.key.as_str()),
            received_at: intake.received_at,
            updated_at: intake.order.as_ref().and_then(|order| order.updated_at),
            hold_until: intake.hold_until,
            conflict: intake.conflict,
        }
    }
}

/// What became of the events of a payload.
pub(super) struct Taken {
    pub(super) outcomes: Vec<EventOutcome>,
    /// New ones whose id is known under another name.
    pub(super) same_id: Vec<DeliveryId>,
}

impl Taken {
    /// There were none.
    pub(super) const fn none() -> Self {
        Self {
            outcomes: Vec::new(),
            same_id: Vec::new(),
        }
    }
}

/// Takes the events of a payload.
pub(super) fn take_all(
    work: &mut Work<'_>,
    arrival: &Arrival<'_>,
    found: Vec<Found<'_>>,
) -> Sql<Taken> {
    let mut same_id = Vec::new();
    let mut outcomes = Vec::with_capacity(found.len());
    let mut ids: Vec<&str> = Vec::with_capacity(found.len());
    for mut new in found {
        // The same key twice in one payload: the first of them is known by now.
        if ids.contains(&new.key.id) {
            (new.known, new.same_id) = known(work, &new.key)?;
        }
        ids.push(new.key.id);
        let outcome = take(work, arrival, &new)?;
        if let EventOutcome::New(id) = outcome {
            if new.same_id {
                same_id.push(id);
            }
            if let (Some(key), Some(amount)) = (arrival.order_key, new.event.refunded) {
                orders::give_back(work, arrival.source, key, amount)?;
            }
        }
        outcomes.push(outcome);
    }
    let merged = outcomes.iter().filter(|outcome| {
        use EventOutcome::{ConflictParked, ConflictSent, New, Replaced};
        !matches!(
            outcome,
            New(_) | Replaced(_) | ConflictParked(_) | ConflictSent(_)
        )
    });
    count_merged(work, arrival.payload, merged.count())?;
    Ok(Taken { outcomes, same_id })
}

/// Takes the events of a payload of which nothing may be stored but the keys.
pub(super) fn bury_all(
    work: &mut Work<'_>,
    arrival: &Arrival<'_>,
    found: &[Found<'_>],
) -> Sql<Vec<EventOutcome>> {
    let mut merged = 0;
    let mut outcomes = Vec::with_capacity(found.len());
    for new in found {
        // Looked up again: the same key may stand in one payload twice.
        let id = if let Some(known) = known(work, &new.key)?.0.first() {
            merged += 1;
            known.id
        } else {
            let reason = Reason::new(Reason::REDACTED, "");
            let place = Place {
                state: DROPPED,
                edition: 0,
                redacted: true,
                reason: Some(&reason),
            };
            insert(work, arrival, new.event, &new.key, &place)?
        };
        outcomes.push(EventOutcome::Redacted(DeliveryId::new(id)));
    }
    count_merged(work, arrival.payload, merged)?;
    Ok(outcomes)
}

fn take(work: &mut Work<'_>, arrival: &Arrival<'_>, new: &Found<'_>) -> Sql<EventOutcome> {
    let Found {
        event, key, known, ..
    } = new;
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        let id = add(work, arrival, event, key, 0)?;
        if new.same_id {
            remark_same_id(work, id, event)?;
        }
        return Ok(EventOutcome::New(DeliveryId::new(id)));
    };
    let undone = known.iter().find(|known| known.is_dropped_by_rule);
    if let (None, Some(old)) = (&event.dropped, undone)
        && !replace::is_older(arrival, old)
    {
        replace::replace(work, arrival, event, key, old)?;
        return Ok(EventOutcome::Replaced(DeliveryId::new(old.id)));
    }
    let hash = Sha256::digest(&event.body[..]);
    if let Some(same) = known.iter().find(|known| known.hash == hash[..]) {
        // A rule may drop an event for what is not in its body.
        if event.dropped.is_some() && same.can_be_replaced && !replace::is_older(arrival, same) {
            replace::replace(work, arrival, event, key, same)?;
            return Ok(EventOutcome::Replaced(DeliveryId::new(same.id)));
        }
        replace::note_newer(work, same, arrival.updated_at)?;
        return Ok(EventOutcome::Duplicate(DeliveryId::new(same.id)));
    }
    if arrival.conflict == ConflictPolicy::Join && first.source != arrival.source {
        return Ok(EventOutcome::Joined(DeliveryId::new(first.id)));
    }
    if let (true, Some(ours), Some(theirs)) = (
        first.can_be_replaced,
        arrival.updated_at,
        first.updated_at.map(Millis::new),
    ) && ours != theirs
    {
        if ours < theirs {
            return Ok(EventOutcome::Older(DeliveryId::new(first.id)));
        }
        replace::replace(work, arrival, event, key, first)?;
        return Ok(EventOutcome::Replaced(DeliveryId::new(first.id)));
    }
    conflict(work, arrival, event, key, first.id, last.edition + 1)
}

fn conflict(
    work: &mut Work<'_>,
    arrival: &Arrival<'_>,
    event: &NewEvent,
    key: &Key<'_>,
    first: i64,
    edition: i64,
) -> Sql<EventOutcome> {
    let reason = Reason::new(
        Reason::CONFLICT,
        "an event with this id and other content came before",
    );
    let became = match arrival.conflict {
        ConflictPolicy::KeepFirst | ConflictPolicy::Join => None,
        ConflictPolicy::Park => {
            let place = Place {
                state: PARKED,
                edition,
                redacted: false,
                reason: Some(&reason),
            };
            let id = insert(work, arrival, event, key, &place)?;
            save_body(work, id, event)?;
            Some(id)
        }
        ConflictPolicy::Send => Some(add(work, arrival, event, key, edition)?),
    };
    work.conn
        .prepare_cached("INSERT OR REPLACE INTO conflict VALUES (?1, ?2, ?3, ?4)")?
        .execute((
            first,
            arrival.payload.get(),
            arrival.received_at.get(),
            became,
        ))?;
    Ok(match (arrival.conflict, became.map(DeliveryId::new)) {
        (ConflictPolicy::Park, Some(id)) => EventOutcome::ConflictParked(id),
        (ConflictPolicy::Send, Some(id)) => EventOutcome::ConflictSent(id),
        _ => EventOutcome::Kept(DeliveryId::new(first)),
    })
}

/// Adds an event that is to be sent, or that a rule drops.
fn add(
    work: &mut Work<'_>,
    arrival: &Arrival<'_>,
    event: &NewEvent,
    key: &Key<'_>,
    edition: i64,
) -> Sql<i64> {
    let state = match (&event.dropped, arrival.hold_until) {
        (Some(_), _) => DROPPED,
        (None, Some(_)) => HELD,
        (None, None) => PENDING,
    };
    let place = Place {
        state,
        edition,
        redacted: false,
        reason: event.dropped.as_ref(),
    };
    let id = insert(work, arrival, event, key, &place)?;
    save_body(work, id, event)?;
    Ok(id)
}

struct Place<'a> {
    state: i64,
    edition: i64,
    redacted: bool,
    reason: Option<&'a Reason>,
}

fn insert(
    work: &mut Work<'_>,
    arrival: &Arrival<'_>,
    event: &NewEvent,
    key: &Key<'_>,
    place: &Place<'_>,
) -> Sql<i64> {
    let code = place
        .reason
        .map(|reason| work.labels.id(work.conn, &reason.code))
        .transpose()?;
    // What is not held is due whatever the clock says, so a clock that is set back delays nothing.
    let hold = arrival.hold_until.filter(|_| place.state == HELD);
    work.conn
        .prepare_cached(
            "INSERT INTO delivery (payload, source, destination, name, event_id, edition, hash,
             state, lane, not_before, replaceable, redacted, received_at, order_time, updated_at,
             settled_at, reason, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
             ?18)",
        )?
        .execute(rusqlite::params![
            arrival.payload.get(),
            arrival.source,
            key.destination,
            key.name,
            key.id,
            place.edition,
            &Sha256::digest(&event.body[..])[..],
            place.state,
            FRESH,
            hold.map_or(0, Millis::get),
            hold.is_some(),
            place.redacted,
            arrival.received_at.get(),
            event.order_time.get(),
            arrival.updated_at.map(Millis::get),
            (place.state == DROPPED).then(|| arrival.received_at.get()),
            code,
            place.reason.map(|reason| &reason.message),
        ])?;
    let id = work.conn.last_insert_rowid();
    work.tally.add(Kind {
        source: arrival.source,
        destination: key.destination,
        state: place.state,
        reason: code.unwrap_or_default(),
    });
    Ok(id)
}

pub(super) fn save_body(work: &mut Work<'_>, delivery: i64, event: &NewEvent) -> Sql<()> {
    let channel = work.labels.id(work.conn, event.channel.as_str())?;
    work.conn
        .prepare_cached("INSERT OR REPLACE INTO event_body VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((
            delivery,
            &event.body[..],
            channel,
            &event.because,
            notes(&event.notes),
        ))?;
    Ok(())
}

/// Leaves a remark at an event whose id is known under another name.
fn remark_same_id(work: &Work<'_>, delivery: i64, event: &NewEvent) -> Sql<()> {
    let remark = Reason::new(
        Reason::SAME_ID,
        "another event has this event_id under another name; Converge may take them for one",
    );
    let all: Vec<Reason> = event.notes.iter().cloned().chain([remark]).collect();
    work.conn
        .prepare_cached("UPDATE event_body SET notes = ?2 WHERE delivery = ?1")?
        .execute((delivery, notes(&all)))?;
    Ok(())
}

/// Notes how many events of a payload needed no delivery.
fn count_merged(work: &Work<'_>, payload: PayloadId, merged: usize) -> Sql<()> {
    if merged > 0 {
        let merged = i64::try_from(merged).unwrap_or(i64::MAX);
        work.conn
            .prepare_cached("UPDATE payload SET merged = merged + ?2 WHERE id = ?1")?
            .execute((payload.get(), merged))?;
    }
    Ok(())
}
