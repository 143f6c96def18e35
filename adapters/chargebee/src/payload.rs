//! What Chargebee sends, as far as it is read.
//!
//! <https://apidocs.chargebee.com/docs/api/events>

use orderbridge_event::{Amount, Text, read};
use serde::Deserialize;

/// An event: the body of a webhook.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Chargebee's own names")]
pub(crate) struct Event {
    #[serde(deserialize_with = "read::text")]
    pub event_type: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub occurred_at: Option<Text>,
    /// What made it happen: `admin_console`, `hosted_page`, `scheduled_job`.
    #[serde(deserialize_with = "read::text")]
    pub source: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub content: Option<Content>,
}

/// The objects of an event, and of an element of an API answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Content {
    #[serde(deserialize_with = "read::object")]
    pub invoice: Option<Invoice>,
    #[serde(deserialize_with = "read::object")]
    pub subscription: Option<Subscription>,
    #[serde(deserialize_with = "read::object")]
    pub customer: Option<Customer>,
    #[serde(deserialize_with = "read::object")]
    pub transaction: Option<Transaction>,
}

impl Content {
    /// The customer; one that a connector has asked the API for comes in its wrapper.
    pub(crate) fn customer(&self) -> Option<&Customer> {
        let customer = self.customer.as_ref()?;
        Some(customer.customer.as_deref().unwrap_or(customer))
    }
}

/// <https://apidocs.chargebee.com/docs/api/invoices>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Chargebee's own names")]
pub(crate) struct Invoice {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub customer_id: Option<Text>,
    /// Absent on consolidated invoices, whose lines have it.
    #[serde(deserialize_with = "read::key")]
    pub subscription_id: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub recurring: Option<bool>,
    #[serde(deserialize_with = "read::flag")]
    pub first_invoice: Option<bool>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub deleted: Option<bool>,
    #[serde(deserialize_with = "read::text")]
    pub paid_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub date: Option<Text>,
    /// `tax_exclusive` or `tax_inclusive`.
    #[serde(deserialize_with = "read::text")]
    pub price_type: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub currency_code: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub total: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub sub_total: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub tax: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub amount_paid: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub round_off_amount: Option<Amount>,
    #[serde(deserialize_with = "read::list")]
    pub line_items: Vec<Line>,
    #[serde(deserialize_with = "read::list")]
    pub discounts: Vec<Discount>,
    #[serde(deserialize_with = "read::object")]
    pub billing_address: Option<Address>,
    #[serde(deserialize_with = "read::object")]
    pub shipping_address: Option<Address>,
}

impl Invoice {
    /// The subscription, unless there are several.
    pub(crate) fn subscription_id(&self) -> Option<&Text> {
        if self.subscription_id.is_some() {
            return self.subscription_id.as_ref();
        }
        let mut of_lines = self
            .line_items
            .iter()
            .filter_map(|line| line.subscription_id.as_ref());
        let first = of_lines.next()?;
        of_lines.all(|other| other == first).then_some(first)
    }

    /// Whether it bills a subscription; where the field is left out, by what else it says.
    pub(crate) fn is_recurring(&self) -> bool {
        let named = || {
            let mut lines = self.line_items.iter();
            self.subscription_id.is_some() || lines.any(|line| line.subscription_id.is_some())
        };
        self.recurring.unwrap_or_else(named)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Line {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub subscription_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub date_from: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub tax_amount: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub discount_amount: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub item_level_discount_amount: Option<Amount>,
    #[serde(deserialize_with = "read::text")]
    pub description: Option<Text>,
    /// The item price, or the plan or addon.
    #[serde(deserialize_with = "read::key")]
    pub entity_id: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Discount {
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    /// `item_level_coupon`, `document_level_coupon`, `promotional_credits` …
    #[serde(deserialize_with = "read::text")]
    pub entity_type: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub entity_id: Option<Text>,
}

/// An address, without its street.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub phone: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub city: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub state_code: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub state: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub zip: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub country: Option<Text>,
}

/// <https://apidocs.chargebee.com/docs/api/customers>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Chargebee's own names")]
pub(crate) struct Customer {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub first_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub last_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub phone: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub billing_address: Option<Address>,
    /// The customer, where this is only the wrapper of an API answer.
    #[serde(deserialize_with = "read::object")]
    pub customer: Option<Box<Customer>>,
}

/// <https://apidocs.chargebee.com/docs/api/subscriptions>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Chargebee's own names")]
pub(crate) struct Subscription {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub customer_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub currency_code: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub created_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub started_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub trial_end: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub cancelled_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub cancel_reason: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    pub subscription_items: Vec<SubscriptionItem>,
    /// Before Product Catalog 2.0.
    #[serde(deserialize_with = "read::key")]
    pub plan_id: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    pub plan_quantity: Option<u32>,
    #[serde(deserialize_with = "read::amount")]
    pub plan_amount: Option<Amount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SubscriptionItem {
    #[serde(deserialize_with = "read::key")]
    pub item_price_id: Option<Text>,
    /// `plan`, `addon` or `charge`.
    #[serde(deserialize_with = "read::text")]
    pub item_type: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
}

/// <https://apidocs.chargebee.com/docs/api/transactions>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Transaction {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub customer_id: Option<Text>,
    #[serde(rename = "type", deserialize_with = "read::text")]
    pub kind: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "read::text")]
    pub currency_code: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    pub linked_invoices: Vec<LinkedInvoice>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LinkedInvoice {
    #[serde(deserialize_with = "read::key")]
    pub invoice_id: Option<Text>,
}
