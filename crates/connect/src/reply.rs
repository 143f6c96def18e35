//! What a sender of webhooks is told.

use orderbridge_core::store::{StoreError, StoreErrorKind};

/// An answer. Only what is on the disk is answered with 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a word or a few. Says nothing of the payload.
    pub text: &'static str,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
}

impl Reply {
    /// Events were stored.
    pub const STORED: Self = Self::new(200, "stored");
    /// The payload makes no event, on purpose; it was stored with the reason.
    pub const IGNORED: Self = Self::new(200, "ignored");
    /// The payload could not be mapped; it was stored and waits for a person.
    pub const PARKED: Self = Self::new(200, "parked");
    /// This delivery was stored before.
    pub const DUPLICATE: Self = Self::new(200, "duplicate");
    /// The signature is missing or wrong.
    pub const UNSIGNED: Self = Self::new(401, "the signature is missing or wrong");
    /// There is no such source, or no such path.
    pub const NOT_FOUND: Self = Self::new(404, "there is nothing here");
    /// Webhooks are posted.
    pub const METHOD: Self = Self::new(405, "webhooks are sent with POST");
    /// The body did not arrive in time.
    pub const TOO_SLOW: Self = Self::new(408, "the body did not arrive in time");
    /// The body is larger than this source's may be.
    pub const TOO_LARGE: Self = Self::new(413, "the body is too large");
    /// Too much is under way; nothing was stored.
    pub const BUSY: Self = Self::retry("too much is under way", 1);
    /// The store did not answer in time, so whether it stored anything is unknown.
    pub const UNKNOWN: Self = Self::retry("it could not be stored in time", 5);

    const fn new(status: u16, text: &'static str) -> Self {
        Self {
            status,
            text,
            retry_after: None,
        }
    }

    const fn retry(text: &'static str, seconds: u32) -> Self {
        Self {
            status: 503,
            text,
            retry_after: Some(seconds),
        }
    }

    /// The answer to a failure of the store, whatever was stored: sending again is harmless.
    pub fn store_failed(error: &StoreError) -> Self {
        let seconds = match error.kind {
            StoreErrorKind::Busy => 2,
            // These need a person, so there is no hurry.
            StoreErrorKind::Full
            | StoreErrorKind::ReadOnly
            | StoreErrorKind::Corrupt
            | StoreErrorKind::Locked
            | StoreErrorKind::TooNew
            | StoreErrorKind::Unsupported => 60,
            _ => 10,
        };
        Self::retry("it could not be stored", seconds)
    }

    /// Whether the payload is safe with us.
    pub const fn is_acknowledgement(&self) -> bool {
        self.status == 200
    }
}
