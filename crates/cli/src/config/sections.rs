//! The sections of the file, one after the other.

use std::path::{Path, PathBuf};

use orderbridge_event::{Options, Setting, SettingError};
use orderbridge_rules::{Exclude, Names, RuleSet};
use toml::de::{DeTable, DeValue};

use super::reader::{Reader, Value};
use super::{
    Config, DestinationConfig, IntakeConfig, PullConfig, SecretRef, ServerConfig, SourceConfig,
    SqsConfig, StoreConfig, intake, pull, sqs,
};
use crate::source::platforms;

const SECTIONS: &[&str] = &["store", "server", "destinations", "sources", "rules"];
pub(super) const STORE_KEYS: &[&str] = &["url", "retention"];
pub(super) const SERVER_KEYS: &[&str] = &["listen", "admin"];
/// Keys of a source beside the options of its mapping.
pub(super) const SOURCE_KEYS: &[&str] = &[
    "platform",
    "destination",
    "webhook_secrets",
    "hold",
    "exclude",
];

/// Reads all sections; what is wrong is noted in the reader.
pub(super) fn read(reader: &mut Reader<'_>, folder: &Path) -> Config {
    let mut config = Config::default();
    config.store.path = folder.join(&config.store.path);
    let Some(sections) = reader.parse() else {
        return config;
    };
    config.lines = reader.lines(&sections);
    for (key, value) in &sections {
        match key.get_ref().as_ref() {
            "store" => read_store(reader, value, folder, &mut config.store),
            "server" => read_server(reader, value, &mut config.server),
            "destinations" => {
                for_each_table(reader, "destinations", value, |reader, name, table, _| {
                    let read = DestinationConfig::read(reader, name, table, folder);
                    config.destinations.insert(name.to_owned(), read);
                });
            }
            // After the destinations, which they name, and before the rules, which name them.
            "sources" | "rules" => {}
            other => reader.unknown(
                key.span(),
                "the configuration has no section",
                other,
                SECTIONS,
            ),
        }
    }
    if let Some((_, value)) = sections.iter().find(|(key, _)| key.get_ref() == "sources") {
        for_each_table(reader, "sources", value, |reader, name, table, at| {
            let read = read_source(reader, name, table, at, &config, folder);
            config.sources.insert(name.to_owned(), read);
        });
    }
    if let Some((_, value)) = sections.iter().find(|(key, _)| key.get_ref() == "rules") {
        let sources: Vec<&str> = config.sources.keys().map(String::as_str).collect();
        let names = Names {
            platforms: &platforms(),
            sources: &sources,
        };
        let (rules, mistakes) = RuleSet::read(value, reader.all(), names);
        reader.mistakes_of(mistakes);
        config.rules = rules;
    }
    config
}

/// Goes through a section of named tables.
fn for_each_table<'a>(
    reader: &mut Reader<'a>,
    section: &str,
    value: &Value<'a>,
    mut each: impl FnMut(&mut Reader<'a>, &str, &DeTable<'a>, usize),
) {
    let Some(tables) = reader.table(section, value) else {
        return;
    };
    for (name, value) in tables {
        let what = format!("{section}.{}", name.get_ref());
        if let Some(table) = reader.table(&what, value) {
            each(reader, name.get_ref(), table, name.span().start);
        }
    }
}

fn read_store<'a>(
    reader: &mut Reader<'a>,
    value: &Value<'a>,
    folder: &Path,
    store: &mut StoreConfig,
) {
    let Some(table) = reader.table("store", value) else {
        return;
    };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "url" => {
                if let Some(path) = reader.parsed("url", value, |url| sqlite_path(url, folder)) {
                    store.path = path;
                }
            }
            "retention" => {
                store.retention = reader
                    .duration("retention", value)
                    .unwrap_or(store.retention);
            }
            other => reader.unknown(key.span(), "store has no key", other, STORE_KEYS),
        }
    }
}

/// The file of a URL such as `sqlite:orderbridge.db`.
pub(crate) fn sqlite_path(url: &str, folder: &Path) -> Result<PathBuf, &'static str> {
    let path = url
        .strip_prefix("sqlite:")
        .map(|path| path.strip_prefix("//").unwrap_or(path));
    match path {
        Some(path) if !path.is_empty() => Ok(folder.join(path)),
        _ => Err("a file of SQLite, as in sqlite:orderbridge.db; other stores are not there yet"),
    }
}

fn read_server<'a>(reader: &mut Reader<'a>, value: &Value<'a>, server: &mut ServerConfig) {
    let Some(table) = reader.table("server", value) else {
        return;
    };
    for (key, value) in table {
        let address = match key.get_ref().as_ref() {
            "listen" => &mut server.listen,
            "admin" => &mut server.admin,
            other => {
                reader.unknown(key.span(), "server has no key", other, SERVER_KEYS);
                continue;
            }
        };
        if let Some(text) = reader.text(key.get_ref(), value) {
            text.clone_into(address);
        }
    }
}

fn read_source<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    table: &DeTable<'a>,
    at: usize,
    config: &Config,
    folder: &Path,
) -> SourceConfig {
    // It decides which keys there are.
    let platform = table.iter().find(|(key, _)| key.get_ref() == "platform");
    let platform = platform.and_then(|(_, value)| value.get_ref().as_str().map(str::to_owned));
    let platform = platform.unwrap_or_default();
    let mut read = SourceConfig {
        intake: IntakeConfig::read(reader, table, &platform),
        ..SourceConfig::default()
    };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "platform" => {
                if let Some(platform) = reader.text("platform", value) {
                    platform.clone_into(&mut read.platform);
                    check_platform(reader, value, platform);
                }
            }
            "destination" => {
                if let Some(wanted) = reader.text("destination", value)
                    && !config.destinations.contains_key(wanted)
                {
                    let known: Vec<&str> = config.destinations.keys().map(String::as_str).collect();
                    reader.unknown(value.span(), "there is no destination", wanted, &known);
                }
                read.destination = reader.text("destination", value).map(str::to_owned);
            }
            "webhook_secrets" => {
                for item in reader.array("webhook_secrets", value).into_iter().flatten() {
                    let parse = |text: &str| SecretRef::parse(text, folder);
                    let secret = reader.parsed("each of webhook_secrets", item, parse);
                    read.webhook_secrets.extend(secret);
                }
            }
            "hold" => read.hold = reader.duration("hold", value),
            "exclude" => {
                let (exclude, mistakes) = Exclude::read(value);
                reader.mistakes_of(mistakes);
                read.exclude = exclude;
            }
            // Read together, since they depend on each other.
            key if intake::KEYS.contains(&key) => {}
            key if pull::has(&platform, key) => {}
            sqs::KEY if sqs::is_for(&platform) => {
                read.sqs = SqsConfig::read(reader, value, folder);
            }
            option => {
                let more = pull::keys(&platform).iter().map(|key| key.name);
                let more = more.chain(sqs::is_for(&platform).then_some(sqs::KEY));
                let more: Vec<&str> = more.collect();
                read_option(
                    reader,
                    name,
                    option,
                    key.span(),
                    value,
                    &mut read.options,
                    &more,
                );
            }
        }
    }
    read.pull = PullConfig::read(reader, name, table, folder, &platform, at);
    if !table.iter().any(|(key, _)| key.get_ref() == "platform") {
        reader.mistake(
            at..at,
            format!("sources.{name}: platform is missing, as in platform = \"shopify\""),
        );
    }
    read
}

fn check_platform(reader: &mut Reader<'_>, value: &Value<'_>, platform: &str) {
    let known = platforms();
    if !known.contains(&platform) {
        reader.unknown(value.span(), "there is no platform", platform, &known);
    }
}

fn read_option<'a>(
    reader: &mut Reader<'a>,
    source: &str,
    key: &str,
    key_span: std::ops::Range<usize>,
    value: &Value<'a>,
    options: &mut Options,
    more: &[&'static str],
) {
    if !Options::KEYS.contains(&key) {
        let all = SOURCE_KEYS.iter().chain(intake::KEYS).chain(Options::KEYS);
        let known: Vec<&str> = all.chain(more).copied().collect();
        return reader.unknown(
            key_span,
            &format!("sources.{source} has no key"),
            key,
            &known,
        );
    }
    let setting = match value.get_ref() {
        DeValue::Array(_) => reader.texts(key, value).map(Setting::List),
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(name, value)| {
                let text = reader.text(key, value)?;
                Some((name.get_ref().as_ref().to_owned(), text.to_owned()))
            });
            pairs.collect::<Option<_>>().map(Setting::Map)
        }
        _ => reader
            .text(key, value)
            .map(|text| Setting::Text(text.to_owned())),
    };
    let Some(setting) = setting else { return };
    if let Err(SettingError::Expected(what)) = options.set(key, setting) {
        reader.mistake(value.span(), format!("{key} must be {what}"));
    }
}
