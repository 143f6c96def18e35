//! A subscription's life. Its money is told by invoices.
//!
//! <https://docs.stripe.com/billing/subscriptions/overview#subscription-lifecycle>

use orderbridge_event::{
    CancelledChannel, Channel, Code, Context, Event, EventId, Kind, Lifecycle, MapError, Mapped,
    Names, Note, Payload, Properties, PropertyName, PropertyValue, SalesChannel, Text, Timestamp,
};

use crate::invoice::{CUSTOMER_ID, PLATFORM, SUBSCRIPTION_ID};
use crate::message::{Made, Message, Opened, Place, open, time};
use crate::objects::Subscription;
use crate::payload::Before;
use crate::{buyer, plan};

/// What a message says of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Updated,
    Deleted,
    Paused,
    Resumed,
    /// An answer of the API: the subscription as it is now.
    AsItIs,
}

/// What happened, as far as there is an event for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Started,
    Paused,
    Activated,
    Cancelled,
}

/// Maps a message about a subscription.
pub(crate) fn map(
    payload: Payload<'_>,
    change: Change,
    context: &Context,
) -> Result<Mapped, MapError> {
    let place = match change {
        Change::AsItIs => Place::Body,
        _ => Place::Event,
    };
    match open::<Subscription>(payload, place, context)? {
        Opened::Ignored(ignored) => Ok(Mapped::Ignored(ignored)),
        Opened::Message(message) => message.map(context, |message, notes| {
            made(&message, change, context, notes)
        }),
    }
}

fn made(
    message: &Message<Subscription>,
    change: Change,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Made, MapError> {
    let subscription = &message.object;
    let id = subscription
        .id
        .as_ref()
        .ok_or_else(|| MapError::missing("id"))?;
    let what = match happened(message, change) {
        Ok(what) => what,
        Err(why) => return Ok(Made::Ignored(Code::SubscriptionNoEvent, why)),
    };
    let first = event(message, id, what, context, notes)?;
    let channel = channel(what, context);
    let has_ended = change == Change::AsItIs && subscription.ended_at.is_some();
    let more = if has_ended {
        vec![event(
            message,
            id,
            What::Cancelled,
            context,
            &mut Vec::new(),
        )?]
    } else {
        Vec::new()
    };
    Ok(Made::Events(Box::new(first), more, channel))
}

/// What a message tells, or why it has no event.
fn happened(message: &Message<Subscription>, change: Change) -> Result<What, &'static str> {
    let subscription = &message.object;
    let status = subscription.status.as_ref().map_or("", Text::as_str);
    match change {
        Change::Created | Change::AsItIs => match status {
            "incomplete" => Err("its first payment is still open"),
            "incomplete_expired" => Err("its first payment was never made"),
            _ => Ok(What::Started),
        },
        // A subscription that nobody has ever paid for was not cancelled.
        Change::Deleted if status == "incomplete_expired" => {
            Err("its first payment was never made")
        }
        Change::Deleted => Ok(What::Cancelled),
        Change::Paused => Ok(What::Paused),
        Change::Resumed => Ok(What::Activated),
        Change::Updated => updated(message, status),
    }
}

/// An update tells what changed by what it was before.
fn updated(message: &Message<Subscription>, status: &str) -> Result<What, &'static str> {
    let previous = &message.previous;
    let before = previous.status.as_ref().map(Text::as_str);
    let is_paused = message.object.pause_collection.is_some();
    match (before, status, previous.pause_collection, is_paused) {
        (Some("incomplete"), "active" | "trialing", _, _) => Ok(What::Started),
        // Collection that was paused before and still is has another end; nothing more.
        (_, _, Before::Nothing, true) => Ok(What::Paused),
        (_, _, Before::Something, false) => Ok(What::Activated),
        (Some("trialing"), "active", _, _) => Err("the trial is over: its invoice tells of it"),
        (Some(_), "past_due" | "unpaid", _, _) => Err("nothing was charged"),
        _ => Err("a changed plan or date: what it costs arrives with an invoice"),
    }
}

fn event(
    message: &Message<Subscription>,
    id: &Text,
    what: What,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Event, MapError> {
    let subscription = &message.object;
    let timestamp = moment(message, what)?;
    let buyer = buyer::of_subscription(&subscription.customer, id, &context.options, notes);
    let order = plan::value(subscription, notes)?;
    let told = orderbridge_event::Subscription {
        id: id.clone(),
        order,
    };
    Ok(Event {
        id: event_id(message, id, what, timestamp)?.prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: match what {
            What::Started => Kind::StartedSubscription(told),
            What::Paused => Kind::Lifecycle(Lifecycle::Paused, told),
            What::Activated => Kind::Lifecycle(Lifecycle::Activated, told),
            What::Cancelled => Kind::CancelledSubscription(told),
        },
        channel: channel(what, context).value,
        contact: buyer.contact,
        names: Names::NONE,
        place: buyer.place,
        home: None,
        custom: facts(subscription, id, what),
        aliases: buyer.aliases,
    })
}

/// When it happened: the event's time, else what the subscription says itself.
fn moment(message: &Message<Subscription>, what: What) -> Result<Timestamp, MapError> {
    if let Some(happened) = message.happened {
        return Ok(happened);
    }
    let own = if what == What::Cancelled {
        time("ended_at", message.object.ended_at.as_ref())?
    } else {
        time("created", message.object.created.as_ref())?
    };
    own.ok_or_else(|| MapError::missing("created"))
}

/// A cancellation may have been asked for long before the subscription ends.
fn cancelled_at(subscription: &Subscription) -> Result<Option<Timestamp>, MapError> {
    let asked = time("canceled_at", subscription.canceled_at.as_ref())?;
    let ended = time("ended_at", subscription.ended_at.as_ref())?;
    Ok(asked.or(ended))
}

/// A start happens once; all else can come again and is told apart by its time.
fn event_id(
    message: &Message<Subscription>,
    id: &Text,
    what: What,
    timestamp: Timestamp,
) -> Result<EventId, MapError> {
    let object = EventId::of("stripe", "sub", id);
    let (word, time) = match what {
        What::Started => return Ok(object.once("started")),
        What::Paused => ("paused", timestamp),
        What::Activated => ("activated", timestamp),
        What::Cancelled => {
            let at = cancelled_at(&message.object)?;
            ("cancelled", at.unwrap_or(timestamp))
        }
    };
    Ok(object.each(word, &time.in_utc().to_string()))
}

/// A start is bought in a browser; what follows happens to the contract.
fn channel(what: What, context: &Context) -> Channel {
    match (what, context.options.cancelled_channel) {
        (What::Started, _) => {
            Channel::new(SalesChannel::Web, "a subscription is started in a browser")
        }
        (What::Cancelled, CancelledChannel::Offline) => Channel::new(
            SalesChannel::Offline,
            "the configuration says so of cancellations",
        ),
        _ => Channel::new(
            SalesChannel::SubscriptionContract,
            "it is a change of a contract",
        ),
    }
}

fn facts(subscription: &Subscription, id: &Text, what: What) -> Properties {
    let mut facts = Properties::with_capacity(6);
    facts.set(PLATFORM, PropertyValue::Text(Text::labelled("stripe", "")));
    facts.set_text(SUBSCRIPTION_ID, Some(id.clone()));
    facts.set_text(CUSTOMER_ID, subscription.customer.id().cloned());
    facts.set_text(STATUS, subscription.status.clone());
    if what == What::Cancelled {
        let details = subscription.cancellation_details.as_ref();
        let reason = details.and_then(|details| details.reason.clone());
        let kind = reason.as_ref().map(|reason| match reason.as_str() {
            "cancellation_requested" => "voluntary",
            _ => "involuntary",
        });
        facts.set_text(CANCELLATION_KIND, kind.and_then(Text::new));
        facts.set_text(CANCELLATION_REASON, reason);
    }
    facts
}

const STATUS: PropertyName = PropertyName::fixed("subscription_status");
const CANCELLATION_KIND: PropertyName = PropertyName::fixed("cancellation_kind");
const CANCELLATION_REASON: PropertyName = PropertyName::fixed("cancellation_reason");
