//! Names of the things in a store.

use std::fmt;

macro_rules! numbered {
    ($(#[$meta:meta])* $type:ident $letter:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(i64);

        impl $type {
            /// The item with this number.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// Its number in the store.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
    };
}

numbered! {
    /// One event for one destination, shown as `d12`.
    DeliveryId "d"
}

numbered! {
    /// One payload as a source gave it, shown as `p7`.
    PayloadId "p"
}

/// What people name: a delivery, or a payload that became no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemId {
    /// `d12`
    Delivery(DeliveryId),
    /// `p7`
    Payload(PayloadId),
}

impl ItemId {
    /// Reads an id as it is shown.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |digits: &str| -> Option<i64> {
            let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
            if plain { digits.parse().ok() } else { None }
        };
        if let Some(digits) = text.strip_prefix('d') {
            number(digits).map(|id| Self::Delivery(DeliveryId(id)))
        } else {
            let digits = text.strip_prefix('p')?;
            number(digits).map(|id| Self::Payload(PayloadId(id)))
        }
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery(id) => id.fmt(f),
            Self::Payload(id) => id.fmt(f),
        }
    }
}

/// The fence around a claim: only who knows it may settle or renew what was claimed under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimId([u8; 16]);

impl ClaimId {
    /// An id that nobody else has.
    pub fn random() -> Self {
        Self(fastrand::u128(..).to_be_bytes())
    }

    /// An id from its bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_shown() {
        for text in ["d12", "p7"] {
            assert_eq!(ItemId::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "d", "12", "x1", "d-1", "d1.", "d99999999999999999999"] {
            assert_eq!(ItemId::parse(text), None, "{text}");
        }
    }
}
