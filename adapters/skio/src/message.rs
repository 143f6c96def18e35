//! A message becomes a step in a subscription's life.
//!
//! Skio tells no amounts. Most messages do not say when something happened either, which leaves
//! nothing to tell one cancellation of a subscription from the next.

use orderbridge_event::{
    Alias, Aliases, CancelledChannel, Channel, Code, Contact, Context, Email, Event, EventId,
    Events, Kind, Lifecycle, MapError, Mapped, Names, Note, Options, Place, Properties,
    PropertyName, PropertyValue, SalesChannel, Subscription, Text, Timestamp,
};

use crate::payload::{Facts, Message};
use crate::topics::What;

/// Maps a message that is read.
pub(crate) fn of(message: Message, what: What, context: &Context) -> Result<Mapped, MapError> {
    if message.kind().is_none() && message.subscription_id.is_none() && message.properties.is_none()
    {
        return Err(MapError::invalid(
            Code::PayloadUnknown,
            "$",
            "a message of Skio's",
        ));
    }
    let (place, facts) = match (message.properties, message.event_data) {
        (Some(properties), _) => ("properties", properties),
        (None, Some(data)) => ("eventData", data),
        (None, None) => ("properties", Facts::default()),
    };
    let id = message
        .subscription_id
        .or_else(|| facts.subscription_id.clone());
    let id = id.ok_or_else(|| MapError::missing(format!("{place}.subscriptionId")))?;
    let told = time(place, facts.timestamp.as_ref())?;
    let at = told
        .or(context.received_at)
        .ok_or_else(|| MapError::invalid(Code::TimeMissing, "$", "the time it was sent"))?;
    let mut notes = vec![Note::new(
        Code::TotalMissing,
        "the message has no amounts",
        "$",
    )];
    let (contact, aliases) = person(place, &facts, &id, &context.options, &mut notes);
    let channel = channel(what, context);
    let mut custom = Properties::with_capacity(2);
    custom.set(
        PLATFORM,
        PropertyValue::Text(Text::labelled(PLATFORM_NAME, "")),
    );
    custom.set_text(STATUS, facts.status);
    let event = Event {
        id: event_id(&id, what, told, &mut notes).prefixed(&context.options.event_id_prefix),
        timestamp: at,
        kind: kind(what, Subscription { id, order: None }),
        channel: channel.value,
        contact,
        names: Names::NONE,
        place: Place::NONE,
        home: None,
        custom,
        aliases,
    };
    let events = Events::new(event, Vec::new(), channel, notes);
    Ok(Mapped::Events(Box::new(events)))
}

fn kind(what: What, subscription: Subscription) -> Kind {
    match what {
        What::Started => Kind::StartedSubscription(subscription),
        What::Cancelled => Kind::CancelledSubscription(subscription),
        What::Activated => Kind::Lifecycle(Lifecycle::Activated, subscription),
        What::Paused => Kind::Lifecycle(Lifecycle::Paused, subscription),
    }
}

/// A start happens once. What can happen again is told apart by its time; without one the second
/// of a kind has the id of the first, and a note says so.
fn event_id(id: &Text, what: What, told: Option<Timestamp>, notes: &mut Vec<Note>) -> EventId {
    let object = EventId::of(PLATFORM_NAME, "sub", id);
    let name = match what {
        What::Started => return object.once("started"),
        What::Cancelled => "cancelled",
        What::Activated => "activated",
        What::Paused => "paused",
    };
    if let Some(at) = told {
        return object.each(name, &at.in_utc().to_string());
    }
    let message = "a second one of this subscription would count as a repetition";
    notes.push(Note::new(Code::TimeUntold, message, "$"));
    object.once(name)
}

fn time(place: &str, text: Option<&Text>) -> Result<Option<Timestamp>, MapError> {
    let Some(text) = text else { return Ok(None) };
    let invalid = || {
        let path = format!("{place}.timestamp");
        MapError::invalid(Code::TimeInvalid, path, "a time with an offset")
    };
    Timestamp::parse(text.as_str())
        .map(Some)
        .ok_or_else(invalid)
}

/// A start is always `web`, as at Converge's own Skio source.
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

/// The e-mail address is all that a message tells of a person.
fn person(
    place: &str,
    facts: &Facts,
    id: &Text,
    options: &Options,
    notes: &mut Vec<Note>,
) -> (Contact, Aliases) {
    let told = [("email", &facts.email), ("userEmail", &facts.user_email)];
    let told = told
        .into_iter()
        .find_map(|(key, text)| Some((key, text.as_ref()?)));
    let mut email = None;
    match told.map(|(key, text)| (key, Email::parse(text.as_str()))) {
        Some((key, Some(read))) if read.is_placeholder(&options.shared_emails) => {
            let message = "a placeholder or shared address is left out";
            notes.push(Note::new(
                Code::EmailShared,
                message,
                format!("{place}.{key}"),
            ));
        }
        Some((_, Some(read))) => email = Some(read),
        Some((key, None)) => {
            let path = format!("{place}.{key}");
            notes.push(Note::new(Code::EmailInvalid, "not an e-mail address", path));
        }
        None => {}
    }
    let alias = email
        .as_ref()
        .and_then(|email| Alias::email(email, &options.shared_emails));
    let alias = alias.unwrap_or_else(|| {
        let message = "no e-mail address: the subscription itself is the only alias";
        notes.push(Note::new(
            Code::IdentityOrderOnly,
            message,
            format!("{place}.email"),
        ));
        let prefix = options.alias_prefixes.get("subscription_id");
        let prefix = prefix.map_or("urn:skio:subscription_id:", String::as_str);
        Alias::given(Text::labelled(prefix, id.as_str()))
    });
    let contact = Contact { email, phone: None };
    (contact, Aliases::new(alias, None))
}

const PLATFORM_NAME: &str = "skio";
const PLATFORM: PropertyName = PropertyName::fixed("platform");
const STATUS: PropertyName = PropertyName::fixed("subscription_status");
