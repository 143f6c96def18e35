//! Stripe's signature: HMAC-SHA256 in hex over the time, a dot and the raw body.
//!
//! <https://docs.stripe.com/webhooks/signature>

use std::time::Duration;

use hex::FromHex;
use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError, signature};

const SIGNATURE: &str = "Stripe-Signature";

/// How far the time of signing may be off, in seconds: as in Stripe's own libraries.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Checks `Stripe-Signature: t=…,v1=…`. While an endpoint's secret is rolled there are several
/// `v1`; `v0` is a scheme for tests and counts for nothing.
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
        let time = fields(header, "t").next().ok_or(VerifyError::Malformed)?;
        let seconds: i64 = time.parse().map_err(|_| VerifyError::Malformed)?;
        let given: Vec<_> = fields(header, "v1").filter_map(read).collect();
        if given.is_empty() {
            return Err(VerifyError::Malformed);
        }
        signature::check(secrets, &given, |secret| digest(secret, time, body))?;
        // The time is looked at last: only now it is known to be Stripe's.
        received.accepts(seconds, TOLERANCE)
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
        let time = now.unix().to_string();
        let signature = digest(secret, &time, body)
            .map(hex::encode)
            .unwrap_or_default();
        vec![(SIGNATURE, format!("t={time},v1={signature}"))]
    }
}

/// The values of a key in a header such as `t=1,v1=ab,v1=cd`.
fn fields<'a>(header: &'a str, wanted: &'static str) -> impl Iterator<Item = &'a str> {
    let pairs = header.split(',').filter_map(|field| field.split_once('='));
    pairs.filter_map(move |(key, value)| (key.trim() == wanted).then_some(value.trim()))
}

/// The secret counts as it is written, `whsec_` included.
fn digest(secret: &Secret, time: &str, body: &[u8]) -> Option<[u8; 32]> {
    signature::hmac_sha256(secret, &[time.as_bytes(), b".", body])
}

fn read(signature: &str) -> Option<[u8; 32]> {
    <[u8; 32]>::from_hex(signature).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_test_secret";
    const BODY: &str = r#"{"id":"evt_1","object":"event","type":"invoice.paid"}"#;
    const VECTOR: &str = "c6e5df20bde5a1cf7bbf399c9705049d134e4829ec80763cbf42c52386259d05";
    const TIME: i64 = 1_790_000_000;

    fn check(secrets: &[&str], header: &str, body: &str, now: i64) -> Result<(), VerifyError> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        let pairs = [("stripe-signature", header)];
        let now = Timestamp::from_unix(now).unwrap();
        Signature.verify(&secrets, &Headers::new(&pairs), body.as_bytes(), now.into())
    }

    #[test]
    fn accepts_and_makes_the_known_vector() {
        let header = format!("t={TIME},v1={VECTOR}");
        assert_eq!(check(&[SECRET], &header, BODY, TIME), Ok(()));
        let now = Timestamp::from_unix(TIME).unwrap();
        let made = Signature.sign(&Secret::new(SECRET), "", BODY.as_bytes(), now);
        assert_eq!(made, [(SIGNATURE, header)]);
    }

    #[test]
    fn takes_any_of_several_signatures_and_secrets() {
        let other = "0".repeat(64);
        for header in [
            format!("t={TIME},v1={other},v1={VECTOR}"),
            format!("t={TIME},v1={VECTOR},v1={other},v0={other}"),
            format!("t={TIME}, v2=new, v1={VECTOR}, scheme"),
        ] {
            assert_eq!(check(&["whsec_old", SECRET], &header, BODY, TIME), Ok(()));
        }
        let header = format!("t={TIME},v1={VECTOR}");
        let mismatch = Err(VerifyError::Mismatch);
        assert_eq!(check(&["whsec_old"], &header, BODY, TIME), mismatch);
        assert_eq!(check(&[], &header, BODY, TIME), Err(VerifyError::NoSecret));
        // Without its prefix it is another secret.
        assert_eq!(check(&["test_secret"], &header, BODY, TIME), mismatch);
    }

    #[test]
    fn refuses_what_was_signed_at_another_time() {
        let header = format!("t={TIME},v1={VECTOR}");
        for (off, expected) in [
            (300, Ok(())),
            (-300, Ok(())),
            (301, Err(VerifyError::Stale)),
            (-301, Err(VerifyError::Stale)),
        ] {
            assert_eq!(
                check(&[SECRET], &header, BODY, TIME + off),
                expected,
                "{off}"
            );
        }
        // The time is signed, too.
        let later = format!("t={},v1={VECTOR}", TIME + 1);
        let mismatch = Err(VerifyError::Mismatch);
        assert_eq!(check(&[SECRET], &later, BODY, TIME), mismatch);
    }

    #[test]
    fn refuses_what_is_no_signature() {
        for header in [
            String::new(),
            format!("v1={VECTOR}"),
            format!("t=now,v1={VECTOR}"),
            format!("t={TIME}"),
            format!("t={TIME},v0={VECTOR}"),
            format!("t={TIME},v1=+{}", &VECTOR[1..]),
            format!("t={TIME},v1={}", &VECTOR[2..]),
            format!("t={TIME},v1={}", "ß".repeat(32)),
        ] {
            let refused = check(&[SECRET], &header, BODY, TIME);
            assert_eq!(refused, Err(VerifyError::Malformed), "{header}");
        }
        let changed = BODY.replace("evt_1", "evt_2");
        let header = format!("t={TIME},v1={VECTOR}");
        let refused = check(&[SECRET], &header, &changed, TIME);
        assert_eq!(refused, Err(VerifyError::Mismatch));
        let now = Timestamp::from_unix(TIME).unwrap();
        let none = Signature.verify(&[Secret::new("s")], &Headers::new(&[]), b"{}", now.into());
        assert_eq!(none, Err(VerifyError::Missing));
    }
}
