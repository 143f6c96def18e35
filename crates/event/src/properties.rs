//! Custom event properties: flat, and never in the way of Converge's own.

use std::borrow::Cow;

use crate::{Amount, Text};

/// The name of a custom property: not blank, without a leading `$`, and not a name
/// that the event itself writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyName(Cow<'static, str>);

impl PropertyName {
    /// A name known when the program is compiled. In a `const` a wrong one does not compile.
    ///
    /// # Panics
    /// When the name is not a custom one.
    pub const fn fixed(name: &'static str) -> Self {
        assert!(is_custom(name), "not the name of a custom property");
        Self(Cow::Borrowed(name))
    }

    /// Reads a name; `None` when it is blank, begins with `$` or is taken.
    pub fn parse(name: &str) -> Option<Self> {
        is_custom(name).then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Property names of the Converge spec that do not begin with `$`.
pub const SPEC_NAMES: &[&str] = &[
    "id",
    "total_price",
    "total_tax",
    "total_shipping",
    "total_discount",
    "coupon",
    "currency",
    "items",
];

/// Further names that events write themselves; a custom property would stand there twice.
const OWN_NAMES: &[&str] = &[
    "total_tip",
    "total_duties",
    "total_fees",
    "total_rounding",
    "order_id",
    "refund_id",
];

#[expect(
    clippy::indexing_slicing,
    reason = "the index is below the length; const code has no `get`"
)]
const fn is_custom(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes[0] == b'$' || bytes[0] <= b' ' {
        return false;
    }
    !is_among(bytes, SPEC_NAMES) && !is_among(bytes, OWN_NAMES)
}

#[expect(
    clippy::indexing_slicing,
    reason = "the index is below the length; const code has no `get`"
)]
const fn is_among(name: &[u8], names: &[&str]) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(name, names[at].as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

#[expect(
    clippy::indexing_slicing,
    reason = "the index is below the length; const code has no `get`"
)]
const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The value of a custom property. Flat, because nested values cannot be forwarded by Converge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropertyValue {
    /// Text.
    Text(Text),
    /// A number, exact.
    Number(Amount),
    /// Yes or no.
    Flag(bool),
}

/// Custom properties in the order they were set; each name once.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Properties(Vec<(PropertyName, PropertyValue)>);

impl Properties {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// None yet, with room for some.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Sets a property, in place of an earlier one of the same name.
    pub fn set(&mut self, name: PropertyName, value: PropertyValue) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets a text property, if there is text.
    pub fn set_text(&mut self, name: PropertyName, text: Option<Text>) {
        if let Some(text) = text {
            self.set(name, PropertyValue::Text(text));
        }
    }

    /// Takes a property away, if it is there.
    pub fn remove(&mut self, name: &PropertyName) {
        self.0.retain(|(known, _)| known != name);
    }

    /// The properties.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&PropertyName, &PropertyValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The value of one property.
    pub fn get(&self, name: &str) -> Option<&PropertyValue> {
        self.0
            .iter()
            .find(|(known, _)| known.as_str() == name)
            .map(|(_, value)| value)
    }
}
