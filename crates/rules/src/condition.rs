//! One line of an `if`: a field, an operator, a value.

use orderbridge_event::{Amount, Facts};
use toml::de::DeValue;

use crate::field::{Path, Shape};
use crate::operator::Operator;
use crate::reader::{Node, Reader};
use crate::view::{Value, View};

/// A compiled condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Exists(bool),
    Is(Literal),
    IsNot(Literal),
    /// One of these; of a list, that it holds one of these.
    OneOf(Vec<Literal>),
    Starts(String),
    Ends(String),
    Above(Amount),
    AtLeast(Amount),
    Below(Amount),
    AtMost(Amount),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Literal {
    Text(String),
    Number(Amount),
    Flag(bool),
}

impl Literal {
    fn is(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Text(wanted), Value::Text(text)) => wanted == text,
            (Self::Number(wanted), Value::Number(number)) => wanted == number,
            (Self::Flag(wanted), Value::Flag(flag)) => wanted == flag,
            _ => false,
        }
    }
}

impl Condition {
    /// Whether it holds. Of a field that is absent nothing holds but that it is.
    pub(crate) fn holds(&self, view: &View<'_>) -> bool {
        let value = view.get(&self.path);
        if let Value::Absent = value {
            return self.test == Test::Exists(false);
        }
        match (&self.test, value) {
            (Test::Exists(wanted), _) => *wanted,
            (Test::Is(wanted), value) => wanted.is(&value),
            (Test::IsNot(wanted), value) => !wanted.is(&value),
            (Test::OneOf(wanted), Value::Texts(texts)) => texts
                .iter()
                .any(|text| is_among(wanted, &Value::Text(text))),
            (Test::OneOf(wanted), value) => is_among(wanted, &value),
            (Test::Starts(start), Value::Text(text)) => text.starts_with(start.as_str()),
            (Test::Starts(start), Value::Texts(texts)) => {
                texts.iter().any(|text| text.starts_with(start.as_str()))
            }
            (Test::Ends(end), Value::Text(text)) => text.ends_with(end.as_str()),
            (Test::Ends(end), Value::Texts(texts)) => {
                texts.iter().any(|text| text.ends_with(end.as_str()))
            }
            (Test::Above(limit), Value::Number(number)) => number > *limit,
            (Test::AtLeast(limit), Value::Number(number)) => number >= *limit,
            (Test::Below(limit), Value::Number(number)) => number < *limit,
            (Test::AtMost(limit), Value::Number(number)) => number <= *limit,
            (
                Test::Starts(_)
                | Test::Ends(_)
                | Test::Above(_)
                | Test::AtLeast(_)
                | Test::Below(_)
                | Test::AtMost(_),
                _,
            ) => false,
        }
    }

    /// Reads an operator and its value.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        path: &Path,
        operator: Operator,
        node: &Node<'_>,
    ) -> Option<Self> {
        let what = format!("{} {}", path.shown(), operator.as_str());
        let test = match operator {
            Operator::Exists => Test::Exists(reader.flag(&what, node)?),
            Operator::Eq => Test::Is(literal(reader, path, &what, node)?),
            Operator::Ne => Test::IsNot(literal(reader, path, &what, node)?),
            Operator::In => {
                let wanted = "a list, as in [\"a\", \"b\"]";
                Test::OneOf(literals(reader, path, &what, node, wanted)?)
            }
            Operator::Has => match node.get_ref() {
                DeValue::Array(_) => Test::OneOf(literals(
                    reader,
                    path,
                    &what,
                    node,
                    "text, or a list of texts",
                )?),
                _ => Test::OneOf(vec![literal(reader, path, &what, node)?]),
            },
            Operator::StartsWith => Test::Starts(folded(path, reader.text(&what, node)?)),
            Operator::EndsWith => Test::Ends(folded(path, reader.text(&what, node)?)),
            Operator::Gt => Test::Above(reader.amount(&what, node)?),
            Operator::Gte => Test::AtLeast(reader.amount(&what, node)?),
            Operator::Lt => Test::Below(reader.amount(&what, node)?),
            Operator::Lte => Test::AtMost(reader.amount(&what, node)?),
        };
        Some(Self {
            path: path.clone(),
            test,
        })
    }
}

fn is_among(wanted: &[Literal], value: &Value<'_>) -> bool {
    wanted.iter().any(|literal| literal.is(value))
}

/// Text in the form in which the field's values are.
fn folded(path: &Path, text: &str) -> String {
    match path.field.shape() {
        Shape::Tags | Shape::Lower => text.trim().to_lowercase(),
        _ => text.to_owned(),
    }
}

fn literals(
    reader: &mut Reader<'_>,
    path: &Path,
    what: &str,
    node: &Node<'_>,
    wanted: &str,
) -> Option<Vec<Literal>> {
    let list = reader.list(what, node, wanted)?;
    if list.is_empty() {
        reader.mistake(node.span(), format!("{what} must name at least one value"));
        return None;
    }
    // All of them are looked at, so that all mistakes are told.
    let read: Vec<Option<Literal>> = list
        .iter()
        .map(|item| literal(reader, path, what, item))
        .collect();
    read.into_iter().collect()
}

/// A value of the kind that the field has; one that it can never have is a mistake.
fn literal(reader: &mut Reader<'_>, path: &Path, what: &str, node: &Node<'_>) -> Option<Literal> {
    let text = |text: &str| Some(Literal::Text(text.to_owned()));
    let names = reader.names;
    match path.field.shape() {
        Shape::Text | Shape::Named | Shape::Texts => text(reader.text(what, node)?),
        Shape::Lower => text(&folded(path, reader.text(what, node)?)),
        Shape::Tags => {
            let tag = Facts::tag(reader.text(what, node)?)?;
            text(tag.as_str())
        }
        Shape::Platform => text(reader.one_of("platform", node, names.platforms)?),
        Shape::Source => text(reader.one_of("source", node, names.sources)?),
        Shape::Channel => text(reader.channel(node)?.as_str()),
        Shape::EventName => text(reader.event_name(node)?),
        Shape::Country => text(reader.country(node)?.as_str()),
        Shape::Currency => text(reader.currency(node)?.as_str()),
        Shape::Money | Shape::Count => reader.amount(what, node).map(Literal::Number),
        Shape::Flag => reader.flag(what, node).map(Literal::Flag),
        Shape::Custom => match node.get_ref() {
            DeValue::Boolean(flag) => Some(Literal::Flag(*flag)),
            DeValue::Integer(_) | DeValue::Float(_) => {
                reader.amount(what, node).map(Literal::Number)
            }
            _ => text(reader.text(what, node)?),
        },
    }
}
