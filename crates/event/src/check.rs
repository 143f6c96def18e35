//! A checker for any event body, whoever wrote it.
//!
//! An error is what Converge would refuse or misread; a warning is what it flags.
//! <https://docs.runconverge.com/sources/server-integrations/webhook>

mod about;
mod money;
mod properties;

use std::collections::BTreeSet;
use std::fmt;

use chrono::DateTime;

use crate::tree::{Fields, Tree};
use crate::{Aliases, Code, Identity, SalesChannel, Timestamp};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Converge would refuse the event, or take it for something else.
    Error,
    /// Converge takes the event and flags it.
    Warning,
}

impl Severity {
    /// The severity in a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong with an event body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the event can be sent all the same.
    pub severity: Severity,
    /// The kind of finding.
    pub code: Code,
    /// The field, as in `properties.items[2].price`; `$` is the whole body.
    pub path: String,
    /// What is wrong, as the rest of a sentence that begins with the path. Holds no value of the
    /// body.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}[{}]: {} {}",
            self.severity.as_str(),
            self.code,
            self.path,
            self.message
        )
    }
}

/// What the checker has to say about one body.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Report {
    /// All findings, in the order of the checks.
    pub findings: Vec<Finding>,
    /// `event_name`, if it is text.
    pub event_name: Option<String>,
    /// `event_id`, if it is text.
    pub event_id: Option<String>,
    /// `$sales_channel_type`, if it is one of the ten.
    pub channel: Option<SalesChannel>,
    /// `timestamp`, if it is one.
    pub timestamp: Option<Timestamp>,
    /// Whom the event is about.
    pub people: Vec<Identity>,
}

impl Report {
    /// Whether Converge would take the event for what it is meant to be.
    pub fn is_sendable(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The findings that keep the event from being sent.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.with(Severity::Error)
    }

    /// The findings that Converge would flag.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.with(Severity::Warning)
    }

    fn with(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.severity == severity)
    }

    fn error(&mut self, code: Code, path: impl Into<String>, message: impl Into<String>) {
        self.add(Severity::Error, code, path.into(), message.into());
    }

    fn warn(&mut self, code: Code, path: impl Into<String>, message: impl Into<String>) {
        self.add(Severity::Warning, code, path.into(), message.into());
    }

    fn add(&mut self, severity: Severity, code: Code, path: String, message: String) {
        self.findings.push(Finding {
            severity,
            code,
            path,
            message,
        });
    }
}

/// Checks one event body.
pub fn check(body: &[u8]) -> Report {
    let mut report = Report::default();
    match Tree::parse(body) {
        Some(tree @ Tree::Object(_)) => check_body(&mut report, &tree),
        Some(_) => report.error(Code::BodyType, "$", "must be an object"),
        None => report.error(Code::BodySyntax, "$", "is not one JSON document"),
    }
    report
}

fn check_body(report: &mut Report, body: &Tree<'_>) {
    check_repeated(report, body, "$");
    report.event_name = required_text(report, body, "event_name");
    report.event_id = required_text(report, body, "event_id");
    if let Some(name) = report.event_name.clone() {
        check_name(report, &name);
    }
    let event_name = report.event_name.clone().unwrap_or_default();
    if let Some(fields) = required_object(report, body, "properties") {
        properties::check_event(report, fields, &event_name);
    }
    if let Some(fields) = required_object(report, body, "profile_properties") {
        properties::check_person(report, fields, "profile_properties");
    }
    check_aliases(report, body.get("aliases"));
    check_timestamp(report, body.get("timestamp"));
    about::note(report, body);
}

/// A key that stands in an object twice: readers differ on which of the two counts.
fn check_repeated(report: &mut Report, tree: &Tree<'_>, path: &str) {
    match tree {
        Tree::Object(fields) => {
            let mut known = BTreeSet::new();
            for (key, value) in fields {
                let path = match path {
                    "$" => key.clone(),
                    parent => format!("{parent}.{key}"),
                };
                check_repeated(report, value, &path);
                if !known.insert(key) {
                    report.error(Code::BodyRepeated, path, "stands there twice");
                }
            }
        }
        Tree::List(items) => {
            for (place, item) in items.iter().enumerate() {
                check_repeated(report, item, &format!("{path}[{place}]"));
            }
        }
        _ => {}
    }
}

fn required_text(report: &mut Report, body: &Tree<'_>, key: &'static str) -> Option<String> {
    match body.get(key) {
        None | Some(Tree::Null) => report.error(Code::BodyMissing, key, "is missing"),
        Some(Tree::Text(text)) if text.trim().is_empty() => {
            report.error(Code::BodyMissing, key, "is empty");
        }
        Some(Tree::Text(text)) => return Some(text.clone()),
        Some(_) => report.error(Code::BodyType, key, "must be text"),
    }
    None
}

fn required_object<'t, 'a>(
    report: &mut Report,
    body: &'t Tree<'a>,
    key: &'static str,
) -> Option<&'t Fields<'a>> {
    match body.get(key) {
        None | Some(Tree::Null) => report.error(Code::BodyMissing, key, "is missing"),
        Some(Tree::Object(fields)) => return Some(fields),
        Some(_) => report.error(Code::BodyType, key, "must be an object"),
    }
    None
}

/// `placed order` is an event of its own to Converge, and counts for nothing.
fn check_name(report: &mut Report, name: &str) {
    let squeezed = |name: &str| {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.collect::<String>().to_lowercase()
    };
    let near = crate::EventName::ALL
        .iter()
        .find(|known| known.as_str() != name && squeezed(known.as_str()) == squeezed(name));
    if let Some(near) = near {
        let message = format!(
            "is not `{}`, and counts as an event of its own",
            near.as_str()
        );
        report.warn(Code::NameFinding, "event_name", message);
    }
}

fn check_aliases(report: &mut Report, aliases: Option<&Tree<'_>>) {
    let aliases = match aliases {
        None | Some(Tree::Null) => {
            return report.error(Code::BodyMissing, "aliases", "is missing");
        }
        Some(Tree::List(aliases)) => aliases,
        Some(_) => return report.error(Code::BodyType, "aliases", "must be a list of text"),
    };
    if aliases.is_empty() || aliases.len() > Aliases::MAX {
        let message = format!("must hold 1 to {}, not {}", Aliases::MAX, aliases.len());
        report.error(Code::AliasCount, "aliases", message);
    }
    let mut known = BTreeSet::new();
    for (place, alias) in aliases.iter().enumerate() {
        let path = format!("aliases[{place}]");
        let Tree::Text(text) = alias else {
            report.error(Code::BodyType, path, "must be text");
            continue;
        };
        if text
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .trim()
            .is_empty()
        {
            report.error(Code::AliasEmpty, path, "names nobody");
        } else if !known.insert(text) {
            report.warn(Code::AliasRepeated, path, "stands there twice");
        }
    }
}

fn check_timestamp(report: &mut Report, timestamp: Option<&Tree<'_>>) {
    let fault = match timestamp {
        None => return,
        Some(Tree::Text(text)) if has_offset(text.trim()) => return,
        Some(Tree::Text(_)) => "must be ISO 8601 with an offset, such as 2026-11-02T10:15:30-05:00",
        Some(Tree::Number(digits)) => {
            let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
            match (whole, digits.len()) {
                (true, 10) => return,
                (true, 13) => "must be in seconds (10 digits); these are milliseconds",
                _ => "must be ISO 8601 text, or Unix seconds with 10 digits",
            }
        }
        Some(_) => "must be ISO 8601 text, or Unix seconds with 10 digits",
    };
    report.error(Code::TimestampInvalid, "timestamp", fault);
}

/// ISO 8601 is wider than RFC 3339: the offset may have no colon, the seconds may be absent.
fn has_offset(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
        || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z").is_ok()
        || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z").is_ok()
}
