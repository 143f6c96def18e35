//! Messages: an object, and what is said around it.

use orderbridge_event::{
    Code, Context, Facts, Ignored, MapError, Mapped, Note, Payload, Pieces, TestMode, Text,
    Timestamp, read,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::objects::{Charge, Subscription};
use crate::payload::{Event, Invoice, Previous};

/// The topic of a body that says itself what it is.
pub(crate) const IN_THE_BODY: &str = "event";

/// An object of Stripe's, as a webhook or the API gives it.
#[derive(Debug)]
pub(crate) struct Message<T> {
    pub object: T,
    /// When the event happened; the API's objects have times of their own.
    pub happened: Option<Timestamp>,
    pub api_version: Option<Text>,
    pub previous: Previous,
    /// Where the object stands in the body.
    place: Place,
}

/// Where an object stands in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an event.
    Event,
    /// It is the body: an answer of the API.
    Body,
}

/// The objects that messages are about.
pub(crate) trait Object: DeserializeOwned + Default {
    fn livemode(&self) -> Option<bool>;

    /// What rules may ask of it.
    fn facts(&self) -> Facts {
        Facts {
            is_test: self.livemode().map(|livemode| !livemode),
            ..Facts::default()
        }
    }
}

macro_rules! objects {
    ($($type:ident)*) => {
        $(impl Object for $type {
            fn livemode(&self) -> Option<bool> {
                self.livemode
            }
        })*
    };
}

objects! { Subscription Charge }

impl Object for Invoice {
    fn livemode(&self) -> Option<bool> {
        self.livemode
    }

    /// Only paid invoices become events.
    fn facts(&self) -> Facts {
        Facts {
            source_name: self.billing_reason.clone(),
            is_test: self.livemode.map(|livemode| !livemode),
            is_paid: Some(true),
            ..Facts::default()
        }
    }
}

/// A message, or why it is left alone.
pub(crate) enum Opened<T> {
    Message(Message<T>),
    Ignored(Ignored),
}

/// Reads a message of this topic.
pub(crate) fn open<T: Object>(
    payload: Payload<'_>,
    place: Place,
    context: &Context,
) -> Result<Opened<T>, MapError> {
    let (message, livemode) = match place {
        Place::Event => read_event(payload)?,
        Place::Body => read_object(payload.body)?,
    };
    if livemode == Some(false) && context.options.test_mode == TestMode::Ignore {
        return Ok(Opened::Ignored(Ignored {
            code: Code::OrderTestMode,
            message: "livemode is false: no real money".into(),
            rule: None,
        }));
    }
    Ok(Opened::Message(message))
}

fn read_event<T: Object>(payload: Payload<'_>) -> Result<(Message<T>, Option<bool>), MapError> {
    let event: Event<T> = read::read(payload.body)?;
    if let Some(kind) = &event.kind
        && kind.as_str() != payload.topic
    {
        return Err(MapError::conflict(
            Code::PayloadUnknown,
            "type",
            "the topic",
        ));
    }
    let data = event.data.ok_or_else(|| not_an_event("data"))?;
    let object = data.object.ok_or_else(|| not_an_event("data.object"))?;
    let message = Message {
        object,
        happened: time("created", event.created.as_ref())?,
        api_version: event.api_version,
        previous: data.previous_attributes.unwrap_or_default(),
        place: Place::Event,
    };
    Ok((message, event.livemode))
}

pub(crate) fn not_an_event(path: &str) -> MapError {
    MapError::invalid(Code::PayloadUnknown, path, "an event with its object")
}

fn read_object<T: Object>(body: &[u8]) -> Result<(Message<T>, Option<bool>), MapError> {
    let object: T = read::read(body)?;
    let livemode = object.livemode();
    let message = Message {
        object,
        happened: None,
        api_version: None,
        previous: Previous::default(),
        place: Place::Body,
    };
    Ok((message, livemode))
}

/// A time in Unix seconds.
pub(crate) fn time(path: &str, text: Option<&Text>) -> Result<Option<Timestamp>, MapError> {
    let Some(text) = text else { return Ok(None) };
    let seconds = text.as_str().parse().ok();
    match seconds.and_then(Timestamp::from_unix) {
        Some(time) => Ok(Some(time)),
        None => Err(MapError::invalid(Code::TimeInvalid, path, "Unix seconds")),
    }
}

impl Place {
    /// An error in the object, as one in the body.
    pub(crate) fn error(self, error: MapError) -> MapError {
        match self {
            Self::Event => error.under("data.object"),
            Self::Body => error,
        }
    }

    /// A remark on the object, as one on the body.
    fn note(self, mut note: Note) -> Note {
        if self == Self::Event {
            note.path = format!("data.object.{}", note.path).into();
        }
        note
    }
}

impl<T: Object> Message<T> {
    /// Maps the object; paths within it become paths within the body.
    pub(crate) fn map(
        self,
        context: &Context,
        map: impl FnOnce(Self, &mut Vec<Note>) -> Result<Made, MapError>,
    ) -> Result<Mapped, MapError> {
        let place = self.place;
        let facts = context.wants_facts.then(|| self.object.facts());
        let mut notes = Vec::new();
        match map(self, &mut notes).map_err(|error| place.error(error))? {
            Made::Events(first, more, channel) => {
                let notes = notes.into_iter().map(|note| place.note(note)).collect();
                let events = orderbridge_event::Events::new(*first, more, channel, notes);
                Ok(Mapped::Events(Box::new(events.with_facts(facts))))
            }
            Made::Ignored(code, message) => Ok(Mapped::ignored(code, message)),
        }
    }
}

/// What an object became.
pub(crate) enum Made {
    Events(
        Box<orderbridge_event::Event>,
        Vec<orderbridge_event::Event>,
        orderbridge_event::Channel,
    ),
    Ignored(Code, &'static str),
}

/// What a body says that it is.
#[derive(Deserialize)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
struct Peek<S> {
    #[serde(rename = "type")]
    kind: Option<S>,
    object: Option<S>,
}

/// The topic that a body names itself; `None` if it has escapes in it, or none.
fn topic(body: &[u8]) -> Option<&str> {
    let peek: Peek<&str> = serde_json::from_slice(body).ok()?;
    named(peek.kind, peek.object?)
}

fn named<'a>(kind: Option<&'a str>, object: &'a str) -> Option<&'a str> {
    match object {
        "event" => kind,
        "invoice" => Some("GET /v1/invoices/{id}"),
        "subscription" => Some("GET /v1/subscriptions/{id}"),
        _ => None,
    }
}

/// The topic that a body names itself, however it is written.
pub(crate) fn topic_in(body: &[u8]) -> Result<String, MapError> {
    let peek: Peek<String> = read::read(body)?;
    let object = peek.object.as_deref().unwrap_or("event");
    named(peek.kind.as_deref(), object)
        .map(str::to_owned)
        .ok_or_else(|| MapError::invalid(Code::PayloadUnknown, "type", "the type of an event"))
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// Takes a page of the API apart, and gives each body without a topic its own.
pub(crate) fn split(payload: Payload<'_>) -> Pieces<'_> {
    let is_answer = payload.topic.starts_with("GET ");
    if !is_answer && payload.topic != IN_THE_BODY {
        return Pieces::One(payload);
    }
    let body = payload.body;
    let peek = serde_json::from_slice::<Peek<&str>>(body).ok();
    let object = peek.as_ref().and_then(|peek| peek.object);
    match object {
        Some("list" | "search_result") => match serde_json::from_slice::<Page<'_>>(body) {
            Ok(page) => {
                let pieces = page.data.into_iter().map(|value| {
                    let body = value.get().as_bytes();
                    // The objects of an answer are what was asked for; an event names its own type.
                    let own = topic(body).filter(|own| !(is_answer && own.starts_with("GET ")));
                    let topic = own.unwrap_or(payload.topic);
                    Payload { topic, body }
                });
                Pieces::Many(pieces.collect())
            }
            // Not a page after all: mapping says what is wrong with it.
            Err(_) => Pieces::One(payload),
        },
        Some(object) if !is_answer || object == "event" => {
            let kind = peek.and_then(|peek| peek.kind);
            let topic = named(kind, object).unwrap_or(payload.topic);
            Pieces::One(Payload { topic, body })
        }
        _ => Pieces::One(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(topic: &str, body: &str) -> Vec<(String, String)> {
        let body = body.as_bytes();
        let pieces = match split(Payload { topic, body }) {
            Pieces::One(piece) => vec![piece],
            Pieces::Many(pieces) => pieces,
        };
        let text = |piece: &Payload<'_>| {
            let body = String::from_utf8_lossy(piece.body).into_owned();
            (piece.topic.to_owned(), body)
        };
        pieces.iter().map(text).collect()
    }

    #[test]
    fn finds_the_topic_in_the_body() {
        let table = [
            (
                "event",
                r#"{"object":"event","type":"invoice.paid"}"#,
                "invoice.paid",
            ),
            (
                "event",
                r#"{"object":"invoice","id":"in_1"}"#,
                "GET /v1/invoices/{id}",
            ),
            ("event", r#"{"object":"customer"}"#, "event"),
            ("event", "{", "event"),
            (
                "invoice.paid",
                r#"{"object":"event","type":"invoice.created"}"#,
                "invoice.paid",
            ),
            (
                "GET /v1/events/evt_1",
                r#"{"object":"event","type":"invoice.paid"}"#,
                "invoice.paid",
            ),
            (
                "GET /v1/invoices/in_1",
                r#"{"object":"invoice"}"#,
                "GET /v1/invoices/in_1",
            ),
        ];
        for (given, body, topic) in table {
            let expected = vec![(topic.to_owned(), body.to_owned())];
            assert_eq!(pieces(given, body), expected, "{body}");
        }
    }

    #[test]
    fn takes_pages_apart() {
        let page = r#"{"object":"list","data":[{"object":"event","type":"a.b"},{"x":1}]}"#;
        let expected = [
            (
                "a.b".to_owned(),
                r#"{"object":"event","type":"a.b"}"#.to_owned(),
            ),
            ("GET /v1/events".to_owned(), r#"{"x":1}"#.to_owned()),
        ];
        assert_eq!(pieces("GET /v1/events", page), expected);
        assert_eq!(
            pieces("event", r#"{"object":"list","data":[]}"#),
            Vec::new()
        );
    }
}
