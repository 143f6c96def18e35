//! Why an invoice was made, and with that where its order was placed.
//!
//! <https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason>

use orderbridge_event::{Channel, Code, Note, Options, Sale, SalesChannel, Text};

use crate::message::Message;
use crate::payload::{Invoice, Line};

/// Until then the first invoice of a subscription said `subscription_update`, too.
/// <https://docs.stripe.com/changelog>
const CREATE_IS_KNOWN_SINCE: &str = "2018-10-31";

/// What an invoice sold and where, or why it is no order.
pub(crate) enum Decision {
    Sale(Sale, Channel),
    Not(Code, &'static str),
}

/// Decides by `billing_reason`.
pub(crate) fn decide(
    message: &Message<Invoice>,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Decision {
    let invoice = &message.object;
    let reason = invoice.billing_reason.as_ref().map(Text::as_str);
    let own = reason
        .and_then(|reason| options.channels.get(reason))
        .copied();
    let sale = match sale(message, reason, notes) {
        Some(found) => found,
        None if reason == Some("upcoming") => {
            return Decision::Not(Code::OrderUnpaid, "a preview is not an invoice");
        }
        None if own.is_some() => (Sale::OneOff, SalesChannel::Offline, ""),
        None => {
            let message =
                "the invoice belongs to no subscription, and billing_reason has no channel";
            return Decision::Not(Code::OrderOneOff, message);
        }
    };
    let (sale, usual, because) = sale;
    let channel = match own {
        Some(own) => Channel::new(own, "the configuration says so of this billing_reason"),
        None => Channel::new(usual, because),
    };
    Decision::Sale(sale, channel)
}

/// The sale, its usual channel and why; `None` for what is no subscription's.
fn sale(
    message: &Message<Invoice>,
    reason: Option<&str>,
    notes: &mut Vec<Note>,
) -> Option<(Sale, SalesChannel, &'static str)> {
    use SalesChannel::{Offline, SubscriptionContract, Web};
    let invoice = &message.object;
    let mut guess = |message: &'static str| {
        notes.push(Note::new(Code::ChannelUnknown, message, "billing_reason"));
    };
    let found = match reason {
        Some("subscription_create") => (
            Sale::First,
            Web,
            "billing_reason is subscription_create: a subscription's first invoice",
        ),
        Some("subscription_cycle" | "subscription_update") if is_conversion(invoice) => (
            Sale::TrialConversion,
            SubscriptionContract,
            "it is charged by the contract, at the end of a free trial",
        ),
        Some("subscription_cycle") => (
            Sale::Renewal,
            SubscriptionContract,
            "billing_reason is subscription_cycle",
        ),
        Some("subscription_update") if is_from_before_create(message) => {
            guess("of this API version, and no line is prorated: counted as a first invoice");
            (
                Sale::First,
                Web,
                "a first invoice said subscription_update before API version 2018-10-31",
            )
        }
        Some("subscription_update") => (
            Sale::Change,
            SubscriptionContract,
            "billing_reason is subscription_update: a change of the contract",
        ),
        Some("subscription_threshold") => (
            Sale::Usage,
            SubscriptionContract,
            "billing_reason is subscription_threshold: usage of the contract",
        ),
        Some("subscription") => {
            guess("does not tell a first invoice from a later one: counted as a later one");
            (
                Sale::Renewal,
                SubscriptionContract,
                "billing_reason is subscription, as before May 2018",
            )
        }
        Some("quote_accept") => (
            Sale::First,
            Offline,
            "billing_reason is quote_accept: sold by a person",
        ),
        Some("manual" | "automatic_pending_invoice_item_invoice" | "upcoming") => return None,
        Some(_) | None => {
            invoice.subscription_id()?;
            guess("is none that is known: counted as web");
            (
                Sale::First,
                Web,
                "it is a subscription's, and nothing says which invoice of it",
            )
        }
    };
    Some(found)
}

/// Whether the invoice pays for the time right after a free trial. Only the subscription knows:
/// without it such an invoice looks like any renewal.
fn is_conversion(invoice: &Invoice) -> bool {
    let subscription = invoice.subscription().object();
    let Some(trial_end) = subscription.and_then(|it| it.trial_end.as_ref()) else {
        return false;
    };
    let starts =
        |line: &Line| line.period.as_ref().and_then(|it| it.start.as_ref()) == Some(trial_end);
    invoice.lines().iter().any(starts)
}

/// Whether `subscription_update` may stand for the first invoice: a change prorates something.
fn is_from_before_create(message: &Message<Invoice>) -> bool {
    let version = message.api_version.as_ref().map_or("", Text::as_str);
    let is_old = !version.is_empty() && version < CREATE_IS_KNOWN_SINCE;
    is_old && !message.object.lines().iter().any(Line::is_proration)
}
