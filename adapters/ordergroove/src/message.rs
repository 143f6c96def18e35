//! A message becomes a renewal or a step in a subscription's life.

use orderbridge_event::{
    Alias, Aliases, Amount, CancelledChannel, Channel, Code, Contact, Context, Email, Event,
    EventId, Events, Kind, Lifecycle, MapError, Mapped, Mode, Names, Note, Options, Order,
    OrderIdentity, Phone, Place, Properties, PropertyName, PropertyValue, Renewals, SalesChannel,
    Subscription, Text, Timestamp, read,
};

use crate::money;
use crate::payload::{Customer, Message, Object};
use crate::topics::What;

/// Maps a message.
pub(crate) fn map(body: &[u8], what: What, context: &Context) -> Result<Mapped, MapError> {
    of(read::read(body)?, what, context)
}

/// Maps a message that is read.
pub(crate) fn of(message: Message, what: What, context: &Context) -> Result<Mapped, MapError> {
    let happened = time("created", message.created.as_ref())?;
    let Some(mut data) = message.data else {
        return Err(MapError::invalid(
            Code::PayloadUnknown,
            "$",
            "a message with its data",
        ));
    };
    let object = data
        .object
        .take()
        .ok_or_else(|| MapError::missing("data.object"))?;
    let snapshot = data.snapshot.or(message.snapshot).unwrap_or_default();
    let id = object
        .public_id
        .clone()
        .ok_or_else(|| MapError::missing("data.object.public_id"))?;
    let mut notes = Vec::new();
    let (kind, event_id, at) = match what {
        What::Renewal => {
            let sent = match sent_as(&object, context) {
                Ok(sent) => sent,
                Err(ignored) => return Ok(ignored),
            };
            let order = money::of_order(&object, snapshot.items, &context.options, &mut notes)?;
            let at = happened.ok_or_else(|| MapError::missing("created"))?;
            let Some((kind, event_id)) = sent.event(order, &id) else {
                let what = match context.options.currency {
                    None => "currency",
                    Some(_) => "data.object.total",
                };
                return Err(MapError::missing(what));
            };
            (kind, event_id, at)
        }
        told => life(&object, &id, told, happened)?,
    };
    let channel = channel(what, context);
    let buyer = Buyer::of(
        &object,
        snapshot.customer.as_ref(),
        &id,
        what,
        context,
        &mut notes,
    );
    let event = Event {
        id: event_id.prefixed(&context.options.event_id_prefix),
        timestamp: at,
        kind,
        channel: channel.value,
        contact: buyer.contact,
        names: buyer.names,
        place: Place::NONE,
        home: None,
        custom: facts(&object, &id, what),
        aliases: buyer.aliases,
    };
    let events = Events::new(event, Vec::new(), channel, notes);
    Ok(Mapped::Events(Box::new(events)))
}

/// What a renewal is sent as.
enum Sent {
    Own,
    OfStore(Text),
    Renewal,
}

/// Decides by the mode who sends a renewal. Ordergroove places its orders in the shop, so the shop
/// has every one of them.
fn sent_as(object: &Object, context: &Context) -> Result<Sent, Mapped> {
    let options = &context.options;
    let by_store = |why| Err(Mapped::ignored(Code::OrderByStore, why));
    match options.mode.unwrap_or(crate::DEFAULT_MODE) {
        Mode::Standalone => Ok(Sent::Own),
        Mode::BothThroughUs if options.event_id == OrderIdentity::Name => {
            by_store("the shop's orders go by their names, which the message does not have")
        }
        Mode::BothThroughUs => match &object.order_merchant_id {
            Some(order) => Ok(Sent::OfStore(order.clone())),
            None => by_store("the message does not name the shop's order, which comes by itself"),
        },
        Mode::BesideStore if options.renewals == Renewals::Off => {
            let message = "renewals are off for this source";
            Err(Mapped::ignored(Code::RenewalOff, message))
        }
        Mode::BesideStore => Ok(Sent::Renewal),
    }
}

impl Sent {
    /// The event; none for an order that has to have money and has none.
    fn event(self, order: Option<Order>, id: &Text) -> Option<(Kind, EventId)> {
        let own = EventId::of(PLATFORM_NAME, "order", id);
        let (id, event_id) = match self {
            Self::Renewal => {
                let renewal = Subscription {
                    id: id.clone(),
                    order,
                };
                return Some((Kind::PlacedRecurringSubscriptionOrder(renewal), own));
            }
            Self::Own => (id.clone(), own),
            Self::OfStore(store) => (store.clone(), EventId::order(&store)),
        };
        let placed = Kind::PlacedOrder {
            id,
            order: order?,
            is_new_customer: Some(false),
        };
        Some((placed, event_id))
    }
}

/// A step in a subscription's life, with the id that tells it from the next of its kind.
fn life(
    object: &Object,
    id: &Text,
    what: What,
    happened: Option<Timestamp>,
) -> Result<(Kind, EventId, Timestamp), MapError> {
    let told = || happened.ok_or_else(|| MapError::missing("created"));
    let of = |object| EventId::of(PLATFORM_NAME, object, id);
    let subscription = Subscription {
        id: id.clone(),
        order: None,
    };
    Ok(match what {
        What::Started => {
            let created = time("data.object.created", object.created.as_ref())?;
            let at = created.map_or_else(told, Ok)?;
            (
                Kind::StartedSubscription(subscription),
                of("sub").once("started"),
                at,
            )
        }
        What::Cancelled => {
            let cancelled = time("data.object.cancelled", object.cancelled.as_ref())?;
            let at = cancelled.map_or_else(told, Ok)?;
            let event_id = of("sub").each("cancelled", &at.in_utc().to_string());
            (Kind::CancelledSubscription(subscription), event_id, at)
        }
        What::Reactivated => {
            let at = told()?;
            let event_id = of("sub").each("activated", &at.in_utc().to_string());
            (
                Kind::Lifecycle(Lifecycle::Activated, subscription),
                event_id,
                at,
            )
        }
        What::Skipped | What::Renewal => {
            let at = told()?;
            // The order is put off to a later date, and may be skipped again from there.
            let occurrence = object
                .place
                .as_ref()
                .map_or_else(|| at.in_utc().to_string(), |date| date.as_str().to_owned());
            let event_id = of("order").each("skipped", &occurrence);
            (
                Kind::Lifecycle(Lifecycle::Skipped, subscription),
                event_id,
                at,
            )
        }
    })
}

/// Times are Unix seconds.
fn time(path: &str, text: Option<&Text>) -> Result<Option<Timestamp>, MapError> {
    let Some(text) = text else { return Ok(None) };
    let seconds = text.as_str().parse().ok();
    let read = seconds.and_then(Timestamp::from_unix);
    let invalid = || MapError::invalid(Code::TimeInvalid, path, "Unix seconds");
    read.map(Some).ok_or_else(invalid)
}

fn channel(what: What, context: &Context) -> Channel {
    let contract = |because| Channel::new(SalesChannel::SubscriptionContract, because);
    match (what, context.options.cancelled_channel) {
        (What::Started, _) => Channel::new(
            SalesChannel::Web,
            "a subscription is started at the shop's checkout",
        ),
        (What::Renewal, _) => contract("every order of Ordergroove's is a renewal"),
        (What::Cancelled, CancelledChannel::Offline) => Channel::new(
            SalesChannel::Offline,
            "the configuration says so of cancellations",
        ),
        _ => contract("it is a change of a contract"),
    }
}

/// Whom a message is about.
struct Buyer {
    contact: Contact,
    names: Names,
    aliases: Aliases,
}

impl Buyer {
    fn of(
        object: &Object,
        customer: Option<&Customer>,
        id: &Text,
        what: What,
        context: &Context,
        notes: &mut Vec<Note>,
    ) -> Self {
        let options = &context.options;
        let email = email(customer, options, notes);
        let phone = customer.and_then(|it| it.phone_number.as_ref());
        let told = phone.is_some();
        let phone = phone.and_then(|text| Phone::parse(text.as_str()));
        if told && phone.is_none() {
            let message = "not a phone number with its country code";
            let path = "data.snapshot.customer.phone_number";
            notes.push(Note::new(Code::PhoneInvalid, message, path));
        }
        let in_shop = object.customer.as_ref();
        let known = [
            in_shop.and_then(|it| Alias::new(prefix(options, CUSTOMER_ID), it.as_str())),
            email
                .as_ref()
                .and_then(|it| Alias::email(it, &options.shared_emails)),
        ];
        let aliases = Aliases::from_known(known.into_iter().flatten()).unwrap_or_else(|| {
            let message = "no customer and no e-mail address: the object itself is the only alias";
            notes.push(Note::new(
                Code::IdentityOrderOnly,
                message,
                "data.object.customer",
            ));
            let kind = match what {
                What::Renewal | What::Skipped => ORDER_ID,
                What::Started | What::Cancelled | What::Reactivated => SUBSCRIPTION_ID,
            };
            let alias = Text::labelled(prefix(options, kind), id.as_str());
            Aliases::new(Alias::given(alias), None)
        });
        let names = customer.map_or(Names::NONE, |it| Names {
            first: it.first_name.clone(),
            last: it.last_name.clone(),
        });
        let contact = Contact { email, phone };
        Self {
            contact,
            names,
            aliases,
        }
    }
}

fn email(customer: Option<&Customer>, options: &Options, notes: &mut Vec<Note>) -> Option<Email> {
    let path = "data.snapshot.customer.email";
    let Some(text) = customer.and_then(|it| it.email.as_ref()) else {
        let message = "the webhook is not set up to carry the customer";
        notes.push(Note::new(Code::EmailMissing, message, path));
        return None;
    };
    let email = Email::parse(text.as_str());
    if email.is_none() {
        notes.push(Note::new(Code::EmailInvalid, "not an e-mail address", path));
    }
    let email = email?;
    if email.is_placeholder(&options.shared_emails) {
        let message = "a placeholder or shared address is left out";
        notes.push(Note::new(Code::EmailShared, message, path));
        return None;
    }
    Some(email)
}

/// What a merchant may want to filter by, flat.
fn facts(object: &Object, id: &Text, what: What) -> Properties {
    let mut facts = Properties::with_capacity(6);
    facts.set(
        PLATFORM,
        PropertyValue::Text(Text::labelled(PLATFORM_NAME, "")),
    );
    match what {
        What::Renewal => {
            facts.set(
                SUBSCRIPTION_ORDER,
                PropertyValue::Text(Text::labelled("renewal", "")),
            );
            facts.set_text(STORE_ORDER_ID, object.order_merchant_id.clone());
            facts.set_text(ORDERGROOVE_ORDER_ID, Some(id.clone()));
        }
        What::Skipped => facts.set_text(PLACE, object.place.clone()),
        What::Started | What::Cancelled | What::Reactivated => {
            facts.set_text(STORE_ORDER_ID, object.merchant_order_id.clone());
            facts.set_text(PRODUCT_ID, object.product.clone());
            if let Some(every) = object.every {
                facts.set(INTERVAL, PropertyValue::Number(Amount::from(every)));
            }
            facts.set_text(INTERVAL_UNIT, object.every_period_display.clone());
        }
    }
    if what == What::Cancelled {
        facts.set_text(CANCELLATION_REASON, object.cancel_reason.clone());
    }
    facts
}

fn prefix<'a>(options: &'a Options, (name, usual): (&str, &'static str)) -> &'a str {
    options
        .alias_prefixes
        .get(name)
        .map_or(usual, String::as_str)
}

const PLATFORM_NAME: &str = "ordergroove";
// As the shop's own source has it, so that both tell of one person.
const CUSTOMER_ID: (&str, &str) = ("customer_id", "urn:customer_id:");
const ORDER_ID: (&str, &str) = ("order_id", "urn:ordergroove:order_id:");
const SUBSCRIPTION_ID: (&str, &str) = ("subscription_id", "urn:ordergroove:subscription_id:");
const PLATFORM: PropertyName = PropertyName::fixed("platform");
const SUBSCRIPTION_ORDER: PropertyName = PropertyName::fixed("subscription_order");
const STORE_ORDER_ID: PropertyName = PropertyName::fixed("store_order_id");
const ORDERGROOVE_ORDER_ID: PropertyName = PropertyName::fixed("ordergroove_order_id");
const PLACE: PropertyName = PropertyName::fixed("skipped_date");
const PRODUCT_ID: PropertyName = PropertyName::fixed("product_id");
const INTERVAL: PropertyName = PropertyName::fixed("order_interval");
const INTERVAL_UNIT: PropertyName = PropertyName::fixed("order_interval_unit");
const CANCELLATION_REASON: PropertyName = PropertyName::fixed("cancellation_reason");
