//! Reading back the body that [`Event::to_json`] writes.
//!
//! Strict, since nothing else is expected: a field that `OrderBridge` does not write is an error,
//! so that reading and writing again never loses anything.

mod fields;
mod order;

use crate::tree::Tree;
use crate::{
    Alias, Aliases, Code, Contact, CountryCode, CustomName, Email, Event, EventId, EventName, Kind,
    Lifecycle, MapError, Names, Order, Phone, Place, Properties, PropertyName, PropertyValue,
    Refund, SalesChannel, Subscription, Text, Timestamp,
};
use fields::{Reader, invalid};

impl Event {
    /// Reads a body that was written by [`Event::to_json`]; writing it again gives the same bytes.
    ///
    /// Whether prices hold tax is not in the body: they do if only then the parts add up.
    pub fn from_json(body: &[u8]) -> Result<Self, MapError> {
        let tree = Tree::parse(body).ok_or_else(|| {
            MapError::invalid(Code::PayloadSyntax, "$", "one complete JSON document")
        })?;
        let mut body = Reader::open(&tree, "$")?;
        let name = body.need_text("event_name")?;
        let id = EventId::given(body.need_text("event_id")?);
        let mut properties = body.need_object("properties")?;
        let mut profile = body.need_object("profile_properties")?;
        let aliases = aliases(body.take("aliases"))?;
        let timestamp = timestamp(&mut body)?;
        body.finish()?;

        let kind = kind(&name, &mut properties)?;
        let contact = contact(&mut properties)?;
        let place = place(&mut properties)?;
        let channel = channel(&mut properties)?;
        let custom = custom(properties)?;

        if self::contact(&mut profile)? != contact {
            let other = "the same field of properties";
            return Err(MapError::conflict(
                Code::PayloadType,
                "profile_properties",
                other,
            ));
        }
        let names = Names {
            first: profile.text("$first_name")?,
            last: profile.text("$last_name")?,
        };
        let home = Some(self::place(&mut profile)?).filter(|home| *home != place);
        profile.finish()?;
        Ok(Self {
            id,
            timestamp,
            kind,
            channel,
            contact,
            names,
            place,
            home,
            custom,
            aliases,
        })
    }
}

fn aliases(list: Option<&Tree<'_>>) -> Result<Aliases, MapError> {
    let expected = "1 to 10 distinct texts";
    let Some(Tree::List(items)) = list else {
        return Err(invalid("aliases", expected));
    };
    let mut aliases = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let text = item.as_text().and_then(Text::exact);
        let text = text.ok_or_else(|| invalid(format!("aliases[{place}]"), "text"))?;
        aliases.push(Alias::given(text));
    }
    Aliases::from_known(aliases)
        .filter(|kept| kept.iter().len() == items.len())
        .ok_or_else(|| invalid("aliases", expected))
}

fn timestamp(body: &mut Reader<'_, '_>) -> Result<Timestamp, MapError> {
    Timestamp::parse(body.need_text("timestamp")?.as_str())
        .ok_or_else(|| MapError::invalid(Code::TimeInvalid, "timestamp", "RFC 3339 with an offset"))
}

fn kind(name: &Text, properties: &mut Reader<'_, '_>) -> Result<Kind, MapError> {
    let Some(known) = EventName::parse(name.as_str()) else {
        let name = CustomName::given(name.clone())
            .ok_or_else(|| invalid("event_name", "a name of Converge's or one's own"))?;
        // `id` is no name for a custom property, so that it tells the two apart.
        let about = properties.has("id").then(|| subscription(properties));
        return Ok(Kind::Custom(name, about.transpose()?));
    };
    Ok(match known {
        EventName::PlacedOrder => Kind::PlacedOrder {
            id: properties.need_text("id")?,
            order: order(properties)?.ok_or_else(|| properties.missing("total_price"))?,
            is_new_customer: properties.flag("$is_new_customer")?,
        },
        EventName::StartedSubscription => Kind::StartedSubscription(subscription(properties)?),
        EventName::CancelledSubscription => Kind::CancelledSubscription(subscription(properties)?),
        EventName::PlacedRecurringSubscriptionOrder => {
            Kind::PlacedRecurringSubscriptionOrder(subscription(properties)?)
        }
        EventName::ReceivedRefund => Kind::ReceivedRefund(refund(properties)?),
        EventName::ActivatedSubscription => lifecycle(Lifecycle::Activated, properties)?,
        EventName::PausedSubscription => lifecycle(Lifecycle::Paused, properties)?,
        EventName::SkippedSubscription => lifecycle(Lifecycle::Skipped, properties)?,
        EventName::UnskippedSubscription => lifecycle(Lifecycle::Unskipped, properties)?,
    })
}

fn lifecycle(change: Lifecycle, properties: &mut Reader<'_, '_>) -> Result<Kind, MapError> {
    Ok(Kind::Lifecycle(change, subscription(properties)?))
}

fn subscription(properties: &mut Reader<'_, '_>) -> Result<Subscription, MapError> {
    Ok(Subscription {
        id: properties.need_text("id")?,
        order: order(properties)?,
    })
}

/// The order in an event's properties, if there is one.
fn order(properties: &mut Reader<'_, '_>) -> Result<Option<Order>, MapError> {
    match properties.amount("total_price")? {
        None => Ok(None),
        Some(total_price) => order::read(properties, total_price).map(Some),
    }
}

fn refund(properties: &mut Reader<'_, '_>) -> Result<Refund, MapError> {
    let order_id = properties.need_text("id")?;
    if properties.need_text("order_id")? != order_id {
        let path = properties.path("order_id");
        return Err(MapError::conflict(Code::PayloadType, path, "properties.id"));
    }
    Ok(Refund {
        order_id,
        refund_id: properties.need_text("refund_id")?,
        amount: properties.amount("total_price")?,
        currency: properties.currency()?,
    })
}

fn contact(object: &mut Reader<'_, '_>) -> Result<Contact, MapError> {
    Ok(Contact {
        email: object.parsed("$email", "an e-mail address", Email::parse, Email::as_str)?,
        phone: object.parsed("$phone_number", "E.164", Phone::parse, Phone::as_str)?,
    })
}

fn place(object: &mut Reader<'_, '_>) -> Result<Place, MapError> {
    Ok(Place {
        city: object.text("$city")?,
        state: object.text("$state")?,
        zip_code: object.text("$zip_code")?,
        country: object.parsed(
            "$country_code",
            "an alpha-2 code",
            CountryCode::parse,
            |country| country.as_str(),
        )?,
    })
}

fn channel(properties: &mut Reader<'_, '_>) -> Result<SalesChannel, MapError> {
    let text = properties.need_text("$sales_channel_type")?;
    SalesChannel::parse(text.as_str()).ok_or_else(|| {
        let path = properties.path("$sales_channel_type");
        invalid(path, "one of the ten channels")
    })
}

/// What is left of the properties: the custom ones.
fn custom(properties: Reader<'_, '_>) -> Result<Properties, MapError> {
    let mut custom = Properties::new();
    for (path, key, value) in properties.rest() {
        let name = PropertyName::parse(key)
            .filter(|name| custom.get(name.as_str()).is_none())
            .ok_or_else(|| invalid(path.as_str(), "the name of a custom property, once"))?;
        let value = match value {
            Tree::Flag(flag) => Some(PropertyValue::Flag(*flag)),
            Tree::Text(text) => Text::exact(text).map(PropertyValue::Text),
            Tree::Number(_) => Some(PropertyValue::Number(fields::amount(value, &path)?)),
            _ => None,
        };
        custom.set(
            name,
            value.ok_or_else(|| invalid(path, "text, a number or a flag"))?,
        );
    }
    Ok(custom)
}
