//! The kinds of values in an expression.

use crate::field::Field;

/// The kind of a value, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text(Option<Field>),
    /// An amount as text, which only `money()` may read.
    Amount,
    /// What `money()` gives.
    Money,
    Number,
    Flag,
    List(Option<Field>),
    Items,
    Item,
    Table(Field),
    Unknown,
}

impl Kind {
    /// The kind, for people.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Amount | Self::Money => "money",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::List(_) | Self::Items => "a list",
            Self::Item => "an item",
            Self::Table(_) => "a table",
            Self::Unknown => "something",
        }
    }

    /// Whether two kinds are known, and not the same.
    pub(super) fn is_other_than(self, other: Self) -> bool {
        let known = |kind| kind != Self::Unknown;
        let one = |kind| std::mem::discriminant(&kind);
        known(self) && known(other) && one(self) != one(other)
    }
}
