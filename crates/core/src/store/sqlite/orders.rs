//! What is known beside the payloads: orders, customers, and how far a source was read.

use orderbridge_event::{Amount, Currency, KnownOrder, Refunded, SalesChannel};
use rusqlite::{Connection, OptionalExtension as _};

use super::super::{Cursor, Customer, Millis, OrderVersion, Private, Seen};
use super::Sql;
use super::error::unreadable;
use super::readers::View;
use super::text::{aliases, read_aliases};
use super::writer::Work;

/// Keeps what a refund needs of an order, from its latest version.
pub(super) fn remember(
    work: &mut Work<'_>,
    source: i64,
    order: &OrderVersion,
    now: Millis,
) -> Sql<()> {
    let Some(known) = &order.known else {
        return Ok(());
    };
    let channel = work.labels.id(work.conn, known.channel.as_str())?;
    work.conn
        .prepare_cached(
            "INSERT INTO known_order VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)
             ON CONFLICT DO UPDATE SET aliases = excluded.aliases, currency = excluded.currency,
             channel = excluded.channel, updated_at = excluded.updated_at,
             touched_at = excluded.touched_at
             WHERE redacted = 0 AND coalesce(excluded.updated_at >= updated_at, 1)",
        )?
        .execute(rusqlite::params![
            source,
            order.key,
            aliases(&known.aliases),
            known.currency.as_str(),
            channel,
            order.updated_at.map(Millis::get),
            now.get(),
        ])?;
    Ok(())
}

/// Keeps that money of an order went back.
pub(super) fn give_back(work: &Work<'_>, source: i64, key: &str, amount: Amount) -> Sql<()> {
    work.conn
        .prepare_cached("INSERT INTO refund (source, order_key, amount) VALUES (?1, ?2, ?3)")?
        .execute((source, key, amount.to_string()))?;
    Ok(())
}

/// What was told of an order's refunds.
pub(super) fn refunded(view: &mut View, source: &str, key: &str) -> Sql<Refunded> {
    let Some(source) = view.labels.known(&view.conn, source)? else {
        return Ok(Refunded::default());
    };
    let mut select = view.conn.prepare_cached(
        "SELECT amount FROM refund WHERE source = ?1 AND order_key = ?2 ORDER BY id",
    )?;
    let mut rows = select.query((source, key))?;
    let mut amounts = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        amounts.push(Amount::parse(&text).ok_or_else(|| unreadable("refund"))?);
    }
    Ok(amounts.into_iter().collect())
}

/// Whether an order was erased on request.
pub(super) fn is_redacted(conn: &Connection, source: i64, key: &str) -> Sql<bool> {
    let redacted: Option<bool> = conn
        .prepare_cached("SELECT redacted FROM known_order WHERE source = ?1 AND order_key = ?2")?
        .query_row((source, key), |row| row.get(0))
        .optional()?;
    Ok(redacted.unwrap_or(false))
}

/// What is known of an order.
pub(super) fn known(view: &mut View, source: &str, key: &str) -> Sql<Option<Private<KnownOrder>>> {
    let Some(source) = view.labels.known(&view.conn, source)? else {
        return Ok(None);
    };
    let row: Option<(String, String, i64)> = view
        .conn
        .prepare_cached(
            "SELECT aliases, currency, channel FROM known_order
             WHERE source = ?1 AND order_key = ?2 AND redacted = 0",
        )?
        .query_row((source, key), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((aliases, currency, channel)) = row else {
        return Ok(None);
    };
    let channel = view.labels.text(&view.conn, channel)?;
    let bad = || unreadable("order");
    Ok(Some(Private::new(KnownOrder {
        aliases: read_aliases(&aliases)?,
        currency: Currency::parse(&currency).ok_or_else(bad)?,
        channel: SalesChannel::parse(&channel).ok_or_else(bad)?,
    })))
}

/// Says whether a customer has bought before, and notes this order if it is their first.
pub(super) fn seen(work: &mut Work<'_>, customer: &Customer) -> Sql<Seen> {
    let source = work.labels.id(work.conn, &customer.source)?;
    let mut earlier = false;
    for hash in &customer.subjects {
        let first: Option<(String, i64)> = work
            .conn
            .prepare_cached(
                "SELECT order_key, ordered_at FROM customer WHERE source = ?1 AND hash = ?2",
            )?
            .query_row((source, hash.as_bytes()), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let ordered_at = customer.ordered_at.get();
        let same = |order: &str| order == customer.order_key;
        earlier |= first
            .as_ref()
            .is_some_and(|(order, at)| !same(order) && *at <= ordered_at);
        // History may come in late and backwards; the earliest order is the first.
        if first.is_none_or(|(order, at)| !same(&order) && at > ordered_at) {
            work.conn
                .prepare_cached("INSERT OR REPLACE INTO customer VALUES (?1, ?2, ?3, ?4)")?
                .execute((source, hash.as_bytes(), &customer.order_key, ordered_at))?;
        }
    }
    let complete = customer
        .complete_from
        .is_some_and(|from| from <= customer.ordered_at);
    Ok(match (earlier, complete) {
        (true, _) => Seen::Returning,
        (false, true) if !customer.subjects.is_empty() => Seen::New,
        _ => Seen::Unknown,
    })
}

/// Keeps how far a source was read.
pub(super) fn save_cursor(work: &mut Work<'_>, cursor: &Cursor) -> Sql<()> {
    let source = work.labels.id(work.conn, &cursor.source)?;
    work.conn
        .prepare_cached("INSERT OR REPLACE INTO source_cursor VALUES (?1, ?2, ?3)")?
        .execute((source, &cursor.stream, &cursor.position))?;
    Ok(())
}

/// How far a source was read.
pub(super) fn cursor(view: &mut View, source: &str, stream: &str) -> Sql<Option<Cursor>> {
    let Some(id) = view.labels.known(&view.conn, source)? else {
        return Ok(None);
    };
    let position: Option<String> = view
        .conn
        .prepare_cached("SELECT position FROM source_cursor WHERE source = ?1 AND stream = ?2")?
        .query_row((id, stream), |row| row.get(0))
        .optional()?;
    Ok(position.map(|position| Cursor {
        source: source.to_owned(),
        stream: stream.to_owned(),
        position,
    }))
}
