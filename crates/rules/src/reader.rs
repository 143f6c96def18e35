//! Reads TOML by hand, so that each mistake is told, with its place, and not only the first.

use std::fmt::Write as _;
use std::ops::Range;

use orderbridge_event::{Amount, CountryCode, Currency, EventName, SalesChannel};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::mistake::{Mistake, did_you_mean};

/// A value and where it stands.
pub type Node<'a> = Spanned<DeValue<'a>>;

/// The names that rules may refer to.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// All platforms.
    pub platforms: &'a [&'a str],
    /// The sources of the configuration.
    pub sources: &'a [&'a str],
}

/// Notes what is wrong.
pub(crate) struct Reader<'a> {
    pub(crate) names: Names<'a>,
    pub(crate) mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    pub(crate) fn mistake(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.mistakes.push(Mistake::new(span, message));
    }

    /// Notes a name that does not exist.
    pub(crate) fn unknown<'n>(
        &mut self,
        span: Range<usize>,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let hint = did_you_mean(name, known);
        self.mistake(span, format!("{what} {name:?}{hint}"));
    }

    fn expected<T>(&mut self, what: &str, node: &Node<'_>, wanted: &str) -> Option<T> {
        self.mistake(node.span(), format!("{what} must be {wanted}"));
        None
    }

    pub(crate) fn table<'n, 'a>(
        &mut self,
        what: &str,
        node: &'n Node<'a>,
        wanted: &str,
    ) -> Option<&'n DeTable<'a>> {
        match node.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => self.expected(what, node, wanted),
        }
    }

    pub(crate) fn list<'n, 'a>(
        &mut self,
        what: &str,
        node: &'n Node<'a>,
        wanted: &str,
    ) -> Option<&'n DeArray<'a>> {
        match node.get_ref() {
            DeValue::Array(array) => Some(array),
            _ => self.expected(what, node, wanted),
        }
    }

    /// Text that is not blank; a number says how it would be text.
    pub(crate) fn text<'n>(&mut self, what: &str, node: &'n Node<'_>) -> Option<&'n str> {
        match node.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text),
            DeValue::String(_) => self.expected(what, node, "text that is not blank"),
            DeValue::Integer(digits) => {
                let wanted = format!("text: write \"{}\" with quotes", digits.as_str());
                self.expected(what, node, &wanted)
            }
            _ => self.expected(what, node, "text"),
        }
    }

    pub(crate) fn flag(&mut self, what: &str, node: &Node<'_>) -> Option<bool> {
        match node.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.expected(what, node, "true or false"),
        }
    }

    /// A decimal number, exact: digits as they stand in the file, or text.
    pub(crate) fn amount(&mut self, what: &str, node: &Node<'_>) -> Option<Amount> {
        let read = match node.get_ref() {
            DeValue::Integer(digits) if digits.radix() == 10 => Amount::parse(digits.as_str()),
            DeValue::Float(digits) => Amount::parse(digits.as_str()),
            DeValue::String(text) => Amount::parse(text.trim()),
            _ => None,
        };
        match read {
            Some(amount) => Some(amount),
            None => self.expected(what, node, "a decimal number such as \"100.00\""),
        }
    }

    pub(crate) fn channel(&mut self, node: &Node<'_>) -> Option<SalesChannel> {
        let text = self.text("a channel", node)?;
        let found = SalesChannel::parse(text);
        if found.is_none() {
            let known = SalesChannel::ALL.iter().map(|channel| channel.as_str());
            self.unknown(node.span(), "there is no sales channel", text, known);
        }
        found
    }

    pub(crate) fn event_name<'n>(&mut self, node: &'n Node<'_>) -> Option<&'n str> {
        let text = self.text("event_name", node)?;
        if EventName::parse(text).is_some() {
            return Some(text);
        }
        let known = EventName::ALL.iter().map(|name| name.as_str());
        self.unknown(node.span(), "no adapter makes an event named", text, known);
        None
    }

    pub(crate) fn country(&mut self, node: &Node<'_>) -> Option<CountryCode> {
        let text = self.text("a country", node)?;
        let found = CountryCode::parse(text).filter(|_| text.trim().len() == 2);
        if found.is_none() {
            let hint = CountryCode::parse(text);
            let hint = hint.map_or_else(String::new, |code| {
                format!(" (did you mean {:?}?)", code.as_str())
            });
            let message = format!("there is no country code {text:?}{hint}; it has two letters");
            self.mistake(node.span(), message);
        }
        found
    }

    pub(crate) fn currency(&mut self, node: &Node<'_>) -> Option<Currency> {
        let text = self.text("a currency", node)?;
        match Currency::parse(text) {
            Some(currency) => Some(currency),
            None => self.expected("a currency", node, "three letters such as \"EUR\""),
        }
    }

    pub(crate) fn one_of<'n>(
        &mut self,
        what: &str,
        node: &'n Node<'_>,
        known: &[&str],
    ) -> Option<&'n str> {
        let text = self.text(what, node)?;
        if known.contains(&text) {
            return Some(text);
        }
        let what = format!("there is no {what}");
        self.unknown(node.span(), &what, text, known.iter().copied());
        None
    }
}

/// A value as TOML, in one line and always the same: what is shown of a rule, and what is hashed.
pub(crate) fn write(out: &mut String, value: &DeValue<'_>) {
    match value {
        DeValue::String(text) => write_text(out, text),
        DeValue::Integer(digits) => out.push_str(digits.as_str()),
        DeValue::Float(digits) => out.push_str(digits.as_str()),
        DeValue::Boolean(flag) => {
            let _ = write!(out, "{flag}");
        }
        DeValue::Datetime(time) => {
            let _ = write!(out, "{time}");
        }
        DeValue::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write(out, item.get_ref());
            }
            out.push(']');
        }
        DeValue::Table(fields) if fields.is_empty() => out.push_str("{}"),
        DeValue::Table(fields) => {
            for (place, (key, value)) in fields.iter().enumerate() {
                out.push_str(if place == 0 { "{ " } else { ", " });
                write_key(out, key.get_ref());
                out.push_str(" = ");
                write(out, value.get_ref());
            }
            out.push_str(" }");
        }
    }
}

fn write_key(out: &mut String, key: &str) {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if !key.is_empty() && key.chars().all(bare) {
        out.push_str(key);
    } else {
        // A key is never written over several lines, as a text with quotes in it may be.
        out.push('"');
        for letter in key.chars() {
            match letter {
                '"' | '\\' => out.extend(['\\', letter]),
                letter if letter.is_control() => {
                    let _ = write!(out, "\\u{:04X}", u32::from(letter));
                }
                letter => out.push(letter),
            }
        }
        out.push('"');
    }
}

fn write_text(out: &mut String, text: &str) {
    let _ = write!(out, "{}", toml::Value::String(text.to_owned()));
}
