//! Fields that hold an id, or the whole object where it was expanded.
//!
//! Stripe expands on request, and a connector that fetched an object puts it in the same place, so
//! one mapping reads both. <https://docs.stripe.com/expand>

use std::fmt;
use std::marker::PhantomData;

use orderbridge_event::Text;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// An object that knows its own id.
pub(crate) trait HasId {
    fn id(&self) -> Option<&Text>;
}

/// A reference to an object.
#[derive(Debug, Default)]
pub(crate) enum Ref<T> {
    /// The field is not there at all.
    #[default]
    Absent,
    /// The field is null: there is no such object.
    Nothing,
    Id(Text),
    Object(Box<T>),
}

impl<T: HasId> Ref<T> {
    pub(crate) fn id(&self) -> Option<&Text> {
        match self {
            Self::Absent | Self::Nothing => None,
            Self::Id(id) => Some(id),
            Self::Object(object) => object.id(),
        }
    }

    pub(crate) fn object(&self) -> Option<&T> {
        match self {
            Self::Object(object) => Some(object),
            Self::Absent | Self::Nothing | Self::Id(_) => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ref<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RefVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for RefVisitor<T> {
            type Value = Ref<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or an object")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text::new(text).map_or(Ref::Nothing, Ref::Id))
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Ref::Nothing)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let object = T::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Ref::Object(Box::new(object)))
            }
        }

        deserializer.deserialize_any(RefVisitor(PhantomData))
    }
}
