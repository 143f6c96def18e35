//! What a source's configuration says for its platform's API.

use std::collections::BTreeMap;

use crate::Secret;

/// A key of a source's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullKey {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: KeyKind,
    /// Whether the API cannot be read without it. None of the keys of a source given means that
    /// its API is not read.
    pub is_required: bool,
    /// What it is, in a few words.
    pub remark: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A reference to a secret.
    Secret,
    /// Text.
    Text,
    /// A list of texts.
    List,
    /// `true` or `false`.
    Switch,
}

/// The keys that are given, by name.
#[derive(Clone, Debug, Default)]
pub struct PullSettings {
    /// Secrets.
    pub secrets: BTreeMap<&'static str, Secret>,
    /// Texts.
    pub texts: BTreeMap<&'static str, String>,
    /// Lists.
    pub lists: BTreeMap<&'static str, Vec<String>>,
    /// Switches.
    pub switches: BTreeMap<&'static str, bool>,
}

impl PullSettings {
    /// A secret; that a required one is given was checked before.
    pub fn secret(&self, name: &'static str) -> Result<Secret, WrongKey> {
        let secret = self.secrets.get(name).cloned();
        secret.ok_or_else(|| WrongKey::new(name, "is missing"))
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// A list; empty when it is not given.
    pub fn list(&self, name: &str) -> &[String] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// A switch; off when it is not given.
    pub fn is_on(&self, name: &str) -> bool {
        self.switches.get(name).copied().unwrap_or(false)
    }
}

/// A key whose value is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} {what}")]
pub struct WrongKey {
    /// The key.
    pub key: &'static str,
    /// What is wrong: "must be one of na, eu, fe".
    pub what: String,
}

impl WrongKey {
    /// A key, and what is wrong with it.
    pub fn new(key: &'static str, what: impl Into<String>) -> Self {
        Self {
            key,
            what: what.into(),
        }
    }
}
