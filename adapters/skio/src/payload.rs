//! What Skio sends, as far as it is read: the messages of its API page, and those of an
//! integration that Skio's staff sets up.
//!
//! <https://help.skio.com/hc/en-us/articles/16802567550107-Webhooks>

use orderbridge_event::{Text, read};
use serde::Deserialize;

/// A message of either kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Message {
    #[serde(deserialize_with = "read::text")]
    pub event_type: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub event_name: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub subscription_id: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub event_data: Option<Facts>,
    #[serde(deserialize_with = "read::object")]
    pub properties: Option<Facts>,
}

/// What a message tells of a subscription; the one kind calls it `eventData`, the other
/// `properties`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Facts {
    #[serde(deserialize_with = "read::key")]
    pub subscription_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub user_email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub timestamp: Option<Text>,
}

impl Message {
    /// What it is about.
    pub(crate) fn kind(&self) -> Option<&Text> {
        self.event_name.as_ref().or(self.event_type.as_ref())
    }
}
