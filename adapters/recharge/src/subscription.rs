//! A subscription's life: start, end, rest and what else can happen to it.
//!
//! A subscription has no order, no tax, and no e-mail address unless the webhook asks for the
//! customer. <https://developer.rechargepayments.com/2021-11/subscriptions>

use orderbridge_event::{
    Amount, CancelledChannel, Channel, Code, Context, Currency, Event, EventId, Events, Kind,
    Lifecycle, MapError, Mapped, Note, Order, Prices, Properties, PropertyName, PropertyValue,
    Rest, SalesChannel, Text, Timestamp,
};

use crate::body;
use crate::buyer::{self, Buyer};
use crate::charge::{IS_PREPAID, PLATFORM, PLATFORM_NAME, lower_case};
use crate::payload::{Customer, Subscription};
use crate::{items, time, totals};

/// What a message says of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Activated,
    Cancelled,
    Paused,
    Skipped,
    Unskipped,
    /// Nothing: it is the subscription as it is now, of which start and end are told.
    AsItIs,
}

/// Maps a message about a subscription.
pub(crate) fn map(body: &[u8], change: Change, context: &Context) -> Result<Mapped, MapError> {
    let mut body = body::subscription(body)?;
    let customer = body.customer.take();
    let mapped = changed(&mut body.object, customer.as_ref(), change, context);
    mapped.map_err(|error| body.within(error))
}

fn changed(
    subscription: &mut Subscription,
    customer: Option<&Customer>,
    change: Change,
    context: &Context,
) -> Result<Mapped, MapError> {
    let id = id(subscription)?;
    let is = |status: &str| {
        let told = subscription.status.as_ref();
        told.is_some_and(|told| told.as_str().eq_ignore_ascii_case(status))
    };
    if is("onetime") {
        let message = "a one-time item is no subscription";
        return Ok(Mapped::ignored(Code::SubscriptionNoEvent, message));
    }
    let first = match change {
        Change::AsItIs => Change::Created,
        told => told,
    };
    let ended = change == Change::AsItIs && subscription.cancelled_at.is_some();
    let mut notes = Vec::new();
    let buyer = buyer::of_subscription(subscription, customer, &id, &context.options, &mut notes);
    let happened = happened(subscription, &id, first)?;
    let end = ended
        .then(|| self::happened(subscription, &id, Change::Cancelled))
        .transpose()?;
    let custom = facts(subscription);
    let reason = ending(subscription);
    let order = plan(subscription, &id, context, &mut notes)?;
    let parts = Parts {
        id,
        order,
        custom,
        buyer,
    };
    let channel = channel(first, context);
    let event = parts.event(first, &happened, &reason, context);
    let more = end.map(|end| parts.event(Change::Cancelled, &end, &reason, context));
    let events = Events::new(event, more.into_iter().collect(), channel, notes);
    Ok(Mapped::Events(Box::new(events)))
}

fn id(subscription: &Subscription) -> Result<Text, MapError> {
    match &subscription.id {
        Some(id) => Ok(id.clone()),
        None if subscription.status.is_none() && subscription.created_at.is_none() => Err(
            MapError::invalid(Code::PayloadUnknown, "$", "a subscription"),
        ),
        None => Err(MapError::missing("id")),
    }
}

/// When something happened, and the id of that.
struct Happened {
    at: Timestamp,
    event_id: EventId,
}

/// A start happens once; all else is told apart by its time, or by the date that is skipped.
fn happened(subscription: &Subscription, id: &Text, change: Change) -> Result<Happened, MapError> {
    let updated = || {
        let updated = time::parse("updated_at", subscription.updated_at.as_ref())?;
        updated.ok_or_else(|| MapError::missing("updated_at"))
    };
    let object = EventId::of(PLATFORM_NAME, "sub", id);
    let skipped = |what| -> Result<Happened, MapError> {
        let at = updated()?;
        let date = subscription.next_charge_scheduled_at.as_ref();
        // 2021-01 has a time of midnight after the date.
        let date = date.and_then(|date| date.as_str().get(..10));
        let occurrence = date.map_or_else(|| time::occurrence(at), str::to_owned);
        let event_id = EventId::of(PLATFORM_NAME, "sub", id).each(what, &occurrence);
        Ok(Happened { at, event_id })
    };
    let each = |what, at| Happened {
        at,
        event_id: EventId::of(PLATFORM_NAME, "sub", id).each(what, &time::occurrence(at)),
    };
    Ok(match change {
        Change::Created | Change::AsItIs => {
            let created = time::parse("created_at", subscription.created_at.as_ref())?;
            Happened {
                at: created.ok_or_else(|| MapError::missing("created_at"))?,
                event_id: object.once("started"),
            }
        }
        Change::Cancelled => {
            match time::parse("cancelled_at", subscription.cancelled_at.as_ref())? {
                Some(at) => each("cancelled", at),
                None => each("cancelled", updated()?),
            }
        }
        Change::Activated => each("activated", updated()?),
        Change::Paused => each("paused", updated()?),
        Change::Skipped => skipped("skipped")?,
        Change::Unskipped => skipped("unskipped")?,
    })
}

/// A start is bought in a browser; what follows happens to the contract.
fn channel(change: Change, context: &Context) -> Channel {
    match change {
        Change::Created | Change::AsItIs => {
            Channel::new(SalesChannel::Web, "a subscription is started in a browser")
        }
        Change::Cancelled => cancelled_channel(context),
        Change::Activated | Change::Paused | Change::Skipped | Change::Unskipped => Channel::new(
            SalesChannel::SubscriptionContract,
            "it is a change of a contract",
        ),
    }
}

pub(crate) fn cancelled_channel(context: &Context) -> Channel {
    match context.options.cancelled_channel {
        CancelledChannel::Offline => Channel::new(
            SalesChannel::Offline,
            "the configuration says so of cancellations",
        ),
        CancelledChannel::SubscriptionContract => Channel::new(
            SalesChannel::SubscriptionContract,
            "it is a change of a contract",
        ),
    }
}

/// What one or two events are made of.
struct Parts {
    id: Text,
    order: Option<Order>,
    custom: Properties,
    buyer: Buyer,
}

impl Parts {
    fn event(
        &self,
        change: Change,
        happened: &Happened,
        ending: &Ending,
        context: &Context,
    ) -> Event {
        let subscription = orderbridge_event::Subscription {
            id: self.id.clone(),
            order: self.order.clone(),
        };
        let kind = match change {
            Change::Created | Change::AsItIs => Kind::StartedSubscription(subscription),
            Change::Cancelled => Kind::CancelledSubscription(subscription),
            Change::Activated => Kind::Lifecycle(Lifecycle::Activated, subscription),
            Change::Paused => Kind::Lifecycle(Lifecycle::Paused, subscription),
            Change::Skipped => Kind::Lifecycle(Lifecycle::Skipped, subscription),
            Change::Unskipped => Kind::Lifecycle(Lifecycle::Unskipped, subscription),
        };
        let mut custom = self.custom.clone();
        if change == Change::Cancelled {
            ending.tell(&mut custom);
        }
        Event {
            id: happened
                .event_id
                .clone()
                .prefixed(&context.options.event_id_prefix),
            timestamp: happened.at,
            kind,
            channel: channel(change, context).value,
            contact: self.buyer.contact.clone(),
            names: self.buyer.names.clone(),
            place: self.buyer.place.clone(),
            home: None,
            custom,
            aliases: self.buyer.aliases.clone(),
        }
    }
}

/// Why a subscription ended.
struct Ending {
    kind: &'static str,
    reason: Option<Text>,
}

impl Ending {
    fn tell(&self, custom: &mut Properties) {
        custom.set(
            CANCELLATION_KIND,
            PropertyValue::Text(Text::labelled(self.kind, "")),
        );
        custom.set_text(CANCELLATION_REASON, self.reason.clone());
    }
}

fn ending(subscription: &Subscription) -> Ending {
    Ending {
        kind: if subscription.max_retries_reached == Some(true) {
            INVOLUNTARY
        } else {
            "voluntary"
        },
        reason: subscription.cancellation_reason.clone(),
    }
}

/// The value of a subscription: what one period of it costs before discount, tax and shipping.
/// There is none where the price, the quantity or the currency is not told.
fn plan(
    subscription: &mut Subscription,
    id: &Text,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Option<Order>, MapError> {
    let stated = subscription.presentment_currency.as_ref();
    let currency = totals::currency("presentment_currency", stated, &context.options)?;
    let (Some(currency), Some(price), Some(quantity)) =
        (currency, subscription.price, subscription.quantity)
    else {
        let message = "no price with a currency: name the shop's in the configuration";
        notes.push(Note::new(
            Code::TotalMissing,
            message,
            "presentment_currency",
        ));
        return Ok(None);
    };
    let total = price.times(quantity.into()).ok_or_else(totals::overflow)?;
    let message = "a subscription's price is before tax and shipping";
    notes.push(Note::new(Code::TaxMissing, message, "price"));
    Ok(Some(of_plan(
        subscription,
        id,
        currency,
        price,
        quantity,
        total,
    )))
}

fn of_plan(
    subscription: &mut Subscription,
    id: &Text,
    currency: Currency,
    price: Amount,
    quantity: u32,
    total: Amount,
) -> Order {
    Order {
        currency,
        total_price: total.round(currency),
        total_tax: None,
        total_shipping: None,
        total_discount: None,
        coupons: Vec::new(),
        items: vec![items::of_subscription(subscription, id, price, quantity)],
        rest: Rest::NONE,
        prices: Prices::Net,
    }
}

/// What a merchant may want to filter by, flat.
fn facts(subscription: &Subscription) -> Properties {
    let mut facts = Properties::with_capacity(7);
    facts.set(
        PLATFORM,
        PropertyValue::Text(Text::labelled(PLATFORM_NAME, "")),
    );
    facts.set_text(STATUS, lower_case(subscription.status.as_ref()));
    facts.set_text(INTERVAL_UNIT, subscription.order_interval_unit.clone());
    facts.set_text(INTERVAL, subscription.order_interval_frequency.clone());
    if let Some(is_prepaid) = subscription.is_prepaid {
        facts.set(IS_PREPAID, PropertyValue::Flag(is_prepaid));
    }
    facts
}

pub(crate) const CANCELLATION_KIND: PropertyName = PropertyName::fixed("cancellation_kind");
pub(crate) const CANCELLATION_REASON: PropertyName = PropertyName::fixed("cancellation_reason");
pub(crate) const INVOLUNTARY: &str = "involuntary";
const STATUS: PropertyName = PropertyName::fixed("subscription_status");
const INTERVAL_UNIT: PropertyName = PropertyName::fixed("order_interval_unit");
const INTERVAL: PropertyName = PropertyName::fixed("order_interval");
