//! Requests and answers, as data.

use std::fmt;

use crate::{Headers, Secret};

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

/// A request to be performed.
#[derive(Clone)]
pub struct Request {
    /// The name of its [`Operation`](super::Operation). One without a quota has a name all the
    /// same.
    pub operation: &'static str,
    /// How.
    pub method: Method,
    /// The whole URL. It may hold a signature, so it is not shown.
    pub url: String,
    /// Headers; a credential may be among them.
    pub headers: Vec<(&'static str, Secret)>,
    /// The header that takes the access token, and what stands in front of the token.
    pub token: Option<(&'static str, &'static str)>,
    /// Whether it asks for personal data, which may take a token of its own.
    pub is_personal: bool,
    /// The type of the body, and the body.
    pub body: Option<(&'static str, Secret)>,
}

impl Request {
    /// A `GET` of a URL.
    pub fn get(operation: &'static str, url: impl Into<String>) -> Self {
        Self {
            operation,
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            token: None,
            is_personal: false,
            body: None,
        }
    }

    /// The same with parameters in the query.
    #[must_use]
    pub fn query<'a>(mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (name, value) in pairs {
            self.url
                .push(if self.url.contains('?') { '&' } else { '?' });
            encode(name, &mut self.url);
            self.url.push('=');
            encode(value, &mut self.url);
        }
        self
    }

    /// A `POST` to a URL.
    pub fn post(
        operation: &'static str,
        url: impl Into<String>,
        kind: &'static str,
        body: impl Into<String>,
    ) -> Self {
        Self {
            method: Method::Post,
            body: Some((kind, Secret::new(body))),
            ..Self::get(operation, url)
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: Secret) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with the access token in a header.
    #[must_use]
    pub fn with_token(mut self, header: &'static str, before: &'static str) -> Self {
        self.token = Some((header, before));
        self
    }

    /// The same for personal data: with the token of
    /// [`Api::personal_sign_in`](super::Api::personal_sign_in), if there is one.
    #[must_use]
    pub fn personal(mut self) -> Self {
        self.is_personal = true;
        self
    }
}

/// The parameters of a form, as a body.
pub fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = Request::get("", "").query(pairs).url;
    query.strip_prefix('?').unwrap_or(&query).to_owned()
}

/// Appends text with percent encoding of all that RFC 3986 does not leave alone.
fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit =
        |value: u8| char::from(DIGITS.get(usize::from(value & 15)).copied().unwrap_or(b'0'));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte));
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers<'a>,
    /// The body.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// Whether the request was carried out.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded() {
        let pairs = [
            ("marketplaceIds", "A,B"),
            ("at", "2026-03-02T09:15:00Z"),
            ("x", "a b+ö~"),
        ];
        let request = Request::get("search", "https://example.com/orders").query(pairs);
        assert_eq!(
            request.url,
            "https://example.com/orders?marketplaceIds=A%2CB&at=2026-03-02T09%3A15%3A00Z&x=a%20b%2B%C3%B6~"
        );
        assert_eq!(form([("a", "1&2"), ("b", "")]), "a=1%262&b=");
    }

    #[test]
    fn a_request_shows_neither_its_address_nor_its_credentials() {
        let request = Request::post(
            "token",
            "https://example.com/?sig=abc",
            "text/plain",
            "hush",
        )
        .header("x-token", Secret::new("hush"));
        let shown = format!("{request:?}");
        assert!(shown.contains("token") && !shown.contains("hush") && !shown.contains("sig"));
    }
}
