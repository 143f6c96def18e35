//! Ordergroove's webhook signature: HMAC-SHA256 over the time and the raw body, in hex.
//!
//! While a key is being replaced there are two signatures in the header, one with each.
//! <https://developer.ordergroove.com/data/installing-webhooks>

use std::time::Duration;

use hex::FromHex;
use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError, signature};

const SIGNATURE: &str = "OrderGroove-Signature";

/// Ordergroove tries for up to ten hours. No limit is documented, so this one is generous.
const TOLERANCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Checks `OrderGroove-Signature` against each of the source's keys.
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
        let header = headers.get(SIGNATURE).ok_or(VerifyError::Missing)?;
        let (at, signatures) = read(header).ok_or(VerifyError::Malformed)?;
        let seconds: i64 = at.parse().map_err(|_| VerifyError::Malformed)?;
        received.accepts(seconds, TOLERANCE)?;
        signature::check(secrets, &signatures, |secret| digest(secret, at, body))
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
        let signature = digest(secret, &at, body)
            .map(hex::encode)
            .unwrap_or_default();
        vec![(SIGNATURE, format!("ts={at},sig={signature}"))]
    }
}

/// When a delivery was sent, by its signature.
pub(crate) fn sent_at(headers: &Headers<'_>) -> Option<i64> {
    read(headers.get(SIGNATURE)?)?.0.parse().ok()
}

/// Reads `ts=1592570791,sig=edf6…`.
fn read(header: &str) -> Option<(&str, Vec<[u8; 32]>)> {
    let (mut at, mut signatures) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("ts", value) => at = Some(value.trim()),
            ("sig", value) => signatures.push(<[u8; 32]>::from_hex(value.trim()).ok()?),
            _ => {}
        }
    }
    let at = at?;
    (!signatures.is_empty()).then_some((at, signatures))
}

fn digest(secret: &Secret, at: &str, body: &[u8]) -> Option<[u8; 32]> {
    signature::hmac_sha256(secret, &[at.as_bytes(), b".", body])
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"e1","type":"order.success"}"#;
    const SIG: &str = "edf67af7b0374cd6eb433fd6e72b7e4ceac5a1ce8b74c19496dc931b7b3fdcf9";
    const T: i64 = 1_592_570_791;

    fn check(header: &str, now: i64) -> Result<(), VerifyError> {
        let pairs = [("ordergroove-signature", header)];
        let secrets = [Secret::new("old"), Secret::new("og_key")];
        let now = Timestamp::from_unix(now).unwrap();
        Signature.verify(&secrets, &Headers::new(&pairs), BODY, now.into())
    }

    #[test]
    fn accepts_the_known_vector() {
        let header = format!("ts={T},sig={SIG}");
        assert_eq!(check(&header, T + 60), Ok(()));
        let other = "0".repeat(64);
        assert_eq!(check(&format!("ts={T},sig={other},sig={SIG}"), T), Ok(()));
        let now = Timestamp::from_unix(T).unwrap();
        let made = Signature.sign(&Secret::new("og_key"), "", BODY, now);
        assert_eq!(made, [(SIGNATURE, header)]);
    }

    #[test]
    fn refuses_all_else() {
        let other = "0".repeat(64);
        assert_eq!(
            check(&format!("ts={T},sig={other}"), T),
            Err(VerifyError::Mismatch)
        );
        assert_eq!(
            check(&format!("ts={},sig={SIG}", T + 1), T),
            Err(VerifyError::Mismatch)
        );
        assert_eq!(
            check(&format!("ts={T},sig={SIG}"), T + 90_000),
            Err(VerifyError::Stale)
        );
        for header in [
            "",
            "ts=1",
            "sig",
            &format!("sig={SIG}"),
            &format!("ts=x,sig={SIG}"),
        ] {
            assert_eq!(check(header, T), Err(VerifyError::Malformed), "{header}");
        }
        let now = Timestamp::from_unix(T).unwrap();
        let none = Signature.verify(&[Secret::new("k")], &Headers::new(&[]), BODY, now.into());
        assert_eq!(none, Err(VerifyError::Missing));
    }
}
