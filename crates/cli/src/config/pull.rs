//! Keys of a source that say how its platform's API is read. Which there are, each platform's
//! adapter says.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use orderbridge_event::{Api, KeyKind, PullKey, PullSettings, Secret, Source, WrongKey};
use toml::de::{DeTable, DeValue};

use super::SecretRef;
use super::reader::{Reader, Value};

/// The key that all platforms share.
pub(super) const POLL: &str = "poll";

/// What they say.
#[derive(Clone, Debug, Default)]
pub(crate) struct PullConfig {
    secrets: BTreeMap<&'static str, SecretRef>,
    /// All but the secrets.
    settings: PullSettings,
    poll: Option<Duration>,
}

/// The keys of a platform's API, without the one that all share.
pub(super) fn keys(platform: &str) -> &'static [PullKey] {
    let pull = orderbridge_registry::find(platform).and_then(|source| source.pull);
    pull.map_or(&[], orderbridge_event::Pull::keys)
}

/// Whether a key of a source is one of these.
pub(super) fn has(platform: &str, key: &str) -> bool {
    let keys = keys(platform);
    (key == POLL && !keys.is_empty()) || keys.iter().any(|known| known.name == key)
}

impl PullConfig {
    /// How often lists are read unless it is set.
    pub(crate) const DEFAULT_POLL: Duration = Duration::from_secs(5 * 60);

    /// Reads these keys of a source.
    pub(super) fn read<'a>(
        reader: &mut Reader<'a>,
        source: &str,
        table: &DeTable<'a>,
        folder: &Path,
        platform: &str,
        at: usize,
    ) -> Self {
        let mut read = Self::default();
        let mut places: BTreeMap<&str, Range<usize>> = BTreeMap::new();
        for known in keys(platform) {
            let given = table.iter().find(|(key, _)| key.get_ref() == known.name);
            if let Some((_, value)) = given {
                places.insert(known.name, value.span());
                read.one(reader, known, value, folder);
            }
        }
        if let Some((_, value)) = table.iter().find(|(key, _)| key.get_ref() == POLL)
            && !keys(platform).is_empty()
        {
            read.poll = reader.duration(POLL, value);
            places.insert(POLL, value.span());
        }
        if places.is_empty() {
            return read;
        }
        let missing = keys(platform).iter().filter(|key| key.is_required);
        let missing = missing.filter(|key| !places.contains_key(key.name));
        let mut is_whole = true;
        for key in missing {
            is_whole = false;
            let message = format!(
                "sources.{source}: {} is missing: {}; to read the API all of it is needed",
                key.name, key.remark
            );
            reader.mistake(at..at, message);
        }
        // What the adapter thinks of the rest does not depend on what the secrets are.
        if is_whole && let Err(wrong) = read.check(platform) {
            let place = places.get(wrong.key).cloned().unwrap_or(at..at);
            reader.mistake(place, wrong.to_string());
        }
        read
    }

    fn one<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        known: &PullKey,
        value: &Value<'a>,
        folder: &Path,
    ) {
        let name = known.name;
        let settings = &mut self.settings;
        match known.kind {
            KeyKind::Secret => {
                let parse = |text: &str| SecretRef::parse(text, folder);
                if let Some(secret) = reader.parsed(name, value, parse) {
                    self.secrets.insert(name, secret);
                }
            }
            KeyKind::Text => {
                if let Some(text) = reader.text(name, value) {
                    settings.texts.insert(name, text.to_owned());
                }
            }
            KeyKind::List => {
                if let Some(list) = reader.texts(name, value) {
                    settings.lists.insert(name, list);
                }
            }
            KeyKind::Switch => match value.get_ref() {
                DeValue::Boolean(on) => {
                    settings.switches.insert(name, *on);
                }
                _ => reader.mistake(value.span(), format!("{name} must be true or false")),
            },
        }
    }

    fn check(&self, platform: &str) -> Result<(), WrongKey> {
        let Some(pull) = orderbridge_registry::find(platform).and_then(|source| source.pull) else {
            return Ok(());
        };
        let mut settings = self.settings.clone();
        for key in pull.keys().iter().filter(|key| key.kind == KeyKind::Secret) {
            settings.secrets.insert(key.name, Secret::new("x"));
        }
        pull.open(&settings).map(|_| ())
    }

    /// Whether the API is to be read.
    pub(crate) fn is_given(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// How often lists are read.
    pub(crate) fn poll(&self) -> Duration {
        self.poll.unwrap_or(Self::DEFAULT_POLL)
    }

    /// Tells all that is given, each as a key and its value in TOML. Secrets are references.
    pub(super) fn write(&self, mut tell: impl FnMut(&str, String)) {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        for (key, secret) in &self.secrets {
            tell(key, quoted(&secret.to_string()));
        }
        for (key, text) in &self.settings.texts {
            tell(key, quoted(text));
        }
        for (key, list) in &self.settings.lists {
            let list: Vec<String> = list.iter().map(|text| quoted(text)).collect();
            tell(key, format!("[{}]", list.join(", ")));
        }
        for (key, on) in &self.settings.switches {
            tell(key, on.to_string());
        }
        if self.is_given() {
            tell(POLL, quoted(&orderbridge_core::show_duration(self.poll())));
        }
    }

    /// Looks the secrets up and opens the account; `None` when the API is not to be read.
    pub(crate) fn open(&self, platform: &Source) -> Result<Option<Box<dyn Api>>, String> {
        let Some(pull) = platform.pull.filter(|_| self.is_given()) else {
            return Ok(None);
        };
        let mut settings = self.settings.clone();
        for (name, secret) in &self.secrets {
            let secret = secret.read().map_err(|why| format!("{name}: {why}"))?;
            settings.secrets.insert(name, secret);
        }
        pull.open(&settings)
            .map(Some)
            .map_err(|wrong| wrong.to_string())
    }
}
