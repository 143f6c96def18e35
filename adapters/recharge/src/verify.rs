//! Recharge's two webhook signatures.
//!
//! The newer one signs the time with the body. The older one, which is still sent, is called an
//! HMAC and is none: the plain SHA-256 of the secret and the body. Where the newer one stands, it
//! decides alone; a wrong one is not saved by a right older one.
//! <https://changelog.getrecharge.com/webhook-signatures-now-support-timestamp-verification-4jEmOs>

use std::time::Duration;

use hex::FromHex;
use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError, signature};

const SIGNATURE: &str = "X-Recharge-Webhook-Signature";
pub(crate) const TIMESTAMP: &str = "X-Recharge-Webhook-Timestamp";
const OLD_SIGNATURE: &str = "X-Recharge-Hmac-Sha256";

/// Recharge tries for 48 hours, and it is not documented whether the signed time is of the first
/// attempt or of the last; an hour more for clocks.
const TOLERANCE: Duration = Duration::from_secs(48 * 60 * 60 + 60 * 60);

/// Checks a delivery against each of the source's secrets: the API client secret, not the token.
#[derive(Debug)]
pub(crate) struct Signature;

impl Verify for Signature {
    fn verify(
        &self,
        secrets: &[Secret],
        headers: &Headers<'_>,
        body: &[u8],
        received: Received,
    ) -> Result<(), VerifyError> {
        if let Some(header) = headers.get(SIGNATURE) {
            let Signed { at, signatures } = Signed::read(header).ok_or(VerifyError::Malformed)?;
            let seconds: i64 = at.parse().map_err(|_| VerifyError::Malformed)?;
            received.accepts(seconds, TOLERANCE)?;
            signature::check(secrets, &signatures, |secret| digest(secret, at, body))
        } else {
            let header = headers.get(OLD_SIGNATURE).ok_or(VerifyError::Missing)?;
            let given = read(header.trim()).ok_or(VerifyError::Malformed)?;
            signature::check(secrets, &[given], |secret| Some(old_digest(secret, body)))
        }
    }

    fn tolerance(&self) -> Option<Duration> {
        Some(TOLERANCE)
    }

    fn sign(
        &self,
        secret: &Secret,
        _topic: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        let at = now.unix().to_string();
        let signature = digest(secret, &at, body).map(hex::encode);
        let old = hex::encode(old_digest(secret, body));
        vec![
            (
                SIGNATURE,
                format!("t={at},v1={}", signature.unwrap_or_default()),
            ),
            (TIMESTAMP, at),
            (OLD_SIGNATURE, old),
        ]
    }
}

/// The newer header: `t=1790000000,v1=2a51…`; keys that are not known may join them.
struct Signed<'a> {
    at: &'a str,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Signed<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let (mut at, mut signatures) = (None, Vec::new());
        for part in header.split(',') {
            match part.trim().split_once('=')? {
                ("t", value) => at = Some(value.trim()),
                ("v1", value) => signatures.push(read(value.trim())?),
                _ => {}
            }
        }
        let at = at?;
        (!signatures.is_empty()).then_some(Self { at, signatures })
    }
}

fn digest(secret: &Secret, at: &str, body: &[u8]) -> Option<[u8; 32]> {
    signature::hmac_sha256(secret, &[at.as_bytes(), b".", body])
}

fn old_digest(secret: &Secret, body: &[u8]) -> [u8; 32] {
    signature::sha256(&[secret.expose().as_bytes(), body])
}

fn read(signature: &str) -> Option<[u8; 32]> {
    <[u8; 32]>::from_hex(signature).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test_client_secret";
    const BODY: &str = r#"{"charge":{"id":580825303,"status":"success","type":"recurring"}}"#;
    const NEW: &str = "2a519a360525068d8148edf13caf53371a91f49f360d6fa3d14a7d9cf8c39259";
    const OLD: &str = "cc3afdcbb67d86898f3031be962c0fcec4a085620382293d9c14c1b69dc10597";
    /// A true HMAC of the body, which the older signature is not.
    const NO_OLD: &str = "d75ed852d046973c93aa544d9e2372af2308c3f4de71b8899ede531f32481160";
    const T: i64 = 1_790_000_000;

    fn check(pairs: &[(&str, &str)], now: i64) -> Result<(), VerifyError> {
        let secrets = [Secret::new("another"), Secret::new(SECRET)];
        let now = Timestamp::from_unix(now).unwrap();
        Signature.verify(&secrets, &Headers::new(pairs), BODY.as_bytes(), now.into())
    }

    fn new(value: &str, now: i64) -> Result<(), VerifyError> {
        check(&[("x-recharge-webhook-signature", value)], now)
    }

    #[test]
    fn accepts_the_known_vectors() {
        let header = format!("t={T},v1={NEW}");
        assert_eq!(new(&header, T), Ok(()));
        assert_eq!(new(&format!("v2=abc, v1={NEW},t={T}"), T), Ok(()));
        assert_eq!(new(&format!("t={T},v1={OLD},v1={NEW}"), T), Ok(()));
        assert_eq!(check(&[("X-Recharge-Hmac-Sha256", OLD)], T), Ok(()));
        assert_eq!(check(&[("X-Recharge-Hmac-Sha256", OLD)], 0), Ok(()));
        let now = Timestamp::from_unix(T).unwrap();
        let made = Signature.sign(&Secret::new(SECRET), "", BODY.as_bytes(), now);
        let expected = [
            (SIGNATURE, header),
            (TIMESTAMP, T.to_string()),
            (OLD_SIGNATURE, OLD.to_owned()),
        ];
        assert_eq!(made, expected);
    }

    #[test]
    fn the_newer_signature_decides_alone() {
        let wrong = format!("t={T},v1={OLD}");
        let both = [(SIGNATURE, wrong.as_str()), (OLD_SIGNATURE, OLD)];
        assert_eq!(check(&both, T), Err(VerifyError::Mismatch));
        let garbled = [(SIGNATURE, "v1"), (OLD_SIGNATURE, OLD)];
        assert_eq!(check(&garbled, T), Err(VerifyError::Malformed));
        let empty = [(SIGNATURE, ""), (OLD_SIGNATURE, OLD)];
        assert_eq!(check(&empty, T), Err(VerifyError::Malformed));
    }

    #[test]
    fn the_older_signature_is_no_hmac() {
        assert_eq!(
            check(&[(OLD_SIGNATURE, NO_OLD)], T),
            Err(VerifyError::Mismatch)
        );
        assert_eq!(
            check(&[(OLD_SIGNATURE, &OLD[..63])], T),
            Err(VerifyError::Malformed)
        );
        assert_eq!(check(&[], T), Err(VerifyError::Missing));
    }

    #[test]
    fn a_signature_is_good_for_as_long_as_recharge_tries() {
        let header = format!("t={T},v1={NEW}");
        for (age, expected) in [
            (172_800, Ok(())),
            (-172_800, Ok(())),
            (180_000, Err(VerifyError::Stale)),
            (-180_000, Err(VerifyError::Stale)),
        ] {
            assert_eq!(new(&header, T + age), expected, "{age}");
        }
        // A source may say otherwise, in either direction.
        let signed = [(SIGNATURE, header.as_str())];
        let secrets = [Secret::new(SECRET)];
        for (age, tolerance, expected) in [
            (180_000, 200_000, Ok(())),
            (61, 60, Err(VerifyError::Stale)),
        ] {
            let at = Timestamp::from_unix(T + age).unwrap();
            let received = Received::new(at, Some(Duration::from_secs(tolerance)));
            let headers = Headers::new(&signed);
            let found = Signature.verify(&secrets, &headers, BODY.as_bytes(), received);
            assert_eq!(found, expected, "{age}");
        }
        // The time is signed along: another one does not match.
        assert_eq!(
            new(&format!("t={},v1={NEW}", T + 1), T),
            Err(VerifyError::Mismatch)
        );
        assert_eq!(
            new(&format!("t=x,v1={NEW}"), T),
            Err(VerifyError::Malformed)
        );
        let now = Timestamp::from_unix(T).unwrap();
        let none = Signature.verify(&[], &Headers::new(&signed), BODY.as_bytes(), now.into());
        assert_eq!(none, Err(VerifyError::NoSecret));
    }
}
