//! Refunds. Recharge tells the sum of all that went back for a charge, so that a second refund is
//! the difference to what was told before.

use orderbridge_event::{
    Amount, Channel, Code, Context, Currency, Event, EventId, Events, Kind, MapError, Mapped, Mode,
    Note, Refund, Refunds, Text, Timestamp,
};

use crate::body;
use crate::charge::{self, PLATFORM_NAME};
use crate::payload::{Charge, Customer};
use crate::{buyer, purchase, time, totals};

/// Maps `charge/refunded`.
pub(crate) fn map(body: &[u8], context: &Context) -> Result<Mapped, MapError> {
    let mut body = body::charge(body)?;
    let customer = body.customer.take();
    let mapped = refunded(&mut body.object, customer.as_ref(), context);
    mapped.map_err(|error| body.within(error))
}

fn refunded(
    charge: &mut Charge,
    customer: Option<&Customer>,
    context: &Context,
) -> Result<Mapped, MapError> {
    let id = charge::id(charge)?;
    let options = &context.options;
    if options.refunds == Refunds::Off {
        let message = "refunds are off for this source";
        return Ok(Mapped::ignored(Code::RefundOff, message));
    }
    if options.mode == Some(Mode::BothThroughUs) {
        let message = "the store's own refund is sent";
        return Ok(Mapped::ignored(Code::OrderByStore, message));
    }
    let mut notes = Vec::new();
    let Some(returned) = returned(charge, context, &mut notes)? else {
        let message = "nothing was given back, or no more than was told before";
        return Ok(Mapped::ignored(Code::RefundNoMoney, message));
    };
    let channel = match &context.order {
        Some(order) => Channel::new(order.channel, "it is the channel of the refunded order"),
        None => purchase::of(charge)?.1,
    };
    let custom = charge::facts(charge, &id);
    let buyer = buyer::of_charge(charge, customer, &id, options, &mut notes);
    let order_id = order_id(charge, &id, context);
    let event = Event {
        id: returned.event_id(&id).prefixed(&options.event_id_prefix),
        timestamp: returned.at,
        kind: returned.kind(order_id),
        channel: channel.value,
        contact: buyer.contact,
        names: buyer.names,
        place: buyer.place,
        home: None,
        custom,
        aliases: buyer.aliases,
    };
    let events = Events::new(event, Vec::new(), channel, notes);
    let events = events.with_facts(charge::for_rules(charge, context));
    Ok(Mapped::Events(Box::new(events)))
}

/// The refund of a charge that was fetched, beside the order that it places.
pub(crate) fn beside(
    charge: &Charge,
    id: &Text,
    placed: &Event,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Option<Event>, MapError> {
    if context.options.mode == Some(Mode::BothThroughUs) {
        return Ok(None);
    }
    let returned = returned(charge, context, notes)?;
    Ok(returned.map(|returned| Event {
        id: returned
            .event_id(id)
            .prefixed(&context.options.event_id_prefix),
        timestamp: returned.at,
        kind: returned.kind(order_id(charge, id, context)),
        ..placed.clone()
    }))
}

/// The id that `Placed Order` has: the charge's own, or the store's order beside a store.
fn order_id(charge: &Charge, id: &Text, context: &Context) -> Text {
    let own = || id.clone();
    match context.options.mode {
        Some(Mode::Standalone) => own(),
        _ => charge.store_order().unwrap_or_else(own),
    }
}

/// Money that went back.
struct Returned {
    amount: Amount,
    currency: Currency,
    /// The sum of all refunds so far, which tells one from the next.
    so_far: Text,
    at: Timestamp,
}

/// What went back since the caller last heard of it.
fn returned(
    charge: &Charge,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Option<Returned>, MapError> {
    let currency = totals::currency("currency", charge.currency.as_ref(), &context.options)?
        .ok_or_else(|| MapError::missing("currency"))?;
    let sum = charge.total_refunds.unwrap_or_default();
    let sum = sum.magnitude().round(currency).with_minor_digits(currency);
    let before = match &context.refunded_before {
        Some(told) => told.before(sum).ok_or_else(totals::overflow)?,
        None => Amount::default(),
    };
    let amount = sum.minus(before).ok_or_else(totals::overflow)?;
    if amount.is_zero() || amount.is_negative() {
        return Ok(None);
    }
    if context.refunded_before.is_none() {
        let message = "counted as the first refund: earlier ones are not at hand";
        notes.push(Note::new(Code::RefundCumulative, message, "total_refunds"));
    }
    let at = time::parse("updated_at", charge.updated_at.as_ref())?;
    Ok(Some(Returned {
        amount,
        currency,
        so_far: Text::labelled(&sum.to_string(), ""),
        at: at.ok_or_else(|| MapError::missing("updated_at"))?,
    }))
}

impl Returned {
    fn event_id(&self, charge: &Text) -> EventId {
        EventId::of(PLATFORM_NAME, "charge", charge).each("refund", self.so_far.as_str())
    }

    fn kind(&self, order_id: Text) -> Kind {
        Kind::ReceivedRefund(Refund {
            order_id,
            refund_id: self.so_far.clone(),
            amount: Some(self.amount),
            currency: self.currency,
        })
    }
}
