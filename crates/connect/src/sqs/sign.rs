//! Signs requests as AWS wants them signed: version 4.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SigningSettings};
use aws_sigv4::sign::v4::SigningParams;
use orderbridge_event::{PullError, Request, Secret, Trouble};

use super::AccessKey;

/// For which service of which region a signature is good.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// Signs a `POST` with its body and all of its headers.
pub(super) fn sign(
    mut request: Request,
    key: &AccessKey,
    scope: Scope<'_>,
    now: SystemTime,
) -> Result<Request, PullError> {
    let token = key.session_token.as_ref();
    let credentials = Credentials::new(
        key.id.expose(),
        key.secret.expose(),
        token.map(|token| token.expose().to_owned()),
        None,
        "configuration",
    );
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| unsigned())?
        .into();
    let (kind, body) = match &request.body {
        Some((kind, body)) => (Some(("content-type", *kind)), body.expose()),
        None => (None, ""),
    };
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (*name, value.expose()));
    let signable = SignableRequest::new(
        "POST",
        request.url.as_str(),
        headers.chain(kind),
        SignableBody::Bytes(body.as_bytes()),
    );
    let signable = signable.map_err(|_| unsigned())?;
    let signed = http_request::sign(signable, &params).map_err(|_| unsigned())?;
    let (headers, _) = signed.into_parts().0.into_parts();
    for header in headers {
        let value = Secret::new(header.value());
        request.headers.push((header.name(), value));
    }
    Ok(request)
}

/// The library's own words might quote what was to be signed.
fn unsigned() -> PullError {
    let message = "a request to the queue cannot be signed with this key";
    PullError::new(Trouble::Credentials, message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// AWS's published test suite: post-vanilla, and the signature of its twin with a token.
    #[test]
    fn signs_as_aws_does() {
        let key = AccessKey {
            id: Secret::new("AKIDEXAMPLE"),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token: None,
        };
        let scope = Scope {
            region: "us-east-1",
            service: "service",
        };
        // 2015-08-30T12:36:00Z
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let mut request = Request::post("test", "https://example.amazonaws.com/", "", "");
        request.body = None;
        let signed = sign(request, &key, scope, now).unwrap();
        let header = |name: &str| {
            let mut headers = signed.headers.iter();
            headers
                .find(|(known, _)| *known == name)
                .unwrap()
                .1
                .expose()
        };
        assert_eq!(header("x-amz-date"), "20150830T123600Z");
        assert_eq!(
            header("authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
    }
}
