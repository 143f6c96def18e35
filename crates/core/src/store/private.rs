//! Personal data and what is known of people without it.

use std::fmt;
use std::ops::Deref;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Something that may hold personal data. It is never printed, not even by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Hides a value from logs.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Private<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

/// The key that a store hashes people with. It is made with the store and never leaves it but
/// through [`super::Store::subject_key`].
#[derive(Clone)]
pub struct SubjectKey([u8; 32]);

impl SubjectKey {
    /// A key from its bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The keyed hash of one of a person's identities. `kind` keeps a customer number from being
    /// taken for a phone number; letter case and surrounding space do not matter.
    pub fn hash(&self, kind: SubjectKind, value: &str) -> SubjectHash {
        let mut out = [0; SubjectHash::LENGTH];
        // HMAC takes keys of any length, so there is always one.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) {
            mac.update(kind.as_str().as_bytes());
            mac.update(b"\0");
            mac.update(value.trim().to_lowercase().as_bytes());
            for (to, from) in out.iter_mut().zip(mac.finalize().into_bytes()) {
                *to = from;
            }
        }
        SubjectHash(out)
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// What identifies a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// The platform's number of the customer.
    Customer,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The platform's number of an order: requests of platforms name orders as well.
    Order,
}

impl SubjectKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Order => "order",
        }
    }
}

/// A person, as the store knows them: a keyed hash, never the plain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectHash([u8; Self::LENGTH]);

impl SubjectHash {
    /// Half of a SHA-256: two people never share it.
    pub const LENGTH: usize = 16;

    /// A hash from its bytes.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_hashed_by_kind_and_key_whatever_the_spelling() {
        let key = SubjectKey::new([7; 32]);
        let hash = key.hash(SubjectKind::Email, "jane@example.com");
        assert_eq!(hash, key.hash(SubjectKind::Email, " Jane@Example.com "));
        assert_ne!(hash, key.hash(SubjectKind::Phone, "jane@example.com"));
        let other = SubjectKey::new([8; 32]);
        assert_ne!(hash, other.hash(SubjectKind::Email, "jane@example.com"));
    }

    #[test]
    fn what_is_private_is_not_printed() {
        let hidden = Private::new(String::from("jane@example.com"));
        assert_eq!(format!("{hidden:?}"), "[private]");
        assert_eq!(format!("{:?}", SubjectKey::new([7; 32])), "[secret]");
    }
}
