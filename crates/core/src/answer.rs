//! What came back from Converge, and what kind of outcome it is.

use std::fmt;
use std::time::Duration;

/// What the endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The first 500 characters. They may repeat the event, so they are shown on request only.
    pub excerpt: String,
    /// The error code or title that a JSON answer names.
    pub reason: Option<String>,
}

impl Answer {
    const EXCERPT: usize = 500;

    /// Takes from an answer's body what is kept of it.
    pub fn new(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        Self {
            status,
            excerpt: text.chars().take(Self::EXCERPT).collect(),
            reason: reason(body),
        }
    }
}

/// The error code or title in a JSON answer. Longer text is a message that may quote the event.
fn reason(body: &[u8]) -> Option<String> {
    const LONGEST: usize = 80;
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = ["/error/code", "/error/title", "/code", "/title", "/error"]
        .iter()
        .find_map(|path| json.pointer(path)?.as_str())?;
    let safe = |letter: char| letter.is_ascii_alphanumeric() || " ._-/".contains(letter);
    (text.len() <= LONGEST && text.chars().all(safe)).then(|| text.to_owned())
}

/// How a request failed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// No connection was made: refused, unknown host, TLS, or a time-out before that.
    Connect,
    /// The connection was lost before any of the body was handed to it.
    BeforeBody,
    /// Time ran out after the body was on its way. The event may have arrived.
    Timeout,
    /// The connection was cut after the body was on its way. The event may have arrived.
    Cut,
}

impl Transport {
    /// The kind of failure this is.
    pub const fn kind(self) -> FailureKind {
        match self {
            Self::Connect | Self::BeforeBody => FailureKind::Temporary,
            Self::Timeout | Self::Cut => FailureKind::Unknown,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::BeforeBody => "connection lost before the event was sent",
            Self::Timeout => "no answer in time",
            Self::Cut => "connection cut before the answer",
        })
    }
}

/// What kind of failure it is, and so what follows. Everything else is detail for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The event did not get through; the same may work later.
    Temporary,
    /// The destination asks everyone to wait.
    Throttled,
    /// The event may or may not have arrived; sending the same bytes again is harmless.
    Unknown,
    /// This event is refused, and would be again.
    Rejected,
    /// Something is wrong with the destination or our access to it, whatever the event.
    Destination,
}

impl FailureKind {
    /// Whether such a failure counts as one of the event's attempts.
    pub const fn spends_attempt(self) -> bool {
        matches!(self, Self::Temporary | Self::Unknown | Self::Rejected)
    }

    /// The kind in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Temporary => "temporary",
            Self::Throttled => "throttled",
            Self::Unknown => "unknown",
            Self::Rejected => "rejected",
            Self::Destination => "destination",
        }
    }
}

/// Tells what an answer means, by its status and a valid `Retry-After`. `None` is delivered.
pub fn classify(status: u16, retry_after: Option<Duration>) -> Option<FailureKind> {
    match status {
        200..=299 => None,
        429 => Some(FailureKind::Throttled),
        503 if retry_after.is_some() => Some(FailureKind::Throttled),
        300..=399 | 401 | 403 | 404 | 410 => Some(FailureKind::Destination),
        408 | 425 => Some(FailureKind::Temporary),
        400..=499 => Some(FailureKind::Rejected),
        _ => Some(FailureKind::Temporary),
    }
}

/// Why an event was not delivered by one attempt.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct SendError {
    /// What kind of failure, which alone decides what follows.
    pub kind: FailureKind,
    /// The answer, or how the request failed.
    pub cause: Cause,
    /// How long the destination asks to wait.
    pub retry_after: Option<Duration>,
    /// The error underneath, where there is one.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl SendError {
    /// Sorts an answer: itself when it says delivered, else the failure.
    pub fn sort(answer: Answer, retry_after: Option<Duration>) -> Result<Answer, Self> {
        match classify(answer.status, retry_after) {
            None => Ok(answer),
            Some(kind) => Err(Self {
                kind,
                cause: Cause::Answered(answer),
                retry_after,
                source: None,
            }),
        }
    }

    /// A request without an answer.
    pub const fn transport(fault: Transport) -> Self {
        Self {
            kind: fault.kind(),
            cause: Cause::Transport(fault),
            retry_after: None,
            source: None,
        }
    }

    /// The status of the answer, if there was one.
    pub const fn status(&self) -> Option<u16> {
        match &self.cause {
            Cause::Answered(answer) => Some(answer.status),
            Cause::Transport(_) => None,
        }
    }
}

/// What the failure was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An answer other than 2xx.
    Answered(Answer),
    /// No answer.
    Transport(Transport),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(Answer {
                status,
                reason: Some(reason),
                ..
            }) => {
                write!(f, "answered {status}, {reason}")
            }
            Self::Answered(Answer { status, .. }) => write!(f, "answered {status}"),
            Self::Transport(fault) => fault.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FailureKind::{Destination, Rejected, Temporary, Throttled, Unknown};

    #[test]
    fn every_status_has_its_kind() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(classify(status, None), None, "{status}");
        }
        for (kind, statuses) in [
            (Temporary, &[408, 425, 500, 501, 502, 503, 504, 599][..]),
            (Throttled, &[429]),
            (
                Destination,
                &[300, 301, 302, 304, 307, 308, 399, 401, 403, 404, 410],
            ),
            (
                Rejected,
                &[
                    400, 402, 405, 406, 409, 413, 414, 415, 418, 422, 431, 451, 499,
                ],
            ),
        ] {
            for status in statuses {
                assert_eq!(classify(*status, None), Some(kind), "{status}");
            }
        }
    }

    #[test]
    fn retry_after_makes_only_a_503_a_throttle() {
        let wait = Some(Duration::from_secs(2));
        assert_eq!(classify(503, wait), Some(Throttled));
        assert_eq!(classify(500, wait), Some(Temporary));
        assert_eq!(classify(400, wait), Some(Rejected));
        assert_eq!(classify(200, wait), None);
    }

    #[test]
    fn without_an_answer_it_matters_whether_the_body_was_sent() {
        assert_eq!(Transport::Connect.kind(), Temporary);
        assert_eq!(Transport::BeforeBody.kind(), Temporary);
        assert_eq!(Transport::Timeout.kind(), Unknown);
        assert_eq!(Transport::Cut.kind(), Unknown);
    }

    #[test]
    fn throttling_and_a_broken_destination_spend_nothing() {
        let spent =
            [Temporary, Throttled, Unknown, Rejected, Destination].map(FailureKind::spends_attempt);
        assert_eq!(spent, [true, false, true, true, false]);
    }

    #[test]
    fn an_answer_gives_its_code_but_not_its_message() {
        let reason = |body: &str| Answer::new(400, body.as_bytes()).reason;
        assert_eq!(
            reason(r#"{"error":{"code":"alias.count"}}"#).as_deref(),
            Some("alias.count")
        );
        assert_eq!(
            reason(r#"{"title":"Bad Request"}"#).as_deref(),
            Some("Bad Request")
        );
        assert_eq!(
            reason(r#"{"error":"no profile for jane@example.com"}"#),
            None
        );
        assert_eq!(reason("<html>"), None);
    }

    #[test]
    fn an_excerpt_is_500_characters() {
        let answer = Answer::new(400, "é".repeat(600).as_bytes());
        assert_eq!(answer.excerpt.chars().count(), 500);
        assert!(
            !SendError::sort(answer, None)
                .unwrap_err()
                .to_string()
                .contains('é')
        );
    }
}
