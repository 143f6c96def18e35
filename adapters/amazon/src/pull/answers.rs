//! Answers, as far as walks look into them. The orders in them are left as they are.

use orderbridge_event::{Answer, PullError, Text, Trouble, read};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A page of a search.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Found {
    pub(super) orders: Vec<Box<RawValue>>,
    pub(super) pagination: Option<Pagination>,
    #[serde(rename = "lastUpdatedBefore")]
    pub(super) last_updated_before: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Pagination {
    #[serde(rename = "nextToken")]
    pub(super) next_token: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct One {
    pub(super) order: Box<RawValue>,
}

/// What tells one version of an order from others, of either API.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Version {
    #[serde(
        alias = "orderId",
        alias = "AmazonOrderId",
        deserialize_with = "read::key"
    )]
    pub(super) id: Option<Text>,
    #[serde(
        alias = "lastUpdatedTime",
        alias = "LastUpdateDate",
        deserialize_with = "read::text"
    )]
    pub(super) updated: Option<Text>,
    #[serde(rename = "OrderStatus", deserialize_with = "read::text")]
    pub(super) status: Option<Text>,
}

/// A page of transactions.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Transactions {
    pub(super) transactions: Vec<Box<RawValue>>,
    pub(super) next_token: Option<String>,
}

/// What tells one state of a transaction from others.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Movement {
    #[serde(rename = "transactionType", deserialize_with = "read::text")]
    pub(super) kind: Option<Text>,
    #[serde(rename = "transactionId", deserialize_with = "read::key")]
    pub(super) id: Option<Text>,
    #[serde(rename = "transactionStatus", deserialize_with = "read::text")]
    pub(super) status: Option<Text>,
}

/// The wrapper of API v0. Where there is nothing, it may be a list.
#[derive(Deserialize)]
pub(super) struct Wrapped {
    #[serde(default)]
    pub(super) payload: Option<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct FoundV0 {
    pub(super) orders: Vec<Box<RawValue>>,
    pub(super) next_token: Option<String>,
    pub(super) last_updated_before: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ItemsV0 {
    pub(super) order_items: Vec<Box<RawValue>>,
    pub(super) next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    pub(super) report_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) processing_status: String,
    #[serde(default)]
    pub(super) report_document_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) url: String,
}

#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) expires_in: u64,
}

/// What is good for personal data.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestrictedToken {
    restricted_data_token: String,
    expires_in: u64,
}

impl Tokens {
    /// Reads a token of either service.
    pub(super) fn read(answer: &Answer<'_>) -> Option<Self> {
        let restricted = serde_json::from_slice::<RestrictedToken>(answer.body);
        let restricted = restricted.map(|token| Self {
            access_token: token.restricted_data_token,
            expires_in: token.expires_in,
        });
        restricted
            .or_else(|_| serde_json::from_slice(answer.body))
            .ok()
    }
}

/// Faults, of the API and of the token service.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Faults {
    errors: Vec<Fault>,
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    code: Option<String>,
}

/// Amazon's word for what is wrong.
pub(super) fn fault(answer: &Answer<'_>) -> Option<String> {
    let faults: Faults = serde_json::from_slice(answer.body).ok()?;
    let first = faults.errors.into_iter().find_map(|fault| fault.code);
    let word = first.or(faults.error)?;
    // A word, not a sentence that might quote something.
    let is_word = |text: &str| {
        text.bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it))
    };
    (word.len() <= 64 && is_word(&word)).then_some(word)
}

/// Reads the body of a success; anything else is told.
pub(super) fn success<'a, T: Deserialize<'a>>(
    operation: &str,
    answer: &Answer<'a>,
) -> Result<T, PullError> {
    if answer.is_success() {
        return serde_json::from_slice(answer.body).map_err(|_| PullError::unreadable(operation));
    }
    Err(refused(operation, answer))
}

/// Why a request was not carried out.
pub(super) fn refused(operation: &str, answer: &Answer<'_>) -> PullError {
    let status = answer.status;
    let word = fault(answer)
        .map(|word| format!(" {word}"))
        .unwrap_or_default();
    let message = format!("{operation}: status {status}{word}");
    let trouble = match status {
        404 => Trouble::Missing,
        _ => Trouble::Refused,
    };
    PullError::new(trouble, message)
}
