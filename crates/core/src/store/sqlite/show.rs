//! All that is known of one item, and payloads to be mapped again.

use bytes::Bytes;
use orderbridge_event::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};

use super::super::{
    Conflict, DeliveryId, Detail, FrozenEvent, Item, ItemId, Millis, OpenFetch, OpenRequest,
    PastAttempt, PayloadId, Position, PrivacyRequest, Private, Raw, Reason, State, SubjectHash,
};
use super::accept::REDACT_SOURCE;
use super::claim::millis;
use super::codes::{PAYLOAD_PARKED, PAYLOAD_REQUEST, class_name};
use super::error::unreadable;
use super::pack::unpack;
use super::readers::View;
use super::text::read_notes;
use super::{Sql, list};

/// All that is known of an item.
pub(super) fn show(view: &mut View, id: ItemId) -> Sql<Option<Detail>> {
    let View { conn, labels } = view;
    let item = match list::item(conn, labels, id)? {
        Some(item) => Some(item),
        None => match id {
            ItemId::Payload(payload) => mapped(view, payload)?,
            ItemId::Delivery(_) => None,
        },
    };
    item.map(|item| detail(view, item)).transpose()
}

/// A payload that became events: the first of them, or a line that says where they went.
fn mapped(view: &mut View, payload: PayloadId) -> Sql<Option<Item>> {
    let View { conn, labels } = view;
    let first: Option<i64> = conn.query_row(
        "SELECT min(id) FROM delivery WHERE payload = ?1",
        [payload.get()],
        |row| row.get(0),
    )?;
    if let Some(first) = first {
        return list::item(conn, labels, ItemId::Delivery(DeliveryId::new(first)));
    }
    let row: Option<(i64, i64, Option<String>, i64)> = conn
        .query_row(
            "SELECT source, topic, order_key, received_at FROM payload WHERE id = ?1",
            [payload.get()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    let Some((source, topic, order_key, received_at)) = row else {
        return Ok(None);
    };
    Ok(Some(Item {
        id: ItemId::Payload(payload),
        position: Position {
            payload: payload.get(),
            delivery: 0,
        },
        state: State::Dropped,
        source: labels.text(conn, source)?.to_string(),
        topic: labels.text(conn, topic)?.to_string(),
        order_key,
        event: None,
        attempts: 0,
        reason: Some(Reason::new(
            "merged",
            "its events are known from another payload",
        )),
        received_at: Millis::new(received_at),
        not_before: None,
        settled_at: None,
    }))
}

fn detail(view: &mut View, item: Item) -> Sql<Detail> {
    let payload = item.position.payload;
    let (delivery_id, mapping): (Option<String>, i64) = view.conn.query_row(
        "SELECT delivery_id, mapping FROM payload WHERE id = ?1",
        [payload],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let delivery = item.position.delivery;
    let event = frozen(view, delivery)?;
    let View { conn, labels } = view;
    Ok(Detail {
        payload: PayloadId::new(payload),
        delivery_id,
        mapping: labels.text(conn, mapping)?.to_string(),
        raw: body(conn, payload)?.map(Private::new),
        event,
        attempts: attempts(conn, delivery)?,
        conflicts: conflicts(conn, delivery)?,
        item,
    })
}

fn frozen(view: &mut View, delivery: i64) -> Sql<Option<FrozenEvent>> {
    let View { conn, labels } = view;
    let mut select = conn.prepare_cached(
        "SELECT b.body, b.channel, b.because, b.notes, d.order_time
         FROM event_body b JOIN delivery d ON d.id = b.delivery WHERE d.id = ?1",
    )?;
    let mut rows = select.query([delivery])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let channel: i64 = row.get(1)?;
    let notes: Option<String> = row.get(3)?;
    Ok(Some(FrozenEvent {
        body: Private::new(row.get::<_, Vec<u8>>(0)?.into()),
        channel: labels.text(conn, channel)?.to_string(),
        because: row.get(2)?,
        notes: read_notes(notes.as_deref())?,
        order_time: Millis::new(row.get(4)?),
    }))
}

fn body(conn: &Connection, payload: i64) -> Sql<Option<Bytes>> {
    conn.prepare_cached("SELECT length, body FROM payload_body WHERE payload = ?1")?
        .query_row([payload], |row| unpack(row.get(0)?, row.get(1)?))
        .optional()
}

fn attempts(conn: &Connection, delivery: i64) -> Sql<Vec<PastAttempt>> {
    let mut select = conn.prepare_cached(
        "SELECT number, at, duration, class, status, answer FROM attempt
         WHERE delivery = ?1 ORDER BY number",
    )?;
    let rows = select.query_map([delivery], |row| {
        let answer: Option<String> = row.get(5)?;
        Ok(PastAttempt {
            number: row.get(0)?,
            at: Millis::new(row.get(1)?),
            duration: millis(row.get(2)?),
            class: class_name(row.get(3)?)?.to_owned(),
            status: row.get(4)?,
            answer: Private::new(answer.unwrap_or_default()),
        })
    })?;
    rows.collect()
}

fn conflicts(conn: &Connection, delivery: i64) -> Sql<Vec<Conflict>> {
    let mut select = conn.prepare_cached(
        "SELECT payload, at, became FROM conflict WHERE delivery = ?1 ORDER BY payload",
    )?;
    let rows = select.query_map([delivery], |row| {
        let became: Option<i64> = row.get(2)?;
        Ok(Conflict {
            payload: PayloadId::new(row.get(0)?),
            at: Millis::new(row.get(1)?),
            delivery: became.map(DeliveryId::new),
        })
    })?;
    rows.collect()
}

/// A payload to be mapped again.
pub(super) fn raw(view: &mut View, payload: PayloadId) -> Sql<Option<Raw>> {
    let View { conn, labels } = view;
    let Some(body) = body(conn, payload.get())? else {
        return Ok(None);
    };
    let (source, topic, received_at, sent_at, is_test): (i64, i64, i64, Option<String>, bool) =
        conn.query_row(
            "SELECT source, topic, received_at, sent_at, test FROM payload WHERE id = ?1",
            [payload.get()],
            |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                ))
            },
        )?;
    Ok(Some(Raw {
        source: labels.text(conn, source)?.to_string(),
        topic: labels.text(conn, topic)?.to_string(),
        received_at: Millis::new(received_at),
        sent_at: sent_at.as_deref().and_then(Timestamp::parse),
        is_test,
        body: Private::new(body),
    }))
}

/// Requests of platforms that are not done yet.
pub(super) fn open_requests(view: &mut View) -> Sql<Vec<OpenRequest>> {
    let View { conn, labels } = view;
    let data = labels.known(conn, Reason::DATA_REQUEST)?.unwrap_or(-1);
    let mut select = conn.prepare_cached(
        "SELECT id, source, reason, subjects, received_at FROM payload
         WHERE state = ?1 OR (state = ?2 AND reason = ?3) ORDER BY id",
    )?;
    let mut rows = select.query((PAYLOAD_REQUEST, PAYLOAD_PARKED, data))?;
    let mut requests = Vec::new();
    while let Some(row) = rows.next()? {
        let source: i64 = row.get(1)?;
        let code: i64 = row.get(2)?;
        let hashes: Option<Vec<u8>> = row.get(3)?;
        let request = match &*labels.text(conn, code)? {
            Reason::DATA_REQUEST => PrivacyRequest::Data,
            Reason::REDACT_REQUEST => PrivacyRequest::RedactSubjects,
            REDACT_SOURCE => PrivacyRequest::RedactSource,
            _ => return Err(unreadable("request")),
        };
        requests.push(OpenRequest {
            payload: PayloadId::new(row.get(0)?),
            source: labels.text(conn, source)?.to_string(),
            request,
            subjects: read_subjects(hashes.as_deref().unwrap_or_default()),
            received_at: Millis::new(row.get(4)?),
        });
    }
    Ok(requests)
}

/// Payloads that say what is to be fetched.
pub(super) fn open_fetches(
    view: &mut View,
    source: &str,
    after: Option<PayloadId>,
    limit: usize,
) -> Sql<Vec<OpenFetch>> {
    let View { conn, labels } = view;
    let Some(source) = labels.known(conn, source)? else {
        return Ok(Vec::new());
    };
    let mut select = conn.prepare_cached(
        "SELECT p.id, p.topic, p.received_at, b.length, b.body FROM payload p
         JOIN payload_body b ON b.payload = p.id
         WHERE p.state = 6 AND p.id > ?2 AND p.source = ?1 ORDER BY p.id LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = after.map_or(0, PayloadId::get);
    let mut rows = select.query((source, after, limit))?;
    let mut fetches = Vec::new();
    while let Some(row) = rows.next()? {
        let topic: i64 = row.get(1)?;
        fetches.push(OpenFetch {
            payload: PayloadId::new(row.get(0)?),
            topic: labels.text(conn, topic)?.to_string(),
            received_at: Millis::new(row.get(2)?),
            body: Private::new(unpack(row.get(3)?, row.get(4)?)?),
        });
    }
    Ok(fetches)
}

/// Hashes that stand one after the other.
pub(super) fn read_subjects(bytes: &[u8]) -> Vec<SubjectHash> {
    bytes
        .chunks_exact(SubjectHash::LENGTH)
        .filter_map(|chunk| chunk.try_into().ok().map(SubjectHash::from_bytes))
        .collect()
}
