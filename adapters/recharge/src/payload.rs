//! What Recharge sends, as far as it is read, in both API versions. Everything else is skipped.
//!
//! The version of the webhook, not of any client, decides on the shape: 2021-11 nests the store's
//! ids and writes lower case, 2021-01 has `shopify_*` and upper case. Each field is looked for
//! under its newer name first. <https://developer.rechargepayments.com/2021-11/charges>

use orderbridge_event::{Amount, Text, read};
use serde::{Deserialize, Deserializer};

use crate::odd::{list_or_sum, switch};

/// A charge: what is paid at once, whatever number of orders comes of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Charge {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(rename = "type", deserialize_with = "read::text")]
    pub kind: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub tags: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub created_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub processed_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub updated_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub last_charge_attempt: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub last_charge_attempt_date: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub error_type: Option<Text>,

    #[serde(deserialize_with = "read::object")]
    pub external_order_id: Option<Store>,
    #[serde(deserialize_with = "read::key")]
    pub shopify_order_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub external_cart_token: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub shopify_cart_token: Option<Text>,

    #[serde(deserialize_with = "read::text")]
    pub currency: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub total_price: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub total_tax: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub total_discounts: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub total_duties: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub total_refunds: Option<Amount>,
    #[serde(deserialize_with = "switch")]
    pub taxes_included: Option<bool>,
    #[serde(deserialize_with = "read::list")]
    pub discounts: Vec<Discount>,
    #[serde(deserialize_with = "read::list")]
    pub discount_codes: Vec<Discount>,
    #[serde(deserialize_with = "read::list")]
    pub line_items: Vec<LineItem>,
    #[serde(deserialize_with = "present_list")]
    pub shipping_lines: Option<Vec<ShippingLine>>,
    #[serde(deserialize_with = "read::count")]
    pub orders_count: Option<u32>,
    #[serde(deserialize_with = "read::count")]
    pub shipments_count: Option<u32>,

    #[serde(deserialize_with = "read::object")]
    pub customer: Option<Customer>,
    #[serde(deserialize_with = "read::key")]
    pub customer_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub first_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub last_name: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub billing_address: Option<Address>,
    #[serde(deserialize_with = "read::object")]
    pub shipping_address: Option<Address>,
}

/// A line of a charge.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LineItem {
    #[serde(deserialize_with = "read::key")]
    pub purchase_item_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub purchase_item_type: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub subscription_id: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub external_product_id: Option<Store>,
    #[serde(deserialize_with = "read::key")]
    pub shopify_product_id: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub external_variant_id: Option<Store>,
    #[serde(deserialize_with = "read::key")]
    pub shopify_variant_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub sku: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub title: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub product_title: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub variant_title: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub vendor: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::amount")]
    pub unit_price: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "switch")]
    pub unit_price_includes_tax: Option<bool>,
    #[serde(deserialize_with = "read::amount")]
    pub tax_due: Option<Amount>,
    #[serde(deserialize_with = "list_or_sum")]
    pub tax_lines: Vec<TaxLine>,
}

/// A line of shipping.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ShippingLine {
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "list_or_sum")]
    pub tax_lines: Vec<TaxLine>,
}

/// A tax on a line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TaxLine {
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub rate: Option<Amount>,
}

/// A discount that was applied.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Discount {
    #[serde(deserialize_with = "read::text")]
    pub code: Option<Text>,
}

/// What an object is called in the store.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Store {
    #[serde(deserialize_with = "read::key")]
    pub ecommerce: Option<Text>,
}

/// A subscription: one line of goods that comes again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Subscription {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub customer_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub created_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub updated_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub cancelled_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub cancellation_reason: Option<Text>,
    #[serde(deserialize_with = "switch")]
    pub max_retries_reached: Option<bool>,
    #[serde(deserialize_with = "switch")]
    pub is_prepaid: Option<bool>,
    #[serde(deserialize_with = "read::text")]
    pub next_charge_scheduled_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub order_interval_unit: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub order_interval_frequency: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::text")]
    pub presentment_currency: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub external_product_id: Option<Store>,
    #[serde(deserialize_with = "read::key")]
    pub shopify_product_id: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub external_variant_id: Option<Store>,
    #[serde(deserialize_with = "read::key")]
    pub shopify_variant_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub sku: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub product_title: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub variant_title: Option<Text>,
}

/// A customer, on a charge or beside an object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Customer {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub phone: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub first_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub last_name: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub external_customer_id: Option<Store>,
    #[serde(deserialize_with = "read::key")]
    pub shopify_customer_id: Option<Text>,
}

/// An address, without its street.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    #[serde(deserialize_with = "read::text")]
    pub first_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub last_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub phone: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub city: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub province: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub zip: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub country: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub country_code: Option<Text>,
}

/// The newer of two names of a thing in the store.
pub(crate) fn in_store(newer: Option<&Store>, older: Option<&Text>) -> Option<Text> {
    newer
        .and_then(|store| store.ecommerce.as_ref())
        .or(older)
        .cloned()
}

impl Charge {
    /// The order in the store, once there is one.
    pub(crate) fn store_order(&self) -> Option<Text> {
        in_store(
            self.external_order_id.as_ref(),
            self.shopify_order_id.as_ref(),
        )
    }

    /// For how many orders it pays, where it is more than one.
    pub(crate) fn prepaid_orders(&self) -> Option<u32> {
        let count = self.orders_count.or(self.shipments_count);
        count.filter(|count| *count > 1)
    }
}

impl LineItem {
    /// The subscription that the line belongs to, unless it is a one-time item.
    pub(crate) fn subscription(&self) -> Option<&Text> {
        if self.is_one_time() {
            return None;
        }
        self.purchase_item_id
            .as_ref()
            .or(self.subscription_id.as_ref())
    }

    /// Whether the line is said to be a one-time item; 2021-01 does not say.
    pub(crate) fn is_one_time(&self) -> bool {
        let kind = self.purchase_item_type.as_ref();
        kind.is_some_and(|kind| kind.as_str().eq_ignore_ascii_case("onetime"))
    }
}

fn present_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<Present<T>>::deserialize(deserializer).map(|list| list.map(|Present(list)| list))
}

struct Present<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Present<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::list(deserializer).map(Self)
    }
}
