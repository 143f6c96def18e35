//! Skio signs nothing: a token stands in the body.
//!
//! It proves that the sender knows the token, and nothing of the rest of the body.
//! <https://help.skio.com/hc/en-us/articles/16802567550107-Webhooks>

use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError, signature};
use serde::Deserialize;

/// Compares `skioWebhookToken` with each of the source's tokens.
#[derive(Debug)]
pub(crate) struct Token;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    skio_webhook_token: Option<String>,
}

impl Verify for Token {
    fn verify(
        &self,
        secrets: &[Secret],
        _headers: &Headers<'_>,
        body: &[u8],
        _received: Received,
    ) -> Result<(), VerifyError> {
        let body: Body = serde_json::from_slice(body).map_err(|_| VerifyError::Malformed)?;
        let given = body.skio_webhook_token.filter(|token| !token.is_empty());
        let given = given.ok_or(VerifyError::Missing)?;
        signature::check_shared(secrets, given.as_bytes())
    }

    /// The token is a part of the body, so no header goes with it.
    fn sign(
        &self,
        _secret: &Secret,
        _topic: &str,
        _body: &[u8],
        _now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> Result<(), VerifyError> {
        let secrets = [Secret::new("old"), Secret::new("skio_token")];
        let now = Timestamp::from_unix(0).unwrap();
        Token.verify(&secrets, &Headers::new(&[]), body.as_bytes(), now.into())
    }

    #[test]
    fn the_token_stands_in_the_body() {
        assert_eq!(
            check(r#"{"eventType":"x","skioWebhookToken":"skio_token"}"#),
            Ok(())
        );
        assert_eq!(check(r#"{"skioWebhookToken":"old"}"#), Ok(()));
        for wrong in ["skio_tokem", "skio_toke", "skio_token ", "SKIO_TOKEN"] {
            let body = format!("{{\"skioWebhookToken\":\"{wrong}\"}}");
            assert_eq!(check(&body), Err(VerifyError::Mismatch), "{wrong}");
        }
        for none in [
            "{}",
            r#"{"skioWebhookToken":""}"#,
            r#"{"skioWebhookToken":null}"#,
        ] {
            assert_eq!(check(none), Err(VerifyError::Missing), "{none}");
        }
        for broken in ["", "{", r#"{"skioWebhookToken":1}"#] {
            assert_eq!(check(broken), Err(VerifyError::Malformed), "{broken}");
        }
        let now = Timestamp::from_unix(0).unwrap();
        let none = Token.verify(
            &[],
            &Headers::new(&[]),
            br#"{"skioWebhookToken":"t"}"#,
            now.into(),
        );
        assert_eq!(none, Err(VerifyError::NoSecret));
    }
}
