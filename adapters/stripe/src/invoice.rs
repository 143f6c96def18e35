//! A paid invoice is an order, once, whatever it was paid with.
//!
//! <https://docs.stripe.com/billing/invoices/overview>

use orderbridge_event::{
    Amount, Code, Context, Event, EventId, EventName, Kind, MapError, Mapped, Names, Note, Payload,
    Properties, PropertyName, PropertyValue, Renewals, Sale, Subscription, Text, Timestamp,
};

use crate::channel::{self, Decision};
use crate::message::{Made, Message, Opened, Place, open, time};
use crate::minor::Unit;
use crate::payload::Invoice;
use crate::{buyer, totals};

/// Maps an invoice.
pub(crate) fn map(
    payload: Payload<'_>,
    place: Place,
    context: &Context,
) -> Result<Mapped, MapError> {
    match open::<Invoice>(payload, place, context)? {
        Opened::Ignored(ignored) => Ok(Mapped::Ignored(ignored)),
        Opened::Message(message) => message.map(context, |message, notes| {
            made(message, place, context, notes)
        }),
    }
}

fn made(
    message: Message<Invoice>,
    place: Place,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Made, MapError> {
    let id = message
        .object
        .id
        .clone()
        .ok_or_else(|| MapError::missing("id"))?;
    if !is_paid(&message.object, place) {
        return Ok(Made::Ignored(Code::OrderUnpaid, "the invoice is not paid"));
    }
    let (sale, channel) = match channel::decide(&message, &context.options, notes) {
        Decision::Sale(sale, channel) => (sale, channel),
        Decision::Not(code, why) => return Ok(Made::Ignored(code, why)),
    };
    if let Some(why) = nothing_sold(&message.object, sale) {
        return Ok(Made::Ignored(Code::OrderNothingSold, why));
    }
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
    let timestamp = paid_at(&message)?;
    let mut invoice = message.object;
    let buyer = buyer::of_invoice(&invoice, &id, &context.options, notes);
    let custom = facts(&mut invoice, sale)?;
    let order = totals::of(&mut invoice, context.options.tax_inclusive_prices, notes)?;
    let event = Event {
        id: EventId::of("stripe", "invoice", &id).prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: kind(name, id, order, sale, context),
        channel: channel.value,
        contact: buyer.contact,
        names: Names::NONE,
        place: buyer.place,
        home: None,
        custom,
        aliases: buyer.aliases,
    };
    Ok(Made::Events(Box::new(event), Vec::new(), channel))
}

fn kind(
    name: EventName,
    id: Text,
    order: orderbridge_event::Order,
    sale: Sale,
    context: &Context,
) -> Kind {
    match name {
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
    }
}

/// Whether the invoice is settled. Shapes from before 2018-11-08 say `paid` and have no status; a
/// minimal body has neither, and then the topic says it.
fn is_paid(invoice: &Invoice, place: Place) -> bool {
    match (&invoice.status, invoice.paid) {
        (Some(status), _) => status.as_str() == "paid",
        (None, Some(paid)) => paid,
        (None, None) => place == Place::Event,
    }
}

/// Why an invoice is no sale, if it charges nothing: a trial's first one, a credit for a smaller
/// plan. One that a coupon has made free did sell something.
fn nothing_sold(invoice: &Invoice, sale: Sale) -> Option<&'static str> {
    let total = invoice.total?;
    if total.is_negative() {
        return Some("the invoice gives back more than it charges");
    }
    let goods = invoice.subtotal.unwrap_or_default();
    if !total.is_zero() || goods > Amount::ZERO {
        return None;
    }
    Some(match sale {
        Sale::First => "the subscription starts without a charge, as with a free trial",
        _ => "the invoice charges nothing",
    })
}

/// When it was paid.
fn paid_at(message: &Message<Invoice>) -> Result<Timestamp, MapError> {
    let invoice = &message.object;
    let transitions = invoice.status_transitions.as_ref();
    let told = transitions.and_then(|it| it.paid_at.as_ref());
    let paid = time("status_transitions.paid_at", told)?;
    paid.or(message.happened)
        .ok_or_else(|| MapError::missing("status_transitions.paid_at"))
}

/// What a merchant may want to filter by: flat, and as Stripe spells it.
fn facts(invoice: &mut Invoice, sale: Sale) -> Result<Properties, MapError> {
    let mut facts = Properties::with_capacity(8);
    facts.set(PLATFORM, PropertyValue::Text(Text::labelled("stripe", "")));
    let order = Text::labelled(sale.as_str(), "");
    facts.set(SUBSCRIPTION_ORDER, PropertyValue::Text(order));
    facts.set_text(BILLING_REASON, invoice.billing_reason.take());
    facts.set_text(SUBSCRIPTION_ID, invoice.subscription_id().cloned());
    facts.set_text(CUSTOMER_ID, invoice.customer.id().cloned());
    facts.set_text(ORDER_NAME, invoice.number.take());
    // A credit balance has paid the difference.
    if let Some(paid) = invoice
        .amount_paid
        .filter(|_| invoice.amount_paid != invoice.total)
    {
        let paid =
            Unit::parse("currency", invoice.currency.as_ref())?.major("amount_paid", paid)?;
        facts.set(AMOUNT_PAID, PropertyValue::Number(paid));
    }
    Ok(facts)
}

pub(crate) const PLATFORM: PropertyName = PropertyName::fixed("platform");
pub(crate) const CUSTOMER_ID: PropertyName = PropertyName::fixed("customer_id");
const SUBSCRIPTION_ORDER: PropertyName = PropertyName::fixed("subscription_order");
const BILLING_REASON: PropertyName = PropertyName::fixed("billing_reason");
pub(crate) const SUBSCRIPTION_ID: PropertyName = PropertyName::fixed("subscription_id");
const ORDER_NAME: PropertyName = PropertyName::fixed("order_name");
const AMOUNT_PAID: PropertyName = PropertyName::fixed("amount_paid");
