//! Lists of texts in one column, as JSON.

use orderbridge_event::{Alias, Aliases, Text};
use serde_json::{Value, json};

use super::super::Reason;
use super::Sql;
use super::error::unreadable;

/// Remarks as they are stored; nothing for none.
pub(super) fn notes(notes: &[Reason]) -> Option<String> {
    let rows: Vec<Value> = notes
        .iter()
        .map(|note| json!([note.code, note.message, note.path]))
        .collect();
    (!rows.is_empty()).then(|| Value::from(rows).to_string())
}

/// Reads remarks.
pub(super) fn read_notes(text: Option<&str>) -> Sql<Vec<Reason>> {
    let bad = || unreadable("list of notes");
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let rows: Vec<Value> = serde_json::from_str(text).map_err(|_| bad())?;
    let read = |row: &Value| {
        Some(Reason {
            code: row.get(0)?.as_str()?.to_owned(),
            message: row.get(1)?.as_str()?.to_owned(),
            path: row.get(2)?.as_str().map(str::to_owned),
        })
    };
    rows.iter().map(|row| read(row).ok_or_else(bad)).collect()
}

/// Aliases as they are stored.
pub(super) fn aliases(aliases: &Aliases) -> String {
    let texts: Vec<&str> = aliases.iter().map(Alias::as_str).collect();
    json!(texts).to_string()
}

/// Reads aliases.
pub(super) fn read_aliases(text: &str) -> Sql<Aliases> {
    let texts: Option<Vec<String>> = serde_json::from_str(text).ok();
    let known = texts.iter().flatten();
    let known = known.filter_map(|text| Text::new(text).map(Alias::given));
    Aliases::from_known(known).ok_or_else(|| unreadable("list of aliases"))
}
