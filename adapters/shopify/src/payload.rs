//! What Shopify sends, as far as it is read. Everything else is skipped, never kept.
//!
//! <https://shopify.dev/docs/api/admin-rest/latest/resources/order>

use orderbridge_event::{Amount, Text, loose, read};
use serde::{Deserialize, Deserializer};

/// An order: the body of `orders/*` and of REST.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub admin_graphql_api_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub name: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub test: Option<bool>,
    #[serde(deserialize_with = "read::text")]
    pub created_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub processed_at: Option<Text>,

    #[serde(deserialize_with = "read::text")]
    pub source_name: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub app_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub user_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub cart_token: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub checkout_token: Option<Text>,
    #[serde(deserialize_with = "tags")]
    pub tags: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    pub note_attributes: Vec<NoteAttribute>,
    #[serde(deserialize_with = "read::list")]
    pub payment_gateway_names: Vec<Loose>,
    #[serde(deserialize_with = "read::text")]
    pub financial_status: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub company: Option<Company>,

    #[serde(deserialize_with = "read::text")]
    pub currency: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub presentment_currency: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub total_price: Option<Amount>,
    #[serde(deserialize_with = "read::object")]
    pub total_price_set: Option<MoneySet>,
    #[serde(deserialize_with = "read::amount")]
    pub total_tax: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub total_discounts: Option<Amount>,
    #[serde(deserialize_with = "read::object")]
    pub total_shipping_price_set: Option<MoneySet>,
    #[serde(deserialize_with = "read::amount")]
    pub total_tip_received: Option<Amount>,
    #[serde(deserialize_with = "read::object")]
    pub original_total_duties_set: Option<MoneySet>,
    #[serde(deserialize_with = "read::flag")]
    pub duties_included: Option<bool>,
    #[serde(deserialize_with = "read::object")]
    pub original_total_additional_fees_set: Option<MoneySet>,
    #[serde(deserialize_with = "read::object")]
    pub total_cash_rounding_payment_adjustment_set: Option<MoneySet>,
    #[serde(deserialize_with = "read::flag")]
    pub taxes_included: Option<bool>,
    #[serde(deserialize_with = "read::list")]
    pub tax_lines: Vec<TaxLine>,
    #[serde(deserialize_with = "read::list")]
    pub discount_codes: Vec<DiscountCode>,

    #[serde(deserialize_with = "present")]
    pub email: Field,
    #[serde(deserialize_with = "present")]
    pub contact_email: Field,
    #[serde(deserialize_with = "present")]
    pub phone: Field,
    #[serde(deserialize_with = "read::object")]
    pub customer: Option<Customer>,
    #[serde(deserialize_with = "read::object")]
    pub billing_address: Option<Address>,
    #[serde(deserialize_with = "read::object")]
    pub shipping_address: Option<Address>,

    #[serde(deserialize_with = "present_list")]
    pub line_items: Option<Vec<LineItem>>,
    #[serde(deserialize_with = "present_list")]
    pub shipping_lines: Option<Vec<ShippingLine>>,
    #[serde(deserialize_with = "read::list")]
    pub refunds: Vec<Refund>,
}

/// A line of an order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LineItem {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub product_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub variant_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub sku: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub title: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub variant_title: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub vendor: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    #[serde(deserialize_with = "read::amount")]
    pub total_discount: Option<Amount>,
    #[serde(deserialize_with = "read::list")]
    pub discount_allocations: Vec<Allocation>,
    #[serde(deserialize_with = "read::list")]
    pub tax_lines: Vec<TaxLine>,
}

/// A line of shipping.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ShippingLine {
    #[serde(deserialize_with = "read::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "read::flag")]
    pub is_removed: Option<bool>,
    #[serde(deserialize_with = "read::list")]
    pub discount_allocations: Vec<Allocation>,
    #[serde(deserialize_with = "read::list")]
    pub tax_lines: Vec<TaxLine>,
}

/// A part of a discount, on the line that it belongs to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Allocation {
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
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

/// A code that was entered; blank for the manual discounts of drafts and API orders.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DiscountCode {
    #[serde(deserialize_with = "read::text")]
    pub code: Option<Text>,
}

/// An attribute of the order. Its value may be personal: rules see it, and it is never sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NoteAttribute {
    #[serde(deserialize_with = "read::text")]
    pub name: Option<Text>,
    pub value: loose::Loose,
}

/// The company of a B2B order; that there is one is all we need to know.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Company {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
}

/// The buyer.
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
    /// Gone from API version 2023-01 on.
    #[serde(deserialize_with = "read::count")]
    pub orders_count: Option<u32>,
    #[serde(deserialize_with = "read::object")]
    pub default_address: Option<Address>,
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
    pub province_code: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub zip: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub country: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub country_code: Option<Text>,
}

/// An amount in the shop's currency and in the buyer's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MoneySet {
    #[serde(deserialize_with = "read::object")]
    pub shop_money: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    pub presentment_money: Option<Cash>,
}

/// An amount with its currency.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cash {
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    /// `total_unsettled_set` of transactions calls it `currency`.
    #[serde(alias = "currency", deserialize_with = "read::text")]
    pub currency_code: Option<Text>,
}

impl MoneySet {
    /// The amount in the shop's currency.
    pub(crate) fn shop_amount(&self) -> Option<Amount> {
        self.shop_money.as_ref()?.amount
    }

    /// The shop's currency.
    pub(crate) fn shop_currency(&self) -> Option<&Text> {
        self.shop_money.as_ref()?.currency_code.as_ref()
    }
}

/// A refund: the body of `refunds/create`, and an element of an order's `refunds`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Shopify's own names")]
pub(crate) struct Refund {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub order_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub created_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub processed_at: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub total_duties_set: Option<MoneySet>,
    #[serde(deserialize_with = "read::list")]
    pub refund_line_items: Vec<RefundLine>,
    #[serde(deserialize_with = "read::list")]
    pub transactions: Vec<Transaction>,
}

/// A refunded line; only its currency is of use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RefundLine {
    #[serde(deserialize_with = "read::object")]
    pub subtotal_set: Option<MoneySet>,
}

/// A movement of money, in the currency the buyer paid in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Transaction {
    #[serde(deserialize_with = "read::text")]
    pub kind: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub test: Option<bool>,
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "read::text")]
    pub currency: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub amount_set: Option<MoneySet>,
    #[serde(deserialize_with = "read::object")]
    pub total_unsettled_set: Option<MoneySet>,
}

/// A subscription contract: the body of `subscription_contracts/*`.
///
/// <https://shopify.dev/docs/api/webhooks?reference=toml#list-of-topics-subscription_contracts/create>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Contract {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub admin_graphql_api_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub customer_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub origin_order_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    pub revision_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
}

/// A text field that may be absent, which is not the same as null: Shopify leaves personal fields
/// out of what it sends to apps without approval.
///
/// <https://shopify.dev/docs/apps/launch/protected-customer-data>
#[derive(Debug, Default)]
pub(crate) enum Field {
    #[default]
    Absent,
    Present(Option<Text>),
}

impl Field {
    pub(crate) fn value(&self) -> Option<&Text> {
        match self {
            Self::Absent => None,
            Self::Present(text) => text.as_ref(),
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
    read::text(deserializer).map(Field::Present)
}

fn present_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    read::list(deserializer).map(Some)
}

/// Text in a list, where an element may also be null or a number.
#[derive(Debug)]
pub(crate) struct Loose(pub(crate) Option<Text>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::text(deserializer).map(Self)
    }
}

/// Tags: one text with commas; some tools send a list.
fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    read::text_or_list(deserializer)
}
