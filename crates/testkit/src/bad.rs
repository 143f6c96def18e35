//! An adapter that keeps every law, and a vice for each law that breaks it.
//!
//! A law that cannot fail promises nothing; this shows that each one can.

mod vice;

use std::path::PathBuf;

use orderbridge_event::{
    Adapter, Alias, Aliases, Amount, Channel, Code, Contact, Context, Currency, Email, Event,
    EventId, EventName, Events, Item, Kind, MapError, Mapped, Names, Order, Payload, Place, Prices,
    Profile, Properties, Rest, Role, SalesChannel, Source, Text, Timestamp, Topic, read,
};
use serde::Deserialize;

pub use vice::Vice;

use crate::Fixture;

/// The platform, honest or with a vice.
pub fn source(vice: Option<Vice>) -> Source {
    Source {
        adapter: match vice {
            None => &Shop { vice: None },
            Some(vice) => vice.shop(),
        },
        webhook: None,
        report: None,
        pull: None,
        verify: None,
        samples: &[],
    }
}

/// Payloads of the platform: one of each kind of outcome, and of each channel it has.
pub fn fixtures() -> Vec<Fixture> {
    let all = [
        ("web", "order", WEB),
        ("till", "order", TILL),
        (
            "no-time",
            "order",
            r#"{"id": "A-3", "total": 1, "currency": "EUR"}"#,
        ),
        (
            "bad-total",
            "order",
            r#"{"id": "A-4", "total": "1,00", "currency": "EUR"}"#,
        ),
        ("not-json", "order", "<order/>"),
        ("news", "news", r#"{"text": "We have moved."}"#),
    ];
    let fixtures = all.into_iter().map(|(name, topic, body)| Fixture {
        name: name.to_owned(),
        path: PathBuf::from(name),
        topic: topic.to_owned(),
        body: body.as_bytes().to_vec(),
        context: Context::default(),
    });
    fixtures.collect()
}

const WEB: &str = r#"{
  "id": "A-1", "at": "2026-11-02T10:15:30-05:00", "total": "12.50", "currency": "EUR",
  "till": null, "buyer": { "email": "jane@example.com", "first_name": "Jane" }, "lines": [{}]
}"#;

const TILL: &str = r#"{
  "id": "A-2", "at": "2026-11-02T10:15:31-05:00", "total": 0.1, "currency": "EUR", "till": "T7",
  "buyer": { "first_name": "Jo" }
}"#;

/// The adapter.
#[derive(Debug)]
struct Shop {
    vice: Option<Vice>,
}

static HONEST: Profile = Profile {
    role: Role::Store,
    options: &[],
    title: "Shop",
    api_version: "1",
    default_topic: "order",
    topics: &[ORDER, NEWS],
    events: &[EventName::PlacedOrder],
    channels: &[SalesChannel::Web, SalesChannel::Pos],
    docs: &[],
};

static BOASTS_CHANNEL: Profile = Profile {
    channels: SalesChannel::ALL,
    ..HONEST
};

static BOASTS_TOPIC: Profile = Profile {
    topics: &[
        ORDER,
        Topic {
            events: &[EventName::PlacedOrder],
            ..NEWS
        },
    ],
    ..HONEST
};

static BOASTS_EVENT: Profile = Profile {
    events: &[EventName::PlacedOrder, EventName::ReceivedRefund],
    ..HONEST
};

static HIDES_EVENT: Profile = Profile {
    topics: &[
        Topic {
            events: &[EventName::PlacedOrder, EventName::ReceivedRefund],
            ..ORDER
        },
        NEWS,
    ],
    ..HONEST
};

const ORDER: Topic = Topic {
    name: "order",
    events: &[EventName::PlacedOrder],
    remark: "places the order",
};

const NEWS: Topic = Topic {
    name: "news",
    events: &[],
    remark: "news are no orders",
};

impl Adapter for Shop {
    fn name(&self) -> &'static str {
        "shop"
    }

    fn profile(&self) -> &'static Profile {
        match self.vice {
            Some(Vice::BoastsChannel) => &BOASTS_CHANNEL,
            Some(Vice::BoastsTopic) => &BOASTS_TOPIC,
            Some(Vice::BoastsEvent) => &BOASTS_EVENT,
            Some(Vice::HidesEvent) => &HIDES_EVENT,
            _ => &HONEST,
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        read::read::<Sale>(payload.body).map(|_| ())
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        match payload.topic {
            "order" => {}
            "news" => return Ok(Mapped::ignored(Code::TopicNoEvent, NEWS.remark)),
            _ if self.vice == Some(Vice::TakesAll) => {}
            _ => return Ok(Mapped::ignored(Code::TopicUnknown, "not a topic of Shop's")),
        }
        let sale: Sale = match read::read(payload.body) {
            Err(fault) if self.vice == Some(Vice::Guesses) && payload.body.starts_with(b"{\n") => {
                read::read(WEB.as_bytes()).map_err(|_| fault)?
            }
            read => read?,
        };
        if let Some(vice) = self.vice {
            vice.before(&sale)?;
        }
        let mut notes = Vec::new();
        let mut event = sale.event()?;
        let mut more = Vec::new();
        if let Some(vice) = self.vice {
            vice.after(&sale, payload.body, &mut event, &mut notes);
            if vice == Vice::StampsReceipt {
                let seconds = context.received_at.map_or(0, Timestamp::unix);
                event.id = EventId::order(&Text::labelled("at-", &seconds.to_string()));
            }
            if vice == Vice::Repeats {
                more.push(event.clone());
            }
        }
        let channel = Channel::new(event.channel, "a till is there or not");
        let events = Events::new(event, more, channel, notes);
        Ok(Mapped::Events(Box::new(events)))
    }
}

/// What the platform sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sale {
    #[serde(deserialize_with = "read::key")]
    id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    at: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    total: Option<Amount>,
    #[serde(deserialize_with = "read::text")]
    currency: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    till: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    buyer: Option<Buyer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Buyer {
    #[serde(deserialize_with = "read::text")]
    email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    first_name: Option<Text>,
}

impl Sale {
    /// The honest mapping.
    fn event(&self) -> Result<Event, MapError> {
        let id = self.id.clone().ok_or_else(|| MapError::missing("id"))?;
        let at = self.at.as_ref().ok_or_else(|| MapError::missing("at"))?;
        let timestamp = Timestamp::parse(at.as_str())
            .ok_or_else(|| MapError::invalid(Code::TimeInvalid, "at", "a time with an offset"))?;
        let total = self.total.ok_or_else(|| MapError::missing("total"))?;
        let code = self.currency.as_ref();
        let code = code.ok_or_else(|| MapError::missing("currency"))?;
        let currency = Currency::parse(code.as_str())
            .ok_or_else(|| MapError::invalid(Code::CurrencyInvalid, "currency", "three letters"))?;
        let order = Order {
            currency,
            total_price: total,
            total_tax: None,
            total_shipping: None,
            total_discount: None,
            coupons: Vec::new(),
            items: vec![Item {
                product_id: id.clone(),
                variant_id: None,
                sku: None,
                name: id.clone(),
                variant_name: None,
                price: total,
                quantity: 1,
                vendor: None,
                url: None,
                image_url: None,
            }],
            rest: Rest::NONE,
            prices: Prices::Net,
        };
        let buyer = self.buyer.as_ref();
        let email = buyer.and_then(|buyer| Email::parse(buyer.email.as_ref()?.as_str()));
        let own = Alias::given(Text::labelled("urn:shop:order:", id.as_str()));
        let by_email = email.as_ref().and_then(|email| Alias::email(email, &[]));
        Ok(Event {
            id: EventId::order(&id),
            timestamp,
            kind: Kind::PlacedOrder {
                id,
                order,
                is_new_customer: None,
            },
            channel: match self.till {
                Some(_) => SalesChannel::Pos,
                None => SalesChannel::Web,
            },
            contact: Contact { email, phone: None },
            names: Names {
                first: buyer.and_then(|buyer| buyer.first_name.clone()),
                last: None,
            },
            place: Place::NONE,
            home: None,
            custom: Properties::new(),
            aliases: Aliases::new(own, by_email),
        })
    }
}
