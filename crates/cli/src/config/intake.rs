//! Keys of a source that say how the connector takes its payloads in.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat};
use orderbridge_connect::{NewCustomer, SourceRoute};
use orderbridge_core::parse_size;
use orderbridge_core::store::{ConflictPolicy, Millis};
use toml::de::{DeTable, DeValue};

use super::native::{DOUBLE_COUNTING, DoubleCounting};
use super::reader::{Reader, Value};
use super::show;

/// These keys.
pub(super) const KEYS: &[&str] = &[
    "new_customer",
    "history_complete_from",
    "conflict",
    "largest_body",
    "double_counting",
    SIGNATURE_TOLERANCE,
];

/// Only where the platform signs a time.
pub(super) const SIGNATURE_TOLERANCE: &str = "signature_tolerance";

/// What they say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntakeConfig {
    /// `new_customer` and `history_complete_from`
    pub(crate) new_customer: NewCustomer,
    /// `conflict`
    pub(crate) conflict: ConflictPolicy,
    /// `largest_body`
    pub(crate) largest_body: usize,
    /// `double_counting`
    pub(crate) double_counting: DoubleCounting,
    /// `signature_tolerance`
    pub(crate) signature_tolerance: Option<Duration>,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self {
            new_customer: NewCustomer::Payload,
            conflict: ConflictPolicy::default(),
            largest_body: SourceRoute::LARGEST_BODY,
            double_counting: DoubleCounting::default(),
            signature_tolerance: None,
        }
    }
}

const CONFLICTS: &[(&str, ConflictPolicy)] = &[
    ("keep-first", ConflictPolicy::KeepFirst),
    ("park", ConflictPolicy::Park),
    ("send", ConflictPolicy::Send),
];

const NEW_CUSTOMERS: &[(&str, NewCustomer)] = &[
    ("payload", NewCustomer::Payload),
    (
        "store",
        NewCustomer::Store {
            complete_from: None,
        },
    ),
];

/// Bodies are held in memory while they are worked on.
const LARGEST: usize = 64 << 20;

impl IntakeConfig {
    /// Reads these keys of a source.
    pub(super) fn read<'a>(reader: &mut Reader<'a>, table: &DeTable<'a>, platform: &str) -> Self {
        let mut read = Self::default();
        let mut history = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "new_customer" => {
                    let choice = choice(reader, "new_customer", value, NEW_CUSTOMERS);
                    read.new_customer = choice.unwrap_or_default();
                }
                "history_complete_from" => {
                    history = Some((value.span(), date(reader, value)));
                }
                "conflict" => {
                    let choice = choice(reader, "conflict", value, CONFLICTS);
                    read.conflict = choice.unwrap_or_default();
                }
                "largest_body" => {
                    let size =
                        reader.parsed("largest_body", value, |text| match parse_size(text) {
                            Ok(size @ 1..=LARGEST) => Ok(size),
                            _ => Err("a size up to 64MiB, such as 2MiB"),
                        });
                    read.largest_body = size.unwrap_or(read.largest_body);
                }
                "double_counting" => {
                    let choice = choice(reader, "double_counting", value, DOUBLE_COUNTING);
                    read.double_counting = choice.unwrap_or_default();
                }
                SIGNATURE_TOLERANCE if tolerance(platform).is_none() => reader.mistake(
                    value.span(),
                    "signature_tolerance says something only where the platform signs the time",
                ),
                SIGNATURE_TOLERANCE => {
                    read.signature_tolerance = reader.duration(SIGNATURE_TOLERANCE, value);
                }
                _ => {}
            }
        }
        match (&mut read.new_customer, history) {
            (_, None) => {}
            (NewCustomer::Store { complete_from }, Some((_, date))) => *complete_from = date,
            (NewCustomer::Payload, Some((span, _))) => reader.mistake(
                span,
                "history_complete_from says something only with new_customer = \"store\"",
            ),
        }
        read
    }
}

/// Writes these keys as they are in force.
pub(super) fn write(intake: &IntakeConfig, platform: &str, mut put: impl FnMut(&str, String)) {
    let IntakeConfig {
        new_customer,
        conflict,
        largest_body,
        double_counting,
        signature_tolerance,
    } = intake;
    match new_customer {
        NewCustomer::Payload => put("new_customer", "payload".to_owned()),
        NewCustomer::Store { complete_from } => {
            put("new_customer", "store".to_owned());
            let time = complete_from.and_then(|it| DateTime::from_timestamp_millis(it.get()));
            if let Some(time) = time {
                let text = time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                put("history_complete_from", text);
            }
        }
    }
    let policy = CONFLICTS.iter().find(|(_, policy)| policy == conflict);
    put("conflict", policy.map_or("", |(name, _)| name).to_owned());
    let units = [(1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units
        .iter()
        .find(|(size, _)| largest_body.is_multiple_of(*size));
    let (size, unit) = unit.copied().unwrap_or((1, "B"));
    put("largest_body", format!("{}{unit}", largest_body / size));
    let choice = DOUBLE_COUNTING
        .iter()
        .find(|(_, choice)| choice == double_counting);
    put(
        "double_counting",
        choice.map_or("", |(name, _)| name).to_owned(),
    );
    if let Some(tolerance) = signature_tolerance.or_else(|| tolerance(platform)) {
        put(SIGNATURE_TOLERANCE, show::duration(tolerance));
    }
}

/// How far the time of a platform's signatures may be off; `None` where it signs none.
pub(super) fn tolerance(platform: &str) -> Option<Duration> {
    orderbridge_registry::find(platform)?.verify?.tolerance()
}

fn choice<'a, T: Copy>(
    reader: &mut Reader<'a>,
    key: &str,
    value: &Value<'a>,
    choices: &[(&str, T)],
) -> Option<T> {
    let text = reader.text(key, value)?;
    let found = choices.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let what = format!("{key} is one of {}, not", names.join(", "));
        reader.unknown(value.span(), &what, text, &names);
    }
    found.map(|(_, choice)| *choice)
}

/// A day, which begins at midnight UTC, or a time; as text or as TOML's own.
fn date<'a>(reader: &mut Reader<'a>, value: &Value<'a>) -> Option<Millis> {
    let text = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => String::new(),
    };
    let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
    let midnight = day.and_then(|day| day.and_hms_opt(0, 0, 0));
    let time = match midnight {
        Some(midnight) => Some(midnight.and_utc().timestamp_millis()),
        None => DateTime::parse_from_rfc3339(&text)
            .ok()
            .map(|time| time.timestamp_millis()),
    };
    if time.is_none() {
        let what = "history_complete_from must be a day such as \"2026-01-31\"";
        reader.mistake(value.span(), what);
    }
    time.map(Millis::new)
}
