//! Fields of any kind: what is not of the kind that is wanted counts as absent.
//!
//! For looking into payloads where nothing may fail, such as for the people in them.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Text;

/// Text or a whole number.
#[derive(Debug, Default)]
pub struct Loose(pub Option<Text>);

/// An object.
#[derive(Debug, Default)]
pub struct Object<T>(pub T);

/// A list of texts and whole numbers.
#[derive(Debug, Default)]
pub struct List(pub Vec<Text>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(AnyVisitor::<IgnoredAny>(PhantomData))? {
            Any::Text(text) => Ok(Self(text)),
            Any::Object(_) | Any::List(_) => Ok(Self(None)),
        }
    }
}

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(AnyVisitor::<T>(PhantomData))? {
            Any::Object(object) => Ok(Self(object)),
            Any::Text(_) | Any::List(_) => Ok(Self(T::default())),
        }
    }
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(AnyVisitor::<IgnoredAny>(PhantomData))? {
            Any::List(list) => Ok(Self(list)),
            Any::Text(_) | Any::Object(_) => Ok(Self(Vec::new())),
        }
    }
}

enum Any<T> {
    Text(Option<Text>),
    Object(T),
    List(Vec<Text>),
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for AnyVisitor<T> {
    type Value = Any<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Any::Text(Text::new(text)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Any::Text(Text::new(number.to_string())))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Any::Text(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Any::Text(None))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Any::Text(None))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Any::Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Any::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Loose(text)) = seq.next_element()? {
            list.extend(text);
        }
        Ok(Any::List(list))
    }
}
