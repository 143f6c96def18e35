//! What a rule does. Nothing here can touch id, money or Converge's own fields.

use orderbridge_event::{CustomName, PropertyName, PropertyValue, SalesChannel};
use toml::de::{DeTable, DeValue};

use crate::field::Field;
use crate::mistake::did_you_mean;
use crate::reader::{Node, Reader};
use crate::template::Template;

macro_rules! actions {
    ($($variant:ident $name:literal $example:literal $doc:literal)*) => {
        /// A kind of action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ActionKind {
            $(#[doc = $doc] $variant,)*
        }

        impl ActionKind {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The key that it is written as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it does.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// A `then` with it.
            pub const fn example(self) -> &'static str {
                match self { $(Self::$variant => $example,)* }
            }

            fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

actions! {
    Channel "channel" "{ channel = \"offline\" }" "Sets the sales channel."
    Drop "drop" "{ drop = \"an internal order\" }" "Drops the event, with a reason. It is kept in the store and can be brought back."
    Set "set" "{ set = { team = \"b2b\", gift = \"{note_attributes.gift}\" } }" "Sets custom properties: text, numbers or flags. `{field}` in a text stands for a field's value; where it is absent, the property is not set."
    Remove "remove" "{ remove = [\"tags\"] }" "Removes custom properties."
    Rename "rename" "{ rename = \"Subscription On Hold\" }" "Gives another name to a custom event, or to one of a subscription's life that Converge's spec does not have. Other events keep their names."
    Alias "alias" "{ alias = \"urn:loyalty:{note_attributes.loyalty_id}\" }" "Adds an alias, if there are fewer than ten. It needs a field that tells people apart: `order_id`, `note_attributes.…` or `properties.…`."
}

/// A compiled action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Channel(SalesChannel),
    Drop(String),
    Set(PropertyName, Set),
    Remove(PropertyName),
    Rename(CustomName),
    Alias(Template),
}

/// What a property is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Value(PropertyValue),
    Template(Template),
}

/// The longest reason of a drop, which stands in lists.
const LONGEST_REASON: usize = 200;

impl Action {
    /// The kind of action of which the first match wins, as far as it is one of its own: each
    /// property is decided by itself.
    pub(crate) fn competes_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Channel(_), Self::Channel(_))
            | (Self::Drop(_), Self::Drop(_))
            | (Self::Rename(_), Self::Rename(_)) => true,
            (
                Self::Set(name, _) | Self::Remove(name),
                Self::Set(other, _) | Self::Remove(other),
            ) => name == other,
            (Self::Alias(alias), Self::Alias(other)) => alias.start() == other.start(),
            _ => false,
        }
    }

    /// What it does, in a few words.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Channel(channel) => format!("channel {channel}"),
            Self::Drop(reason) => format!("drop: {reason}"),
            Self::Set(name, _) => format!("set {}", name.as_str()),
            Self::Remove(name) => format!("remove {}", name.as_str()),
            Self::Rename(name) => format!("rename to {}", name.as_str()),
            Self::Alias(template) => format!("alias {}…", template.start()),
        }
    }

    /// Reads all actions of a `then`.
    pub(crate) fn read_all(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<Self> {
        let wanted = "a table, as in { channel = \"offline\" }";
        let Some(table) = reader.table("then", node, wanted) else {
            return Vec::new();
        };
        if table.is_empty() {
            let known: Vec<&str> = ActionKind::ALL.iter().map(|kind| kind.as_str()).collect();
            let message = format!("then does nothing; it takes {}", known.join(", "));
            reader.mistake(node.span(), message);
        }
        let mut actions = Vec::new();
        for (key, value) in table {
            if let Some(kind) = ActionKind::parse(key.get_ref()) {
                read(reader, kind, value, &mut actions);
            } else {
                let known = ActionKind::ALL.iter().map(|kind| kind.as_str());
                reader.unknown(key.span(), "there is no action", key.get_ref(), known);
            }
        }
        actions
    }
}

fn read(reader: &mut Reader<'_>, kind: ActionKind, node: &Node<'_>, actions: &mut Vec<Action>) {
    match kind {
        ActionKind::Channel => actions.extend(reader.channel(node).map(Action::Channel)),
        ActionKind::Drop => match node.get_ref() {
            DeValue::String(reason) if !reason.trim().is_empty() => {
                let reason: String = reason.trim().chars().take(LONGEST_REASON).collect();
                actions.push(Action::Drop(reason));
            }
            _ => {
                let message = "drop must be the reason, as in drop = \"an internal order\"";
                reader.mistake(node.span(), message);
            }
        },
        ActionKind::Set => {
            let wanted = "a table of properties, as in { team = \"b2b\" }";
            if let Some(table) = reader.table("set", node, wanted) {
                read_sets(reader, table, actions);
            }
        }
        ActionKind::Remove => {
            let wanted = "a list of properties, as in [\"tags\"]";
            let list = reader.list("remove", node, wanted);
            for item in list.into_iter().flatten() {
                if let Some(name) = reader.text("each of remove", item)
                    && let Some(name) = property(reader, item.span(), name)
                {
                    actions.push(Action::Remove(name));
                }
            }
        }
        ActionKind::Rename => {
            if let Some(name) = reader.text("rename", node) {
                if let Some(name) = CustomName::new(name) {
                    actions.push(Action::Rename(name));
                } else {
                    let message = format!(
                        "rename must not be {name:?}: that name has a meaning of its own at \
                         Converge"
                    );
                    reader.mistake(node.span(), message);
                }
            }
        }
        ActionKind::Alias => {
            if let Some(text) = reader.text("alias", node) {
                match alias(text) {
                    Ok(template) => actions.push(Action::Alias(template)),
                    Err(message) => reader.mistake(node.span(), message),
                }
            }
        }
    }
}

fn read_sets(reader: &mut Reader<'_>, table: &DeTable<'_>, actions: &mut Vec<Action>) {
    for (key, node) in table {
        let Some(name) = property(reader, key.span(), key.get_ref()) else {
            continue;
        };
        let what = format!("set {}", key.get_ref());
        let value = match node.get_ref() {
            DeValue::Boolean(flag) => Some(Set::Value(PropertyValue::Flag(*flag))),
            DeValue::Integer(_) | DeValue::Float(_) => {
                let amount = reader.amount(&what, node);
                amount.map(|it| Set::Value(PropertyValue::Number(it)))
            }
            DeValue::String(_) => {
                let template = reader.text(&what, node).map(Template::parse);
                match template {
                    Some(Ok(template)) => Some(Set::Template(template)),
                    Some(Err(message)) => {
                        reader.mistake(node.span(), format!("{what}: {message}"));
                        None
                    }
                    None => None,
                }
            }
            _ => {
                let message =
                    format!("{what} must be text, a number or a flag: properties are flat");
                reader.mistake(node.span(), message);
                None
            }
        };
        actions.extend(value.map(|value| Action::Set(name, value)));
    }
}

fn property(
    reader: &mut Reader<'_>,
    span: std::ops::Range<usize>,
    name: &str,
) -> Option<PropertyName> {
    let read = PropertyName::parse(name);
    if read.is_none() {
        let message = format!(
            "{name:?} is no custom property: it is blank, begins with $, or is one of Converge's \
             own, which rules leave alone"
        );
        reader.mistake(span, message);
    }
    read
}

/// An alias that many people have would make one person of them, so there has to be a field in it
/// that tells them apart.
fn alias(text: &str) -> Result<Template, String> {
    let template = Template::parse(text)?;
    let example = "alias must name whom it is about, as in \
                   \"urn:loyalty:{note_attributes.loyalty_id}\"";
    let start = template.start();
    let begins = start
        .strip_prefix("urn:")
        .and_then(|it| it.strip_suffix(':'));
    if begins.is_none_or(str::is_empty) {
        return Err(format!("{example}: it begins with urn:<type>:"));
    }
    if template.fields().next().is_none() {
        return Err(format!("{example}: the same for all would merge them"));
    }
    let tells = [Field::OrderId, Field::NoteAttributes, Field::Properties];
    for path in template.fields() {
        if !tells.contains(&path.field) {
            let known = tells.map(Field::as_str);
            let hint = did_you_mean(path.field.as_str(), known);
            return Err(format!(
                "{} is shared by many people, so it makes no alias{hint}; order_id, \
                 note_attributes.<name> and properties.<name> may",
                path.shown()
            ));
        }
    }
    Ok(template)
}
