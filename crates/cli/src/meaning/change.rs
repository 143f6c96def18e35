//! The differences between two outcomes of one payload.

use std::collections::BTreeMap;

use orderbridge_event::Amount;

use super::body;
use super::seen::{ChannelSeen, Seen, Why, text};

/// A difference. Equal ones of several orders are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// What stands for itself.
    Words(String),
    /// A part of a body whose value may be somebody's.
    Field(String),
    /// A value that nobody minds to see.
    Value {
        what: &'static str,
        before: Option<String>,
        after: Option<String>,
    },
    /// Money.
    Amount {
        what: &'static str,
        currency: String,
        before: Option<Amount>,
        after: Option<Amount>,
    },
}

impl Change {
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self::Words(text.into())
    }

    /// Whether it is about a field that says who somebody is rather than what was sold and where.
    pub(crate) const fn is_of_a_field(&self) -> bool {
        matches!(self, Self::Field(_))
    }
}

/// What differs, what matters most first; nothing if the outcomes mean the same.
pub(crate) fn changes(before: &Seen<'_, '_>, after: &Seen<'_, '_>) -> Vec<Change> {
    let mut found = Vec::new();
    if before.topic() != after.topic() {
        let (old, new) = (before.topic(), after.topic());
        found.push(Change::words(format!("topic {old} → {new}")));
    }
    match (before.outcome(), after.outcome()) {
        ("events", "events") => {
            channel(before, after, &mut found);
            body::events(before, after, &mut found);
            notes(before, after, &mut found);
        }
        (old, new) if old != new => {
            let change = format!("{} → {}", ending(before), ending(after));
            found.push(Change::words(change));
        }
        (outcome, _) => why(outcome, before.why(), after.why(), &mut found),
    }
    found
}

/// An outcome in a few words.
fn ending(seen: &Seen<'_, '_>) -> String {
    let why = seen.why();
    match seen.outcome() {
        "events" => "mapped".to_owned(),
        "ignored" => format!("ignored ({})", named(why.rule, why.code)),
        "error" if why.path.is_empty() => format!("error {}", why.code),
        "error" => format!("error {} at {}", why.code, why.path),
        _ => "nothing that can be read".to_owned(),
    }
}

/// Who decided: a rule, or else what is given.
fn named(rule: Option<&str>, otherwise: &str) -> String {
    rule.map_or_else(|| otherwise.to_owned(), |rule| format!("rule {rule}"))
}

fn channel(before: &Seen<'_, '_>, after: &Seen<'_, '_>, found: &mut Vec<Change>) {
    let by = |it: ChannelSeen<'_>| named(it.rule, &format!("because {}", it.because));
    match (before.channel(), after.channel()) {
        (Some(old), Some(new)) if old.value != new.value => {
            let change = format!("channel {} → {} ({})", old.value, new.value, by(new));
            found.push(Change::Words(change));
        }
        (Some(old), Some(new)) if old != new => {
            let change = format!("channel {} for another reason ({})", new.value, by(new));
            found.push(Change::Words(change));
        }
        _ => {}
    }
}

fn why(outcome: &str, before: Why<'_>, after: Why<'_>, found: &mut Vec<Change>) {
    let whole = |why: Why<'_>| {
        let code = named(why.rule, why.code);
        if why.path.is_empty() {
            code
        } else {
            format!("{code} at {}", why.path)
        }
    };
    let (old, new) = (whole(before), whole(after));
    if old != new {
        found.push(Change::words(format!("{outcome}: {old} → {new}")));
    } else if before != after {
        found.push(Change::words(format!("{outcome}: {new} in other words")));
    }
}

/// Notes that came, went or say something else. What remarks on a channel that changed belongs to
/// that change.
fn notes(before: &Seen<'_, '_>, after: &Seen<'_, '_>, found: &mut Vec<Change>) {
    let is_moved = before.channel_name() != after.channel_name();
    let mut counts: BTreeMap<&str, (i32, bool)> = BTreeMap::new();
    let (old, new) = (before.notes(), after.notes());
    for (code, note) in &old {
        let count = counts.entry(code).or_default();
        count.0 -= 1;
        count.1 |= !new.iter().any(|(_, other)| other == note);
    }
    for (code, _) in &new {
        counts.entry(code).or_default().0 += 1;
    }
    for (code, (more, differs)) in counts {
        if is_moved && code.starts_with("channel.") {
            continue;
        }
        let change = match more {
            1.. => format!("note {code} added"),
            ..0 => format!("note {code} gone"),
            0 if differs => format!("note {code} in other words"),
            0 => continue,
        };
        found.push(Change::Words(change));
    }
}

/// The name of an event.
pub(super) fn event_name<'t>(event: &'t orderbridge_event::tree::Tree<'_>) -> &'t str {
    text(event, "event_name")
}
