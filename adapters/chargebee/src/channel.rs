//! First, renewal or one-off, and with that where an order was placed.
//!
//! <https://apidocs.chargebee.com/docs/api/invoices#invoice_first_invoice>

use orderbridge_event::{Channel, Code, Note, Options, Sale, SalesChannel, Text};

use crate::message::Message;
use crate::payload::Invoice;

/// Decides by `recurring` and `first_invoice`. The latter is of the subscription, not the customer.
pub(crate) fn decide(
    message: &Message,
    invoice: &Invoice,
    options: &Options,
    notes: &mut Vec<Note>,
) -> (Sale, Channel) {
    use SalesChannel::{SubscriptionContract, Web};
    let source = message.source.as_ref().map(Text::as_str);
    let own = source
        .and_then(|source| options.channels.get(source))
        .copied();
    let is_conversion = is_conversion(message, invoice);
    let (sale, usual, because) = match (invoice.is_recurring(), invoice.first_invoice) {
        (true, Some(true)) => (Sale::First, Web, "it is a subscription's first invoice"),
        (true, Some(false)) => (
            Sale::Renewal,
            SubscriptionContract,
            "it is a subscription's, and not its first invoice",
        ),
        (true, None) => {
            let message = "is not told: counted as a first invoice, placed on the web";
            notes.push(Note::new(
                Code::ChannelUnknown,
                message,
                "invoice.first_invoice",
            ));
            (
                Sale::First,
                Web,
                "it is a subscription's, and nothing says which invoice of it",
            )
        }
        (false, _) => one_off(source),
    };
    let sale = if is_conversion {
        Sale::TrialConversion
    } else {
        sale
    };
    let channel = match own {
        // A renewal is charged by the contract, whatever has set it off.
        Some(own) if usual != SubscriptionContract => {
            Channel::new(own, "the configuration says so of the event's source")
        }
        _ => Channel::new(usual, because),
    };
    (sale, channel)
}

/// What belongs to no subscription was bought on a page, or entered by somebody.
fn one_off(source: Option<&str>) -> (Sale, SalesChannel, &'static str) {
    match source {
        Some("admin_console" | "bulk_operation" | "scheduled_job") => (
            Sale::OneOff,
            SalesChannel::Offline,
            "it belongs to no subscription, and no buyer has set it off",
        ),
        _ => (
            Sale::OneOff,
            SalesChannel::Web,
            "it belongs to no subscription: a one-off order",
        ),
    }
}

/// Whether the invoice pays for the time right after a free trial, as far as the message has the
/// subscription.
fn is_conversion(message: &Message, invoice: &Invoice) -> bool {
    let subscription = message.content.subscription.as_ref();
    let Some(trial_end) = subscription.and_then(|it| it.trial_end.as_ref()) else {
        return false;
    };
    let mut lines = invoice.line_items.iter();
    invoice.is_recurring() && lines.any(|line| line.date_from.as_ref() == Some(trial_end))
}
