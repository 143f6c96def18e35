//! Why something could not be read from an API.

use std::borrow::Cow;

use crate::Code;

/// What kind of trouble it is, which says what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// No answer, or one that asks to come again later. The same request is made again.
    Unavailable,
    /// The credentials are not accepted. All requests of the account would fail.
    Credentials,
    /// The answer cannot be read. It may have been cut off, so it is asked for a few times.
    Answer,
    /// There is no such thing, or not yet.
    Missing,
    /// The platform refuses the request as it is. It would refuse it again.
    Refused,
}

impl Trouble {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Unavailable,
        Self::Credentials,
        Self::Answer,
        Self::Missing,
        Self::Refused,
    ];

    /// The code that it is shown under.
    pub const fn code(self) -> Code {
        match self {
            Self::Unavailable => Code::PullUnavailable,
            Self::Credentials => Code::PullCredentials,
            Self::Answer => Code::PullAnswer,
            Self::Missing => Code::PullMissing,
            Self::Refused => Code::PullRefused,
        }
    }
}

/// Why something could not be read from an API. Holds no personal data and no credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", .trouble.code())]
pub struct PullError {
    /// What kind of trouble it is.
    pub trouble: Trouble,
    /// What happened, as a sentence.
    pub message: Cow<'static, str>,
}

impl PullError {
    /// An error of a kind.
    pub fn new(trouble: Trouble, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            trouble,
            message: message.into(),
        }
    }

    /// An answer that is not what its operation answers with.
    pub fn unreadable(operation: &str) -> Self {
        let message = format!("the answer of {operation} cannot be read");
        Self::new(Trouble::Answer, message)
    }

    /// A position that this version did not make.
    pub fn position() -> Self {
        let message = "the stored position is from another version and cannot be read";
        Self::new(Trouble::Refused, message)
    }
}
