//! Storing payloads.

use rusqlite::OptionalExtension as _;

use super::super::{
    Accepted, EventOutcome, Intake, Millis, Outcome, Page, PayloadId, PrivacyRequest, Reason,
    SubjectHash,
};
use super::codes::{
    PAYLOAD_DROPPED, PAYLOAD_MAPPED, PAYLOAD_PARKED, PAYLOAD_REDACTED, PAYLOAD_REQUEST,
    payload_item_state,
};
use super::events::{self, Arrival};
use super::tally::Kind;
use super::writer::Work;
use super::{Sql, keys, orders};

/// Tells a request to erase a whole source from one about people.
pub(super) const REDACT_SOURCE: &str = "privacy.redact_source_request";

/// Stores a page and its cursor.
pub(super) fn page(work: &mut Work<'_>, page: &Page) -> Sql<Vec<Accepted>> {
    let mut accepted = Vec::with_capacity(page.intakes.len());
    for intake in &page.intakes {
        accepted.push(one(work, intake)?);
    }
    if let Some(cursor) = &page.cursor {
        orders::save_cursor(work, cursor)?;
    }
    Ok(accepted)
}

fn one(work: &mut Work<'_>, intake: &Intake) -> Sql<Accepted> {
    let source = work.labels.id(work.conn, &intake.source)?;
    if let Some(payload) = repetition(work, source, intake)? {
        return Ok(Accepted::Duplicate { payload });
    }
    let row = Row {
        source,
        topic: work.labels.id(work.conn, &intake.topic)?,
        mapping: work.labels.id(work.conn, &intake.mapping)?,
        intake,
    };
    if is_redacted(work, source, intake)? {
        return redacted(work, &row);
    }
    let (state, reason) = state(&intake.outcome);
    let payload = insert(work, &row, state, reason.as_ref())?;
    let outcomes = match &intake.outcome {
        Outcome::Events(new) => {
            let arrival = Arrival::of(payload, source, intake);
            events::take_all(work, &arrival, new)?
        }
        _ => Vec::new(),
    };
    if keeps_body(intake, &outcomes) {
        work.conn
            .prepare_cached("INSERT INTO payload_body VALUES (?1, ?2)")?
            .execute((payload.get(), &intake.body[..]))?;
    }
    if let Some(order) = &intake.order {
        orders::remember(work, source, order, intake.received_at)?;
    }
    Ok(Accepted::Stored {
        payload,
        events: outcomes,
    })
}

/// A request to erase names the person, and repetitions have nothing that is not stored already:
/// a poller that looks at the same orders every minute must not fill the disk.
fn keeps_body(intake: &Intake, outcomes: &[EventOutcome]) -> bool {
    match intake.outcome {
        Outcome::Events(_) => !outcomes
            .iter()
            .all(|outcome| matches!(outcome, EventOutcome::Duplicate(_))),
        Outcome::Privacy(PrivacyRequest::RedactSubjects | PrivacyRequest::RedactSource) => false,
        Outcome::Ignored(_) | Outcome::Unmappable(_) | Outcome::Privacy(PrivacyRequest::Data) => {
            true
        }
    }
}

/// The payload that came first under this platform's delivery id.
fn repetition(work: &Work<'_>, source: i64, intake: &Intake) -> Sql<Option<PayloadId>> {
    let Some(id) = &intake.delivery_id else {
        return Ok(None);
    };
    work.conn
        .prepare_cached("SELECT id FROM payload WHERE source = ?1 AND delivery_id = ?2")?
        .query_row((source, id), |row| row.get(0).map(PayloadId::new))
        .optional()
}

/// Whether the order, or one of the events, was erased on request. Then nothing of it is stored.
fn is_redacted(work: &mut Work<'_>, source: i64, intake: &Intake) -> Sql<bool> {
    if let Some(order) = &intake.order
        && orders::is_redacted(work.conn, source, &order.key)?
    {
        return Ok(!matches!(intake.outcome, Outcome::Privacy(_)));
    }
    let Outcome::Events(new) = &intake.outcome else {
        return Ok(false);
    };
    for event in new {
        if keys::is_redacted(work, event)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that something came in again that was erased, and nothing of its content.
fn redacted(work: &mut Work<'_>, row: &Row<'_>) -> Sql<Accepted> {
    let reason = Reason::new(Reason::REDACTED, "");
    let payload = insert(work, row, PAYLOAD_REDACTED, Some(&reason))?;
    let outcomes = match &row.intake.outcome {
        Outcome::Events(new) => {
            let arrival = Arrival::of(payload, row.source, row.intake);
            events::bury_all(work, &arrival, new)?
        }
        _ => Vec::new(),
    };
    Ok(Accepted::Stored {
        payload,
        events: outcomes,
    })
}

/// The state of a payload with this outcome, and why.
pub(super) fn state(outcome: &Outcome) -> (i64, Option<Reason>) {
    match outcome {
        Outcome::Events(_) => (PAYLOAD_MAPPED, None),
        Outcome::Ignored(reason) => (PAYLOAD_DROPPED, Some(reason.clone())),
        Outcome::Unmappable(reason) => (PAYLOAD_PARKED, Some(reason.clone())),
        Outcome::Privacy(request) => {
            let (state, code, message) = match request {
                PrivacyRequest::Data => (
                    PAYLOAD_PARKED,
                    Reason::DATA_REQUEST,
                    "a customer asks what is stored about them",
                ),
                PrivacyRequest::RedactSubjects => (
                    PAYLOAD_REQUEST,
                    Reason::REDACT_REQUEST,
                    "a customer's data is to be erased",
                ),
                PrivacyRequest::RedactSource => (
                    PAYLOAD_REQUEST,
                    REDACT_SOURCE,
                    "a shop's data is to be erased",
                ),
            };
            (state, Some(Reason::new(code, message)))
        }
    }
}

struct Row<'a> {
    source: i64,
    topic: i64,
    mapping: i64,
    intake: &'a Intake,
}

fn insert(
    work: &mut Work<'_>,
    row: &Row<'_>,
    state: i64,
    reason: Option<&Reason>,
) -> Sql<PayloadId> {
    let intake = row.intake;
    let order = intake.order.as_ref();
    let code = reason
        .map(|reason| work.labels.id(work.conn, &reason.code))
        .transpose()?;
    // Whoever was erased is not to be found again, not even by hash.
    let subjects = match state {
        PAYLOAD_REDACTED => None,
        _ => subjects(&intake.subjects),
    };
    work.conn
        .prepare_cached(
            "INSERT INTO payload (source, topic, mapping, delivery_id, received_at, order_key,
             updated_at, state, reason, message, path, subjects)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(rusqlite::params![
            row.source,
            row.topic,
            row.mapping,
            intake.delivery_id,
            intake.received_at.get(),
            order.map(|order| &order.key),
            order.and_then(|order| order.updated_at).map(Millis::get),
            state,
            code,
            reason.map(|reason| &reason.message),
            reason.and_then(|reason| reason.path.as_ref()),
            subjects,
        ])?;
    if let Some(item) = payload_item_state(state) {
        work.tally.add(Kind {
            source: row.source,
            destination: 0,
            state: item,
            reason: code.unwrap_or_default(),
        });
    }
    Ok(PayloadId::new(work.conn.last_insert_rowid()))
}

/// Hashes, one after the other.
pub(super) fn subjects(hashes: &[SubjectHash]) -> Option<Vec<u8>> {
    (!hashes.is_empty()).then(|| hashes.iter().flat_map(|hash| *hash.as_bytes()).collect())
}
