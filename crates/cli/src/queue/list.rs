//! Lists and counts.

use std::fmt::Write as _;

use orderbridge_core::store::{Direction, Filter, Item, List, Reason, Store};
use orderbridge_event::json::Object;

use super::{Format, Told, failed, shown};
use crate::Failed;
use crate::table::table;

/// The column of attempts.
const ATTEMPTS: usize = 5;

/// How many items are asked for at a time.
const PAGE: usize = 500;

pub(super) async fn list(
    store: &dyn Store,
    filter: Filter,
    format: Format,
    limit: usize,
) -> Result<Told, Failed> {
    let mut items: Vec<Item> = Vec::new();
    let mut after = None;
    while items.len() < limit {
        let page = List {
            filter: filter.clone(),
            direction: Direction::NewestFirst,
            after,
            limit: PAGE.min(limit - items.len()),
        };
        let found = store.list(page).await.map_err(|error| failed(&error))?;
        let Some(last) = found.last() else { break };
        after = Some(last.position);
        items.extend(found);
    }
    let mut told = Told::default();
    match format {
        Format::Json => {
            for item in &items {
                let mut line = Vec::new();
                let mut object = Object::open(&mut line);
                write_item(&mut object, item);
                object.close();
                told.stdout.push_str(&String::from_utf8_lossy(&line));
                told.stdout.push('\n');
            }
        }
        Format::Table => write_table(&mut told, &items),
    }
    if items.len() == limit {
        told.stderr = format!("the latest {limit}; see more with --limit\n");
    }
    Ok(told)
}

fn write_table(told: &mut Told, items: &[Item]) {
    if items.is_empty() {
        told.stderr.push_str("nothing is stored that fits\n");
        return;
    }
    let head = [
        "id", "state", "source", "event", "event id", "attempts", "received", "why",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for item in items {
        let event = item.event.as_ref();
        rows.push([
            item.id.to_string(),
            item.state.as_str().to_owned(),
            item.source.clone(),
            event.map_or_else(|| item.topic.clone(), |event| event.name.clone()),
            event.map_or_else(String::new, |event| event.id.clone()),
            item.attempts.to_string(),
            shown(item.received_at),
            item.reason.as_ref().map_or_else(String::new, why),
        ]);
    }
    told.stdout.push_str(&table(&rows, &[ATTEMPTS]));
}

/// A reason in one line.
pub(super) fn why(reason: &Reason) -> String {
    match &reason.path {
        Some(path) => format!("{}: {path} {}", reason.code, reason.message),
        None => format!("{}: {}", reason.code, reason.message),
    }
}

/// The fields of an item, as `surface` names them.
pub(super) fn write_item(object: &mut Object<'_>, item: &Item) {
    object.text("id", &item.id.to_string());
    object.text("state", item.state.as_str());
    object.text("source", &item.source);
    let event = item.event.as_ref();
    let null = |object: &mut Object<'_>, name: &'static str, text: Option<&str>| match text {
        Some(text) => object.text(name, text),
        None => object.field(name).extend_from_slice(b"null"),
    };
    null(
        object,
        "destination",
        event.map(|event| event.destination.as_str()),
    );
    null(object, "event_name", event.map(|event| event.name.as_str()));
    null(object, "event_id", event.map(|event| event.id.as_str()));
    object.text("topic", &item.topic);
    object.count("attempts", item.attempts.into());
    match &item.reason {
        Some(reason) => object.object("reason", |object| write_reason(object, reason)),
        None => null(object, "reason", None),
    }
    object.text("received_at", &shown(item.received_at));
    null(object, "not_before", item.not_before.map(shown).as_deref());
}

pub(super) fn write_reason(object: &mut Object<'_>, reason: &Reason) {
    object.text("code", &reason.code);
    object.text("message", &reason.message);
    object.maybe_text("path", reason.path.as_deref());
}

pub(super) async fn stats(store: &dyn Store, format: Format) -> Result<Told, Failed> {
    let counts = store.counts().await.map_err(|error| failed(&error))?;
    let mut told = Told::default();
    if counts.is_empty() {
        told.stderr.push_str("nothing is stored\n");
    }
    for count in counts {
        match format {
            Format::Table => {
                let _ = writeln!(
                    told.stdout,
                    "{:>9}  {:<10} {:<16} {:<12} {}",
                    count.count,
                    count.state.as_str(),
                    count.source,
                    count.destination.as_deref().unwrap_or("-"),
                    count.reason.as_deref().unwrap_or_default(),
                );
            }
            Format::Json => {
                let mut line = Vec::new();
                let mut object = Object::open(&mut line);
                object.text("state", count.state.as_str());
                object.text("source", &count.source);
                object.maybe_text("destination", count.destination.as_deref());
                object.maybe_text("reason", count.reason.as_deref());
                object.count("count", count.count);
                object.close();
                told.stdout.push_str(&String::from_utf8_lossy(&line));
                told.stdout.push('\n');
            }
        }
    }
    Ok(told)
}
