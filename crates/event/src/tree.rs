//! JSON read without interpretation: numbers stay the text they are, keys keep their order.
//!
//! serde would take numbers through floats; reading a body back must not lose a digit.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json;

/// How deep a document may be nested; as deep as `serde_json` itself goes.
const DEPTH: usize = 127;

/// A JSON value with nothing lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Flag(bool),
    /// A number, as it is written.
    Number(&'a str),
    /// A string, without its escapes.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object; a key may stand in it twice.
    Object(Fields<'a>),
}

/// The fields of an object, in the order they are written.
pub type Fields<'a> = Vec<(String, Tree<'a>)>;

impl<'a> Tree<'a> {
    /// Reads one complete document; `None` when it is not JSON or nested too deeply.
    pub fn parse(json: &'a [u8]) -> Option<Self> {
        Self::read(serde_json::from_slice(json).ok()?, DEPTH)
    }

    fn read(raw: &'a RawValue, depth: usize) -> Option<Self> {
        let text = raw.get();
        let below = depth.checked_sub(1)?;
        Some(match text.as_bytes().first()? {
            b'n' => Self::Null,
            b't' => Self::Flag(true),
            b'f' => Self::Flag(false),
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            b'[' => {
                let items: Vec<&'a RawValue> = serde_json::from_str(text).ok()?;
                let items = items.into_iter().map(|item| Self::read(item, below));
                Self::List(items.collect::<Option<_>>()?)
            }
            b'{' => {
                let Pairs(pairs) = serde_json::from_str(text).ok()?;
                let fields = pairs
                    .into_iter()
                    .map(|(key, value)| Some((key, Self::read(value, below)?)));
                Self::Object(fields.collect::<Option<_>>()?)
            }
            _ => Self::Number(text),
        })
    }

    /// The value of a field, if this is an object that has it; the last one, as most readers do.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else {
            return None;
        };
        fields
            .iter()
            .rev()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    }

    /// The document over several lines, one value on each, as `jq` would print it. Numbers keep
    /// their digits.
    pub fn pretty(&self) -> String {
        let mut out = Vec::new();
        self.lay_out(&mut out, 0);
        String::from_utf8(out).unwrap_or_default()
    }

    fn lay_out(&self, out: &mut Vec<u8>, depth: usize) {
        let new_line = |out: &mut Vec<u8>, place: usize, depth: usize| {
            out.extend_from_slice(if place == 0 { b"\n" } else { b",\n" });
            out.resize(out.len() + 2 * depth, b' ');
        };
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Flag(flag) => json::flag(out, *flag),
            Self::Number(digits) => out.extend_from_slice(digits.as_bytes()),
            Self::Text(text) => json::string(out, text),
            Self::List(items) if items.is_empty() => out.extend_from_slice(b"[]"),
            Self::List(items) => {
                out.push(b'[');
                for (place, item) in items.iter().enumerate() {
                    new_line(out, place, depth + 1);
                    item.lay_out(out, depth + 1);
                }
                new_line(out, 0, depth);
                out.push(b']');
            }
            Self::Object(fields) if fields.is_empty() => out.extend_from_slice(b"{}"),
            Self::Object(fields) => {
                out.push(b'{');
                for (place, (key, value)) in fields.iter().enumerate() {
                    new_line(out, place, depth + 1);
                    json::string(out, key);
                    out.extend_from_slice(b": ");
                    value.lay_out(out, depth + 1);
                }
                new_line(out, 0, depth);
                out.push(b'}');
            }
        }
    }

    /// The document on one line, without any white space. Numbers keep their digits.
    pub fn dense(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::List(items) => json::list(out, items, |out, item| item.write(out)),
            Self::Object(fields) => {
                let mut object = json::Object::open(out);
                for (key, value) in fields {
                    value.write(object.named(key));
                }
                object.close();
            }
            // What has no parts looks the same in both.
            value => value.lay_out(out, 0),
        }
    }

    /// The text, if this is a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// An object's fields, values unread.
pub(crate) struct Pairs<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_laid_out_with_nothing_lost() {
        let text = r#"{"a":[1.50,{},[]],"b":{"c":null,"c":true},"\u00e9":"x\ty"}"#;
        let tree = Tree::parse(text.as_bytes()).unwrap();
        let expected = [
            "{",
            "  \"a\": [",
            "    1.50,",
            "    {},",
            "    []",
            "  ],",
            "  \"b\": {",
            "    \"c\": null,",
            "    \"c\": true",
            "  },",
            "  \"é\": \"x\\ty\"",
            "}",
        ];
        assert_eq!(tree.pretty(), expected.join("\n"));
        assert_eq!(Tree::parse(tree.pretty().as_bytes()), Some(tree.clone()));
        assert_eq!(Tree::parse(tree.dense().as_bytes()), Some(tree.clone()));
        let dense = r#"{"a":[1.50,{},[]],"b":{"c":null,"c":true},"é":"x\ty"}"#;
        assert_eq!(tree.dense(), dense);
    }
}
