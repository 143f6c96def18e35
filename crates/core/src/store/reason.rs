//! Why something is as it is.

use orderbridge_event::{Code, Ignored, MapError, Note};

/// A reason, or a remark: a code for machines and a sentence for people. Holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The kind of reason, as in `order.test`.
    pub code: String,
    /// The reason in words.
    pub message: String,
    /// The field it is about, as in `line_items[2].price`.
    pub path: Option<String>,
}

impl Reason {
    /// The destination refused it.
    pub const REJECTED: &'static str = "rejected";
    /// It was tried for too long.
    pub const EXPIRED: &'static str = "expired";
    /// Its key is known with other bytes.
    pub const CONFLICT: &'static str = "conflict";
    /// A remark: its id is known under another name.
    pub const SAME_ID: &'static str = "event.same_id";
    /// It was erased on request.
    pub const REDACTED: &'static str = "redacted";
    /// A platform asks what is stored of a person.
    pub const DATA_REQUEST: &'static str = "privacy.data_request";
    /// A platform asked for erasure.
    pub const REDACT_REQUEST: &'static str = "privacy.redact_request";

    /// What it names waits to be fetched.
    pub const FETCH_PENDING: &'static str = Code::PullPending.as_str();

    /// A reason that is about no field in particular.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            path: None,
        }
    }
}

impl From<&MapError> for Reason {
    fn from(error: &MapError) -> Self {
        Self {
            code: error.code().to_string(),
            message: error.message().to_owned(),
            path: Some(error.path().to_owned()),
        }
    }
}

impl From<&Ignored> for Reason {
    fn from(ignored: &Ignored) -> Self {
        Self::new(ignored.code.to_string(), ignored.reason())
    }
}

impl From<&Note> for Reason {
    fn from(note: &Note) -> Self {
        Self {
            code: note.code.to_string(),
            message: note.message.clone().into_owned(),
            path: Some(note.path.clone().into_owned()),
        }
    }
}
