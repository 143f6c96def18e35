//! Refunds: each charge says how much of it has gone back so far, and how much had before.
//!
//! <https://docs.stripe.com/api/events/types#event_types-charge.refunded>

use orderbridge_event::{
    Amount, Channel, Code, Context, Event, EventId, Kind, MapError, Mapped, Mode, Names, Note,
    Payload, Properties, PropertyValue, Refund, Refunds, SalesChannel, Text,
};

use crate::buyer;
use crate::expand::Ref;
use crate::invoice::{CUSTOMER_ID, PLATFORM};
use crate::message::{Made, Message, Opened, Place, open};
use crate::minor::Unit;
use crate::objects::Charge;

/// Maps `charge.refunded`.
pub(crate) fn map(payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
    match open::<Charge>(payload, Place::Event, context)? {
        Opened::Ignored(ignored) => Ok(Mapped::Ignored(ignored)),
        Opened::Message(_) if context.options.refunds == Refunds::Off => Ok(Mapped::ignored(
            Code::RefundOff,
            "refunds are off for this source",
        )),
        Opened::Message(message) => {
            message.map(context, |message, notes| made(&message, context, notes))
        }
    }
}

fn made(
    message: &Message<Charge>,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Made, MapError> {
    let charge = &message.object;
    let id = charge.id.as_ref().ok_or_else(|| MapError::missing("id"))?;
    if matches!(charge.invoice, Ref::Nothing) && charge.invoice_id().is_none() {
        let why = "the charge belongs to no invoice";
        return Ok(Made::Ignored(Code::OrderOneOff, why));
    }
    if context.options.mode.unwrap_or(crate::DEFAULT_MODE) != Mode::Standalone {
        let why = "the refunds of a store's orders are the store's to tell";
        return Ok(Made::Ignored(Code::OrderByStore, why));
    }
    let unit = Unit::parse("currency", charge.currency.as_ref())?;
    let all = charge.amount_refunded.unwrap_or_default();
    let before = message.previous.amount_refunded.unwrap_or_default();
    let now = all.minus(before).filter(|now| *now > Amount::ZERO);
    let Some(now) = now else {
        let why = "no more has gone back than before";
        return Ok(Made::Ignored(Code::RefundNoMoney, why));
    };
    let timestamp = message
        .happened
        .ok_or_else(|| MapError::missing("created"))?;
    // Since basil a charge does not name its invoice.
    let order_id = charge.invoice_id().unwrap_or_else(|| {
        let message = "the charge does not name its invoice: its own id stands in";
        notes.push(Note::new(Code::RefundOrderUnknown, message, "invoice"));
        id
    });
    let buyer = buyer::of_charge(charge, order_id, &context.options, notes);
    let known = context
        .order
        .as_ref()
        .filter(|known| known.currency == unit.currency);
    let (channel, aliases) = if let Some(known) = known {
        let because = "it is the channel of the refunded order";
        (Channel::new(known.channel, because), known.aliases.clone())
    } else {
        let because = "a refund is an amendment, and its order is not at hand";
        (Channel::new(SalesChannel::Offline, because), buyer.aliases)
    };
    let mut custom = Properties::with_capacity(2);
    custom.set(PLATFORM, PropertyValue::Text(Text::labelled("stripe", "")));
    custom.set_text(CUSTOMER_ID, charge.customer.id().cloned());
    let event_id = EventId::of("stripe", "charge", id).each("refund", &all.to_string());
    let event = Event {
        id: event_id.prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: Kind::ReceivedRefund(Refund {
            order_id: order_id.clone(),
            refund_id: Text::labelled(id.as_str(), &format!(":{all}")),
            amount: Some(unit.major("amount_refunded", now)?.round(unit.currency)),
            currency: unit.currency,
        }),
        channel: channel.value,
        contact: buyer.contact,
        names: Names::NONE,
        place: buyer.place,
        home: None,
        custom,
        aliases,
    };
    Ok(Made::Events(Box::new(event), Vec::new(), channel))
}
