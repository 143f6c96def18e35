//! What is in `properties` and `profile_properties`.

use super::{Report, money};
use crate::tree::{Fields, Tree};
use crate::{Code, CountryCode, Email, EventName, Phone, SalesChannel};

const ORDER: &[&str] = &[
    "id",
    "total_price",
    "total_tax",
    "total_shipping",
    "currency",
    "items",
    "$email",
];
const SUBSCRIPTION: &[&str] = &["total_price", "total_tax", "currency", "$email"];

/// The properties that the spec requires. `$is_new_customer` is not among them: it is left out
/// when it is not known.
fn required(event_name: &str) -> &'static [&'static str] {
    match EventName::parse(event_name) {
        Some(EventName::PlacedOrder) => ORDER,
        Some(
            EventName::StartedSubscription
            | EventName::CancelledSubscription
            | EventName::PlacedRecurringSubscriptionOrder,
        ) => SUBSCRIPTION,
        _ => &[],
    }
}

/// Finds a field that says something: `null` and `""` do not.
pub(super) fn told<'t, 'a>(fields: &'t Fields<'a>, key: &str) -> Option<&'t Tree<'a>> {
    let (_, value) = fields.iter().rev().find(|(known, _)| known == key)?;
    match value {
        Tree::Null => None,
        Tree::Text(text) if text.trim().is_empty() => None,
        value => Some(value),
    }
}

pub(super) fn check_event(report: &mut Report, fields: &Fields<'_>, event_name: &str) {
    for name in required(event_name) {
        if told(fields, name).is_none() {
            report.warn(
                Code::PropertyMissing,
                format!("properties.{name}"),
                format!("is required for {event_name}"),
            );
        }
    }
    check_channel(report, fields);
    check_person(report, fields, "properties");
    if let Some((_, value)) = fields.iter().find(|(key, _)| key == "$is_new_customer") {
        let path = "properties.$is_new_customer";
        match value {
            Tree::Flag(_) => {}
            Tree::Null => report.warn(
                Code::BodyType,
                path,
                "is null; leave it out when it is not known",
            ),
            _ => report.warn(Code::BodyType, path, "must be true or false"),
        }
    }
    money::check(report, fields);
}

fn check_channel(report: &mut Report, fields: &Fields<'_>) {
    let path = "properties.$sales_channel_type";
    let value = fields
        .iter()
        .rev()
        .find(|(key, _)| key == "$sales_channel_type");
    match value.map(|(_, value)| value) {
        None | Some(Tree::Null) => {
            report.warn(
                Code::ChannelMissing,
                path,
                "is missing, so it counts as web",
            );
        }
        Some(value) => {
            report.channel = value.as_text().and_then(SalesChannel::parse);
            if report.channel.is_none() {
                report.error(Code::ChannelInvalid, path, "is not one of the ten channels");
            }
        }
    }
}

/// The fields of a person, which stand in both objects.
pub(super) fn check_person(report: &mut Report, fields: &Fields<'_>, object: &str) {
    for (key, value) in fields {
        let (code, good, message) = match key.as_str() {
            "$email" => (
                Code::EmailFinding,
                is_email as fn(&str) -> bool,
                "is not an e-mail address",
            ),
            "$phone_number" => (
                Code::PhoneFinding,
                is_phone as _,
                "is not a number with a plus and its country code",
            ),
            "$country_code" => (
                Code::CountryFinding,
                is_country as _,
                "is not an ISO 3166-1 alpha-2 code",
            ),
            _ => continue,
        };
        let fine = match value {
            Tree::Null => true,
            Tree::Text(text) => good(text),
            _ => false,
        };
        if !fine {
            report.warn(code, format!("{object}.{key}"), message);
        }
    }
}

fn is_email(text: &str) -> bool {
    Email::parse(text).is_some()
}

/// Converge wants the plus; the reader of payloads also takes `00`.
fn is_phone(text: &str) -> bool {
    text.trim().starts_with('+') && Phone::parse(text).is_some()
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && CountryCode::parse(text).is_some_and(|country| country.as_str() == text)
}
