//! Shopify's webhook signature: HMAC-SHA256 over the raw body, in base64.
//!
//! <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError, signature};

const SIGNATURE: &str = "X-Shopify-Hmac-Sha256";
/// The same header of Shopify's newer "Events" deliveries.
const EVENTS_SIGNATURE: &str = "shopify-hmac-sha256";

/// Checks `X-Shopify-Hmac-Sha256` against each of the shop's secrets.
///
/// A shop has two: the app's client secret, and another one for the webhooks that were made in the
/// store's own settings; and a client secret may be rotating.
#[derive(Debug)]
pub(crate) struct Signature;

impl Verify for Signature {
    fn verify(
        &self,
        secrets: &[Secret],
        headers: &Headers<'_>,
        body: &[u8],
        _received: Received,
    ) -> Result<(), VerifyError> {
        let header = headers
            .get(SIGNATURE)
            .or_else(|| headers.get(EVENTS_SIGNATURE));
        let given = STANDARD
            .decode(header.ok_or(VerifyError::Missing)?.trim())
            .map_err(|_| VerifyError::Malformed)?;
        signature::check(secrets, &[given], |secret| digest(secret, body))
    }

    fn sign(
        &self,
        secret: &Secret,
        topic: &str,
        body: &[u8],
        _now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        let signature = digest(secret, body)
            .map(|digest| STANDARD.encode(digest))
            .unwrap_or_default();
        vec![
            ("X-Shopify-Topic", topic.to_owned()),
            (SIGNATURE, signature),
        ]
    }
}

fn digest(secret: &Secret, body: &[u8]) -> Option<[u8; 32]> {
    signature::hmac_sha256(secret, &[body])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_unix(1_790_000_000).unwrap()
    }

    fn check(secrets: &[&str], signature: &str, body: &str) -> Result<(), VerifyError> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        let pairs = [("x-shopify-hmac-sha256", signature)];
        Signature.verify(
            &secrets,
            &Headers::new(&pairs),
            body.as_bytes(),
            now().into(),
        )
    }

    #[test]
    fn accepts_the_known_vectors() {
        let vectors = [
            (
                r##"{"id":1001,"name":"#1001"}"##,
                "mZoz+FTePmx9dFBrP7w8HshtQ1AxfXYnsLiQnYyOHHk=",
            ),
            (
                "{\"id\":1001,\"name\":\"#1001\"}\n",
                "rH/kJgKxbxMlG31E+fw5oHiUYTWp6einm3iIAgBTwr0=",
            ),
            (
                r#"{"url":"https:\/\/example.com\/a","note":"a\u0026b"}"#,
                "uhesQly9htkqpWy3j9uhiO/WtIm9wfle5KVdI9GoJXQ=",
            ),
            (
                r#"{"note":"Größe 42 ☕"}"#,
                "C03n0GSYlJnZZa+GMFVkmYBVHNT5yVKB2OqsJvwKA2k=",
            ),
            ("", "Knm8rWjeSXNIt2H0AOMT7DQ8/YSy8sQi/pEjbuUmGMs="),
        ];
        for (body, signature) in vectors {
            assert_eq!(check(&["hush"], signature, body), Ok(()), "{body}");
            let made = Signature.sign(
                &Secret::new("hush"),
                "orders/create",
                body.as_bytes(),
                now(),
            );
            assert!(made.contains(&(SIGNATURE, signature.to_owned())), "{body}");
        }
    }

    #[test]
    fn takes_any_of_several_secrets() {
        let body = r##"{"id":1001,"name":"#1001"}"##;
        let store_wide = "1xbqHIO/3DtgWRUp4lMM2nAcLS4nXy1AAZ1Ocgf14sM=";
        assert_eq!(
            check(&["hush", "store-wide-secret"], store_wide, body),
            Ok(())
        );
        assert_eq!(
            check(&["hush"], store_wide, body),
            Err(VerifyError::Mismatch)
        );
        assert_eq!(check(&[], store_wide, body), Err(VerifyError::NoSecret));
    }

    #[test]
    fn refuses_a_body_that_was_written_anew() {
        let signature = "uhesQly9htkqpWy3j9uhiO/WtIm9wfle5KVdI9GoJXQ=";
        let again = r#"{"url":"https://example.com/a","note":"a&b"}"#;
        assert_eq!(
            check(&["hush"], signature, again),
            Err(VerifyError::Mismatch)
        );
    }

    #[test]
    fn refuses_what_is_no_signature() {
        assert_eq!(
            check(&["hush"], "not base64!", "{}"),
            Err(VerifyError::Malformed)
        );
        assert_eq!(check(&["hush"], "", "{}"), Err(VerifyError::Mismatch));
        assert_eq!(check(&["hush"], "AAAA", "{}"), Err(VerifyError::Mismatch));
        let none = Signature.verify(
            &[Secret::new("hush")],
            &Headers::new(&[]),
            b"{}",
            now().into(),
        );
        assert_eq!(none, Err(VerifyError::Missing));
    }
}
