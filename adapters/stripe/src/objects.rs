//! Stripe's other objects: customers, prices, subscriptions, charges.

use orderbridge_event::{Amount, Text, read};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::expand::{HasId, Ref};
use crate::payload::List;

/// A price or, older, a plan. <https://docs.stripe.com/api/prices/object>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Price {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    pub product: Ref<Named>,
    #[serde(deserialize_with = "read::text")]
    pub nickname: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub currency: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub unit_amount: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub unit_amount_decimal: Option<Amount>,
    /// A plan's.
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    /// A plan's.
    #[serde(deserialize_with = "read::amount")]
    pub amount_decimal: Option<Amount>,
    #[serde(deserialize_with = "read::object")]
    pub recurring: Option<Recurring>,
    /// A plan's.
    #[serde(deserialize_with = "read::text")]
    pub usage_type: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Recurring {
    #[serde(deserialize_with = "read::text")]
    pub usage_type: Option<Text>,
}

/// Something that has an id and a name: a product, or a price of which no more is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub name: Option<Text>,
}

/// <https://docs.stripe.com/api/customers/object>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Customer {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub phone: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub address: Option<Address>,
    #[serde(deserialize_with = "read::object")]
    pub shipping: Option<Shipping>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shipping {
    #[serde(deserialize_with = "read::text")]
    pub phone: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub address: Option<Address>,
}

/// An address, without its street.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    #[serde(deserialize_with = "read::text")]
    pub city: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub state: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub postal_code: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub country: Option<Text>,
}

/// <https://docs.stripe.com/api/subscriptions/object>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Subscription {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub livemode: Option<bool>,
    pub customer: Ref<Customer>,
    #[serde(deserialize_with = "read::text")]
    pub currency: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub items: Option<List<SubscriptionItem>>,
    #[serde(deserialize_with = "read::text")]
    pub created: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub canceled_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub ended_at: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub cancellation_details: Option<CancellationDetails>,
    #[serde(deserialize_with = "read::object")]
    pub pause_collection: Option<IgnoredAny>,
    #[serde(deserialize_with = "read::text")]
    pub trial_end: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CancellationDetails {
    #[serde(deserialize_with = "read::text")]
    pub reason: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SubscriptionItem {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::object")]
    pub price: Option<Price>,
    #[serde(deserialize_with = "read::object")]
    pub plan: Option<Price>,
}

/// <https://docs.stripe.com/api/charges/object>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Charge {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub livemode: Option<bool>,
    #[serde(deserialize_with = "read::text")]
    pub currency: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub amount_refunded: Option<Amount>,
    /// Gone since basil; null before it where there is no invoice.
    pub invoice: Ref<Named>,
    /// Where a connector puts what the API says of a charge's invoice.
    #[serde(deserialize_with = "read::object")]
    pub invoice_payments: Option<List<InvoicePayment>>,
    #[serde(deserialize_with = "read::text")]
    pub payment_intent: Option<Text>,
    pub customer: Ref<Customer>,
    #[serde(deserialize_with = "read::object")]
    pub billing_details: Option<BillingDetails>,
    #[serde(deserialize_with = "read::object")]
    pub refunds: Option<List<Named>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct InvoicePayment {
    pub invoice: Ref<Named>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BillingDetails {
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub phone: Option<Text>,
}

macro_rules! has_id {
    ($($type:ident)*) => {
        $(impl HasId for $type {
            fn id(&self) -> Option<&Text> {
                self.id.as_ref()
            }
        })*
    };
}

has_id! { Named Customer Subscription }

impl Charge {
    /// The invoice that was paid: named before basil, since then as the API was asked for it.
    pub(crate) fn invoice_id(&self) -> Option<&Text> {
        let payments = self.invoice_payments.as_ref();
        let asked = payments.and_then(|list| list.data.first());
        self.invoice.id().or_else(|| asked?.invoice.id())
    }
}
