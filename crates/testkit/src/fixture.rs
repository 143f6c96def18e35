//! Payloads in files, each with what the mapping may know beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use orderbridge_event::{
    Alias, Aliases, Amount, Context, Currency, KnownOrder, MapError, Mapped, Options, Payload,
    Pieces, SalesChannel, Setting, Source, Text, Timestamp,
};
use serde::Deserialize;

/// A payload of an adapter's `fixtures/` folder.
///
/// A file `name.json` may have a neighbour `name.toml` that says what the payload itself does not:
///
/// ```toml
/// topic = "refunds/create"              # where it is not the adapter's default
/// received_at = "2026-11-02T10:15:30Z"
/// is_new_customer = true
/// refunded_before = "5.00"
///
/// [options]                             # of the source, as in a configuration
/// placed_on = "paid"
///
/// [order]                               # the order that a refund belongs to
/// aliases = ["urn:customer_id:1"]
/// currency = "EUR"
/// channel = "web"
/// ```
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The file's name without its ending.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What the payload is about.
    pub topic: String,
    /// The raw bytes.
    pub body: Vec<u8>,
    /// What the mapping may know.
    pub context: Context,
}

impl Fixture {
    /// The payload.
    pub fn payload(&self) -> Payload<'_> {
        Payload {
            topic: &self.topic,
            body: &self.body,
        }
    }

    /// The payloads in an answer of an API, each as a fixture: `page.1`, `page.2`. A bare body, or
    /// an answer that can't be taken apart, is its own only piece.
    pub fn pieces(&self, source: &Source) -> Vec<Self> {
        let Ok(Pieces::Many(payloads)) = source.adapter.split(self.payload()) else {
            return vec![self.clone()];
        };
        let pieces = payloads.iter().enumerate().map(|(place, payload)| Self {
            name: format!("{}.{}", self.name, place + 1),
            path: self.path.clone(),
            topic: payload.topic.to_owned(),
            body: payload.body.to_vec(),
            context: self.context.clone(),
        });
        pieces.collect()
    }

    /// Maps the payload.
    pub fn map(&self, source: &Source) -> Result<Mapped, MapError> {
        source.adapter.map(self.payload(), &self.context)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Beside {
    topic: Option<String>,
    received_at: Option<String>,
    is_new_customer: Option<bool>,
    refunded_before: Option<String>,
    options: BTreeMap<String, toml::Value>,
    order: Option<BesideOrder>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BesideOrder {
    aliases: Vec<String>,
    currency: String,
    channel: String,
}

/// Loads an adapter's fixtures, by name.
///
/// # Panics
/// When a file can't be read or a neighbour says something it can't: a broken fixture is a broken
/// test.
pub fn fixtures(folder: &Path, source: &Source) -> Vec<Fixture> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap_or_else(|error| panic!("{error}")).path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    paths.sort();
    paths.iter().map(|path| load(path, source)).collect()
}

fn load(path: &Path, source: &Source) -> Fixture {
    let broken = |why: &str| -> ! { panic!("{}: {why}", path.display()) };
    let body = fs::read(path).unwrap_or_else(|error| broken(&error.to_string()));
    let beside: Beside = match fs::read_to_string(path.with_extension("toml")) {
        Ok(text) => toml::from_str(&text).unwrap_or_else(|error| broken(&error.to_string())),
        Err(_) => Beside::default(),
    };
    let mut options = Options::default();
    for (key, value) in beside.options {
        let setting = setting(value).unwrap_or_else(|| broken(&format!("options.{key}")));
        if let Err(error) = options.set(&key, setting) {
            broken(&format!("options.{key}: {error:?}"));
        }
    }
    let time = |text: &String| {
        Timestamp::parse(text).unwrap_or_else(|| broken("received_at has no offset"))
    };
    let amount = |text: &String| {
        Amount::parse(text).unwrap_or_else(|| broken("refunded_before is no amount"))
    };
    let known = |order: &BesideOrder| {
        known_order(order).unwrap_or_else(|| broken("order: not a valid order"))
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let default_topic = source.adapter.profile().default_topic;
    Fixture {
        name: name.into_owned(),
        path: path.to_owned(),
        topic: beside.topic.unwrap_or_else(|| default_topic.to_owned()),
        body,
        context: Context {
            options,
            is_new_customer: beside.is_new_customer,
            received_at: beside.received_at.as_ref().map(time),
            order: beside.order.as_ref().map(known),
            refunded_before: beside
                .refunded_before
                .as_ref()
                .map(|text| std::iter::once(amount(text)).collect()),
            wants_facts: false,
        },
    }
}

fn setting(value: toml::Value) -> Option<Setting> {
    let text = |value: toml::Value| match value {
        toml::Value::String(text) => Some(text),
        _ => None,
    };
    match value {
        toml::Value::String(text) => Some(Setting::Text(text)),
        toml::Value::Array(items) => {
            let items: Option<Vec<String>> = items.into_iter().map(text).collect();
            items.map(Setting::List)
        }
        toml::Value::Table(table) => {
            let pairs = table
                .into_iter()
                .map(|(key, value)| Some((key, text(value)?)));
            pairs.collect::<Option<_>>().map(Setting::Map)
        }
        _ => None,
    }
}

fn known_order(order: &BesideOrder) -> Option<KnownOrder> {
    let aliases = order.aliases.iter().filter_map(Text::new).map(Alias::given);
    Some(KnownOrder {
        aliases: Aliases::from_known(aliases)?,
        currency: Currency::parse(&order.currency)?,
        channel: SalesChannel::parse(&order.channel)?,
    })
}
