//! What Ordergroove sends, as far as it is read.
//!
//! <https://developer.ordergroove.com/data/event-payloads>

use orderbridge_event::{Amount, Text, read};
use serde::Deserialize;

/// A message: what happened, when, and to what.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Message {
    #[serde(rename = "type", deserialize_with = "read::text")]
    pub kind: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub created: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub data: Option<Data>,
    /// Where the envelope has it; newer messages have it inside `data`.
    #[serde(deserialize_with = "read::object")]
    pub snapshot: Option<Snapshot>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Data {
    #[serde(deserialize_with = "read::object")]
    pub object: Option<Object>,
    #[serde(deserialize_with = "read::object")]
    pub snapshot: Option<Snapshot>,
}

/// An order or a subscription; the fields of both, since their names do not clash.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Object {
    #[serde(deserialize_with = "read::key")]
    pub public_id: Option<Text>,
    /// The customer's number in the shop, not Ordergroove's.
    #[serde(deserialize_with = "read::key")]
    pub customer: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub created: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub cancelled: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub cancel_reason: Option<Text>,

    #[serde(deserialize_with = "read::amount")]
    pub total: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub tax_total: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub shipping_total: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub discount_total: Option<Amount>,
    #[serde(deserialize_with = "read::text")]
    pub place: Option<Text>,
    /// The shop's order, once it is placed there.
    #[serde(deserialize_with = "read::key")]
    pub order_merchant_id: Option<Text>,

    #[serde(deserialize_with = "read::key")]
    pub merchant_order_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub product: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "read::count")]
    pub every: Option<u32>,
    #[serde(deserialize_with = "read::text")]
    pub every_period_display: Option<Text>,
}

/// What the webhook was set up to carry along.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Snapshot {
    #[serde(deserialize_with = "read::object")]
    pub customer: Option<Customer>,
    #[serde(deserialize_with = "read::list")]
    pub items: Vec<Item>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Customer {
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub phone_number: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub first_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub last_name: Option<Text>,
}

/// A line of the order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Item {
    #[serde(deserialize_with = "read::key")]
    pub product: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
}
