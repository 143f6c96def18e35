//! Kiosk, a shop platform that does not exist, as an example of an adapter.

use orderbridge_event::{
    Adapter, Alias, Aliases, Amount, Channel, Code, Contact, Context, Currency, Event, EventId,
    EventName, Events, Item, Kind, MapError, Mapped, Names, Note, Order, Payload, Place, Prices,
    Profile, Properties, Rest, Role, SalesChannel, Source, Text, Timestamp, Topic, first_email,
    read,
};
use serde::Deserialize;

/// The adapter.
#[derive(Debug)]
pub struct Kiosk;

/// Kiosk, for a registry. What a platform does not have is absent.
pub static KIOSK: Source = Source {
    adapter: &Kiosk,
    verify: None,
    webhook: None,
    report: None,
    pull: None,
    samples: &[],
};

static PROFILE: Profile = Profile {
    title: "Kiosk",
    role: Role::Store,
    api_version: "1",
    default_topic: "sale",
    topics: &[
        Topic {
            name: "sale",
            events: &[EventName::PlacedOrder],
            remark: "places the order",
        },
        Topic {
            name: "stock",
            events: &[],
            remark: "what is in stock is no order",
        },
    ],
    events: &[EventName::PlacedOrder],
    channels: &[SalesChannel::Web, SalesChannel::Pos],
    options: &["event_id_prefix", "shared_emails"],
    docs: &[],
};

/// What Kiosk sends: only what is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sale {
    #[serde(deserialize_with = "read::key")]
    id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    sold_at: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    currency: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    total: Option<Amount>,
    #[serde(deserialize_with = "read::text")]
    till: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    email: Option<Text>,
    #[serde(deserialize_with = "read::list")]
    lines: Vec<Line>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    #[serde(deserialize_with = "read::key")]
    article: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    name: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    price: Option<Amount>,
    #[serde(deserialize_with = "read::count")]
    count: Option<u32>,
}

impl Adapter for Kiosk {
    fn name(&self) -> &'static str {
        "kiosk"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        match payload.topic {
            "sale" => placed(read::read(payload.body)?, context),
            "stock" => Ok(Mapped::ignored(
                Code::TopicNoEvent,
                "what is in stock is no order",
            )),
            _ => Ok(Mapped::ignored(
                Code::TopicUnknown,
                "not a topic of Kiosk's",
            )),
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        read::read::<Sale>(payload.body).map(|_| ())
    }
}

/// First match wins, and each has its reason.
fn channel(sale: &Sale) -> Channel {
    match sale.till {
        Some(_) => Channel::new(SalesChannel::Pos, "a till is named"),
        None => Channel::new(SalesChannel::Web, "no till is named"),
    }
}

fn placed(sale: Sale, context: &Context) -> Result<Mapped, MapError> {
    let channel = channel(&sale);
    let mut notes = Vec::new();
    let id = sale.id.ok_or_else(|| MapError::missing("id"))?;
    let sold_at = sale.sold_at.ok_or_else(|| MapError::missing("sold_at"))?;
    let timestamp = Timestamp::parse(sold_at.as_str())
        .ok_or_else(|| MapError::invalid(Code::TimeInvalid, "sold_at", "a time with an offset"))?;
    let currency = sale.currency.ok_or_else(|| MapError::missing("currency"))?;
    let currency = Currency::parse(currency.as_str()).ok_or_else(|| {
        MapError::invalid(
            Code::CurrencyInvalid,
            "currency",
            "three letters such as EUR",
        )
    })?;
    let total = sale.total.ok_or_else(|| MapError::missing("total"))?;
    let email = first_email(
        &[("email", sale.email.as_ref())],
        &context.options.shared_emails,
        &mut notes,
    );
    // Somebody, or else this order alone: never an alias that others share.
    let known = email
        .as_ref()
        .and_then(|email| Alias::email(email, &context.options.shared_emails));
    let own = Alias::new("urn:kiosk:sale:", id.as_str());
    let aliases = Aliases::from_known(known.into_iter().chain(own));
    let aliases = aliases.ok_or_else(|| MapError::missing("id"))?;
    let lines = sale.lines.into_iter().enumerate();
    let items: Result<Vec<Item>, MapError> = lines.map(|(place, it)| item(place, it)).collect();
    notes.push(Note::new(Code::TaxMissing, "Kiosk tells no tax", "total"));
    let event = Event {
        id: EventId::order(&id).prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: Kind::PlacedOrder {
            id,
            order: Order {
                currency,
                total_price: total,
                total_tax: None,
                total_shipping: None,
                total_discount: None,
                coupons: Vec::new(),
                items: items?,
                rest: Rest::NONE,
                prices: Prices::TaxInside,
            },
            is_new_customer: context.is_new_customer,
        },
        channel: channel.value,
        contact: Contact { email, phone: None },
        names: Names::NONE,
        place: Place::NONE,
        home: None,
        custom: Properties::new(),
        aliases,
    };
    let events = Events::new(event, Vec::new(), channel, notes);
    Ok(Mapped::Events(Box::new(events)))
}

fn item(place: usize, line: Line) -> Result<Item, MapError> {
    let missing = |field: &str| MapError::missing(format!("lines[{place}].{field}"));
    let article = line.article.ok_or_else(|| missing("article"))?;
    Ok(Item {
        name: line.name.unwrap_or_else(|| article.clone()),
        product_id: article.clone(),
        variant_id: None,
        sku: Some(article),
        variant_name: None,
        price: line.price.ok_or_else(|| missing("price"))?,
        quantity: line.count.unwrap_or(1),
        vendor: None,
        url: None,
        image_url: None,
    })
}
