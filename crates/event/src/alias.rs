//! Aliases: strings that each identify exactly one person across sources.

use crate::{Email, Text};

/// One alias: `urn:<type>:<value>` or `urn:<platform>[:<store>]:<type>:<value>`.
///
/// <https://docs.runconverge.com/sources/concepts/aliases>
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Alias(Text);

impl Alias {
    /// An alias from its prefix, colon included, and a value. A blank value gives none, since it
    /// would be shared by everybody.
    pub fn new(prefix: &str, value: &str) -> Option<Self> {
        let value = value.trim();
        (!value.is_empty()).then(|| Self(Text::labelled(prefix, value)))
    }

    /// The alias of an e-mail address, unless the address is a shared one
    /// ([`Email::is_shared`] with the shop's own list).
    pub fn email(email: &Email, shared: &[String]) -> Option<Self> {
        if email.is_shared(shared) {
            None
        } else {
            Self::new("urn:email:", email.as_str())
        }
    }

    /// An alias as it stands in an event body.
    pub fn given(text: Text) -> Self {
        Self(text)
    }

    /// The alias.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Between one and ten distinct aliases, the most telling first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aliases(Vec<Alias>);

impl Aliases {
    /// The most that Converge takes.
    pub const MAX: usize = 10;

    /// Takes aliases in order of value. Repetitions go, and so does what is beyond ten.
    pub fn new(first: Alias, more: impl IntoIterator<Item = Alias>) -> Self {
        let mut all = vec![first];
        for alias in more {
            if all.len() == Self::MAX {
                break;
            }
            if !all.contains(&alias) {
                all.push(alias);
            }
        }
        Self(all)
    }

    /// Takes what there is; `None` when there is nothing.
    pub fn from_known(known: impl IntoIterator<Item = Alias>) -> Option<Self> {
        let mut known = known.into_iter();
        let first = known.next()?;
        Some(Self::new(first, known))
    }

    /// Adds an alias at the end; one that is there already is not added again. False when there is
    /// no room for another one.
    pub fn add(&mut self, alias: Alias) -> bool {
        if self.0.contains(&alias) {
            return true;
        }
        let has_room = self.0.len() < Self::MAX;
        if has_room {
            self.0.push(alias);
        }
        has_room
    }

    /// The aliases.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Alias> {
        self.0.iter()
    }
}
