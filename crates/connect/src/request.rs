//! Requests: only a verified one gives its payload.

use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;
use orderbridge_core::store::Millis;
use orderbridge_event::{Headers, Received, Secret, Timestamp, Verify, VerifyError};

/// The signature has not been looked at.
#[derive(Clone, Copy, Debug)]
pub struct Unverified;

/// One of the source's secrets signed the body.
#[derive(Clone, Copy, Debug)]
pub struct Verified;

/// A request to the receiver, as far as it matters.
#[derive(Clone)]
pub struct Request<'a, State = Unverified> {
    method: &'a str,
    path: &'a str,
    headers: Headers<'a>,
    body: Bytes,
    received_at: Millis,
    state: PhantomData<State>,
}

impl<'a> Request<'a> {
    /// A request: method, path without the query, headers, raw body, and the time it came in.
    pub fn new(
        method: &'a str,
        path: &'a str,
        headers: Headers<'a>,
        body: Bytes,
        received_at: Millis,
    ) -> Self {
        Self {
            method,
            path,
            headers,
            body,
            received_at,
            state: PhantomData,
        }
    }

    /// The size of the body, which is all that may be known of it so far.
    pub(crate) fn size(&self) -> usize {
        self.body.len()
    }

    /// Checks the signature over the raw bytes. The tolerance is how far the time of signing may be
    /// off where it is not the platform's own.
    pub fn verify(
        self,
        verify: &dyn Verify,
        secrets: &[Secret],
        tolerance: Option<Duration>,
    ) -> Result<Request<'a, Verified>, VerifyError> {
        if secrets.is_empty() {
            return Err(VerifyError::NoSecret);
        }
        // A clock beyond the year 9999 is no measure for anything.
        let now = Timestamp::from_unix(self.received_at.get() / 1000).ok_or(VerifyError::Stale)?;
        let received = Received::new(now, tolerance);
        verify.verify(secrets, &self.headers, &self.body, received)?;
        Ok(Request {
            method: self.method,
            path: self.path,
            headers: self.headers,
            body: self.body,
            received_at: self.received_at,
            state: PhantomData,
        })
    }
}

impl<'a, State> Request<'a, State> {
    /// The method.
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The path, still encoded.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// When it came in.
    pub fn received_at(&self) -> Millis {
        self.received_at
    }
}

impl<'a> Request<'a, Verified> {
    /// The raw body.
    pub fn payload(&self) -> &Bytes {
        &self.body
    }

    /// The headers. They are not signed, but they came with a body that is.
    pub fn headers(&self) -> &Headers<'a> {
        &self.headers
    }
}

impl<State> std::fmt::Debug for Request<'_, State> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("size", &self.body.len())
            .finish_non_exhaustive()
    }
}
