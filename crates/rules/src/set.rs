//! All rules of a configuration, and those that are for one source.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use orderbridge_event::RuleId;
use sha2::{Digest as _, Sha256};
use toml::de::{DeTable, DeValue};

use crate::exclude::{Exclude, Exclusion};
use crate::mistake::Mistake;
use crate::reader::{Names, Node, Reader};
use crate::rule::Rule;

/// The rules of a configuration, in its order.
#[derive(Clone, Debug, Default)]
pub struct RuleSet(Vec<Arc<Rule>>);

impl RuleSet {
    /// Reads the value of `rules`, and all that is wrong with it. `text` is the whole file.
    pub fn read(node: &Node<'_>, text: &str, names: Names<'_>) -> (Self, Vec<Mistake>) {
        let mut reader = Reader {
            names,
            mistakes: Vec::new(),
        };
        let mut rules = Vec::new();
        let mut known = BTreeSet::new();
        match node.get_ref() {
            DeValue::Array(list) => {
                for node in list {
                    let rule = Rule::read(&mut reader, text, node, &mut known);
                    rules.extend(rule.map(Arc::new));
                }
            }
            _ => reader.mistake(
                node.span(),
                "a rule begins with [[rules]], in double brackets",
            ),
        }
        (Self(rules), reader.mistakes)
    }

    /// Reads the `[[rules]]` of a whole text of TOML; everything else in it is left alone.
    pub fn parse(text: &str, names: Names<'_>) -> Result<Self, Vec<Mistake>> {
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let span = error.span().unwrap_or_default();
                return Err(vec![Mistake::new(span, error.message())]);
            }
        };
        let node = table.iter().find(|(key, _)| key.get_ref() == "rules");
        let Some((_, node)) = node else {
            return Ok(Self::default());
        };
        let (read, mistakes) = Self::read(node, text, names);
        if mistakes.is_empty() {
            Ok(read)
        } else {
            Err(mistakes)
        }
    }

    /// The keys of each rule and their values, in TOML.
    pub fn shown(&self) -> impl Iterator<Item = &[(&'static str, String)]> {
        self.0.iter().map(|rule| rule.shown.as_slice())
    }

    /// The rules for one source. One that is not of the configuration has no name, and only those
    /// rules that are for all.
    pub fn of(&self, platform: &str, source: Option<&str>, exclude: Exclude) -> Rules {
        let is_for = |rule: &&Arc<Rule>| {
            let named = |name| rule.sources.iter().any(|known| known == name);
            rule.sources.is_empty() || source.is_some_and(named)
        };
        let all: Vec<Arc<Rule>> = self.0.iter().filter(is_for).cloned().collect();
        let needs_facts = exclude.needs_facts() || all.iter().any(|rule| rule.needs_facts());
        Rules {
            platform: platform.to_owned(),
            source: source.map(str::to_owned),
            all,
            exclude,
            needs_facts,
            tells: false,
        }
    }
}

/// The rules and exclusions of one source: what is done with each payload that was mapped.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub(crate) platform: String,
    pub(crate) source: Option<String>,
    pub(crate) all: Vec<Arc<Rule>>,
    pub(crate) exclude: Exclude,
    needs_facts: bool,
    pub(crate) tells: bool,
}

/// What decided something: a rule, by its place, or an exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// A rule.
    Rule(usize),
    /// An exclusion of the source.
    Exclusion(Exclusion),
}

impl Rules {
    /// No rules at all: what is mapped stays as it is.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there is nothing to decide.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.exclude.is_empty()
    }

    /// The same, telling of each rule what it says and why.
    #[must_use]
    pub fn telling(mut self) -> Self {
        self.tells = true;
        self
    }

    /// Whether the adapter has to be asked for facts.
    pub fn needs_facts(&self) -> bool {
        self.needs_facts
    }

    /// The ids of the rules, by their places.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &RuleId> {
        self.all.iter().map(|rule| &rule.id)
    }

    /// The name of what decided something: `rule wholesale`, `exclude tags`.
    pub fn name(&self, by: By) -> String {
        match by {
            By::Rule(place) => {
                let id = self.all.get(place).map(|rule| rule.id.as_str());
                format!("rule {}", id.unwrap_or_default())
            }
            By::Exclusion(exclusion) => format!("exclude {}", exclusion.as_str()),
        }
    }

    /// A short hash of all that decides something; `None` when nothing does. Rules that are
    /// written alike have the same.
    pub fn hash(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut text = String::new();
        for rule in &self.all {
            for (key, value) in &rule.shown {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
        text.push_str(self.exclude.as_toml());
        Some(short_hash(&text))
    }
}

/// The first twelve digits of a text's SHA-256.
pub fn short_hash(text: &str) -> String {
    let mut short = String::new();
    for byte in Sha256::digest(text.as_bytes()).iter().take(6) {
        let _ = write!(short, "{byte:02x}");
    }
    short
}
