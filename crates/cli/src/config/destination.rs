//! `[destinations.…]`

use std::path::Path;

use orderbridge_core::{DeliveryConfig, RateLimit, Schedule, default_delivery};
use toml::de::DeTable;

use super::reader::{Reader, Value};
use super::{Native, SecretRef};

/// Where Converge takes events.
/// <https://docs.runconverge.com/sources/server-integrations/webhook>
pub(super) const CONVERGE: &str = "https://app.runconverge.com/api/webhooks";

pub(super) const KEYS: &[&str] = &[
    "url",
    "token",
    "concurrency",
    "rate_limit",
    "timeout",
    "retry",
    "breaker",
    "refusals",
    "native_sources",
];
pub(super) const RETRY_KEYS: &[&str] = &["schedule", "max_age"];
pub(super) const REFUSAL_KEYS: &[&str] = &["in_a_row", "share", "window", "minimum"];
pub(super) const BREAKER_KEYS: &[&str] = &["failures", "window", "minimum", "probe"];

/// A destination as it is configured.
#[derive(Clone, Debug)]
pub(crate) struct DestinationConfig {
    /// Where events are posted.
    pub(crate) url: String,
    /// Where the token is to be found.
    pub(crate) token: Option<SecretRef>,
    /// `native_sources`: Converge's own sources in the same workspace.
    pub(crate) natives: Vec<Native>,
    /// How events are sent.
    pub(crate) delivery: DeliveryConfig,
}

impl DestinationConfig {
    /// A destination that is only known by its URL.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            token: None,
            natives: Vec::new(),
            delivery: default_delivery(),
        }
    }

    pub(super) fn read<'a>(
        reader: &mut Reader<'a>,
        name: &str,
        table: &DeTable<'a>,
        folder: &Path,
    ) -> Self {
        let mut read = Self::at(CONVERGE);
        let delivery = &mut read.delivery;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "url" => {
                    if let Some(url) = reader.parsed("url", value, is_url) {
                        read.url = url;
                    }
                }
                "token" => {
                    read.token =
                        reader.parsed("token", value, |text| SecretRef::parse(text, folder));
                }
                "concurrency" => {
                    if let Some(count) = reader.count("concurrency", value, 1..1_025) {
                        delivery.concurrency = usize::try_from(count).unwrap_or(1);
                    }
                }
                "rate_limit" => {
                    let rate = reader.parsed("rate_limit", value, |text| {
                        text.parse::<RateLimit>()
                            .map_err(|_| "a rate such as 100/s or 600/m")
                    });
                    delivery.rate_limit = rate;
                }
                "timeout" => {
                    if let Some(timeout) = reader.duration("timeout", value) {
                        delivery.timeout = timeout;
                    }
                }
                "retry" => read_retry(reader, value, delivery),
                "breaker" => read_breaker(reader, value, delivery),
                "refusals" => read_refusals(reader, value, delivery),
                "native_sources" => read.natives = Native::read_all(reader, value),
                other => {
                    let what = format!("destinations.{name} has no key");
                    reader.unknown(key.span(), &what, other, KEYS);
                }
            }
        }
        read
    }
}

fn is_url(text: &str) -> Result<String, &'static str> {
    let good = text.starts_with("https://") || text.starts_with("http://");
    good.then(|| text.to_owned())
        .ok_or("a URL of https or http")
}

fn read_retry<'a>(reader: &mut Reader<'a>, value: &Value<'a>, delivery: &mut DeliveryConfig) {
    let Some(table) = reader.table("retry", value) else {
        return;
    };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "schedule" => {
                let Some(items) = reader.array("schedule", value) else {
                    continue;
                };
                let steps = items
                    .iter()
                    .map(|item| reader.duration("a step of schedule", item));
                let steps: Option<Vec<_>> = steps.collect();
                match steps.as_deref().map(Schedule::new) {
                    Some(Some(schedule)) => delivery.retry.schedule = schedule,
                    Some(None) => reader.mistake(value.span(), "schedule must have a step"),
                    None => {}
                }
            }
            "max_age" => {
                if let Some(age) = reader.duration("max_age", value) {
                    delivery.retry.max_age = age;
                }
            }
            other => reader.unknown(key.span(), "retry has no key", other, RETRY_KEYS),
        }
    }
}

fn read_breaker<'a>(reader: &mut Reader<'a>, value: &Value<'a>, delivery: &mut DeliveryConfig) {
    let breaker = &mut delivery.breaker;
    let Some(table) = reader.table("breaker", value) else {
        return;
    };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "failures" => {
                breaker.failures = reader.share("failures", value).unwrap_or(breaker.failures);
            }
            "window" => breaker.window = reader.duration("window", value).unwrap_or(breaker.window),
            "minimum" => {
                let count = reader.count("minimum", value, 1..1_000_001);
                breaker.minimum = count.unwrap_or(breaker.minimum);
            }
            "probe" => breaker.probe = reader.duration("probe", value).unwrap_or(breaker.probe),
            other => reader.unknown(key.span(), "breaker has no key", other, BREAKER_KEYS),
        }
    }
}

fn read_refusals<'a>(reader: &mut Reader<'a>, value: &Value<'a>, delivery: &mut DeliveryConfig) {
    let limit = &mut delivery.retry.refusals;
    let Some(table) = reader.table("refusals", value) else {
        return;
    };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "in_a_row" => {
                let count = reader.count("in_a_row", value, 1..1_000_001);
                limit.in_a_row = count.unwrap_or(limit.in_a_row);
            }
            "share" => limit.share = reader.share("share", value).unwrap_or(limit.share),
            "window" => limit.window = reader.duration("window", value).unwrap_or(limit.window),
            "minimum" => {
                let count = reader.count("minimum", value, 1..1_000_001);
                limit.minimum = count.unwrap_or(limit.minimum);
            }
            other => reader.unknown(key.span(), "refusals has no key", other, REFUSAL_KEYS),
        }
    }
}
