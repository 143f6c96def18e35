//! The people of a payload, so that they are found where nothing says that they are named.

use std::collections::BTreeSet;

use orderbridge_event::tree::Tree;

use crate::fake;
use crate::key::{Around, Kind, kind, words};

/// A shorter name could be a word of any text.
const SHORTEST: usize = 3;

/// What they are called and where they live.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Each word of a name, in lower case.
    words: BTreeSet<String>,
    /// Whole names, and streets with their numbers.
    phrases: BTreeSet<String>,
}

impl Known {
    /// Everybody in a document.
    pub(crate) fn of(tree: &Tree<'_>) -> Self {
        let mut known = Self::default();
        known.collect("", tree);
        known
    }

    fn collect(&mut self, parent: &str, tree: &Tree<'_>) {
        match tree {
            Tree::List(items) => items.iter().for_each(|item| self.collect(parent, item)),
            Tree::Object(fields) => {
                let around = Around::new(parent, fields);
                for (key, value) in fields {
                    match (kind(key, around), value) {
                        (Some(kind), Tree::Text(text)) => self.add(kind, text),
                        _ => self.collect(&words(key), value),
                    }
                }
                let part = |ending: &str| {
                    let mut fields = fields.iter();
                    let (_, value) = fields.find(|(key, _)| words(key) == ending)?;
                    value
                        .as_text()
                        .map(str::trim)
                        .filter(|text| !text.is_empty())
                };
                if let (Some(first), Some(last)) = (part("first name"), part("last name")) {
                    self.phrases.insert(format!("{first} {last}"));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, kind: Kind, text: &str) {
        let text = text.trim();
        let is_several = text.contains(char::is_whitespace);
        let has_number = text.contains(|letter: char| letter.is_ascii_digit());
        match kind {
            Kind::Name => {
                let parts = text.split(|letter: char| !letter.is_alphanumeric());
                let parts = parts.filter(|part| part.chars().count() >= SHORTEST);
                self.words.extend(parts.map(str::to_lowercase));
                if is_several {
                    self.phrases.insert(text.to_owned());
                }
            }
            Kind::Place if is_several && has_number => {
                self.phrases.insert(text.to_owned());
            }
            _ => {}
        }
    }

    /// Replaces whole names and streets.
    pub(crate) fn phrases(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for phrase in &self.phrases {
            if text.contains(phrase.as_str()) {
                text = text.replace(phrase.as_str(), &fake::words(phrase));
            }
        }
        text
    }

    /// Replaces each word that is part of a name.
    pub(crate) fn words(&self, text: &str) -> String {
        fake::each_word(text, |word| {
            if self.words.contains(&word.to_lowercase()) {
                fake::word(word)
            } else {
                word.to_owned()
            }
        })
    }
}
