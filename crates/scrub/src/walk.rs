//! Through a document, value by value.

use orderbridge_event::tree::{Fields, Tree};

use crate::key::{Around, Kind, is_picture, is_talk, kind, words};
use crate::known::Known;
use crate::{fake, shape, url};

/// The document without its people.
pub(crate) fn scrubbed<'a>(tree: &Tree<'a>, shared: &[String]) -> Tree<'a> {
    let walk = Walk {
        known: Known::of(tree),
        shared,
    };
    walk.value("", tree, Around::default())
}

struct Walk<'s> {
    known: Known,
    shared: &'s [String],
}

impl Walk<'_> {
    /// A value under a key.
    fn value<'a>(&self, key: &str, tree: &Tree<'a>, around: Around) -> Tree<'a> {
        match tree {
            Tree::Null | Tree::Flag(_) => tree.clone(),
            Tree::Number(digits) => Self::number(key, digits, around),
            Tree::Text(text) => Tree::Text(self.text(key, text, around)),
            Tree::List(items) => {
                let items = items.iter().map(|item| self.value(key, item, around));
                Tree::List(items.collect())
            }
            Tree::Object(fields) => self.object(key, fields),
        }
    }

    fn object<'a>(&self, key: &str, fields: &Fields<'a>) -> Tree<'a> {
        if let Some(rows) = self.rows(fields) {
            return rows;
        }
        let around = Around::new(&words(key), fields);
        // In a pair of a name and a value, the name says what the value is.
        let name = fields
            .iter()
            .find(|(key, _)| matches!(key.as_str(), "name" | "key"));
        let name = name
            .and_then(|(_, name)| name.as_text())
            .unwrap_or_default();
        let fields = fields.iter().map(|(key, value)| {
            let scrubbed = match value {
                Tree::Text(text) if around.is_typed && key == "value" => {
                    Tree::Text(self.typed(name, text))
                }
                Tree::Text(_) if around.is_typed && matches!(key.as_str(), "name" | "key") => {
                    value.clone()
                }
                value => self.value(key, value, around),
            };
            (key.clone(), scrubbed)
        });
        Tree::Object(fields.collect())
    }

    /// The rows of a report: the columns are the keys.
    fn rows<'a>(&self, fields: &Fields<'a>) -> Option<Tree<'a>> {
        let named = |name: &str| fields.iter().find(|(key, _)| key == name);
        let (Tree::List(columns), Tree::List(rows)) = (&named("columns")?.1, &named("rows")?.1)
        else {
            return None;
        };
        let cell = |(column, cell): (&Tree<'a>, &Tree<'a>)| {
            self.value(
                column.as_text().unwrap_or_default(),
                cell,
                Around::default(),
            )
        };
        let row = |row: &Tree<'a>| match row {
            Tree::List(cells) => {
                let known = columns.iter().zip(cells).map(cell);
                // A cell beyond the columns has no name.
                let more = cells.iter().skip(columns.len());
                let more = more.map(|cell| self.value("", cell, Around::default()));
                Tree::List(known.chain(more).collect())
            }
            other => other.clone(),
        };
        let rows = Tree::List(rows.iter().map(row).collect());
        let fields = fields.iter().map(|(key, value)| {
            let value = if key == "rows" {
                rows.clone()
            } else {
                value.clone()
            };
            (key.clone(), value)
        });
        Some(Tree::Object(fields.collect()))
    }

    /// What somebody typed into a field of the shop's own.
    fn typed(&self, name: &str, text: &str) -> String {
        match kind(name, Around::default()) {
            Some(kind) => self.of_kind(kind, text),
            // An app hides what is its own.
            None if name.starts_with('_') => self.anything(name, text),
            None if url::is_url(text) => url::scrubbed(text),
            None => fake::words(text),
        }
    }

    fn text(&self, key: &str, text: &str, around: Around) -> String {
        if text.trim().is_empty() {
            return text.to_owned();
        }
        if let Some(inside) = self.inside(text) {
            return inside;
        }
        match kind(key, around) {
            Some(kind) => self.of_kind(kind, text),
            None => self.anything(key, text),
        }
    }

    /// A message in a message: a document as text.
    fn inside(&self, text: &str) -> Option<String> {
        let tree = text
            .starts_with('{')
            .then(|| Tree::parse(text.as_bytes()))??;
        let inside = Walk {
            known: Known::of(&tree),
            shared: self.shared,
        };
        Some(inside.value("", &tree, Around::default()).dense())
    }

    fn anything(&self, key: &str, text: &str) -> String {
        if url::is_url(text) && is_picture(key) {
            return text.to_owned();
        }
        let text = shape::scrubbed(text, self.shared);
        let text = self.known.phrases(&text);
        if is_talk(key) {
            self.known.words(&text)
        } else {
            text
        }
    }

    fn of_kind(&self, kind: Kind, text: &str) -> String {
        if text.trim().is_empty() {
            return text.to_owned();
        }
        match kind {
            // A webhook's address is a page, and a company may be told by one.
            _ if url::is_url(text) => url::scrubbed(text),
            Kind::Prose => fake::prose(text),
            Kind::Token => fake::token(text),
            Kind::Agent => "Mozilla/5.0".to_owned(),
            Kind::Birth if text.len() == 10 => "1970-01-01".to_owned(),
            Kind::Birth | Kind::Number => fake::digits(text),
            Kind::Email => fake::email(text, self.shared),
            Kind::Phone => fake::phone(text),
            Kind::Ip => fake::ip(text),
            _ if text.contains('@') => fake::words(&shape::scrubbed(text, self.shared)),
            Kind::Name | Kind::Place => fake::words(text),
        }
    }

    fn number<'a>(key: &str, digits: &'a str, around: Around) -> Tree<'a> {
        let is_somebodys = kind(key, around).is_some();
        // Zero is what a till fills in.
        if is_somebodys && !digits.trim_matches(['0', '.', '-']).is_empty() {
            Tree::Number(fake::number(digits))
        } else {
            Tree::Number(digits)
        }
    }
}
