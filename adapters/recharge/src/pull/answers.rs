//! Answers, as far as walks look into them. The objects in them are left as they are.

use std::borrow::Cow;
use std::collections::BTreeMap;

use orderbridge_event::{Answer, PullError, Text, Timestamp, Trouble, read};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::time;

/// The objects of a page, and the cursor of the next one.
pub(super) struct Listed<'a> {
    pub(super) objects: Vec<&'a RawValue>,
    pub(super) next: Option<String>,
}

/// Reads a page of a list, which stands under its name.
pub(super) fn list<'a>(name: &str, answer: &Answer<'a>) -> Result<Listed<'a>, PullError> {
    let fields = fields(name, answer)?;
    let unreadable = || PullError::unreadable(name);
    let objects = fields.get(name).ok_or_else(unreadable)?;
    let objects = serde_json::from_str(objects.get()).map_err(|_| unreadable())?;
    // One list was seen with the shorter name.
    let next = fields.get("next_cursor").or(fields.get("next"));
    let next = next.and_then(|next| serde_json::from_str::<Option<String>>(next.get()).ok());
    Ok(Listed {
        objects,
        next: next.flatten().filter(|next| !next.is_empty()),
    })
}

/// Reads one object, which stands under its name.
pub(super) fn one<'a>(name: &str, answer: &Answer<'a>) -> Result<&'a RawValue, PullError> {
    let fields = fields(name, answer)?;
    let object = fields.get(name).copied();
    object.ok_or_else(|| PullError::unreadable(name))
}

type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

fn fields<'a>(operation: &str, answer: &Answer<'a>) -> Result<Fields<'a>, PullError> {
    if answer.is_success() {
        return serde_json::from_slice(answer.body).map_err(|_| PullError::unreadable(operation));
    }
    let trouble = match answer.status {
        404 => Trouble::Missing,
        _ => Trouble::Refused,
    };
    // Recharge tells what is wrong in sentences, which may quote what was asked for.
    let message = format!("Recharge refuses {operation}: status {}", answer.status);
    Err(PullError::new(trouble, message))
}

/// What walks need of a charge, an order or a subscription.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Facts {
    #[serde(deserialize_with = "read::key")]
    pub(super) id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub(super) updated_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    processed_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    created_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    cancelled_at: Option<Text>,
}

impl Facts {
    pub(super) fn of(object: &RawValue) -> Self {
        serde_json::from_str(object.get()).unwrap_or_default()
    }

    /// Whether money was ever taken for a charge.
    pub(super) fn is_paid(&self) -> bool {
        let paid = ["success", "refunded", "partially_refunded"];
        let status = self.status.as_ref();
        status.is_some_and(|it| {
            paid.iter()
                .any(|paid| it.as_str().eq_ignore_ascii_case(paid))
        })
    }

    pub(super) fn processed_at(&self) -> Option<i64> {
        seconds(self.processed_at.as_ref())
    }

    pub(super) fn created_at(&self) -> Option<i64> {
        seconds(self.created_at.as_ref())
    }

    pub(super) fn cancelled_at(&self) -> Option<i64> {
        seconds(self.cancelled_at.as_ref())
    }

    /// What tells this version of an object from all others.
    pub(super) fn version(&self) -> Option<String> {
        Some(format!(
            "{} {}",
            self.id.as_ref()?,
            self.updated_at.as_ref()?
        ))
    }
}

fn seconds(text: Option<&Text>) -> Option<i64> {
    time::read(text?.as_str()).map(Timestamp::unix)
}
