//! A secret that the relay sends along, since Amazon puts no signature on a notification.
//!
//! It comes as `Authorization: Bearer <secret>` (Lambda), as the password of
//! `Authorization: Basic …` (SNS, from `https://any:<secret>@host/…`), or as `X-Api-Key: <secret>`
//! (a connection of `EventBridge`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError, signature};

/// Compares the secret of a delivery with each of the source's.
#[derive(Debug)]
pub(crate) struct SharedSecret;

impl Verify for SharedSecret {
    fn verify(
        &self,
        secrets: &[Secret],
        headers: &Headers<'_>,
        _body: &[u8],
        _received: Received,
    ) -> Result<(), VerifyError> {
        signature::check_shared(secrets, &given(headers)?)
    }

    fn sign(
        &self,
        secret: &Secret,
        _topic: &str,
        _body: &[u8],
        _now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        vec![("Authorization", format!("Bearer {}", secret.expose()))]
    }
}

/// The secret that came with a delivery.
fn given(headers: &Headers<'_>) -> Result<Vec<u8>, VerifyError> {
    if let Some(key) = headers.get("X-Api-Key") {
        return Ok(key.trim().as_bytes().to_vec());
    }
    let header = headers.get("Authorization").ok_or(VerifyError::Missing)?;
    let (scheme, value) = header
        .trim()
        .split_once(' ')
        .ok_or(VerifyError::Malformed)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(value.trim().as_bytes().to_vec());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(VerifyError::Malformed);
    }
    let pair = STANDARD
        .decode(value.trim())
        .map_err(|_| VerifyError::Malformed)?;
    let colon = pair.iter().position(|byte| *byte == b':');
    let password = colon.and_then(|at| pair.get(at + 1..));
    password.map(<[u8]>::to_vec).ok_or(VerifyError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_unix(0).unwrap()
    }

    fn check(secrets: &[&str], headers: &[(&str, &str)]) -> Result<(), VerifyError> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        SharedSecret.verify(&secrets, &Headers::new(headers), b"{}", now().into())
    }

    #[test]
    fn takes_the_secret_in_each_header() {
        let basic = format!("Basic {}", STANDARD.encode("relay:hush"));
        for header in [
            ("authorization", "Bearer hush"),
            ("Authorization", "bearer hush "),
            ("Authorization", basic.as_str()),
            ("x-api-key", "hush"),
        ] {
            assert_eq!(check(&["old", "hush"], &[header]), Ok(()), "{header:?}");
            assert_eq!(check(&["other"], &[header]), Err(VerifyError::Mismatch));
        }
    }

    #[test]
    fn refuses_what_is_no_secret() {
        for (header, error) in [
            (("Authorization", "Bearer hus"), VerifyError::Mismatch),
            (("Authorization", "Bearer "), VerifyError::Malformed),
            (("Authorization", "hush"), VerifyError::Malformed),
            (("Authorization", "Digest hush"), VerifyError::Malformed),
            (("Authorization", "Basic ???"), VerifyError::Malformed),
            (("Authorization", "Basic aHVzaA=="), VerifyError::Malformed),
            (("X-Api-Key", ""), VerifyError::Mismatch),
            (("X-Other", "hush"), VerifyError::Missing),
        ] {
            assert_eq!(check(&["hush"], &[header]), Err(error), "{header:?}");
        }
        let empty = [("X-Api-Key", "")];
        assert_eq!(check(&[""], &empty), Err(VerifyError::Mismatch));
        assert_eq!(check(&[], &empty), Err(VerifyError::NoSecret));
    }

    #[test]
    fn signs_as_a_relay_would() {
        let made = SharedSecret.sign(&Secret::new("hush"), "ORDER_CHANGE", b"{}", now());
        let headers: Vec<(&str, &str)> = made.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(check(&["hush"], &headers), Ok(()));
    }
}
