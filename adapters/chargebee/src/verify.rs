//! Chargebee signs nothing: its webhooks carry the user and password that the receiver was given.
//!
//! <https://www.chargebee.com/docs/2.0/webhook_settings.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError, signature};

const AUTHORIZATION: &str = "Authorization";

/// Checks HTTP Basic authentication; a secret is `user:password`.
#[derive(Debug)]
pub(crate) struct Basic;

impl Verify for Basic {
    fn verify(
        &self,
        secrets: &[Secret],
        headers: &Headers<'_>,
        _body: &[u8],
        _received: Received,
    ) -> Result<(), VerifyError> {
        let header = headers.get(AUTHORIZATION).ok_or(VerifyError::Missing)?;
        let (scheme, encoded) = header
            .trim()
            .split_once(' ')
            .ok_or(VerifyError::Malformed)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(VerifyError::Malformed);
        }
        let given = STANDARD
            .decode(encoded.trim())
            .map_err(|_| VerifyError::Malformed)?;
        signature::check_shared(secrets, &given)
    }

    fn sign(
        &self,
        secret: &Secret,
        _topic: &str,
        _body: &[u8],
        _now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        let encoded = STANDARD.encode(secret.expose().as_bytes());
        vec![(AUTHORIZATION, format!("Basic {encoded}"))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(secrets: &[&str], header: &str) -> Result<(), VerifyError> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        let pairs = [("authorization", header)];
        let now = Timestamp::from_unix(0).unwrap();
        Basic.verify(&secrets, &Headers::new(&pairs), b"{}", now.into())
    }

    #[test]
    fn accepts_and_makes_the_header_of_the_standard() {
        // RFC 7617, section 2.
        let header = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        let secret = "Aladdin:open sesame";
        assert_eq!(check(&[secret], header), Ok(()));
        assert_eq!(
            check(&["old:one", secret], &header.replace("Basic", "basic")),
            Ok(())
        );
        let now = Timestamp::from_unix(0).unwrap();
        let made = Basic.sign(&Secret::new(secret), "", b"{}", now);
        assert_eq!(made, [(AUTHORIZATION, header.to_owned())]);
    }

    #[test]
    fn refuses_everything_else() {
        let header = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        for secret in ["Aladdin:open sesam", "Aladdin:open sesame!", "", ":"] {
            assert_eq!(
                check(&[secret], header),
                Err(VerifyError::Mismatch),
                "{secret}"
            );
        }
        for malformed in [
            "",
            "Basic",
            "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "Basic not base64!",
        ] {
            let secret = "Aladdin:open sesame";
            assert_eq!(
                check(&[secret], malformed),
                Err(VerifyError::Malformed),
                "{malformed}"
            );
        }
        assert_eq!(check(&[], header), Err(VerifyError::NoSecret));
        let now = Timestamp::from_unix(0).unwrap();
        let none = Basic.verify(&[Secret::new("a:b")], &Headers::new(&[]), b"{}", now.into());
        assert_eq!(none, Err(VerifyError::Missing));
    }
}
