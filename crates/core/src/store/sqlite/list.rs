//! Lists of items.

use rusqlite::{Connection, Row, params_from_iter};

use super::super::{
    Count, DeliveryId, Direction, Filter, Item, ItemEvent, ItemId, List, Millis, PayloadId,
    Position, Reason, State,
};
use super::codes::{HELD, PENDING, payload_state, state};
use super::labels::Labels;
use super::readers::View;
use super::{Sql, filter};

const DELIVERIES: &str = "SELECT d.id, d.payload, d.state, d.source, p.topic, p.order_key,
    d.destination, d.name, d.event_id, d.attempts, d.reason, d.message, d.path, d.received_at,
    d.not_before, d.settled_at FROM delivery d JOIN payload p ON p.id = d.payload WHERE ";

const PAYLOADS: &str = "SELECT p.id, p.state, p.source, p.topic, p.order_key, p.reason, p.message,
    p.path, p.received_at FROM payload p WHERE ";

/// A page of a list.
pub(super) fn list(view: &mut View, list: &List) -> Sql<Vec<Item>> {
    let View { conn, labels } = view;
    items(conn, labels, list)
}

/// A page of a list, in whatever transaction the caller is.
pub(super) fn items(conn: &Connection, labels: &mut Labels, list: &List) -> Sql<Vec<Item>> {
    let List {
        filter,
        direction,
        after,
        limit,
    } = list;
    let mut items = Vec::new();
    if let Some(all) = filter::deliveries(conn, labels, filter)? {
        let all = filter::page(all, ("d.payload", "d.id"), *after, *direction, *limit);
        let mut select = conn.prepare(&format!("{DELIVERIES}{}", all.sql))?;
        let mut rows = select.query(params_from_iter(all.values))?;
        while let Some(row) = rows.next()? {
            items.push(delivery(conn, labels, row)?);
        }
    }
    if let Some(all) = filter::payloads(conn, labels, filter)? {
        // A bare 0 among the terms of an order would be the number of a column.
        let all = filter::page(all, ("p.id", "(0 + 0)"), *after, *direction, *limit);
        let mut select = conn.prepare(&format!("{PAYLOADS}{}", all.sql))?;
        let mut rows = select.query(params_from_iter(all.values))?;
        while let Some(row) = rows.next()? {
            items.push(payload(conn, labels, row)?);
        }
    }
    items.sort_by_key(|item| item.position);
    if *direction == Direction::NewestFirst {
        items.reverse();
    }
    items.truncate(*limit);
    Ok(items)
}

/// One item, whatever its state.
pub(super) fn item(conn: &Connection, labels: &mut Labels, id: ItemId) -> Sql<Option<Item>> {
    let one = List {
        filter: Filter {
            ids: Some(vec![id]),
            ..Filter::default()
        },
        direction: Direction::OldestFirst,
        after: None,
        limit: 1,
    };
    Ok(items(conn, labels, &one)?.pop())
}

fn delivery(conn: &Connection, labels: &mut Labels, row: &Row<'_>) -> Sql<Item> {
    let id: i64 = row.get(0)?;
    let payload: i64 = row.get(1)?;
    let code: i64 = row.get(2)?;
    let mut label = |column: usize| -> Sql<String> {
        let id: i64 = row.get(column)?;
        labels.text(conn, id).map(|text| text.to_string())
    };
    let not_before: i64 = row.get(14)?;
    Ok(Item {
        source: label(3)?,
        topic: label(4)?,
        event: Some(ItemEvent {
            destination: label(6)?,
            name: label(7)?,
            id: row.get(8)?,
        }),
        id: ItemId::Delivery(DeliveryId::new(id)),
        position: Position {
            payload,
            delivery: id,
        },
        state: state(code)?,
        order_key: row.get(5)?,
        attempts: row.get(9)?,
        reason: reason(conn, labels, (row.get(10)?, row.get(11)?, row.get(12)?))?,
        received_at: Millis::new(row.get(13)?),
        not_before: (matches!(code, HELD | PENDING) && not_before > 0)
            .then(|| Millis::new(not_before)),
        settled_at: row.get::<_, Option<i64>>(15)?.map(Millis::new),
    })
}

fn payload(conn: &Connection, labels: &mut Labels, row: &Row<'_>) -> Sql<Item> {
    let id: i64 = row.get(0)?;
    let source: i64 = row.get(2)?;
    let topic: i64 = row.get(3)?;
    Ok(Item {
        id: ItemId::Payload(PayloadId::new(id)),
        position: Position {
            payload: id,
            delivery: 0,
        },
        state: payload_state(row.get(1)?)?,
        source: labels.text(conn, source)?.to_string(),
        topic: labels.text(conn, topic)?.to_string(),
        order_key: row.get(4)?,
        event: None,
        attempts: 0,
        reason: reason(conn, labels, (row.get(5)?, row.get(6)?, row.get(7)?))?,
        received_at: Millis::new(row.get(8)?),
        not_before: None,
        settled_at: None,
    })
}

/// A reason from its three columns.
fn reason(
    conn: &Connection,
    labels: &mut Labels,
    (code, message, path): (Option<i64>, Option<String>, Option<String>),
) -> Sql<Option<Reason>> {
    let Some(code) = code else { return Ok(None) };
    Ok(Some(Reason {
        code: labels.text(conn, code)?.to_string(),
        message: message.unwrap_or_default(),
        path,
    }))
}

/// The counts that are kept.
pub(super) fn counts(view: &mut View) -> Sql<Vec<Count>> {
    let View { conn, labels } = view;
    let mut select = conn.prepare_cached(
        "SELECT source, destination, state, reason, count FROM tally WHERE count <> 0
         ORDER BY source, destination, state, reason",
    )?;
    let mut rows = select.query(())?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        let source: i64 = row.get(0)?;
        let mut label = |column: usize| -> Sql<Option<String>> {
            match row.get::<_, i64>(column)? {
                0 => Ok(None),
                id => labels.text(conn, id).map(|text| Some(text.to_string())),
            }
        };
        let destination = label(1)?;
        let reason = label(3)?;
        let code: i64 = row.get(2)?;
        let shown: State = state(code)?;
        counts.push(Count {
            source: labels.text(conn, source)?.to_string(),
            destination,
            state: shown,
            reason,
            count: row.get(4)?,
        });
    }
    Ok(counts)
}
