//! An order becomes `Placed Order`, once, in its first complete version.

use orderbridge_event::{
    Amount, Channel, Code, Context, Event, EventId, Events, Kind, MapError, Mapped, Names, Note,
    Properties, PropertyName, PropertyValue, SalesChannel, Text, Timestamp,
};

use crate::marketplace::{self, Marketplace};
use crate::model::{Line, Order};
use crate::money::Money;
use crate::{buyer, decide, money};

/// Maps an order.
pub(crate) fn map(mut order: Order, context: &Context) -> Result<Mapped, MapError> {
    if let Some(ignored) = decide::refuse(&order) {
        return Ok(ignored);
    }
    let options = &context.options;
    let mut notes = Vec::new();
    let (path, time) = &order.placed_at;
    let timestamp = timestamp(path, time.as_ref())?;
    let mut lines = std::mem::replace(&mut order.lines, Ok(Vec::new())).unwrap_or_default();
    // A line that was cancelled has a quantity of 0 left, and nothing to divide by.
    lines.retain(|line| line.quantity != Some(0));
    for (place, line) in lines.iter().enumerate() {
        if line.quantity.is_none() {
            let path = format!("{}[{place}].quantity", order.lines_path);
            return Err(MapError::missing(path));
        }
    }
    let known = marketplace::of(&order.sold_at);
    let tax_in_price = marketplace::tax_in_price(&order.sold_at, known, options);
    if tax_in_price.is_none() {
        let message = "not in the table: prices are taken to be without tax";
        notes.push(Note::new(
            Code::MarketplaceUnknown,
            message,
            "marketplace_id",
        ));
    }
    let is_subscribed = lines.iter().any(|line: &Line| line.is_subscribe_and_save);
    let tax_in_price = tax_in_price.unwrap_or(false);
    let money = money::of(&order, lines, tax_in_price, options, &mut notes)?;
    if let Some(ignored) = decide::refuse_total(money.order.total_price, options) {
        return Ok(ignored);
    }
    let channel = Channel::new(SalesChannel::Marketplace, "it was placed at Amazon");
    let custom = facts(&mut order, known, &money, is_subscribed);
    let buyer = buyer::of(&mut order, options, &mut notes);
    let placed = Event {
        id: EventId::order(&order.id).prefixed(&options.event_id_prefix),
        timestamp,
        kind: Kind::PlacedOrder {
            id: order.id,
            order: money.order,
            // Amazon does not say, and its relay addresses match no earlier order of a web shop.
            is_new_customer: None,
        },
        channel: channel.value,
        contact: buyer.contact,
        names: Names::NONE,
        place: buyer.place,
        home: None,
        custom,
        aliases: buyer.aliases,
    };
    let events = Events::new(placed, Vec::new(), channel, notes);
    Ok(Mapped::Events(Box::new(events)))
}

/// A time of Amazon's, all of which have an offset.
pub(crate) fn timestamp(path: &str, text: Option<&Text>) -> Result<Timestamp, MapError> {
    let text = text.ok_or_else(|| MapError::missing(path))?;
    Timestamp::parse(text.as_str())
        .ok_or_else(|| MapError::invalid(Code::TimeInvalid, path, "a time with an offset"))
}

/// What a merchant may want to filter by: flat, in the words of the current API.
fn facts(
    order: &mut Order,
    known: Option<&Marketplace>,
    money: &Money,
    is_subscribed: bool,
) -> Properties {
    let mut facts = Properties::with_capacity(12);
    let own = |text: &str| Text::labelled(text, "");
    facts.set(PLATFORM, PropertyValue::Text(own("amazon")));
    let text = order.sold_at.text.take();
    facts.set_text(SOURCE_NAME, text.or_else(|| known.map(|it| own(it.text))));
    let id = order.sold_at.marketplace_id.take();
    facts.set_text(MARKETPLACE_ID, id.or_else(|| known.map(|it| own(it.id))));
    facts.set_text(MARKETPLACE_COUNTRY, known.map(|it| own(it.country)));
    facts.set_text(FULFILLED_BY, order.fulfilled_by.take());
    facts.set_text(ORDER_STATUS, order.status.take().map(|status| status.word));
    facts.set_text(SELLER_ORDER_ID, order.seller_order_id.take());
    let subscribed = is_subscribed.then_some(true);
    let resold = order.is_resold.then_some(true);
    for (name, flag) in [
        (IS_B2B, order.is_business),
        (IS_PRIME, order.is_prime),
        (IS_SUBSCRIBE_AND_SAVE, subscribed),
        (IS_IBA, resold),
    ] {
        if let Some(flag) = flag {
            facts.set(name, PropertyValue::Flag(flag));
        }
    }
    let mut amount = |name, amount: Option<Amount>| {
        if let Some(amount) = amount {
            facts.set(name, PropertyValue::Number(amount));
        }
    };
    amount(GIFT_WRAP, money.gift_wrap);
    amount(COD_FEE, money.cod_fee);
    facts
}

pub(crate) const PLATFORM: PropertyName = PropertyName::fixed("platform");
pub(crate) const SOURCE_NAME: PropertyName = PropertyName::fixed("source_name");
pub(crate) const MARKETPLACE_ID: PropertyName = PropertyName::fixed("marketplace_id");
const MARKETPLACE_COUNTRY: PropertyName = PropertyName::fixed("marketplace_country");
const FULFILLED_BY: PropertyName = PropertyName::fixed("fulfilled_by");
const ORDER_STATUS: PropertyName = PropertyName::fixed("order_status");
const SELLER_ORDER_ID: PropertyName = PropertyName::fixed("seller_order_id");
const IS_B2B: PropertyName = PropertyName::fixed("is_b2b");
const IS_PRIME: PropertyName = PropertyName::fixed("is_prime");
const IS_SUBSCRIBE_AND_SAVE: PropertyName = PropertyName::fixed("is_subscribe_and_save");
const IS_IBA: PropertyName = PropertyName::fixed("is_iba");
const GIFT_WRAP: PropertyName = PropertyName::fixed("total_gift_wrap");
const COD_FEE: PropertyName = PropertyName::fixed("total_cod_fee");
