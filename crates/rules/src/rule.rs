//! One rule: for which source, if what, then what.

use std::collections::BTreeSet;
use std::ops::Range;

use orderbridge_event::RuleId;
use toml::de::{DeTable, DeValue};

use crate::action::Action;
use crate::condition::Condition;
use crate::expression::{Answer, Expression, Use};
use crate::field::{Field, Path};
use crate::mistake::{did_you_mean, nearest};
use crate::operator::Operator;
use crate::reader::{Node, Reader, write};
use crate::view::View;

/// The keys of a rule.
pub const RULE_KEYS: &[&str] = &["id", "source", "if", "when", "then"];

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: RuleId,
    /// The sources that it is for; none for all.
    pub(crate) sources: Vec<String>,
    conditions: Vec<Condition>,
    when: Option<Expression>,
    pub(crate) actions: Vec<Action>,
    /// Its keys and their values, as they are shown and hashed.
    pub(crate) shown: Vec<(&'static str, String)>,
}

/// What a rule says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It matches.
    Matched,
    /// It does not match.
    Unmatched,
    /// It does not match, since the order lacks something that its expression asks for.
    Absent(String),
    /// It could not be evaluated, so it does not match.
    Failed(String),
}

impl Rule {
    /// Whether it matches.
    pub(crate) fn judge(&self, view: &View<'_>) -> Verdict {
        if !self.conditions.iter().all(|it| it.holds(view)) {
            return Verdict::Unmatched;
        }
        match self.when.as_ref().map(|when| when.holds(view)) {
            None | Some(Answer::Yes) => Verdict::Matched,
            Some(Answer::No) => Verdict::Unmatched,
            Some(Answer::Absent(name)) => Verdict::Absent(name),
            Some(Answer::Failed(why)) => Verdict::Failed(why),
        }
    }

    /// The fields that it asks for and their values, for people.
    pub(crate) fn seen(&self, view: &View<'_>) -> Vec<(String, String)> {
        let mut paths: Vec<Path> = Vec::new();
        let mut push = |path: Path| {
            if !paths.contains(&path) {
                paths.push(path);
            }
        };
        for condition in &self.conditions {
            push(condition.path.clone());
        }
        for wanted in self.when.iter().flat_map(Expression::uses) {
            match wanted {
                Use::Items => push(Path {
                    field: Field::ItemsSku,
                    name: None,
                }),
                Use::Field(Field::NoteAttributes) => {
                    for (name, _) in view.note_attributes() {
                        push(Path {
                            field: Field::NoteAttributes,
                            name: Some(name.clone()),
                        });
                    }
                }
                Use::Field(field) => push(Path {
                    field: *field,
                    name: None,
                }),
            }
        }
        // Of a table that is asked as a whole there is nothing to show in a word.
        let shown = paths
            .iter()
            .filter(|it| it.name.is_some() || !it.field.shape().is_table());
        let shown = shown.map(|path| (path.shown(), view.get(path).to_string()));
        shown.collect()
    }

    /// Whether it asks for what no event carries.
    pub(crate) fn needs_facts(&self) -> bool {
        let mut paths = self.conditions.iter().map(|it| &it.path);
        let of_action = |action: &Action| match action {
            Action::Alias(template) | Action::Set(_, crate::action::Set::Template(template)) => {
                template.fields().any(|path| path.field.is_fact())
            }
            _ => false,
        };
        paths.any(|path| path.field.is_fact())
            || self.when.as_ref().is_some_and(Expression::needs_facts)
            || self.actions.iter().any(of_action)
    }

    /// Reads a rule. `text` is the file, for places inside of expressions.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        text: &str,
        node: &Node<'_>,
        known: &mut BTreeSet<RuleId>,
    ) -> Option<Self> {
        let before = reader.mistakes.len();
        let table = reader.table("each of rules", node, "a table, as in [[rules]]")?;
        let mut draft = Draft::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "id" => draft.id = id(reader, value, known),
                "source" => draft.sources = sources(reader, value),
                "if" => {
                    let wanted = "a table, as in { tags = { has = \"wholesale\" } }";
                    if let Some(table) = reader.table("if", value, wanted) {
                        conditions(reader, "", table, &mut draft.conditions);
                        if table.is_empty() {
                            reader.mistake(value.span(), "if asks for nothing");
                        }
                    }
                }
                "when" => draft.when = expression(reader, text, value),
                "then" => draft.actions = Action::read_all(reader, value),
                other => reader.unknown(
                    key.span(),
                    "a rule has no key",
                    other,
                    RULE_KEYS.iter().copied(),
                ),
            }
        }
        let has = |wanted: &str| table.iter().any(|(key, _)| key.get_ref() == wanted);
        let at = start(node.span());
        if !has("id") {
            let message = "a rule needs an id to be told by, such as id = \"wholesale\"";
            reader.mistake(at.clone(), message);
        }
        if !has("if") && !has("when") {
            let message =
                "a rule needs an `if` or a `when`; one for all orders says when = \"true\"";
            reader.mistake(at.clone(), message);
        }
        if !has("then") {
            let message = "a rule needs a `then`, such as then = { channel = \"offline\" }";
            reader.mistake(at, message);
        }
        if reader.mistakes.len() > before {
            return None;
        }
        let mut shown = Vec::new();
        for name in RULE_KEYS {
            if let Some((_, value)) = table.iter().find(|(key, _)| key.get_ref() == *name) {
                let mut text = String::new();
                write(&mut text, value.get_ref());
                shown.push((*name, text));
            }
        }
        Some(Self {
            id: draft.id?,
            sources: draft.sources,
            conditions: draft.conditions,
            when: draft.when,
            actions: draft.actions,
            shown,
        })
    }
}

#[derive(Default)]
struct Draft {
    id: Option<RuleId>,
    sources: Vec<String>,
    conditions: Vec<Condition>,
    when: Option<Expression>,
    actions: Vec<Action>,
}

fn start(span: Range<usize>) -> Range<usize> {
    span.start..span.start
}

fn id(reader: &mut Reader<'_>, node: &Node<'_>, known: &mut BTreeSet<RuleId>) -> Option<RuleId> {
    let text = reader.text("id", node)?;
    let Some(id) = RuleId::parse(text) else {
        let message = format!(
            "id must be letters, digits, -, _ and ., up to {} of them",
            RuleId::LONGEST
        );
        reader.mistake(node.span(), message);
        return None;
    };
    if !known.insert(id.clone()) {
        let message = format!("there are two rules with the id {text:?}");
        reader.mistake(node.span(), message);
    }
    Some(id)
}

fn sources(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<String> {
    let names = reader.names.sources;
    let mut sources = Vec::new();
    let mut one = |reader: &mut Reader<'_>, node: &Node<'_>| {
        let name = reader.one_of("source", node, names);
        sources.extend(name.map(str::to_owned));
    };
    match node.get_ref() {
        DeValue::Array(list) => {
            for item in list {
                one(reader, item);
            }
            if list.is_empty() {
                let message = "source names no source; leave it out for all of them";
                reader.mistake(node.span(), message);
            }
        }
        _ => one(reader, node),
    }
    sources
}

/// Reads the conditions of a table; tables within it are parts of the paths of fields.
fn conditions(
    reader: &mut Reader<'_>,
    above: &str,
    table: &DeTable<'_>,
    conditions: &mut Vec<Condition>,
) {
    for (key, value) in table {
        let path = match above {
            "" => key.get_ref().to_string(),
            above => format!("{above}.{}", key.get_ref()),
        };
        if let Some(path) = Path::parse(&path) {
            operators(reader, &path, value, conditions);
        } else if let (true, DeValue::Table(below)) = (is_above(&path), value.get_ref()) {
            self::conditions(reader, &path, below, conditions);
        } else if is_above(&path) {
            let message = format!("{path} needs a name in it, as in {path}.{}", example(&path));
            reader.mistake(key.span(), message);
        } else {
            unknown_field(reader, key.span(), &path);
        }
    }
}

/// Whether there are fields below this name.
fn is_above(path: &str) -> bool {
    path == "items" || Field::parse(path).is_some_and(|field| field.shape().is_table())
}

fn example(path: &str) -> &'static str {
    match path {
        "items" => "sku",
        _ => "gift",
    }
}

fn unknown_field(reader: &mut Reader<'_>, span: Range<usize>, path: &str) {
    let known = Field::ALL.iter().map(|field| field.as_str());
    let mut hint = did_you_mean(path, known);
    // Shopify's own spelling of a field in a list.
    if hint.is_empty()
        && let Some((_, name)) = path.rsplit_once('.')
        && let Some(near) = nearest(name, ["sku", "vendor", "product_id", "variant_id", "name"])
    {
        hint = format!(" (did you mean \"items.{near}\"?)");
    }
    reader.mistake(span, format!("there is no field {path:?}{hint}"));
}

fn operators(
    reader: &mut Reader<'_>,
    path: &Path,
    node: &Node<'_>,
    conditions: &mut Vec<Condition>,
) {
    let shape = path.field.shape();
    let usual = if shape.is_list() { "has" } else { "eq" };
    let DeValue::Table(table) = node.get_ref() else {
        let mut shown = String::new();
        write(&mut shown, node.get_ref());
        let message = format!(
            "{} needs an operator, as in {{ {usual} = {shown} }}",
            path.shown()
        );
        reader.mistake(node.span(), message);
        return;
    };
    if table.is_empty() {
        let message = format!("{} needs an operator, such as {usual}", path.shown());
        reader.mistake(node.span(), message);
    }
    let fitting = || {
        Operator::ALL
            .iter()
            .filter(|it| it.fits(shape))
            .map(|it| it.as_str())
    };
    for (key, value) in table {
        match Operator::parse(key.get_ref()) {
            Some(operator) if operator.fits(shape) => {
                conditions.extend(Condition::read(reader, path, operator, value));
            }
            Some(operator) => {
                let fitting: Vec<&str> = fitting().collect();
                let message = format!(
                    "{} is {}, which {} does not fit; there are: {}",
                    path.shown(),
                    shape.as_str(),
                    operator.as_str(),
                    fitting.join(", ")
                );
                reader.mistake(key.span(), message);
            }
            None => {
                let name = key.get_ref();
                let hint = did_you_mean(name, Operator::ALL.iter().map(|it| it.as_str()));
                let fitting: Vec<&str> = fitting().collect();
                let message = format!(
                    "there is no operator {name:?}{hint}; for {} there are: {}",
                    path.shown(),
                    fitting.join(", ")
                );
                reader.mistake(key.span(), message);
            }
        }
    }
}

fn expression(reader: &mut Reader<'_>, text: &str, node: &Node<'_>) -> Option<Expression> {
    let written = reader.text("when", node)?;
    match Expression::compile(written, reader.names) {
        Ok(expression) => Some(expression),
        Err(mistakes) => {
            for (place, message) in mistakes {
                let at = inside(text, &node.span(), written, place);
                reader.mistake(at..at, format!("when: {message}"));
            }
            None
        }
    }
}

/// Where a character of a text stands in the file; the text's start where it has escapes in it.
fn inside(file: &str, span: &Range<usize>, text: &str, place: usize) -> usize {
    let literal = file.get(span.clone()).unwrap_or_default();
    let before = text
        .char_indices()
        .nth(place)
        .map_or(text.len(), |(at, _)| at);
    literal
        .find(text)
        .map_or(span.start, |start| span.start + start + before)
}
