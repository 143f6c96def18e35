//! Reading payloads: tolerant of what platforms do, strict about what would have to be guessed.
//!
//! Absent, `null` and blank mean the same. Numbers may be text and text numbers. Where a field is
//! wrong, the path to it is worked out by reading a second time, so the happy path pays nothing.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{Amount, Code, MapError, Text};

/// Reads a payload; on a fault the error says where.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, MapError> {
    // UTF-8 is checked once for the whole body, not again for each string in it.
    let parsed = match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text).ok(),
        Err(_) => None,
    };
    parsed.ok_or_else(|| explain::<T>(body))
}

/// Reads again, with a path, what could not be read.
#[cold]
fn explain<T: DeserializeOwned>(body: &[u8]) -> MapError {
    let mut json = serde_json::Deserializer::from_slice(body);
    let fault = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => json.end().err().map(|fault| (String::from("$"), fault)),
        Err(fault) => Some((fault.path().to_string(), fault.into_inner())),
    };
    match fault {
        Some((path, fault)) => describe(&path, &fault),
        // The two readings disagree; all that is known is that the first one failed.
        None => MapError::invalid(Code::PayloadSyntax, "$", "one JSON document"),
    }
}

/// Puts a fault into our words. serde's own text may quote the payload, so only what it expected
/// is taken from it.
fn describe(path: &str, fault: &serde_json::Error) -> MapError {
    let path = if path == "." || path.is_empty() {
        "$"
    } else {
        path
    };
    let text = fault.to_string();
    let error = match fault.classify() {
        serde_json::error::Category::Data => data_error(path, &text),
        _ => MapError::invalid(Code::PayloadSyntax, path, "one complete JSON document"),
    };
    error.at(fault.line(), fault.column())
}

fn data_error(path: &str, text: &str) -> MapError {
    for (marker, code, expected) in MARKERS {
        if text.starts_with(marker) {
            return MapError::invalid(*code, path, expected);
        }
    }
    if text.starts_with("duplicate field") {
        return MapError::invalid(Code::PayloadType, path, "each field once");
    }
    if let Some(rest) = text.strip_prefix("missing field `") {
        let field = rest.split('`').next().unwrap_or_default();
        let path = if path == "$" {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        };
        return MapError::missing(path);
    }
    // A quoted value could itself hold the word, hence the last one.
    let expected = text
        .rsplit_once("expected ")
        .map_or("another kind of value", |(_, rest)| rest);
    let expected = expected.split(" at line ").next().unwrap_or_default();
    MapError::invalid(Code::PayloadType, path, expected)
}

const AMOUNT: &str = "amount:";
const QUANTITY: &str = "quantity:";
const ID: &str = "id:";

/// What our own readers say, the code it stands for, and what they expected.
const MARKERS: &[(&str, Code, &str)] = &[
    (
        AMOUNT,
        Code::AmountInvalid,
        "a decimal number such as \"19.99\"",
    ),
    (QUANTITY, Code::QuantityInvalid, "a whole number from 0 up"),
    (ID, Code::IdInvalid, "a whole number or text"),
];

/// Optional text: absent, `null` and blank are `None`; a number is taken as it is written.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    deserializer.deserialize_any(TextVisitor { fault: "text" })
}

/// An id: text, or a whole number of any size, kept as text.
pub fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    deserializer.deserialize_any(TextVisitor { fault: ID })
}

/// Optional text that may also come as a list of texts, which are then joined with commas.
pub fn text_or_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    struct JoinVisitor;

    impl<'de> Visitor<'de> for JoinVisitor {
        type Value = Option<Text>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text or a list of texts")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Text::new(text))
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            match map.next_key::<IgnoredAny>()? {
                None => Ok(None),
                Some(_) => Err(A::Error::custom("expected text or a list of texts")),
            }
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut joined = String::new();
            while let Some(part) = seq.next_element::<Option<String>>()? {
                let part = part.unwrap_or_default();
                if !part.trim().is_empty() {
                    joined.push_str(if joined.is_empty() { "" } else { ", " });
                    joined.push_str(part.trim());
                }
            }
            Ok(Text::new(joined))
        }
    }

    deserializer.deserialize_any(JoinVisitor)
}

struct TextVisitor {
    fault: &'static str,
}

impl Visitor<'_> for TextVisitor {
    type Value = Option<Text>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            ID => f.write_str("a whole number or text"),
            fault => f.write_str(fault),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text::new(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Text::new(text))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Text::number(&number)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Text::number(&number)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        // An id with a fraction or beyond 64 bits has lost digits on the way.
        if self.fault == ID {
            Err(E::custom(ID))
        } else {
            Ok(Text::new(number.to_string()))
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// An optional amount: decimal text or a number.
pub fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Amount>, D::Error> {
    deserializer.deserialize_any(AmountVisitor)
}

struct AmountVisitor;

impl<'de> Visitor<'de> for AmountVisitor {
    type Value = Option<Amount>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number such as \"19.99\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.trim() {
            "" => Ok(None),
            text => Amount::parse(text)
                .map(Some)
                .ok_or_else(|| E::custom(AMOUNT)),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        // The shortest decimal that reads back as the same number: what the sender wrote, exactly
        // so up to 15 digits.
        Amount::parse_number(&number.to_string())
            .map(Some)
            .ok_or_else(|| E::custom(AMOUNT))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        // How a number arrives where another crate has switched on serde_json's
        // `arbitrary_precision`; an object of the payload's own is no amount.
        let number =
            serde_json::Number::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                .map_err(|_| A::Error::custom(AMOUNT))?;
        Amount::parse_number(&number.to_string())
            .map(Some)
            .ok_or_else(|| A::Error::custom(AMOUNT))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(E::custom(AMOUNT))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(A::Error::custom(AMOUNT))
    }
}

/// An optional count: a whole number, or text that is one.
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(amount) = deserializer.deserialize_any(CountVisitor)? else {
        return Ok(None);
    };
    amount
        .round_digits(0)
        .to_string()
        .parse()
        .map(Some)
        .map_err(|_| D::Error::custom(QUANTITY))
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Option<Amount>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 up")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        u32::try_from(number)
            .map(|count| Some(count.into()))
            .map_err(|_| E::custom(QUANTITY))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Err(E::custom(QUANTITY))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let count = Amount::parse(text).filter(|count| *count == count.round_digits(0));
        count.map(Some).ok_or_else(|| E::custom(QUANTITY))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A flag; absent and `null` are `None`. Text is refused: `"FALSE"` is not a truth value.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Option::deserialize(deserializer)
}

/// A list; `null`, `{}` and `""` are empty ones, since platforms send all three.
pub fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct ListVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(64));
            while let Some(item) = seq.next_element()? {
                items.push(item);
            }
            Ok(items)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            match map.next_key::<IgnoredAny>()? {
                None => Ok(Vec::new()),
                Some(_) => Err(A::Error::custom("expected a list")),
            }
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.trim().is_empty() {
                Ok(Vec::new())
            } else {
                Err(E::custom("expected a list"))
            }
        }
    }

    deserializer.deserialize_any(ListVisitor(PhantomData))
}

/// An optional object; `null`, `[]` and `""` are none.
pub fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct ObjectVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Some)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            match seq.next_element::<IgnoredAny>()? {
                None => Ok(None),
                Some(_) => Err(A::Error::custom("expected an object")),
            }
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.trim().is_empty() {
                Ok(None)
            } else {
                Err(E::custom("expected an object"))
            }
        }
    }

    deserializer.deserialize_any(ObjectVisitor(PhantomData))
}
