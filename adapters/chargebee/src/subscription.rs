//! A subscription's life. Its money is told by invoices.
//!
//! <https://apidocs.chargebee.com/docs/api/subscriptions>

use orderbridge_event::{
    Amount, CancelledChannel, Channel, Code, Context, Event, EventId, Item, Kind, Lifecycle,
    MapError, Note, Order, Prices, Properties, PropertyName, PropertyValue, Rest, SalesChannel,
    Text, Timestamp, unit_price,
};

use crate::buyer::{self, SUBSCRIPTION_ID as SUBSCRIPTION_ALIAS};
use crate::invoice::{CUSTOMER_ID, PLATFORM, SUBSCRIPTION_ID};
use crate::message::{Made, Message, currency, time};
use crate::payload::Subscription;
use crate::totals::{major, overflow};

/// What a message says of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    /// One that was to start in the future.
    Started,
    Paused,
    Activated,
    Cancelled,
    /// An answer of the API: the subscription as it is now.
    AsItIs,
}

/// Maps the subscription of a message.
pub(crate) fn made(
    message: &Message,
    change: Change,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Made, MapError> {
    let told = message.content.subscription.as_ref();
    let subscription = told.ok_or_else(|| MapError::missing("subscription"))?;
    let id = subscription.id.as_ref();
    let id = id.ok_or_else(|| MapError::missing("subscription.id"))?;
    let status = subscription.status.as_ref().map(Text::as_str);
    if matches!(change, Change::Created | Change::AsItIs) && status == Some("future") {
        let why = "it has not started yet: subscription_started tells when it does";
        return Ok(Made::Ignored(Code::SubscriptionNoEvent, why));
    }
    let what = match change {
        Change::AsItIs => Change::Started,
        other => other,
    };
    let first = event(message, subscription, id, what, context, notes)?;
    let channel = channel(what, context);
    let has_ended = change == Change::AsItIs && subscription.cancelled_at.is_some();
    let more = if has_ended && status == Some("cancelled") {
        let what = Change::Cancelled;
        vec![event(
            message,
            subscription,
            id,
            what,
            context,
            &mut Vec::new(),
        )?]
    } else {
        Vec::new()
    };
    Ok(Made::Events(Box::new(first), more, channel))
}

fn event(
    message: &Message,
    subscription: &Subscription,
    id: &Text,
    what: Change,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Event, MapError> {
    let timestamp = moment(message, subscription, what)?;
    let last = (SUBSCRIPTION_ALIAS, id);
    let buyer = buyer::of(&message.content, last, &context.options, notes);
    let told = orderbridge_event::Subscription {
        id: id.clone(),
        order: value(subscription, notes)?,
    };
    let event_id = event_id(subscription, id, what, timestamp)?;
    Ok(Event {
        id: event_id.prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: match what {
            Change::Paused => Kind::Lifecycle(Lifecycle::Paused, told),
            Change::Activated => Kind::Lifecycle(Lifecycle::Activated, told),
            Change::Cancelled => Kind::CancelledSubscription(told),
            Change::Created | Change::Started | Change::AsItIs => Kind::StartedSubscription(told),
        },
        channel: channel(what, context).value,
        contact: buyer.contact,
        names: buyer.names,
        place: buyer.place,
        home: None,
        custom: facts(message, subscription, id, what),
        aliases: buyer.aliases,
    })
}

/// When it happened: the event's time, else what the subscription says itself.
fn moment(
    message: &Message,
    subscription: &Subscription,
    what: Change,
) -> Result<Timestamp, MapError> {
    if let Some(happened) = message.happened {
        return Ok(happened);
    }
    let own = if what == Change::Cancelled {
        cancelled_at(subscription)?
    } else {
        let started = time("subscription.started_at", subscription.started_at.as_ref())?;
        started.or(time(
            "subscription.created_at",
            subscription.created_at.as_ref(),
        )?)
    };
    own.ok_or_else(|| MapError::missing("subscription.created_at"))
}

fn cancelled_at(subscription: &Subscription) -> Result<Option<Timestamp>, MapError> {
    time(
        "subscription.cancelled_at",
        subscription.cancelled_at.as_ref(),
    )
}

/// A start happens once; all else can come again and is told apart by its time.
fn event_id(
    subscription: &Subscription,
    id: &Text,
    what: Change,
    timestamp: Timestamp,
) -> Result<EventId, MapError> {
    let object = EventId::of("chargebee", "sub", id);
    let (word, time) = match what {
        Change::Paused => ("paused", timestamp),
        Change::Activated => ("activated", timestamp),
        Change::Cancelled => {
            let at = cancelled_at(subscription)?;
            ("cancelled", at.unwrap_or(timestamp))
        }
        Change::Created | Change::Started | Change::AsItIs => return Ok(object.once("started")),
    };
    Ok(object.each(word, &time.in_utc().to_string()))
}

/// A start is bought in a browser; what follows happens to the contract.
fn channel(what: Change, context: &Context) -> Channel {
    match (what, context.options.cancelled_channel) {
        (Change::Created | Change::Started | Change::AsItIs, _) => {
            Channel::new(SalesChannel::Web, "a subscription is started in a browser")
        }
        (Change::Cancelled, CancelledChannel::Offline) => Channel::new(
            SalesChannel::Offline,
            "the configuration says so of cancellations",
        ),
        _ => Channel::new(
            SalesChannel::SubscriptionContract,
            "it is a change of a contract",
        ),
    }
}

/// The price of the plan and its addons for one period, before tax and discount.
fn value(subscription: &Subscription, notes: &mut Vec<Note>) -> Result<Option<Order>, MapError> {
    let of_items = subscription.subscription_items.iter();
    // What is charged once is no part of the contract.
    let of_items = of_items
        .filter(|it| it.item_type.as_ref().map(Text::as_str) != Some("charge"))
        .map(|it| (it.item_price_id.as_ref(), it.amount, it.quantity));
    let plan = (
        subscription.plan_id.as_ref(),
        subscription.plan_amount,
        subscription.plan_quantity,
    );
    let mut parts: Vec<_> = of_items.collect();
    if parts.is_empty() {
        parts.push(plan);
    }
    let code = subscription.currency_code.as_ref();
    let mut items = Vec::with_capacity(parts.len());
    let mut total = Amount::ZERO;
    for (name, amount, quantity) in parts {
        let (Some(name), Some(amount), true) = (name, amount, code.is_some()) else {
            let message = "the subscription does not tell what it costs";
            notes.push(Note::new(Code::TotalMissing, message, "subscription"));
            return Ok(None);
        };
        let currency = currency("subscription.currency_code", code)?;
        let amount = major(amount, currency)?;
        total = total.plus(amount).ok_or_else(overflow)?;
        let (price, quantity) = unit_price(amount, quantity, currency);
        items.push(Item {
            product_id: name.clone(),
            variant_id: None,
            sku: None,
            name: name.clone(),
            variant_name: None,
            price,
            quantity,
            vendor: None,
            url: None,
            image_url: None,
        });
    }
    let currency = currency("subscription.currency_code", code)?;
    let message = "the price of the plan; a subscription tells neither tax nor shipping";
    notes.push(Note::new(Code::TaxMissing, message, "subscription"));
    Ok(Some(Order {
        currency,
        total_price: total.round(currency),
        total_tax: None,
        total_shipping: None,
        total_discount: None,
        coupons: Vec::new(),
        items,
        rest: Rest::NONE,
        prices: Prices::Net,
    }))
}

/// Reasons that are not the customer's own decision.
const INVOLUNTARY: &[&str] = &[
    "not_paid",
    "no_card",
    "fraud_review_failed",
    "non_compliant_eu_customer",
    "non_compliant_customer",
    "tax_calculation_failed",
    "currency_incompatible_with_gateway",
];

fn facts(message: &Message, subscription: &Subscription, id: &Text, what: Change) -> Properties {
    let mut facts = Properties::with_capacity(6);
    facts.set(
        PLATFORM,
        PropertyValue::Text(Text::labelled("chargebee", "")),
    );
    facts.set_text(SUBSCRIPTION_ID, Some(id.clone()));
    facts.set_text(CUSTOMER_ID, buyer::customer_id(&message.content).cloned());
    facts.set_text(STATUS, subscription.status.clone());
    if what == Change::Cancelled {
        let reason = subscription.cancel_reason.clone();
        let is_involuntary = reason
            .as_ref()
            .is_some_and(|reason| INVOLUNTARY.contains(&reason.as_str()));
        let kind = if is_involuntary {
            "involuntary"
        } else {
            "voluntary"
        };
        facts.set_text(CANCELLATION_KIND, Text::new(kind));
        facts.set_text(CANCELLATION_REASON, reason);
    }
    facts
}

const STATUS: PropertyName = PropertyName::fixed("subscription_status");
const CANCELLATION_KIND: PropertyName = PropertyName::fixed("cancellation_kind");
const CANCELLATION_REASON: PropertyName = PropertyName::fixed("cancellation_reason");
