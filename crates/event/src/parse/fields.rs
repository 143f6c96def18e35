//! Taking the fields of an object, one after the other, until none is left.

use crate::tree::Tree;
use crate::{Amount, Code, Currency, MapError, Text};

/// An object whose fields are being taken out.
pub(super) struct Reader<'t, 'a> {
    path: String,
    fields: Vec<Option<&'t (String, Tree<'a>)>>,
}

pub(super) fn invalid(path: impl Into<String>, expected: &str) -> MapError {
    MapError::invalid(Code::PayloadType, path, expected)
}

/// Reads a number, with all of its digits.
pub(super) fn amount(value: &Tree<'_>, path: &str) -> Result<Amount, MapError> {
    match value {
        Tree::Number(digits) => Amount::parse_number(digits),
        _ => None,
    }
    .ok_or_else(|| MapError::invalid(Code::AmountInvalid, path, "a decimal number"))
}

impl<'t, 'a> Reader<'t, 'a> {
    pub(super) fn open(tree: &'t Tree<'a>, path: impl Into<String>) -> Result<Self, MapError> {
        let path = path.into();
        match tree {
            Tree::Object(fields) => Ok(Self {
                path,
                fields: fields.iter().map(Some).collect(),
            }),
            _ => Err(invalid(path, "an object")),
        }
    }

    /// The path of a field.
    pub(super) fn path(&self, key: &str) -> String {
        match self.path.as_str() {
            "$" => key.to_owned(),
            parent => format!("{parent}.{key}"),
        }
    }

    pub(super) fn missing(&self, key: &str) -> MapError {
        MapError::missing(self.path(key))
    }

    /// Whether a field is there and was not taken yet.
    pub(super) fn has(&self, key: &str) -> bool {
        let mut left = self.fields.iter().flatten();
        left.any(|(known, _)| known == key)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<&'t Tree<'a>> {
        let slot = self
            .fields
            .iter_mut()
            .find(|slot| slot.is_some_and(|(known, _)| known == key))?;
        slot.take().map(|(_, value)| value)
    }

    pub(super) fn text(&mut self, key: &str) -> Result<Option<Text>, MapError> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let text = value.as_text().and_then(Text::exact);
        text.map(Some)
            .ok_or_else(|| invalid(self.path(key), "text that is not blank"))
    }

    pub(super) fn need_text(&mut self, key: &str) -> Result<Text, MapError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn need_object(&mut self, key: &str) -> Result<Self, MapError> {
        let value = self.take(key).ok_or_else(|| self.missing(key))?;
        Self::open(value, self.path(key))
    }

    pub(super) fn flag(&mut self, key: &str) -> Result<Option<bool>, MapError> {
        match self.take(key) {
            None => Ok(None),
            Some(Tree::Flag(flag)) => Ok(Some(*flag)),
            Some(_) => Err(invalid(self.path(key), "true or false")),
        }
    }

    pub(super) fn amount(&mut self, key: &str) -> Result<Option<Amount>, MapError> {
        match self.take(key) {
            None => Ok(None),
            Some(value) => amount(value, &self.path(key)).map(Some),
        }
    }

    pub(super) fn currency(&mut self) -> Result<Currency, MapError> {
        self.parsed(
            "currency",
            "an ISO 4217 code",
            Currency::parse,
            Currency::as_str,
        )?
        .ok_or_else(|| self.missing("currency"))
    }

    /// Reads text of a certain form; a value that would be written differently is refused.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: fn(&str) -> Option<T>,
        print: impl Fn(&T) -> &str,
    ) -> Result<Option<T>, MapError> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let text = value.as_text().unwrap_or_default();
        parse(text)
            .filter(|parsed| print(parsed) == text)
            .map(Some)
            .ok_or_else(|| invalid(self.path(key), expected))
    }

    /// The fields that nobody took, in their order.
    pub(super) fn rest(self) -> impl Iterator<Item = (String, &'t str, &'t Tree<'a>)> {
        let parent = self.path;
        let left = self.fields.into_iter().flatten();
        left.map(move |(key, value)| (format!("{parent}.{key}"), key.as_str(), value))
    }

    /// Refuses fields that nobody took.
    pub(super) fn finish(self) -> Result<(), MapError> {
        match self.fields.iter().flatten().next() {
            None => Ok(()),
            Some((key, _)) => Err(invalid(self.path(key), "no such field, or only once")),
        }
    }
}
