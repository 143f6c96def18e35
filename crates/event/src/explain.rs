//! What became of a payload, told to a person: the text of `explain` and of snapshots.

use std::fmt::Write as _;

use crate::tree::Tree;
use crate::{Amount, Event, Events, MapError, Mapped, Prices, Proof, json};

/// Explains an outcome in plain text: each line begins with a label, the bodies come last.
///
/// The bodies are laid out over several lines; apart from that white space they are exactly what
/// is sent. They hold personal data, everything above them does not.
pub fn explain(outcome: &Result<Mapped, MapError>) -> String {
    let mut text = String::new();
    match outcome {
        Err(error) => explain_error(&mut text, error),
        Ok(Mapped::Ignored(ignored)) => {
            line(&mut text, "outcome", "ignored");
            let reason = format!("{}  {}", ignored.code, ignored.message);
            line(&mut text, "reason", &reason);
        }
        Ok(Mapped::Events(events)) => explain_events(&mut text, events),
    }
    text
}

fn line(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "{label:<8} {value}");
}

fn explain_error(text: &mut String, error: &MapError) {
    line(text, "outcome", "error");
    line(text, "error", error.code().as_str());
    let place = match error.place() {
        // Of a payload that is a line itself, the line is told elsewhere.
        Some((1, column)) => format!("  (column {column})"),
        Some((row, column)) => format!("  (line {row}, column {column})"),
        None => String::new(),
    };
    line(text, "at", &format!("{}{place}", error.path()));
    line(text, "message", error.message());
    line(text, "help", error.help());
}

fn explain_events(text: &mut String, events: &Events) {
    line(text, "outcome", "events");
    let channel = events.channel();
    let because = format!("{}  because {}", channel.value, channel.because);
    line(text, "channel", &because);
    for note in events.notes() {
        let remark = format!("{}  {}: {}", note.code, note.path, note.message);
        line(text, "note", &remark);
    }
    for event in events.iter() {
        text.push('\n');
        line(text, "event", event.kind.name());
        line(text, "id", event.id.as_str());
        line(text, "time", &event.timestamp.to_string());
        explain_money(text, event);
        text.push('\n');
        let body = event.to_json();
        if let Some(tree) = Tree::parse(&body) {
            lay_out(text, &tree, 0);
        }
        text.push('\n');
    }
}

/// The sum, part by part, as in a ledger.
fn explain_money(text: &mut String, event: &Event) {
    let Some(order) = event.kind.order() else {
        return;
    };
    let Some(proof) = Proof::of(order) else {
        return line(text, "money", "too many digits to add up");
    };
    let shown = |amount: Amount| amount.with_minor_digits(proof.currency).to_string();
    let mut label = "money";
    for item in &order.items {
        let amount = item.price.times(item.quantity.into());
        let amount = amount.map_or_else(|| "?".to_owned(), &shown);
        let price = shown(item.price);
        let _ = writeln!(text, "{label:<8} {amount:>14}  {} × {price}", item.quantity);
        label = "";
    }
    for (name, amount) in proof.parts.iter().filter(|(name, _)| *name != "items") {
        let _ = writeln!(text, "{label:<8} {:>14}  {name}", shown(*amount));
        label = "";
    }
    if let (Prices::TaxInside, Some(tax)) = (order.prices, order.total_tax) {
        let tax = shown(tax);
        let _ = writeln!(text, "{label:<8} {:>14}  tax, inside the prices: {tax}", "");
        label = "";
    }
    let _ = writeln!(text, "{label:<8} {:>14}  sum", shown(proof.sum));
    let verdict = if proof.closes() {
        "it closes".to_owned()
    } else {
        format!("a gap of {}", shown(proof.gap()))
    };
    let total = shown(proof.total);
    let currency = proof.currency;
    let _ = writeln!(text, "{:<8} {total:>14}  total {currency}: {verdict}", "");
}

/// Writes JSON over several lines; what fits on one line stays on one.
fn lay_out(text: &mut String, tree: &Tree<'_>, depth: usize) {
    const WIDTH: usize = 100;
    let mut flat = String::new();
    write_flat(&mut flat, tree);
    let is_short = flat.chars().count() + 2 * depth <= WIDTH;
    match tree {
        Tree::Object(fields) if !is_short || depth == 0 => {
            text.push('{');
            for (place, (key, value)) in fields.iter().enumerate() {
                text.push_str(if place == 0 { "\n" } else { ",\n" });
                let _ = write!(
                    text,
                    "{:width$}{}: ",
                    "",
                    quoted(key),
                    width = 2 * depth + 2
                );
                lay_out(text, value, depth + 1);
            }
            let _ = write!(text, "\n{:width$}}}", "", width = 2 * depth);
        }
        Tree::List(items) if !is_short => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(if place == 0 { "\n" } else { ",\n" });
                let _ = write!(text, "{:width$}", "", width = 2 * depth + 2);
                lay_out(text, item, depth + 1);
            }
            let _ = write!(text, "\n{:width$}]", "", width = 2 * depth);
        }
        _ => text.push_str(&flat),
    }
}

fn write_flat(text: &mut String, tree: &Tree<'_>) {
    match tree {
        Tree::Null => text.push_str("null"),
        Tree::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Tree::Number(digits) => text.push_str(digits),
        Tree::Text(value) => text.push_str(&quoted(value)),
        Tree::List(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                write_flat(text, item);
            }
            text.push(']');
        }
        Tree::Object(fields) if fields.is_empty() => text.push_str("{}"),
        Tree::Object(fields) => {
            text.push_str("{ ");
            for (place, (key, value)) in fields.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                text.push_str(&quoted(key));
                text.push_str(": ");
                write_flat(text, value);
            }
            text.push_str(" }");
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    json::string(&mut out, text);
    String::from_utf8(out).unwrap_or_default()
}
