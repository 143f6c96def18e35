//! A charge becomes money once it is paid: an order, a renewal, or nothing, by the source's mode.
//!
//! The charge is the grain of money, not the order: a prepaid charge has several orders, and a
//! charge is there before its order is.

use orderbridge_event::{
    Amount, Channel, Code, Context, Event, EventId, Events, Facts, Kind, MapError, Mapped, Mode,
    Order, OrderIdentity, Properties, PropertyName, PropertyValue, Refunds, Renewals, SalesChannel,
    Subscription, Text, Timestamp,
};

use crate::body;
use crate::payload::{Charge, Customer};
use crate::purchase::{self, Purchase};
use crate::{buyer, refund, time, totals};

/// How a charge came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// `charge/paid`
    Paid,
    /// An answer of the API: the charge as it is now.
    Api,
}

/// Maps a charge.
pub(crate) fn map(body: &[u8], via: Via, context: &Context) -> Result<Mapped, MapError> {
    let mut body = body::charge(body)?;
    let customer = body.customer.take();
    let mapped = paid(&mut body.object, customer.as_ref(), via, context);
    mapped.map_err(|error| body.within(error))
}

/// Maps a charge, if money was taken for it.
pub(crate) fn paid(
    charge: &mut Charge,
    customer: Option<&Customer>,
    via: Via,
    context: &Context,
) -> Result<Mapped, MapError> {
    let id = id(charge)?;
    if let Some(why) = not_paid(charge, via)? {
        return Ok(Mapped::ignored(Code::OrderUnpaid, why));
    }
    let (purchase, channel) = purchase::of(charge)?;
    let sent = match sent_as(charge, &id, purchase, context) {
        Ok(sent) => sent,
        Err(ignored) => return Ok(ignored),
    };
    let timestamp = charged_at(charge)?;
    let mut notes = Vec::new();
    let mut custom = facts(charge, &id);
    custom.set(
        SUBSCRIPTION_ORDER,
        PropertyValue::Text(Text::labelled(purchase.as_str(), "")),
    );
    let order = totals::of(charge, &context.options, &mut notes)?;
    let buyer = buyer::of_charge(charge, customer, &id, &context.options, &mut notes);
    let (event_id, kind) = sent.event(order, &id, is_new_customer(&channel, context));
    let event = Event {
        id: event_id.prefixed(&context.options.event_id_prefix),
        timestamp,
        kind,
        channel: channel.value,
        contact: buyer.contact,
        names: buyer.names,
        place: buyer.place,
        home: None,
        custom,
        aliases: buyer.aliases,
    };
    let mut more = Vec::new();
    if via == Via::Api && context.options.refunds == Refunds::All {
        more.extend(refund::beside(charge, &id, &event, context, &mut notes)?);
    }
    let events = Events::new(event, more, channel, notes).with_facts(for_rules(charge, context));
    Ok(Mapped::Events(Box::new(events)))
}

/// What rules may ask of a charge, where the context wants it. Only paid ones come this far.
pub(crate) fn for_rules(charge: &Charge, context: &Context) -> Option<Facts> {
    context.wants_facts.then(|| Facts {
        tags: Facts::tags(charge.tags.as_ref()),
        is_paid: Some(true),
        ..Facts::default()
    })
}

/// The charge's id.
pub(crate) fn id(charge: &Charge) -> Result<Text, MapError> {
    match &charge.id {
        Some(id) => Ok(id.clone()),
        None if charge.status.is_none() && charge.total_price.is_none() => {
            Err(MapError::invalid(Code::PayloadUnknown, "$", "a charge"))
        }
        None => Err(MapError::missing("id")),
    }
}

/// Why no money has moved, if none has. `charge/paid` without a status is taken at its word.
fn not_paid(charge: &Charge, via: Via) -> Result<Option<&'static str>, MapError> {
    let Some(status) = &charge.status else {
        return match via {
            Via::Paid => Ok(None),
            Via::Api => Err(MapError::missing("status")),
        };
    };
    Ok(match status.as_str().to_ascii_lowercase().as_str() {
        "success" | "refunded" | "partially_refunded" => None,
        "queued" => Some("a queued charge is a renewal to come"),
        "error" => Some("the payment failed"),
        "skipped" => Some("the charge was skipped"),
        _ => Some("the charge is not paid yet"),
    })
}

/// What a charge is sent as.
enum Sent {
    /// An order of its own.
    Own,
    /// The store's order.
    OfStore(Text),
    /// A renewal beside the store's order.
    Renewal,
}

/// Decides by the mode who sends this purchase.
fn sent_as(
    charge: &Charge,
    id: &Text,
    purchase: Purchase,
    context: &Context,
) -> Result<Sent, Mapped> {
    let options = &context.options;
    let elsewhere = |why| Err(Mapped::ignored(Code::OrderByStore, why));
    match options.mode.unwrap_or(crate::DEFAULT_MODE) {
        Mode::Standalone => Ok(Sent::Own),
        Mode::BothThroughUs if options.event_id == OrderIdentity::Name => {
            elsewhere("the store's orders go by their names, which a charge does not have")
        }
        Mode::BothThroughUs => match charge.store_order().filter(|order| order != id) {
            Some(order) => Ok(Sent::OfStore(order)),
            None => elsewhere("the charge does not name the store's order, which comes by itself"),
        },
        Mode::BesideStore => match purchase {
            Purchase::First => elsewhere("the store's own source sends a first order"),
            Purchase::OneOff => elsewhere("the store's own source sends a one-time order"),
            Purchase::Renewal if options.renewals == Renewals::Off => Err(Mapped::ignored(
                Code::RenewalOff,
                "renewals are off for this source",
            )),
            Purchase::Renewal => Ok(Sent::Renewal),
        },
    }
}

impl Sent {
    fn event(self, order: Order, charge: &Text, is_new_customer: Option<bool>) -> (EventId, Kind) {
        let of_charge = EventId::of(PLATFORM_NAME, "charge", charge);
        let (event_id, id) = match self {
            Self::Renewal => {
                let renewal = Subscription {
                    id: charge.clone(),
                    order: Some(order),
                };
                return (of_charge, Kind::PlacedRecurringSubscriptionOrder(renewal));
            }
            Self::Own => (of_charge, charge.clone()),
            Self::OfStore(store) => (EventId::order(&store), store),
        };
        let placed = Kind::PlacedOrder {
            id,
            order,
            is_new_customer,
        };
        (event_id, placed)
    }
}

/// Whoever pays by a contract has bought before.
fn is_new_customer(channel: &Channel, context: &Context) -> Option<bool> {
    match channel.value {
        SalesChannel::SubscriptionContract => Some(false),
        _ => context.is_new_customer,
    }
}

/// When it was charged. A charge may have been made long before, so that is no stand-in.
pub(crate) fn charged_at(charge: &Charge) -> Result<Timestamp, MapError> {
    let processed = time::parse("processed_at", charge.processed_at.as_ref())?;
    let updated = || time::parse("updated_at", charge.updated_at.as_ref());
    match processed {
        Some(time) => Ok(time),
        None => updated()?.ok_or_else(|| MapError::missing("processed_at")),
    }
}

/// What a merchant may want to filter by, flat.
pub(crate) fn facts(charge: &Charge, id: &Text) -> Properties {
    let mut facts = Properties::with_capacity(10);
    facts.set(
        PLATFORM,
        PropertyValue::Text(Text::labelled(PLATFORM_NAME, "")),
    );
    facts.set_text(CHARGE_ID, Some(id.clone()));
    facts.set_text(CHARGE_STATUS, lower_case(charge.status.as_ref()));
    facts.set_text(STORE_ORDER_ID, charge.store_order());
    facts.set_text(
        SUBSCRIPTION_IDS,
        Text::new(subscriptions(charge).join(", ")),
    );
    if let Some(orders) = charge.prepaid_orders() {
        facts.set(IS_PREPAID, PropertyValue::Flag(true));
        facts.set(ORDERS_COUNT, PropertyValue::Number(Amount::from(orders)));
    }
    facts.set_text(TAGS, charge.tags.clone());
    facts
}

/// The two API versions spell one status in lower and in upper case.
pub(crate) fn lower_case(status: Option<&Text>) -> Option<Text> {
    Text::new(status?.as_str().to_ascii_lowercase())
}

/// The subscriptions that a charge is for, each once.
pub(crate) fn subscriptions(charge: &Charge) -> Vec<&str> {
    let mut found = Vec::new();
    for line in &charge.line_items {
        let id = line.subscription().map(Text::as_str);
        found.extend(id.filter(|id| !found.contains(id)));
    }
    found
}

pub(crate) const PLATFORM_NAME: &str = "recharge";
pub(crate) const PLATFORM: PropertyName = PropertyName::fixed("platform");
pub(crate) const IS_PREPAID: PropertyName = PropertyName::fixed("is_prepaid");
const CHARGE_ID: PropertyName = PropertyName::fixed("charge_id");
const CHARGE_STATUS: PropertyName = PropertyName::fixed("charge_status");
const STORE_ORDER_ID: PropertyName = PropertyName::fixed("store_order_id");
const SUBSCRIPTION_IDS: PropertyName = PropertyName::fixed("subscription_ids");
const ORDERS_COUNT: PropertyName = PropertyName::fixed("orders_count");
const SUBSCRIPTION_ORDER: PropertyName = PropertyName::fixed("subscription_order");
const TAGS: PropertyName = PropertyName::fixed("tags");
