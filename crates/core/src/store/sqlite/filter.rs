//! A filter, as conditions in SQL.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::super::{Direction, Filter, ItemId, Position};
use super::Sql;
use super::codes::{payload_item_state, state_code};
use super::labels::Labels;

/// Conditions with their values, for the rows of one table.
pub(super) struct Conditions {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    fn new(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds a condition; `?` in it is the value.
    fn and(&mut self, sql: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.push(value.into());
    }

    fn and_in(&mut self, column: &str, numbers: impl Iterator<Item = i64>) {
        // One number is written as `=`, which is how a partial index is recognized.
        let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
        let condition = match numbers.as_slice() {
            [one] => format!(" AND {column} = {one}"),
            many => format!(" AND {column} IN ({})", many.join(", ")),
        };
        self.sql.push_str(&condition);
    }

    /// Adds a condition on a label. One that does not exist fits nothing.
    fn and_label(
        &mut self,
        (conn, labels): (&Connection, &mut Labels),
        column: &str,
        text: Option<&String>,
    ) -> Sql<()> {
        if let Some(text) = text {
            let id = labels.known(conn, text)?.unwrap_or(-1);
            self.and(&format!("{column} = ?"), id);
        }
        Ok(())
    }

    fn and_times(&mut self, column: &str, filter: &Filter) {
        if let Some(since) = filter.since {
            self.and(&format!("{column} >= ?"), since.get());
        }
        if let Some(until) = filter.until {
            self.and(&format!("{column} < ?"), until.get());
        }
    }
}

/// The deliveries of a filter, as rows of `delivery d` and `payload p`; `None` when it fits none.
pub(super) fn deliveries(
    conn: &Connection,
    labels: &mut Labels,
    filter: &Filter,
) -> Sql<Option<Conditions>> {
    let mut all = Conditions::new("1");
    if let Some(ids) = &filter.ids {
        let ids: Vec<i64> = ids
            .iter()
            .filter_map(|id| match id {
                ItemId::Delivery(id) => Some(id.get()),
                ItemId::Payload(_) => None,
            })
            .collect();
        if ids.is_empty() {
            return Ok(None);
        }
        all.and_in("d.id", ids.into_iter());
    }
    if let Some(payloads) = &filter.payloads {
        all.and_in("d.payload", payloads.iter().map(|payload| payload.get()));
    }
    if let Some(states) = &filter.states {
        all.and_in("d.state", states.iter().map(|state| state_code(*state)));
    }
    all.and_label((conn, &mut *labels), "d.source", filter.source.as_ref())?;
    all.and_label(
        (conn, &mut *labels),
        "d.destination",
        filter.destination.as_ref(),
    )?;
    all.and_label((conn, &mut *labels), "d.reason", filter.reason.as_ref())?;
    if let Some(id) = &filter.event_id {
        all.and("d.event_id = ?", id.clone());
    }
    if let Some(key) = &filter.order_key {
        all.and("p.order_key = ?", key.clone());
    }
    all.and_times("d.received_at", filter);
    Ok(Some(all))
}

/// The payloads of a filter that became no event, as rows of `payload p`.
pub(super) fn payloads(
    conn: &Connection,
    labels: &mut Labels,
    filter: &Filter,
) -> Sql<Option<Conditions>> {
    if filter.destination.is_some() || filter.event_id.is_some() {
        return Ok(None);
    }
    let mut all = Conditions::new("p.state <> 0");
    if let Some(ids) = &filter.ids {
        let ids: Vec<i64> = ids
            .iter()
            .filter_map(|id| match id {
                ItemId::Payload(id) => Some(id.get()),
                ItemId::Delivery(_) => None,
            })
            .collect();
        if ids.is_empty() {
            return Ok(None);
        }
        all.and_in("p.id", ids.into_iter());
    }
    if let Some(payloads) = &filter.payloads {
        all.and_in("p.id", payloads.iter().map(|payload| payload.get()));
    }
    if let Some(states) = &filter.states {
        let wanted: Vec<i64> = states.iter().map(|state| state_code(*state)).collect();
        let fitting = (1..=6)
            .filter(|code| payload_item_state(*code).is_some_and(|shown| wanted.contains(&shown)));
        let fitting: Vec<i64> = fitting.collect();
        if fitting.is_empty() {
            return Ok(None);
        }
        all.and_in("p.state", fitting.into_iter());
    }
    all.and_label((conn, &mut *labels), "p.source", filter.source.as_ref())?;
    all.and_label((conn, &mut *labels), "p.reason", filter.reason.as_ref())?;
    if let Some(key) = &filter.order_key {
        all.and("p.order_key = ?", key.clone());
    }
    all.and_times("p.received_at", filter);
    Ok(Some(all))
}

/// The part of a list that comes after a position, and its order.
pub(super) fn page(
    mut all: Conditions,
    (payload, delivery): (&str, &str),
    after: Option<Position>,
    direction: Direction,
    limit: usize,
) -> Conditions {
    let (sign, word) = match direction {
        Direction::OldestFirst => (">", "ASC"),
        Direction::NewestFirst => ("<", "DESC"),
    };
    if let Some(after) = after {
        // The first part is implied by the second; it is there for the index.
        all.and(&format!("{payload} {sign}= ?"), after.payload);
        all.and(&format!("({payload}, {delivery}) {sign} (?"), after.payload);
        all.sql.push_str(", ?)");
        all.values.push(after.delivery.into());
    }
    let order = format!(" ORDER BY {payload} {word}, {delivery} {word} LIMIT ?");
    all.sql.push_str(&order);
    all.values
        .push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    all
}
