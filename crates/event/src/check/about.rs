//! Whom an event body is about, and when it happened: for whoever keeps it.

use super::Report;
use crate::tree::Tree;
use crate::{Identity, Text, Timestamp};

type Kind = fn(Text) -> Identity;

const PEOPLE: &[(&str, Kind)] = &[
    ("$email", Identity::Email),
    ("$phone_number", Identity::Phone),
];

/// Notes people and time; what is not readable is left out.
pub(super) fn note(report: &mut Report, body: &Tree<'_>) {
    for part in ["properties", "profile_properties"] {
        for (key, kind) in PEOPLE {
            if let Some(Tree::Text(text)) = body.get(part).and_then(|part| part.get(key))
                && let Some(text) = Text::new(text.as_str())
            {
                report.people.push(kind(text));
            }
        }
    }
    report.people.sort();
    report.people.dedup();
    report.timestamp = match body.get("timestamp") {
        Some(Tree::Text(text)) => Timestamp::parse(text.trim()),
        Some(Tree::Number(digits)) => digits.parse().ok().and_then(Timestamp::from_unix),
        _ => None,
    };
}
