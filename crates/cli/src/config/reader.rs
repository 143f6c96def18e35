//! Reads TOML by hand, so that each mistake is told, with its place, and not only the first.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use orderbridge_core::parse_duration;
use orderbridge_rules::Mistake;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::finding::{Finding, Severity};
use crate::source::did_you_mean;

/// A value and where it stands.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// The text of a configuration, and what was found wrong with it.
pub(super) struct Reader<'a> {
    text: &'a str,
    mistakes: Vec<(usize, String)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            mistakes: Vec::new(),
        }
    }

    /// The whole file as a table; nothing when it is not TOML.
    pub(super) fn parse(&mut self) -> Option<DeTable<'a>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                let message = error.message().replace('\n', ", ");
                self.mistake(error.span().unwrap_or_default(), message);
                None
            }
        }
    }

    /// The whole file.
    pub(super) fn all(&self) -> &'a str {
        self.text
    }

    /// Notes mistakes that somebody else found.
    pub(super) fn mistakes_of(&mut self, mistakes: Vec<Mistake>) {
        for Mistake { span, message } in mistakes {
            self.mistake(span, message);
        }
    }

    /// Notes a mistake.
    pub(super) fn mistake(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.mistakes.push((span.start, message.into()));
    }

    /// Notes a key that does not exist.
    pub(super) fn unknown(&mut self, span: Range<usize>, what: &str, key: &str, known: &[&str]) {
        let hint = did_you_mean(key, known.iter().copied());
        self.mistake(span, format!("{what} {key:?}{hint}"));
    }

    /// All mistakes in the order of the file, each with its line and column.
    pub(super) fn mistakes(mut self) -> Vec<Finding> {
        self.mistakes.sort();
        let mistakes = std::mem::take(&mut self.mistakes);
        let found = mistakes.into_iter().map(|(at, message)| Finding {
            severity: Severity::Mistake,
            place: Some(self.place(at)),
            message,
        });
        found.collect()
    }

    /// Where each section, each table in it and each key of those begins: the line by the path.
    pub(super) fn lines(&self, sections: &DeTable<'a>) -> BTreeMap<String, usize> {
        let mut lines = BTreeMap::new();
        self.add_lines("", sections, 3, &mut lines);
        lines
    }

    fn add_lines(
        &self,
        above: &str,
        table: &DeTable<'a>,
        depth: usize,
        lines: &mut BTreeMap<String, usize>,
    ) {
        for (key, value) in table {
            let path = match above {
                "" => key.get_ref().to_string(),
                above => format!("{above}.{}", key.get_ref()),
            };
            if let (DeValue::Table(below), Some(depth)) = (value.get_ref(), depth.checked_sub(1)) {
                self.add_lines(&path, below, depth, lines);
            }
            lines.insert(path, self.line(key.span().start));
        }
    }

    /// The line of a place in the text.
    pub(super) fn line(&self, at: usize) -> usize {
        self.place(at).0
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    fn expected<T>(&mut self, key: &str, value: &Value<'_>, what: &str) -> Option<T> {
        self.mistake(value.span(), format!("{key} must be {what}"));
        None
    }

    pub(super) fn table<'v>(&mut self, key: &str, value: &'v Value<'a>) -> Option<&'v DeTable<'a>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => self.expected(key, value, "a table"),
        }
    }

    pub(super) fn array<'v>(&mut self, key: &str, value: &'v Value<'a>) -> Option<&'v DeArray<'a>> {
        match value.get_ref() {
            DeValue::Array(array) => Some(array),
            _ => self.expected(key, value, "a list"),
        }
    }

    pub(super) fn text<'v>(&mut self, key: &str, value: &'v Value<'a>) -> Option<&'v str> {
        match value.get_ref() {
            DeValue::String(text) => Some(text),
            _ => self.expected(key, value, "text"),
        }
    }

    pub(super) fn texts(&mut self, key: &str, value: &Value<'a>) -> Option<Vec<String>> {
        let array = self.array(key, value)?;
        let texts = array
            .iter()
            .map(|item| self.text(key, item).map(str::to_owned));
        texts.collect()
    }

    pub(super) fn duration(&mut self, key: &str, value: &Value<'a>) -> Option<Duration> {
        match value.get_ref() {
            DeValue::String(text) => match parse_duration(text) {
                Ok(duration) => Some(duration),
                Err(error) => {
                    self.mistake(value.span(), format!("{key} is {error}"));
                    None
                }
            },
            _ => self.expected(key, value, "a duration such as \"30s\" or \"10m\""),
        }
    }

    /// Text that something else reads; its error tells what it should have been.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        key: &str,
        value: &Value<'a>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.text(key, value)?) {
            Ok(parsed) => Some(parsed),
            Err(error) => self.expected(key, value, &error.to_string()),
        }
    }

    /// A whole number in a range.
    pub(super) fn count(&mut self, key: &str, value: &Value<'a>, range: Range<u32>) -> Option<u32> {
        let number = match value.get_ref() {
            DeValue::Integer(digits) => u32::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        if let Some(number) = number.filter(|number| range.contains(number)) {
            Some(number)
        } else {
            let what = format!("a number from {} to {}", range.start, range.end - 1);
            self.expected(key, value, &what)
        }
    }

    /// A share between 0 and 1.
    pub(super) fn share(&mut self, key: &str, value: &Value<'a>) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(digits) => digits.as_str().parse().ok(),
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            _ => None,
        };
        match number.filter(|share| (0.0..=1.0).contains(share)) {
            Some(share) => Some(share),
            None => self.expected(key, value, "a share from 0 to 1"),
        }
    }
}
