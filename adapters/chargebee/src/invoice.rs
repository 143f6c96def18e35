//! An invoice is an order, once, when it becomes paid: by one payment, by several, or by credits.
//!
//! <https://apidocs.chargebee.com/docs/api/invoices>

use orderbridge_event::{
    Amount, Channel, Code, Context, Event, EventId, EventName, Kind, MapError, Note, Properties,
    PropertyName, PropertyValue, Renewals, Sale, SalesChannel, Subscription, Text,
};

use crate::buyer::{self, INVOICE_ID};
use crate::message::{Made, Message, time};
use crate::payload::Invoice;
use crate::{channel, totals};

/// Maps the invoice of a message.
pub(crate) fn made(
    mut message: Message,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Made, MapError> {
    let Some(invoice) = message.content.invoice.as_ref() else {
        let why = "the message holds no invoice";
        return if message.is_answer() {
            Err(MapError::missing("invoice"))
        } else {
            Ok(Made::Ignored(Code::OrderOneOff, why))
        };
    };
    let id = invoice
        .id
        .clone()
        .ok_or_else(|| MapError::missing("invoice.id"))?;
    let status = invoice.status.as_ref().map(Text::as_str);
    if status != Some("paid") || invoice.deleted == Some(true) {
        return Ok(Made::Ignored(Code::OrderUnpaid, "the invoice is not paid"));
    }
    if let Some(why) = nothing_sold(invoice) {
        return Ok(Made::Ignored(Code::OrderNothingSold, why));
    }
    let (sale, channel) = channel::decide(&message, invoice, &context.options, notes);
    let mode = context.options.mode.unwrap_or(crate::DEFAULT_MODE);
    let name = match mode.event(sale) {
        Ok(name) => name,
        Err(why) => return Ok(Made::Ignored(Code::OrderByStore, why)),
    };
    let is_renewal = name == EventName::PlacedRecurringSubscriptionOrder;
    if is_renewal && context.options.renewals == Renewals::Off {
        let why = "renewals are off for this source";
        return Ok(Made::Ignored(Code::RenewalOff, why));
    }
    // A first invoice after a trial was not placed by anybody: beside a store it is the contract's.
    let channel = match name {
        EventName::PlacedRecurringSubscriptionOrder => Channel::new(
            SalesChannel::SubscriptionContract,
            "it is charged by the contract, without a checkout",
        ),
        _ => channel,
    };
    let paid_at = time("invoice.paid_at", invoice.paid_at.as_ref())?;
    let date = time("invoice.date", invoice.date.as_ref())?;
    let timestamp = paid_at
        .or(message.happened)
        .or(date)
        .ok_or_else(|| MapError::missing("invoice.paid_at"))?;
    let buyer = buyer::of(&message.content, (INVOICE_ID, &id), &context.options, notes);
    let customer = buyer::customer_id(&message.content).cloned();
    let source = message.source.take();
    let mut invoice = message.content.invoice.take().unwrap_or_default();
    let mode = context.options.tax_inclusive_prices;
    let mut custom = facts(&invoice, sale, source, customer);
    let paid = invoice
        .amount_paid
        .filter(|_| invoice.amount_paid != invoice.total);
    let order = totals::of(&mut invoice, mode, notes)?;
    // Credits, or a part that was written off, have settled the difference.
    if let Some(paid) = paid {
        let paid = totals::major(paid, order.currency)?;
        custom.set(AMOUNT_PAID, PropertyValue::Number(paid));
    }
    let event = Event {
        id: EventId::of("chargebee", "invoice", &id).prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: match name {
            EventName::PlacedRecurringSubscriptionOrder => {
                Kind::PlacedRecurringSubscriptionOrder(Subscription {
                    id,
                    order: Some(order),
                })
            }
            _ => Kind::PlacedOrder {
                id,
                order,
                is_new_customer: if sale.is_repeated() {
                    Some(false)
                } else {
                    context.is_new_customer
                },
            },
        },
        channel: channel.value,
        contact: buyer.contact,
        names: buyer.names,
        place: buyer.place,
        home: None,
        custom,
        aliases: buyer.aliases,
    };
    Ok(Made::Events(Box::new(event), Vec::new(), channel))
}

/// Why an invoice is no sale, if it charges nothing. One that a coupon has made free did sell
/// something.
fn nothing_sold(invoice: &Invoice) -> Option<&'static str> {
    let total = invoice.total?;
    if total.is_negative() {
        return Some("the invoice gives back more than it charges");
    }
    let goods = invoice.sub_total.unwrap_or_default();
    (total.is_zero() && goods <= Amount::ZERO).then_some("the invoice charges nothing")
}

/// What a merchant may want to filter by: flat, and as Chargebee spells it.
fn facts(
    invoice: &Invoice,
    sale: Sale,
    source: Option<Text>,
    customer: Option<Text>,
) -> Properties {
    let mut facts = Properties::with_capacity(6);
    facts.set(
        PLATFORM,
        PropertyValue::Text(Text::labelled("chargebee", "")),
    );
    let order = Text::labelled(sale.as_str(), "");
    facts.set(SUBSCRIPTION_ORDER, PropertyValue::Text(order));
    facts.set_text(SOURCE_NAME, source);
    facts.set_text(SUBSCRIPTION_ID, invoice.subscription_id().cloned());
    facts.set_text(CUSTOMER_ID, customer);
    facts
}

pub(crate) const PLATFORM: PropertyName = PropertyName::fixed("platform");
pub(crate) const SUBSCRIPTION_ID: PropertyName = PropertyName::fixed("subscription_id");
pub(crate) const CUSTOMER_ID: PropertyName = PropertyName::fixed("customer_id");
const SUBSCRIPTION_ORDER: PropertyName = PropertyName::fixed("subscription_order");
const SOURCE_NAME: PropertyName = PropertyName::fixed("source_name");
const AMOUNT_PAID: PropertyName = PropertyName::fixed("amount_paid");
