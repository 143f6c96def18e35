//! Messages: objects, and what is said around them.

use orderbridge_event::{
    Channel, Code, Context, Currency, Event, Events, Facts, MapError, Mapped, Note, Payload,
    Pieces, Text, Timestamp, read,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::payload::{self, Content};

/// The topic of a body that says itself what it is.
pub(crate) const IN_THE_BODY: &str = "event";

/// The objects of a webhook or of an API answer.
#[derive(Debug)]
pub(crate) struct Message {
    pub content: Content,
    /// When the event happened; the API's objects have times of their own.
    pub happened: Option<Timestamp>,
    pub source: Option<Text>,
    place: Place,
}

/// Where the objects stand in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an event's `content`.
    Event,
    /// They are the body: an answer of the API.
    Body,
}

/// What a message became.
pub(crate) enum Made {
    Events(Box<Event>, Vec<Event>, Channel),
    Ignored(Code, &'static str),
}

/// Reads a message of this topic and maps it; paths within its objects become paths in the body.
pub(crate) fn map(
    payload: Payload<'_>,
    place: Place,
    context: &Context,
    made: impl FnOnce(Message, &mut Vec<Note>) -> Result<Made, MapError>,
) -> Result<Mapped, MapError> {
    let message = open(payload, place)?;
    let source_name = message.source.clone();
    let mut notes = Vec::new();
    let made = made(message, &mut notes).map_err(|error| match place {
        Place::Event => error.under("content"),
        Place::Body => error,
    });
    match made? {
        Made::Ignored(code, message) => Ok(Mapped::ignored(code, message)),
        Made::Events(first, more, channel) => {
            if place == Place::Event {
                for note in &mut notes {
                    note.path = format!("content.{}", note.path).into();
                }
            }
            let facts = context.wants_facts.then(|| Facts {
                source_name,
                // Only paid invoices become orders.
                is_paid: first.kind.order().map(|_| true),
                ..Facts::default()
            });
            let events = Events::new(*first, more, channel, notes);
            Ok(Mapped::Events(Box::new(events.with_facts(facts))))
        }
    }
}

pub(crate) fn open(payload: Payload<'_>, place: Place) -> Result<Message, MapError> {
    if place == Place::Body {
        return Ok(Message {
            content: read::read(payload.body)?,
            happened: None,
            source: None,
            place,
        });
    }
    let event: payload::Event = read::read(payload.body)?;
    if let Some(kind) = &event.event_type
        && kind.as_str() != payload.topic
    {
        let other = "the topic";
        return Err(MapError::conflict(
            Code::PayloadUnknown,
            "event_type",
            other,
        ));
    }
    let content = event.content.ok_or_else(|| {
        MapError::invalid(Code::PayloadUnknown, "content", "the objects of an event")
    })?;
    Ok(Message {
        content,
        happened: time("occurred_at", event.occurred_at.as_ref())?,
        source: event.source,
        place: Place::Event,
    })
}

impl Message {
    /// Whether the API was asked, rather than a webhook sent.
    pub(crate) fn is_answer(&self) -> bool {
        self.place == Place::Body
    }
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

pub(crate) fn currency(path: &str, text: Option<&Text>) -> Result<Currency, MapError> {
    let text = text.ok_or_else(|| MapError::missing(path))?;
    Currency::parse(text.as_str())
        .ok_or_else(|| MapError::invalid(Code::CurrencyInvalid, path, "three letters such as EUR"))
}

/// What a body says that it is.
#[derive(Deserialize)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
struct Peek<S> {
    event_type: Option<S>,
}

/// The objects in an answer of the API.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    list: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    invoice: Option<&'a RawValue>,
    #[serde(borrow)]
    subscription: Option<&'a RawValue>,
}

/// The topic that a body names itself, however it is written.
pub(crate) fn topic_in(body: &[u8]) -> Result<String, MapError> {
    let peek: Peek<String> = read::read(body)?;
    peek.event_type.ok_or_else(|| {
        MapError::invalid(Code::PayloadUnknown, "event_type", "the type of an event")
    })
}

/// Takes an answer of the API apart, and gives each body without a topic its own.
pub(crate) fn split(payload: Payload<'_>) -> Pieces<'_> {
    let is_answer = payload.topic.starts_with("GET ");
    if !is_answer && payload.topic != IN_THE_BODY {
        return Pieces::One(payload);
    }
    if let Some(topic) = event_type(payload.body) {
        return Pieces::One(Payload { topic, ..payload });
    }
    match serde_json::from_slice::<Answer<'_>>(payload.body) {
        Ok(Answer {
            list: Some(list), ..
        }) => Pieces::Many(
            list.into_iter()
                .map(|raw| piece(raw, payload.topic))
                .collect(),
        ),
        Ok(answer) => Pieces::One(single(&answer, payload)),
        // Mapping says what is wrong with it.
        Err(_) => Pieces::One(payload),
    }
}

fn event_type(body: &[u8]) -> Option<&str> {
    let peek: Peek<&str> = serde_json::from_slice(body).ok()?;
    peek.event_type
}

fn piece<'a>(raw: &'a RawValue, topic: &'a str) -> Payload<'a> {
    let body = raw.get().as_bytes();
    let payload = Payload { topic, body };
    match serde_json::from_slice::<Answer<'a>>(body) {
        Ok(answer) => single(&answer, payload),
        Err(_) => payload,
    }
}

/// An element of a list, or an answer with one object in it.
fn single<'a>(answer: &Answer<'a>, payload: Payload<'a>) -> Payload<'a> {
    if let Some(event) = answer.event {
        let body = event.get().as_bytes();
        let topic = event_type(body).unwrap_or(payload.topic);
        return Payload { topic, body };
    }
    let topic = match (payload.topic, answer.invoice, answer.subscription) {
        (IN_THE_BODY, Some(_), _) => "GET /api/v2/invoices/{id}",
        (IN_THE_BODY, None, Some(_)) => "GET /api/v2/subscriptions/{id}",
        (topic, _, _) => topic,
    };
    Payload { topic, ..payload }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_topic_in_the_body() {
        let event = r#"{"event_type":"payment_succeeded"}"#;
        let list = r#"{"list":[{"event":{"event_type":"payment_succeeded"}}],"next_offset":"1"}"#;
        let table = [
            ("event", event, "payment_succeeded", event),
            ("event", list, "payment_succeeded", event),
            ("GET /api/v2/events", list, "payment_succeeded", event),
            (
                "event",
                r#"{"invoice":{}}"#,
                "GET /api/v2/invoices/{id}",
                r#"{"invoice":{}}"#,
            ),
            (
                "GET /api/v2/invoices",
                r#"{"list":[{"invoice":{}}]}"#,
                "GET /api/v2/invoices",
                r#"{"invoice":{}}"#,
            ),
            (
                "event",
                r#"{"subscription":{},"customer":{}}"#,
                "GET /api/v2/subscriptions/{id}",
                r#"{"subscription":{},"customer":{}}"#,
            ),
            ("payment_failed", event, "payment_failed", event),
            ("event", "{", "event", "{"),
        ];
        for (given, body, topic, found) in table {
            let body = body.as_bytes();
            let piece = match split(Payload { topic: given, body }) {
                Pieces::One(piece) => piece,
                Pieces::Many(pieces) => pieces[0],
            };
            assert_eq!((piece.topic, piece.body), (topic, found.as_bytes()));
        }
    }
}
