//! What the signatures of webhooks have in common: digests, and how they are compared.

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{Secret, VerifyError};

/// HMAC-SHA256 of pieces put together. It takes a key of any length, so there always is one.
pub fn hmac_sha256(secret: &Secret, pieces: &[&[u8]]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    for piece in pieces {
        mac.update(piece);
    }
    Some(mac.finalize().into_bytes().into())
}

/// The plain SHA-256 of pieces put together.
pub fn sha256(pieces: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for piece in pieces {
        digest.update(piece);
    }
    digest.finalize().into()
}

/// Accepts a delivery if one of the secrets made one of its signatures.
///
/// Each comparison takes constant time, and all are made, so that the time taken does not tell
/// which one matched.
pub fn check<T: AsRef<[u8]>>(
    secrets: &[Secret],
    given: &[T],
    made_with: impl Fn(&Secret) -> Option<[u8; 32]>,
) -> Result<(), VerifyError> {
    if secrets.is_empty() {
        return Err(VerifyError::NoSecret);
    }
    let made: Vec<[u8; 32]> = secrets.iter().filter_map(made_with).collect();
    let pairs = given
        .iter()
        .flat_map(|given| made.iter().map(move |made| (given, *made)));
    let matching = pairs.filter(|(given, made)| is_same(given.as_ref(), *made));
    if matching.count() > 0 {
        Ok(())
    } else {
        Err(VerifyError::Mismatch)
    }
}

/// Accepts a delivery that came with one of the secrets itself; an empty secret is none.
///
/// Digests are compared, so that the time taken tells neither how much of a secret was right nor
/// how long it is.
pub fn check_shared(secrets: &[Secret], given: &[u8]) -> Result<(), VerifyError> {
    check(secrets, &[sha256(&[given])], |secret| {
        let secret = secret.expose().as_bytes();
        (!secret.is_empty()).then(|| sha256(&[secret]))
    })
}

fn is_same(given: &[u8], made: [u8; 32]) -> bool {
    <[u8; 32]>::try_from(given)
        .is_ok_and(|given| CtOutput::<Sha256>::new(given.into()) == CtOutput::new(made.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Vec<Secret> {
        texts.iter().map(|text| Secret::new(*text)).collect()
    }

    #[test]
    fn a_signature_counts_under_any_of_the_secrets() {
        let known = secrets(&["old", "hush"]);
        let made = |secret: &Secret| hmac_sha256(secret, &[b"a", b".", b"b"]);
        let right = made(&known[1]).unwrap();
        assert_eq!(Some(right), hmac_sha256(&Secret::new("hush"), &[b"a.b"]));
        assert_eq!(check(&known, &[[0; 32], right], made), Ok(()));
        let mismatch = Err(VerifyError::Mismatch);
        assert_eq!(check(&known, &[[0; 32]], made), mismatch);
        assert_eq!(check(&known[..1], &[right], made), mismatch);
        assert_eq!(check::<[u8; 32]>(&known, &[], made), mismatch);
        // A part of a signature is none.
        assert_eq!(check(&known, &[&right[..31]], made), mismatch);
        assert_eq!(check(&known, &[b""], made), mismatch);
        assert_eq!(check(&[], &[right], made), Err(VerifyError::NoSecret));
    }

    #[test]
    fn a_shared_secret_has_to_be_the_whole_one() {
        let known = secrets(&["", "hush"]);
        assert_eq!(check_shared(&known, b"hush"), Ok(()));
        for wrong in ["", "hus", "hush ", "HUSH"] {
            let refused = check_shared(&known, wrong.as_bytes());
            assert_eq!(refused, Err(VerifyError::Mismatch), "{wrong:?}");
        }
        assert_eq!(check_shared(&[], b""), Err(VerifyError::NoSecret));
    }
}
