//! Checks the signature of requests to AWS, version 4.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::Asked;

/// Whose requests are accepted, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signer<'a> {
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

impl Signer<'_> {
    /// Checks a request; the error is AWS's own word for what is wrong.
    pub(super) fn check(&self, asked: &Asked) -> Result<(), &'static str> {
        let header = asked.header("authorization");
        let header = header.ok_or("MissingAuthenticationTokenException")?;
        let parts = header
            .strip_prefix("AWS4-HMAC-SHA256 ")
            .ok_or("IncompleteSignatureException")?;
        let part = |name: &str| {
            let mut parts = parts.split(',').map(str::trim);
            let value = parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            value.ok_or("IncompleteSignatureException")
        };
        let (credential, headers) = (part("Credential")?, part("SignedHeaders")?);
        let time = asked.header("x-amz-date").unwrap_or_default();
        let day = time.get(..8).ok_or("IncompleteSignatureException")?;
        let (id, scope) = credential.split_once('/').unwrap_or((credential, ""));
        if id != self.id {
            return Err("UnrecognizedClientException");
        }
        let wanted = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let is_covered = |name: &str| headers.split(';').any(|signed| signed == name);
        if scope != wanted || !is_covered("host") || !is_covered("x-amz-date") {
            return Err("InvalidSignatureException");
        }
        let request = canonical(asked, headers);
        let text = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            hash(request.as_bytes())
        );
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [day, self.region, self.service, "aws4_request"] {
            key = mac(&key, part);
        }
        if hex(&mac(&key, &text)) == part("Signature")? {
            Ok(())
        } else {
            Err("InvalidSignatureException")
        }
    }
}

/// What is signed, but for the time: of a request to a path without a query.
fn canonical(asked: &Asked, headers: &str) -> String {
    let mut text = format!("{}\n{}\n\n", asked.method, asked.path);
    for name in headers.split(';') {
        let value = asked.header(name).unwrap_or_default();
        let words: Vec<&str> = value.split_whitespace().collect();
        let _ = writeln!(text, "{name}:{}", words.join(" "));
    }
    let _ = write!(text, "\n{headers}\n{}", hash(&asked.body));
    text
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length will do.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(text));
    mac.map_or_else(|_| Vec::new(), |mac| mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNER: Signer<'_> = Signer {
        id: "AKIDEXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        region: "us-east-1",
        service: "service",
    };

    fn asked(method: &str, headers: &[(&str, &str)], signed: &str, signature: &str) -> Asked {
        let scope = "20150830/us-east-1/service/aws4_request";
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={signed}, \
             Signature={signature}"
        );
        let all = [
            ("authorization", authorization.as_str()),
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
        ];
        let all = all.iter().chain(headers);
        Asked {
            method: method.to_owned(),
            path: "/".to_owned(),
            query: std::collections::BTreeMap::new(),
            headers: all
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            body: bytes::Bytes::new(),
        }
    }

    /// AWS's published test suite: post-vanilla, get-vanilla-with-session-token and
    /// post-x-www-form-urlencoded.
    #[test]
    fn accepts_what_aws_has_signed() {
        let signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
        let vanilla = asked("POST", &[], "host;x-amz-date", signature);
        assert_eq!(SIGNER.check(&vanilla), Ok(()));

        let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        let signature = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8";
        let headers = "host;x-amz-date;x-amz-security-token";
        let with_token = asked(
            "GET",
            &[("x-amz-security-token", token)],
            headers,
            signature,
        );
        assert_eq!(SIGNER.check(&with_token), Ok(()));

        let hash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
        let signature = "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b";
        let more = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-length", "13"),
            ("x-amz-content-sha256", hash),
        ];
        let headers = "content-length;content-type;host;x-amz-content-sha256;x-amz-date";
        let mut form = asked("POST", &more, headers, signature);
        form.body = bytes::Bytes::from_static(b"Param1=value1");
        assert_eq!(SIGNER.check(&form), Ok(()));

        form.body = bytes::Bytes::from_static(b"Param1=value2");
        assert_eq!(SIGNER.check(&form), Err("InvalidSignatureException"));
        let other = Signer {
            id: "AKIDOTHER",
            ..SIGNER
        };
        assert_eq!(other.check(&vanilla), Err("UnrecognizedClientException"));
        let elsewhere = Signer {
            region: "eu-west-1",
            ..SIGNER
        };
        assert_eq!(elsewhere.check(&vanilla), Err("InvalidSignatureException"));
    }
}
