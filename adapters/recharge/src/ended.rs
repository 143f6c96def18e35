//! `charge/max_retries_reached`: the payment failed for the last time, and what it was for ends.
//!
//! Such an end is reported to come without `subscription/cancelled`, so it is told from the charge:
//! once for each subscription on it.

use orderbridge_event::{
    Code, Context, Event, EventId, Events, Kind, MapError, Mapped, Note, PropertyValue,
    Subscription, Text,
};

use crate::body;
use crate::buyer;
use crate::charge::{self, PLATFORM_NAME};
use crate::payload::{Charge, Customer};
use crate::subscription::{CANCELLATION_KIND, CANCELLATION_REASON, INVOLUNTARY, cancelled_channel};
use crate::time;

/// Maps a charge that will not be tried again.
pub(crate) fn map(body: &[u8], context: &Context) -> Result<Mapped, MapError> {
    let mut body = body::charge(body)?;
    let customer = body.customer.take();
    let mapped = ended(&mut body.object, customer.as_ref(), context);
    mapped.map_err(|error| body.within(error))
}

fn ended(
    charge: &mut Charge,
    customer: Option<&Customer>,
    context: &Context,
) -> Result<Mapped, MapError> {
    let id = charge::id(charge)?;
    let ids: Vec<Text> = charge::subscriptions(charge)
        .iter()
        .filter_map(Text::new)
        .collect();
    let mut custom = charge::facts(charge, &id);
    custom.set(
        CANCELLATION_KIND,
        PropertyValue::Text(Text::labelled(INVOLUNTARY, "")),
    );
    custom.set_text(CANCELLATION_REASON, charge.error_type.clone());
    let timestamp = match time::parse("last_charge_attempt", charge.last_charge_attempt.as_ref())? {
        Some(at) => at,
        None => charge_attempt_or_update(charge)?,
    };
    let channel = cancelled_channel(context);
    let mut notes = Vec::new();
    let buyer = buyer::of_charge(charge, customer, &id, &context.options, &mut notes);
    let message = "what a subscription is worth is not on a charge that failed";
    notes.push(Note::new(Code::TotalMissing, message, "total_price"));
    let event = |subscription: Text| Event {
        // The charge tells this end from a later one; the times of its attempts go on changing.
        id: EventId::of(PLATFORM_NAME, "sub", &subscription)
            .each("cancelled", &format!("charge:{id}"))
            .prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: Kind::CancelledSubscription(Subscription {
            id: subscription,
            order: None,
        }),
        channel: channel.value,
        contact: buyer.contact.clone(),
        names: buyer.names.clone(),
        place: buyer.place.clone(),
        home: None,
        custom: custom.clone(),
        aliases: buyer.aliases.clone(),
    };
    let mut events = ids.into_iter().map(event);
    let Some(first) = events.next() else {
        let message = "no subscription is on the charge";
        return Ok(Mapped::ignored(Code::SubscriptionNoEvent, message));
    };
    let more = events.collect();
    Ok(Mapped::Events(Box::new(Events::new(
        first, more, channel, notes,
    ))))
}

fn charge_attempt_or_update(charge: &Charge) -> Result<orderbridge_event::Timestamp, MapError> {
    let older = charge.last_charge_attempt_date.as_ref();
    let attempt = time::parse("last_charge_attempt_date", older)?;
    let updated = time::parse("updated_at", charge.updated_at.as_ref())?;
    attempt
        .or(updated)
        .ok_or_else(|| MapError::missing("updated_at"))
}
