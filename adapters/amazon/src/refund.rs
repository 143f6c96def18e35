//! Refunds, of both generations of the Finances API. Amounts are sent above zero.
//!
//! <https://developer-docs.amazon.com/sp-api/docs/finances-api>

use orderbridge_event::{
    Aliases, Amount, Channel, Code, Contact, Context, Event, EventId, Events, Kind, MapError,
    Mapped, Names, Place, Properties, PropertyValue, Refund, Refunds, SalesChannel, Text, read,
};
use serde::Deserialize;

use crate::buyer;
use crate::model::{Cash, Purse};
use crate::order::{MARKETPLACE_ID, PLATFORM, SOURCE_NAME, timestamp};
use crate::parts::plus;

/// What went back, as either API tells it.
struct Returned {
    order_id: Text,
    refund_id: Text,
    posted_at: (&'static str, Option<Text>),
    /// What the seller's account gained: below zero.
    gained: Amount,
    currency: Purse,
    marketplace: Option<Text>,
    marketplace_id: Option<Text>,
}

/// An event of `RefundEventList`, API v0.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RefundEvent {
    #[serde(deserialize_with = "read::key")]
    amazon_order_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    marketplace_name: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    posted_date: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    shipment_item_adjustment_list: Vec<Adjustment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Adjustment {
    #[serde(deserialize_with = "read::key")]
    order_adjustment_item_id: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    item_charge_adjustment_list: Vec<Charge>,
    #[serde(deserialize_with = "read::list")]
    promotion_adjustment_list: Vec<Promotion>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Charge {
    #[serde(deserialize_with = "read::object")]
    charge_amount: Option<Cash>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Promotion {
    #[serde(deserialize_with = "read::object")]
    promotion_amount: Option<Cash>,
}

/// A transaction, API v2024-06-19.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "Amazon's own names")]
pub(crate) struct Transaction {
    #[serde(deserialize_with = "read::text")]
    transaction_type: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    transaction_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    transaction_status: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    posted_date: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    total_amount: Option<Cash>,
    #[serde(deserialize_with = "read::list")]
    related_identifiers: Vec<Related>,
    #[serde(deserialize_with = "read::object")]
    selling_partner_metadata: Option<Partner>,
    #[serde(deserialize_with = "read::object")]
    marketplace_details: Option<Marketplace>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Related {
    #[serde(deserialize_with = "read::text")]
    related_identifier_name: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    related_identifier_value: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Partner {
    #[serde(deserialize_with = "read::text")]
    marketplace_id: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Marketplace {
    #[serde(deserialize_with = "read::text")]
    marketplace_name: Option<Text>,
}

/// Maps an event of `RefundEventList`.
pub(crate) fn map_event(body: &[u8], context: &Context) -> Result<Mapped, MapError> {
    let event: RefundEvent = read::read(body)?;
    if event.amazon_order_id.is_none() && event.shipment_item_adjustment_list.is_empty() {
        return no_refund(body, &["payload", "FinancialEvents"]);
    }
    let order_id = event
        .amazon_order_id
        .ok_or_else(|| MapError::missing("AmazonOrderId"))?;
    let mut currency = Purse::default();
    let mut gained = Amount::ZERO;
    let mut first_id = None;
    for (place, adjustment) in event.shipment_item_adjustment_list.into_iter().enumerate() {
        let path = || format!("ShipmentItemAdjustmentList[{place}]");
        let charges = adjustment.item_charge_adjustment_list.iter();
        let charges = charges.map(|charge| charge.charge_amount.as_ref());
        let promotions = adjustment.promotion_adjustment_list.iter();
        // A promotion that falls away with the goods comes back to the seller: above zero.
        let promotions = promotions.map(|promotion| promotion.promotion_amount.as_ref());
        for cash in charges.chain(promotions) {
            let amount = currency.take(cash, path)?;
            gained = plus(gained, amount.unwrap_or_default())?;
        }
        first_id = first_id.or(adjustment.order_adjustment_item_id);
    }
    // The event has no id of its own.
    let posted = event.posted_date.as_ref().map_or("", |text| text.as_str());
    let item = first_id.as_ref().map_or("", |id| id.as_str());
    let id = [item, posted].join("@");
    let refund_id =
        Text::new(id.trim_matches('@')).ok_or_else(|| MapError::missing("PostedDate"))?;
    let returned = Returned {
        order_id,
        refund_id,
        posted_at: ("PostedDate", event.posted_date),
        gained,
        currency,
        marketplace: event.marketplace_name,
        marketplace_id: None,
    };
    returned.map(context)
}

/// Maps a transaction.
pub(crate) fn map_transaction(body: &[u8], context: &Context) -> Result<Mapped, MapError> {
    let mut transaction: Transaction = read::read(body)?;
    let Some(kind) = &transaction.transaction_type else {
        return no_refund(body, &["payload", "transactions"]);
    };
    if kind.as_str() != "Refund" {
        let message = "the transaction is not a refund";
        return Ok(Mapped::ignored(Code::RefundNoMoney, message));
    }
    let status = transaction.transaction_status.as_ref();
    if status.is_some_and(|status| status.as_str() == "DEFERRED") {
        let message = "deferred: it comes again when it is released";
        return Ok(Mapped::ignored(Code::RefundDeferred, message));
    }
    let order_id = transaction
        .related("ORDER_ID")
        .ok_or_else(|| MapError::missing("relatedIdentifiers.ORDER_ID"))?;
    let refund_id = transaction
        .related("REFUND_ID")
        .or(transaction.transaction_id);
    let refund_id = refund_id.ok_or_else(|| MapError::missing("transactionId"))?;
    let mut currency = Purse::default();
    let path = || "totalAmount".to_owned();
    let gained = currency.take(transaction.total_amount.as_ref(), path)?;
    let partner = transaction.selling_partner_metadata.unwrap_or_default();
    let marketplace = transaction.marketplace_details.unwrap_or_default();
    let returned = Returned {
        order_id,
        refund_id,
        posted_at: ("postedDate", transaction.posted_date),
        gained: gained.ok_or_else(|| MapError::missing("totalAmount"))?,
        currency,
        marketplace: marketplace.marketplace_name,
        marketplace_id: partner.marketplace_id,
    };
    returned.map(context)
}

impl Transaction {
    fn related(&mut self, name: &str) -> Option<Text> {
        let related = self.related_identifiers.iter_mut().find(|related| {
            let known = related.related_identifier_name.as_ref();
            known.is_some_and(|known| known.as_str() == name)
        })?;
        related.related_identifier_value.take()
    }
}

impl Returned {
    fn map(self, context: &Context) -> Result<Mapped, MapError> {
        let options = &context.options;
        if options.refunds == Refunds::Off {
            let message = "refunds are off for this source";
            return Ok(Mapped::ignored(Code::RefundOff, message));
        }
        let is_elsewhere =
            |name: &Text| name.as_str().to_ascii_lowercase().starts_with("non-amazon");
        if self.marketplace.as_ref().is_some_and(is_elsewhere) {
            let message = "of an order that was placed in another shop";
            return Ok(Mapped::ignored(Code::OrderElsewhere, message));
        }
        if !self.gained.is_negative() {
            let message = "no money went back to the buyer";
            return Ok(Mapped::ignored(Code::RefundNoMoney, message));
        }
        let (path, posted) = &self.posted_at;
        let timestamp = timestamp(path, posted.as_ref())?;
        let currency = self
            .currency
            .0
            .ok_or_else(|| MapError::missing("currencyCode"))?;
        let channel = Channel::new(
            SalesChannel::Marketplace,
            "the refunded order was placed at Amazon",
        );
        let mut custom = Properties::with_capacity(3);
        custom.set(PLATFORM, PropertyValue::Text(Text::labelled("amazon", "")));
        custom.set_text(SOURCE_NAME, self.marketplace);
        custom.set_text(MARKETPLACE_ID, self.marketplace_id);
        let known = context.order.as_ref().map(|order| order.aliases.clone());
        let event = Event {
            id: EventId::refund(&self.order_id, &self.refund_id).prefixed(&options.event_id_prefix),
            timestamp,
            channel: channel.value,
            contact: Contact::NONE,
            names: Names::NONE,
            place: Place::NONE,
            home: None,
            custom,
            aliases: known
                .unwrap_or_else(|| Aliases::new(buyer::order_alias(options, &self.order_id), None)),
            kind: Kind::ReceivedRefund(Refund {
                order_id: self.order_id,
                refund_id: self.refund_id,
                amount: Some(self.gained.negated().round(currency)),
                currency,
            }),
        };
        let events = Events::new(event, Vec::new(), channel, Vec::new());
        Ok(Mapped::Events(Box::new(events)))
    }
}

/// An answer in which there is no refund, or something else altogether.
fn no_refund(body: &[u8], path: &[&str]) -> Result<Mapped, MapError> {
    let mut at = orderbridge_event::tree::Tree::parse(body);
    for key in path {
        at = at.and_then(|tree| tree.get(key).cloned());
    }
    match at {
        Some(_) => Ok(Mapped::ignored(
            Code::RefundNoMoney,
            "there is no refund among the events",
        )),
        None => Err(MapError::invalid(Code::PayloadUnknown, "$", "a refund")),
    }
}

/// The order that a refund belongs to.
pub(crate) fn order_of(body: &[u8]) -> Option<Text> {
    let event = read::read::<RefundEvent>(body).ok();
    let of_event = event.and_then(|event| event.amazon_order_id);
    of_event.or_else(|| read::read::<Transaction>(body).ok()?.related("ORDER_ID"))
}
