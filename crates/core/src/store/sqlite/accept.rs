//! Storing payloads.

use rusqlite::OptionalExtension as _;
use sha2::{Digest as _, Sha256};

use super::super::{
    Accepted, EventOutcome, Intake, Millis, Outcome, Page, PayloadId, PrivacyRequest, Reason,
    SubjectHash,
};
use super::codes::{
    PAYLOAD_DROPPED, PAYLOAD_FETCH, PAYLOAD_MAPPED, PAYLOAD_PARKED, PAYLOAD_REDACTED,
    PAYLOAD_REQUEST, payload_item_state,
};
use super::events::{self, Arrival};
use super::keys::Found;
use super::pack::Packed;
use super::tally::Kind;
use super::writer::Work;
use super::{Sql, keys, orders};

/// Tells a request to erase a whole source from one about people.
pub(super) const REDACT_SOURCE: &str = "privacy.redact_source_request";

/// Stores a page and its cursor. The bodies of its payloads were packed before, so that the one
/// thread that writes need not.
pub(super) fn page(work: &mut Work<'_>, page: &Page, bodies: &[Packed]) -> Sql<Vec<Accepted>> {
    let mut accepted = Vec::with_capacity(page.intakes.len());
    for (intake, body) in page.intakes.iter().zip(bodies) {
        accepted.push(one(work, intake, body)?);
    }
    if let Some(cursor) = &page.cursor {
        orders::save_cursor(work, cursor)?;
    }
    Ok(accepted)
}

fn one(work: &mut Work<'_>, intake: &Intake, body: &Packed) -> Sql<Accepted> {
    let source = work.labels.id(work.conn, &intake.source)?;
    let digest = digest(intake);
    if let Some(payload) = repetition(work, source, intake, digest.as_ref())? {
        return Ok(Accepted::Duplicate { payload });
    }
    let row = Row {
        source,
        topic: work.labels.id(work.conn, &intake.topic)?,
        mapping: work.labels.id(work.conn, &intake.mapping)?,
        digest,
        intake,
    };
    let found = match &intake.outcome {
        Outcome::Events(new) => keys::find(work, new)?,
        _ => Vec::new(),
    };
    // Of an order that was erased on request, or one of whose events was, nothing is stored.
    if found.iter().any(Found::is_redacted) || is_redacted(work, source, intake)? {
        return redacted(work, &row, &found);
    }
    let (state, reason) = state(&intake.outcome);
    let payload = insert(work, &row, state, reason.as_ref())?;
    let arrival = Arrival::of(payload, source, intake);
    let events::Taken { outcomes, same_id } = events::take_all(work, &arrival, found)?;
    if keeps_body(intake, &outcomes) {
        work.conn
            .prepare_cached("INSERT INTO payload_body VALUES (?1, ?2, ?3)")?
            .execute((payload.get(), body.length, &body.bytes[..]))?;
    }
    if let Some(order) = &intake.order {
        orders::remember(work, source, order, intake.received_at)?;
    }
    Ok(Accepted::Stored {
        payload,
        events: outcomes,
        same_id,
    })
}

/// A request to erase names the person. Repetitions have nothing that is not stored already, and of
/// what another source told first nothing is sent: a poller that looks at the same orders every
/// minute must not fill the disk.
fn keeps_body(intake: &Intake, outcomes: &[EventOutcome]) -> bool {
    match intake.outcome {
        Outcome::Events(_) => !outcomes.iter().all(|outcome| {
            matches!(
                outcome,
                EventOutcome::Duplicate(_) | EventOutcome::Joined(_)
            )
        }),
        Outcome::Privacy(PrivacyRequest::RedactSubjects | PrivacyRequest::RedactSource) => false,
        Outcome::Ignored(_)
        | Outcome::Unmappable(_)
        | Outcome::Fetch
        | Outcome::Privacy(PrivacyRequest::Data) => true,
    }
}

/// What tells a repetition that has neither an id nor an event: a poller that looks at the same
/// ignored order every minute must not fill the disk.
fn digest(intake: &Intake) -> Option<[u8; 16]> {
    let makes_none = matches!(intake.outcome, Outcome::Ignored(_) | Outcome::Unmappable(_));
    if intake.delivery_id.is_some() || !makes_none {
        return None;
    }
    let mut hash = Sha256::new();
    hash.update(intake.topic.as_bytes());
    hash.update([0]);
    hash.update(&intake.body[..]);
    let mut digest = [0; 16];
    for (to, from) in digest.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    Some(digest)
}

/// The payload that came first under this platform's delivery id, or with the same bytes.
fn repetition(
    work: &Work<'_>,
    source: i64,
    intake: &Intake,
    digest: Option<&[u8; 16]>,
) -> Sql<Option<PayloadId>> {
    if let Some(digest) = digest {
        return work
            .conn
            .prepare_cached("SELECT id FROM payload WHERE source = ?1 AND digest = ?2")?
            .query_row((source, digest), |row| row.get(0).map(PayloadId::new))
            .optional();
    }
    let Some(id) = &intake.delivery_id else {
        return Ok(None);
    };
    work.conn
        .prepare_cached("SELECT id FROM payload WHERE source = ?1 AND delivery_id = ?2")?
        .query_row((source, id), |row| row.get(0).map(PayloadId::new))
        .optional()
}

/// Whether the order was erased on request. Requests of a platform are always taken.
fn is_redacted(work: &Work<'_>, source: i64, intake: &Intake) -> Sql<bool> {
    match (&intake.order, &intake.outcome) {
        (None, _) | (_, Outcome::Privacy(_)) => Ok(false),
        (Some(order), _) => orders::is_redacted(work.conn, source, &order.key),
    }
}

/// Notes that something came in again that was erased, and nothing of its content.
fn redacted(work: &mut Work<'_>, row: &Row<'_>, found: &[Found<'_>]) -> Sql<Accepted> {
    let reason = Reason::new(Reason::REDACTED, "");
    let payload = insert(work, row, PAYLOAD_REDACTED, Some(&reason))?;
    let arrival = Arrival::of(payload, row.source, row.intake);
    Ok(Accepted::Stored {
        payload,
        events: events::bury_all(work, &arrival, found)?,
        same_id: Vec::new(),
    })
}

/// The state of a payload with this outcome, and why.
pub(super) fn state(outcome: &Outcome) -> (i64, Option<Reason>) {
    match outcome {
        Outcome::Events(_) => (PAYLOAD_MAPPED, None),
        Outcome::Ignored(reason) => (PAYLOAD_DROPPED, Some(reason.clone())),
        Outcome::Unmappable(reason) => (PAYLOAD_PARKED, Some(reason.clone())),
        Outcome::Fetch => {
            let message = "waits to be fetched from the platform";
            let reason = Reason::new(Reason::FETCH_PENDING, message);
            (PAYLOAD_FETCH, Some(reason))
        }
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
    digest: Option<[u8; 16]>,
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
    let events = match &intake.outcome {
        Outcome::Events(new) => i64::try_from(new.len()).unwrap_or(i64::MAX),
        _ => 0,
    };
    work.conn
        .prepare_cached(
            "INSERT INTO payload (source, topic, mapping, delivery_id, received_at, order_key,
             updated_at, state, reason, message, path, subjects, events, sent_at, test, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
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
            events,
            intake.sent_at.map(|time| time.to_string()),
            intake.is_test,
            row.digest,
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
