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
            body: None,
        }
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
