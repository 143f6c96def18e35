//! Orders API v2026-01-01: what it sends, as far as it is read.
//!
//! <https://developer-docs.amazon.com/sp-api/docs/orders-api-v2026-01-01-reference>

mod money;

use orderbridge_event::{Code, MapError, Text, read};
use serde::Deserialize;

use crate::loose::{self, Word};
use crate::model::{self, Cash, Delivery, Line, NoLines, Purse, SoldAt};
use crate::status::Status;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "Amazon's own names")]
pub(crate) struct Order {
    #[serde(deserialize_with = "read::key")]
    order_id: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    order_aliases: Vec<OrderAlias>,
    #[serde(deserialize_with = "read::text")]
    created_time: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    programs: Vec<Word>,
    #[serde(deserialize_with = "read::object")]
    sales_channel: Option<SalesChannel>,
    #[serde(deserialize_with = "read::list")]
    associated_orders: Vec<AssociatedOrder>,
    #[serde(deserialize_with = "read::object")]
    buyer: Option<Buyer>,
    #[serde(deserialize_with = "read::object")]
    recipient: Option<Recipient>,
    #[serde(deserialize_with = "read::object")]
    proceeds: Option<Proceeds>,
    #[serde(deserialize_with = "read::object")]
    fulfillment: Option<Fulfillment>,
    #[serde(deserialize_with = "read::list")]
    order_items: Vec<Item>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OrderAlias {
    #[serde(deserialize_with = "read::key")]
    alias_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    alias_type: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SalesChannel {
    #[serde(deserialize_with = "read::text")]
    channel_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    marketplace_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    marketplace_name: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AssociatedOrder {
    #[serde(deserialize_with = "read::text")]
    association_type: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Buyer {
    #[serde(deserialize_with = "read::text")]
    buyer_email: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Recipient {
    #[serde(deserialize_with = "read::object")]
    delivery_address: Option<Address>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Address {
    #[serde(deserialize_with = "read::text")]
    city: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    state_or_region: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    postal_code: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    country_code: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Fulfillment {
    #[serde(deserialize_with = "read::text")]
    fulfillment_status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    fulfilled_by: Option<Text>,
}

/// Money of an order and, in the same form, of an item.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "Amazon's own names")]
struct Proceeds {
    #[serde(deserialize_with = "read::object")]
    grand_total: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    proceeds_total: Option<Cash>,
    #[serde(deserialize_with = "read::list")]
    breakdowns: Vec<Breakdown>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Breakdown {
    #[serde(rename = "type", deserialize_with = "read::text")]
    kind: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    status: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    subtotal: Option<Cash>,
    #[serde(deserialize_with = "read::list")]
    detailed_breakdowns: Vec<Detail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    #[serde(deserialize_with = "read::text")]
    subtype: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    value: Option<Cash>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Item {
    #[serde(deserialize_with = "read::key")]
    order_item_id: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    quantity_ordered: Option<u32>,
    #[serde(deserialize_with = "read::object")]
    product: Option<Product>,
    #[serde(deserialize_with = "read::list")]
    programs: Vec<Word>,
    #[serde(deserialize_with = "read::object")]
    proceeds: Option<Proceeds>,
    #[serde(deserialize_with = "read::object")]
    promotion: Option<Promotion>,
    #[serde(deserialize_with = "read::object")]
    tax: Option<Tax>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Product {
    #[serde(deserialize_with = "read::text")]
    asin: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    title: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    seller_sku: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    price: Option<Price>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Price {
    #[serde(deserialize_with = "read::object")]
    unit_price: Option<Cash>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Promotion {
    #[serde(deserialize_with = "read::list")]
    breakdowns: Vec<PromotionPart>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PromotionPart {
    #[serde(deserialize_with = "read::text")]
    promotion_id: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Tax {
    #[serde(deserialize_with = "read::list")]
    tax_collections: Vec<TaxCollection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct TaxCollection {
    #[serde(deserialize_with = "read::text")]
    model: Option<Text>,
}

const LINES: &str = "orderItems";

impl Order {
    /// Reads an order.
    pub(crate) fn read(body: &[u8]) -> Result<Self, MapError> {
        read::read(body)
    }

    /// The order as it is mapped.
    pub(crate) fn into_model(self) -> Result<model::Order, MapError> {
        if self.order_id.is_none() && self.created_time.is_none() && self.order_items.is_empty() {
            return Err(MapError::invalid(Code::PayloadUnknown, "$", "an order"));
        }
        let id = self.order_id.ok_or_else(|| MapError::missing("orderId"))?;
        let mut purse = Purse::default();
        let has_money =
            self.proceeds.is_some() || self.order_items.iter().any(|item| item.proceeds.is_some());
        let proceeds = self.proceeds.unwrap_or_default();
        let grand_total = proceeds.grand_total.as_ref();
        let total = purse.take(grand_total, || "proceeds.grandTotal".to_owned())?;
        let tip = proceeds.tip(&mut purse)?;
        let is_none = self.order_items.is_empty();
        let lines = if is_none || !has_money {
            Err(if is_none {
                NoLines::Elsewhere
            } else {
                NoLines::WithoutMoney
            })
        } else {
            let items = self.order_items.into_iter().enumerate();
            Ok(items
                .map(|(place, item)| item.line(place, &mut purse))
                .collect::<Result<Vec<_>, _>>()?)
        };
        let channel = self.sales_channel.unwrap_or_default();
        let fulfillment = self.fulfillment.unwrap_or_default();
        let address = self.recipient.unwrap_or_default().delivery_address;
        let address = address.unwrap_or_default();
        let email = self.buyer.unwrap_or_default().buyer_email;
        Ok(model::Order {
            id,
            seller_order_id: seller_order_id(self.order_aliases),
            placed_at: ("createdTime", self.created_time),
            status: fulfillment.fulfillment_status.map(Status::read),
            fulfilled_by: fulfillment.fulfilled_by,
            sold_at: SoldAt {
                name: channel.channel_name,
                text: channel.marketplace_name,
                marketplace_id: channel.marketplace_id,
            },
            is_replacement: self
                .associated_orders
                .iter()
                .any(AssociatedOrder::is_origin),
            is_business: Some(loose::has(&self.programs, "AMAZON_BUSINESS")),
            is_prime: Some(loose::has(&self.programs, "PRIME")),
            is_resold: false,
            buyer_email: email.map(|email| ("buyer.buyerEmail", email)),
            place: Delivery {
                city: address.city,
                state: address.state_or_region,
                zip_code: address.postal_code,
                country: (
                    "recipient.deliveryAddress.countryCode",
                    address.country_code,
                ),
            },
            currency: purse.0,
            total,
            tip,
            lines,
            lines_path: LINES,
        })
    }
}

impl AssociatedOrder {
    /// Whether it is the order that this one replaces.
    fn is_origin(&self) -> bool {
        self.association_type.as_ref().is_some_and(|kind| {
            matches!(
                kind.as_str(),
                "REPLACEMENT_ORIGINAL_ID" | "EXCHANGE_ORIGINAL_ID"
            )
        })
    }
}

fn seller_order_id(aliases: Vec<OrderAlias>) -> Option<Text> {
    let is_sellers = |alias: &OrderAlias| {
        alias
            .alias_type
            .as_ref()
            .is_some_and(|kind| kind.as_str() == "SELLER_ORDER_ID")
    };
    aliases.into_iter().find(is_sellers)?.alias_id
}

impl Item {
    fn line(self, place: usize, purse: &mut Purse) -> Result<Line, MapError> {
        let mut line = Line {
            id: self.order_item_id,
            quantity: self.quantity_ordered,
            is_subscribe_and_save: loose::has(&self.programs, "SUBSCRIBE_AND_SAVE"),
            ..Line::default()
        };
        if let Some(proceeds) = &self.proceeds {
            proceeds.fill(&mut line, place, purse)?;
        }
        if let Some(product) = self.product {
            let unit = product.price.unwrap_or_default().unit_price;
            let path = || format!("{LINES}[{place}].product.price.unitPrice");
            line.unit_price = purse.take(unit.as_ref(), path)?;
            line.asin = product.asin;
            line.sku = product.seller_sku;
            line.title = product.title;
        }
        let promotions = self.promotion.unwrap_or_default().breakdowns;
        line.promotion_ids = promotions
            .into_iter()
            .filter_map(|it| it.promotion_id)
            .collect();
        let collections = self.tax.unwrap_or_default().tax_collections;
        line.is_collected = collections.iter().any(|it| {
            it.model
                .as_ref()
                .is_some_and(|model| model.as_str() == "MarketplaceFacilitator")
        });
        Ok(line)
    }
}
