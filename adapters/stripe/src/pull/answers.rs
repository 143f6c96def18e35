//! Answers, as far as walks look into them. The objects in them are left as they are.

use orderbridge_event::{Answer, PullError, Text, Trouble, read};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A page of a list. <https://docs.stripe.com/api/pagination>
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) data: Vec<Box<RawValue>>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// What walks need of an event, an invoice, a subscription or a line.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Facts {
    #[serde(deserialize_with = "read::key")]
    pub(super) id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub(super) status: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub(super) livemode: Option<bool>,
    #[serde(deserialize_with = "read::text")]
    pub(super) ended_at: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub(super) status_transitions: Option<Transitions>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Transitions {
    #[serde(deserialize_with = "read::text")]
    pub(super) paid_at: Option<Text>,
}

impl Facts {
    pub(super) fn of(object: &RawValue) -> Self {
        serde_json::from_str(object.get()).unwrap_or_default()
    }

    /// When an invoice was paid.
    pub(super) fn paid_at(&self) -> Option<i64> {
        seconds(self.status_transitions.as_ref()?.paid_at.as_ref())
    }

    /// When a subscription ended.
    pub(super) fn ended_at(&self) -> Option<i64> {
        seconds(self.ended_at.as_ref())
    }
}

fn seconds(text: Option<&Text>) -> Option<i64> {
    text?.as_str().parse().ok()
}

/// What Stripe says is wrong. <https://docs.stripe.com/api/errors>
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    #[serde(deserialize_with = "read::object")]
    error: Option<FaultError>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FaultError {
    #[serde(rename = "type", deserialize_with = "read::text")]
    kind: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    code: Option<Text>,
}

/// The code that Stripe gives for what is wrong, else its kind.
pub(super) fn fault(answer: &Answer<'_>) -> Option<String> {
    let fault: Fault = serde_json::from_slice(answer.body).ok()?;
    let error = fault.error?;
    // A code is one word; whatever else stands there may quote what was asked.
    let is_word = |text: &Text| {
        let mut bytes = text.as_str().bytes();
        bytes.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
    };
    let told = [error.code, error.kind].into_iter().flatten();
    told.map(|text| is_word(&text).then(|| text.as_str().to_owned()))
        .next()
        .flatten()
}

/// Reads an answer, or tells why there is none.
pub(super) fn success<T: DeserializeOwned>(
    operation: &str,
    answer: &Answer<'_>,
) -> Result<T, PullError> {
    if answer.is_success() {
        return serde_json::from_slice(answer.body).map_err(|_| PullError::unreadable(operation));
    }
    let fault = fault(answer).unwrap_or_else(|| format!("status {}", answer.status));
    let trouble = match answer.status {
        404 => Trouble::Missing,
        _ => Trouble::Refused,
    };
    let message = format!("Stripe refuses {operation}: {fault}");
    Err(PullError::new(trouble, message))
}
