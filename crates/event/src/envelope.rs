//! The envelope `{"topic": "orders/create", "payload": {…}}` around a payload. It may also say when
//! the message was sent: `"received_at": "2026-11-02T10:15:30Z"`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Payload, Timestamp};

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    topic: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    payload: &'a RawValue,
    #[serde(default, borrow)]
    received_at: Option<std::borrow::Cow<'a, str>>,
}

/// A line of input taken out of its envelope, if it is in one.
#[derive(Clone, Debug)]
pub struct Opened<'a> {
    /// The topic that the envelope names.
    pub topic: Option<std::borrow::Cow<'a, str>>,
    /// When the message was sent, if the envelope says so.
    pub received_at: Option<Timestamp>,
    /// The payload's bytes, untouched.
    pub body: &'a [u8],
}

impl<'a> Opened<'a> {
    /// Opens a line. What is not an envelope, or not JSON, is a bare body.
    pub fn line(line: &'a [u8]) -> Self {
        let bare = Self {
            topic: None,
            received_at: None,
            body: line,
        };
        // Only an envelope begins with one of its two keys; a body is not looked at further.
        if !matches!(first_key(line), Some(b"topic" | b"payload")) {
            return bare;
        }
        match serde_json::from_slice::<Envelope<'a>>(line) {
            Ok(envelope) => Self {
                topic: Some(envelope.topic),
                received_at: envelope.received_at.as_deref().and_then(Timestamp::parse),
                body: envelope.payload.get().as_bytes(),
            },
            Err(_) => bare,
        }
    }

    /// The payload, under the envelope's topic or the given one.
    pub fn payload<'s>(&'s self, topic: &'s str) -> Payload<'s> {
        Payload {
            topic: self.topic.as_deref().unwrap_or(topic),
            body: self.body,
        }
    }
}

/// The first key of an object, if the bytes begin with one that has no escapes in it.
pub fn first_key(json: &[u8]) -> Option<&[u8]> {
    let rest = json.trim_ascii_start().strip_prefix(b"{")?;
    let rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    let (key, rest) = rest.split_at_checked(end)?;
    rest.starts_with(b"\"").then_some(key)
}
