//! Refunds: each transaction that gave money back.
//!
//! <https://apidocs.chargebee.com/docs/api/transactions>

use orderbridge_event::{
    Amount, Channel, Code, Context, Event, EventId, Kind, MapError, Mode, Note, Properties,
    PropertyValue, Refund, Refunds, SalesChannel, Text,
};

use crate::buyer::{self, INVOICE_ID};
use crate::invoice::{CUSTOMER_ID, PLATFORM};
use crate::message::{Made, Message, currency};
use crate::totals::major;

/// Maps the transaction of `payment_refunded`.
pub(crate) fn made(
    message: &Message,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Made, MapError> {
    if context.options.refunds == Refunds::Off {
        return Ok(Made::Ignored(
            Code::RefundOff,
            "refunds are off for this source",
        ));
    }
    if context.options.mode.unwrap_or(crate::DEFAULT_MODE) != Mode::Standalone {
        let why = "the refunds of a store's orders are the store's to tell";
        return Ok(Made::Ignored(Code::OrderByStore, why));
    }
    let told = message.content.transaction.as_ref();
    let transaction = told.ok_or_else(|| MapError::missing("transaction"))?;
    let id = transaction.id.as_ref();
    let id = id.ok_or_else(|| MapError::missing("transaction.id"))?;
    let amount = transaction.amount.unwrap_or_default();
    let is = |text: &Option<Text>, word| text.as_ref().is_none_or(|it| it.as_str() == word);
    let went_back = is(&transaction.kind, "refund") && is(&transaction.status, "success");
    if !went_back || amount <= Amount::ZERO {
        return Ok(Made::Ignored(Code::RefundNoMoney, "no money went back"));
    }
    let currency = currency(
        "transaction.currency_code",
        transaction.currency_code.as_ref(),
    )?;
    let timestamp = message
        .happened
        .ok_or_else(|| MapError::missing("occurred_at"))?;
    let invoice = message
        .content
        .invoice
        .as_ref()
        .and_then(|it| it.id.as_ref());
    let linked = || {
        transaction
            .linked_invoices
            .iter()
            .find_map(|it| it.invoice_id.as_ref())
    };
    let order_id = invoice.or_else(linked).unwrap_or_else(|| {
        let message = "the refund does not name its invoice: its own id stands in";
        notes.push(Note::new(Code::RefundOrderUnknown, message, "invoice"));
        id
    });
    let buyer = buyer::of(
        &message.content,
        (INVOICE_ID, order_id),
        &context.options,
        notes,
    );
    let known = context
        .order
        .as_ref()
        .filter(|known| known.currency == currency);
    let (channel, aliases) = if let Some(known) = known {
        let because = "it is the channel of the refunded order";
        (Channel::new(known.channel, because), known.aliases.clone())
    } else {
        let because = "a refund is an amendment, and its order is not at hand";
        (Channel::new(SalesChannel::Offline, because), buyer.aliases)
    };
    let mut custom = Properties::with_capacity(2);
    custom.set(
        PLATFORM,
        PropertyValue::Text(Text::labelled("chargebee", "")),
    );
    custom.set_text(CUSTOMER_ID, buyer::customer_id(&message.content).cloned());
    let event_id = EventId::of("chargebee", "invoice", order_id).each("refund", id.as_str());
    let event = Event {
        id: event_id.prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: Kind::ReceivedRefund(Refund {
            order_id: order_id.clone(),
            refund_id: id.clone(),
            amount: Some(major(amount, currency)?.round(currency)),
            currency,
        }),
        channel: channel.value,
        contact: buyer.contact,
        names: buyer.names,
        place: buyer.place,
        home: None,
        custom,
        aliases,
    };
    Ok(Made::Events(Box::new(event), Vec::new(), channel))
}
