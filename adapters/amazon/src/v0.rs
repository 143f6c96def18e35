//! Orders API v0: an order, its items, its buyer and its address, which are four answers.
//!
//! Amazon has no form that holds them together. Ours is
//! `{"order": {…}, "items": [{…}], "buyer": {…}, "address": {…}}`, each as Amazon writes it; an
//! order with its items inside, as `OrderItems`, is read as well.
//! <https://developer-docs.amazon.com/sp-api/docs/orders-api-v0-reference>

use orderbridge_event::{Amount, Code, MapError, Text, read};
use serde::Deserialize;

use crate::loose::{self, Word};
use crate::model::{self, Cash, Delivery, Line, NoLines, Part, Purse, SoldAt};
use crate::status::Status;

/// An order with its parts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parts {
    #[serde(deserialize_with = "read::object")]
    order: Option<Order>,
    #[serde(deserialize_with = "some_list")]
    items: Option<Vec<Item>>,
    #[serde(deserialize_with = "read::object")]
    buyer: Option<Buyer>,
    #[serde(deserialize_with = "read::object")]
    address: Option<AddressAnswer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "Amazon's own names")]
pub(crate) struct Order {
    #[serde(deserialize_with = "read::key")]
    amazon_order_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    seller_order_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    purchase_date: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    order_status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    fulfillment_channel: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    sales_channel: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    marketplace_id: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    order_total: Option<Cash>,
    #[serde(deserialize_with = "loose::flag")]
    is_replacement_order: Option<bool>,
    #[serde(deserialize_with = "read::key")]
    replaced_order_id: Option<Text>,
    #[serde(deserialize_with = "loose::flag")]
    is_business_order: Option<bool>,
    #[serde(deserialize_with = "loose::flag")]
    is_prime: Option<bool>,
    #[serde(rename = "IsIBA", deserialize_with = "loose::flag")]
    is_iba: Option<bool>,
    #[serde(rename = "IsSoldByAB", deserialize_with = "loose::flag")]
    is_sold_by_ab: Option<bool>,
    #[serde(deserialize_with = "read::object")]
    buyer_info: Option<Buyer>,
    #[serde(deserialize_with = "read::object")]
    shipping_address: Option<Address>,
    #[serde(deserialize_with = "some_list")]
    order_items: Option<Vec<Item>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Buyer {
    #[serde(deserialize_with = "read::text")]
    buyer_email: Option<Text>,
}

/// The answer of `…/address`, or the address by itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AddressAnswer {
    #[serde(deserialize_with = "read::object")]
    shipping_address: Option<Address>,
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
#[serde(default, rename_all = "PascalCase")]
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
#[serde(default, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "Amazon's own names")]
struct Item {
    #[serde(rename = "ASIN", deserialize_with = "read::text")]
    asin: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    order_item_id: Option<Text>,
    #[serde(rename = "SellerSKU", deserialize_with = "read::key")]
    seller_sku: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    title: Option<Text>,
    #[serde(deserialize_with = "read::count")]
    quantity_ordered: Option<u32>,
    #[serde(deserialize_with = "read::object")]
    item_price: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    item_tax: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    shipping_price: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    shipping_tax: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    promotion_discount: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    promotion_discount_tax: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    shipping_discount: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    shipping_discount_tax: Option<Cash>,
    #[serde(rename = "CODFee", deserialize_with = "read::object")]
    cod_fee: Option<Cash>,
    #[serde(rename = "CODFeeDiscount", deserialize_with = "read::object")]
    cod_fee_discount: Option<Cash>,
    #[serde(deserialize_with = "read::list")]
    promotion_ids: Vec<Word>,
    #[serde(deserialize_with = "read::object")]
    tax_collection: Option<TaxCollection>,
    #[serde(deserialize_with = "read::object")]
    amazon_programs: Option<Programs>,
    #[serde(deserialize_with = "read::object")]
    buyer_info: Option<ItemBuyer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TaxCollection {
    #[serde(deserialize_with = "read::text")]
    model: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Programs {
    #[serde(deserialize_with = "read::list")]
    programs: Vec<Word>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ItemBuyer {
    #[serde(deserialize_with = "read::object")]
    gift_wrap_price: Option<Cash>,
    #[serde(deserialize_with = "read::object")]
    gift_wrap_tax: Option<Cash>,
}

/// A list that may be absent, which is not the same as empty.
fn some_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    read::list(deserializer).map(Some)
}

/// Reads an order with its parts.
pub(crate) fn read_parts(body: &[u8]) -> Result<model::Order, MapError> {
    let parts: Parts = read::read(body)?;
    let Parts {
        order,
        items,
        buyer,
        address,
    } = parts;
    let Some(mut order) = order else {
        // Without the envelope, with the items inside.
        let order: Order = read::read(body)?;
        return order.into_model("");
    };
    order.order_items = items.or(order.order_items);
    if let Some(buyer) = buyer {
        order.buyer_info = Some(buyer);
    }
    if let Some(answer) = address {
        order.shipping_address = Some(answer.shipping_address.unwrap_or(Address {
            city: answer.city,
            state_or_region: answer.state_or_region,
            postal_code: answer.postal_code,
            country_code: answer.country_code,
        }));
    }
    order
        .into_model("order")
        .map_err(|error| match error.code() {
            Code::PayloadMissing => error.under("order"),
            _ => error,
        })
}

/// Reads an order as its own answer has it.
pub(crate) fn read_order(body: &[u8]) -> Result<model::Order, MapError> {
    let order: Order = read::read(body)?;
    order.into_model("")
}

impl Order {
    fn into_model(self, above: &'static str) -> Result<model::Order, MapError> {
        if self.amazon_order_id.is_none()
            && self.purchase_date.is_none()
            && self.order_status.is_none()
        {
            return Err(MapError::invalid(Code::PayloadUnknown, "$", "an order"));
        }
        let id = self
            .amazon_order_id
            .ok_or_else(|| MapError::missing("AmazonOrderId"))?;
        let is_inside = above.is_empty();
        let mut purse = Purse::default();
        let path = || {
            (if is_inside {
                "OrderTotal"
            } else {
                "order.OrderTotal"
            })
            .to_owned()
        };
        let total = purse.take(self.order_total.as_ref(), path)?;
        let lines_path = if is_inside { "OrderItems" } else { "items" };
        let lines = match self.order_items {
            None => Err(NoLines::Elsewhere),
            Some(items) => {
                let lines = items.into_iter().enumerate();
                Ok(lines
                    .map(|(place, item)| item.line(lines_path, place, &mut purse))
                    .collect::<Result<Vec<_>, _>>()?)
            }
        };
        let address = self.shipping_address.unwrap_or_default();
        let email = self.buyer_info.unwrap_or_default().buyer_email;
        let placed_at = if is_inside {
            "PurchaseDate"
        } else {
            "order.PurchaseDate"
        };
        Ok(model::Order {
            placed_at: (placed_at, self.purchase_date),
            status: self.order_status.map(Status::read),
            fulfilled_by: self.fulfillment_channel.map(fulfilled_by),
            seller_order_id: self.seller_order_id.filter(|own| *own != id),
            id,
            sold_at: SoldAt {
                name: None,
                text: self.sales_channel,
                marketplace_id: self.marketplace_id,
            },
            is_replacement: self.is_replacement_order == Some(true)
                || self.replaced_order_id.is_some(),
            is_business: self.is_business_order,
            is_prime: self.is_prime,
            is_resold: self.is_iba == Some(true) || self.is_sold_by_ab == Some(true),
            buyer_email: email.map(|email| ("BuyerEmail", email)),
            place: Delivery {
                city: address.city,
                state: address.state_or_region,
                zip_code: address.postal_code,
                country: ("ShippingAddress.CountryCode", address.country_code),
            },
            currency: purse.0,
            total,
            tip: None,
            lines,
            lines_path,
        })
    }
}

/// The current API's word for v0's abbreviation.
fn fulfilled_by(channel: Text) -> Text {
    match channel.as_str() {
        "AFN" => Text::labelled("AMAZON", ""),
        "MFN" => Text::labelled("MERCHANT", ""),
        _ => channel,
    }
}

impl Item {
    fn line(self, list: &str, place: usize, purse: &mut Purse) -> Result<Line, MapError> {
        let mut take = |cash: Option<&Cash>, name: &str| {
            let amount = purse.take(cash, || format!("{list}[{place}].{name}"))?;
            Ok::<_, MapError>(amount.map(Amount::magnitude))
        };
        let wrap = self.buyer_info.unwrap_or_default();
        let goods = Part {
            gross: take(self.item_price.as_ref(), "ItemPrice")?,
            tax: take(self.item_tax.as_ref(), "ItemTax")?,
            discount: take(self.promotion_discount.as_ref(), "PromotionDiscount")?,
            discount_tax: take(self.promotion_discount_tax.as_ref(), "PromotionDiscountTax")?,
        };
        let shipping = Part {
            gross: take(self.shipping_price.as_ref(), "ShippingPrice")?,
            tax: take(self.shipping_tax.as_ref(), "ShippingTax")?,
            discount: take(self.shipping_discount.as_ref(), "ShippingDiscount")?,
            discount_tax: take(self.shipping_discount_tax.as_ref(), "ShippingDiscountTax")?,
        };
        let gift_wrap = Part {
            gross: take(wrap.gift_wrap_price.as_ref(), "BuyerInfo.GiftWrapPrice")?,
            tax: take(wrap.gift_wrap_tax.as_ref(), "BuyerInfo.GiftWrapTax")?,
            ..Part::default()
        };
        let cod_fee = Part {
            gross: take(self.cod_fee.as_ref(), "CODFee")?,
            discount: take(self.cod_fee_discount.as_ref(), "CODFeeDiscount")?,
            ..Part::default()
        };
        let programs = self.amazon_programs.unwrap_or_default().programs;
        let model = self.tax_collection.unwrap_or_default().model;
        Ok(Line {
            id: self.order_item_id,
            asin: self.asin,
            sku: self.seller_sku,
            title: self.title,
            quantity: self.quantity_ordered,
            unit_price: None,
            goods,
            shipping,
            gift_wrap,
            cod_fee,
            other: None,
            is_collected: model.is_some_and(|model| model.as_str() == "MarketplaceFacilitator"),
            is_subscribe_and_save: loose::has(&programs, "SUBSCRIBE_AND_SAVE"),
            promotion_ids: self
                .promotion_ids
                .into_iter()
                .filter_map(|Word(id)| id)
                .collect(),
        })
    }
}
