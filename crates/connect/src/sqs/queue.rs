//! A queue, and what is asked of it.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>

use std::fmt;
use std::time::SystemTime;

use orderbridge_event::{PullError, Request, Secret, Trouble};
use serde::{Deserialize, Serialize};

use super::sign::{Scope, sign};
use crate::pull::http::{Http, Reply};

const RECEIVE: &str = "ReceiveMessage";
const DELETE: &str = "DeleteMessageBatch";

/// How many messages are received at once, and how long is waited for the first: the most that SQS
/// allows.
const BATCH: u32 = 10;
const WAIT_SECONDS: u32 = 20;

/// Who reads a queue.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// The key's id.
    pub id: Secret,
    /// The key.
    pub secret: Secret,
    /// The token of a key that is good for a while only.
    pub session_token: Option<Secret>,
}

/// A queue of SQS.
pub struct Queue {
    url: String,
    /// Where its requests go.
    endpoint: String,
    region: String,
    key: AccessKey,
    http: Http,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// A message that was received, and not deleted yet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    #[serde(rename = "MessageId")]
    pub(super) id: String,
    pub(super) receipt_handle: String,
    pub(super) body: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Received {
    messages: Vec<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Receive<'a> {
    queue_url: &'a str,
    max_number_of_messages: u32,
    wait_time_seconds: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Delete<'a> {
    queue_url: &'a str,
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    id: String,
    receipt_handle: &'a str,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Deleted {
    failed: Vec<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    #[serde(rename = "__type")]
    kind: String,
}

impl Queue {
    /// A queue; nothing is asked yet. `None` where the URL is none.
    pub fn new(url: &str, region: &str, key: AccessKey) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split('/').next().filter(|host| !host.is_empty())?;
        if !matches!(scheme, "https" | "http") {
            return None;
        }
        Some(Self {
            url: url.to_owned(),
            endpoint: format!("{scheme}://{host}/"),
            region: region.to_owned(),
            key,
            http: Http::new().ok()?,
        })
    }

    /// Messages, or none after a while. They are hidden from others for as long as the queue says.
    pub(super) async fn receive(&self) -> Result<Vec<Message>, PullError> {
        let body = Receive {
            queue_url: &self.url,
            max_number_of_messages: BATCH,
            wait_time_seconds: WAIT_SECONDS,
        };
        let received: Received = self.ask(RECEIVE, "AmazonSQS.ReceiveMessage", &body).await?;
        Ok(received.messages)
    }

    /// Deletes messages, and tells how many of them it could not.
    pub(super) async fn delete(&self, messages: &[Message]) -> Result<usize, PullError> {
        let mut entries = Vec::with_capacity(messages.len());
        for (place, message) in messages.iter().enumerate() {
            entries.push(Entry {
                id: place.to_string(),
                receipt_handle: &message.receipt_handle,
            });
        }
        let body = Delete {
            queue_url: &self.url,
            entries,
        };
        let deleted: Deleted = self
            .ask(DELETE, "AmazonSQS.DeleteMessageBatch", &body)
            .await?;
        Ok(deleted.failed.len())
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        operation: &'static str,
        target: &'static str,
        body: &impl Serialize,
    ) -> Result<T, PullError> {
        let body = serde_json::to_string(body).map_err(|_| PullError::unreadable(operation))?;
        let request = Request::post(
            operation,
            &self.endpoint,
            "application/x-amz-json-1.0",
            body,
        );
        let request = request.header("x-amz-target", Secret::new(target));
        let scope = Scope {
            region: &self.region,
            service: "sqs",
        };
        let signed = sign(request, &self.key, scope, SystemTime::now())?;
        let reply = self.http.perform(&signed, None).await?;
        reply.read(|answer| {
            if answer.is_success() {
                serde_json::from_slice(answer.body).map_err(|_| PullError::unreadable(operation))
            } else {
                Err(refused(operation, &reply, answer.body))
            }
        })
    }
}

/// Why a request was not carried out, in SQS's own word for it; never in its sentences.
fn refused(operation: &str, reply: &Reply, body: &[u8]) -> PullError {
    let fault: Fault = serde_json::from_slice(body).unwrap_or_default();
    let word = fault.kind.rsplit('#').next().unwrap_or_default();
    let is_word = word.len() <= 64 && word.bytes().all(|it| it.is_ascii_alphanumeric());
    let word = if is_word { word } else { "" };
    let trouble = match (reply.status, word) {
        (429 | 500..=599, _) | (_, "RequestThrottled" | "ThrottlingException" | "OverLimit") => {
            Trouble::Unavailable
        }
        (401 | 403, _)
        | (
            _,
            "AccessDenied"
            | "AccessDeniedException"
            | "ExpiredTokenException"
            | "IncompleteSignatureException"
            | "InvalidClientTokenId"
            | "InvalidSecurity"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException",
        ) => Trouble::Credentials,
        _ => Trouble::Refused,
    };
    let status = reply.status;
    let message = format!("{operation}: status {status} {word}");
    PullError::new(trouble, message.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_key_nor_token_is_shown() {
        let key = AccessKey {
            id: Secret::new("hush"),
            secret: Secret::new("hush"),
            session_token: Some(Secret::new("hush")),
        };
        let queue = Queue::new(
            "https://sqs.eu-west-1.amazonaws.com/1/orders",
            "eu-west-1",
            key,
        );
        let shown = format!("{:?}", queue.unwrap());
        assert!(
            shown.contains("/1/orders") && !shown.contains("hush"),
            "{shown}"
        );
    }
}
