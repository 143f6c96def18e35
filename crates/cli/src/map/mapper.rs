//! From one line or document to what became of each payload in it.

use std::borrow::Cow;

use orderbridge_event::json::{self, Object};
use orderbridge_event::{
    Code, Context, MapError, Mapped, Note, Opened, Payload, Pieces, Rows, Source, Timestamp,
};
use orderbridge_rules::{Ruled, Rules};
use serde_json::value::RawValue;

/// What is mapped, and with what.
#[derive(Clone, Copy)]
pub(crate) struct Mapper<'a> {
    pub(crate) source: &'static Source,
    /// The topic of bodies that come without one.
    pub(crate) topic: &'a str,
    pub(crate) context: &'a Context,
    /// The user's own rules, which have the last word.
    pub(crate) rules: &'a Rules,
    /// The names of the inputs.
    pub(crate) names: &'a [String],
    /// Whether payloads are read and nothing is made of them.
    pub(crate) parse_only: bool,
}

/// Where a payload came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: u64,
    /// The number within a line that holds several payloads, from 0.
    pub(crate) index: Option<u64>,
    pub(crate) topic: &'a str,
    /// When it was sent, if its envelope says so.
    pub(crate) received_at: Option<Timestamp>,
    /// The payload itself, taken out of what was around it; empty where none was found, and for the
    /// rows of a report unless they are asked for.
    pub(crate) body: &'a [u8],
}

/// Takes what became of a payload.
pub(crate) trait Each {
    /// Called once for each payload, in order.
    fn ruled(&mut self, origin: Origin<'_>, ruled: &Ruled);

    /// Whether the payload that the rows of a report make is wanted; mapping them needs none.
    fn keeps_bodies(&self) -> bool {
        false
    }
}

impl<'a> Mapper<'a> {
    /// The name of an input.
    pub(crate) fn name(&self, file: usize) -> &'a str {
        self.names.get(file).map_or("-", String::as_str)
    }

    /// Maps all payloads in a text: a bare body, an envelope, a wrapper, or a list of these.
    ///
    /// `index` counts the payloads of a list that arrives in pieces.
    pub(crate) fn text(
        &self,
        file: usize,
        line: u64,
        text: &[u8],
        index: Option<&mut u64>,
        each: &mut dyn Each,
    ) {
        let text = text.trim_ascii();
        let mut place = Place {
            file: self.name(file),
            line,
            received_at: None,
            each,
        };
        match index {
            Some(index) => self.element(text, &mut place, Count::Many(index)),
            None if text.first() == Some(&b'[') => match serde_json::from_slice(text) {
                Ok(elements) => {
                    let elements: Vec<&RawValue> = elements;
                    let mut index = 0;
                    for element in elements {
                        let bytes = element.get().as_bytes();
                        self.element(bytes, &mut place, Count::Many(&mut index));
                    }
                }
                // Mapping says what is wrong with it.
                Err(_) => self.element(text, &mut place, Count::One),
            },
            None if text.is_empty() => {}
            None => self.element(text, &mut place, Count::One),
        }
    }

    /// Maps the rows that a report has of one order.
    pub(crate) fn rows(
        &self,
        file: usize,
        line: u64,
        reader: &dyn Rows,
        rows: &[u8],
        each: &mut dyn Each,
    ) {
        let mut place = Place {
            file: self.name(file),
            line,
            received_at: None,
            each,
        };
        let ruled = if self.parse_only {
            Ruled::from(reader.parse(rows).map(|()| only_read()))
        } else {
            let mapped = reader.map(rows, self.context);
            self.rules.apply(self.topic, mapped)
        };
        let mut body = Vec::new();
        if place.each.keeps_bodies() {
            reader.payload(rows, &mut body);
        }
        let payload = Payload {
            topic: self.topic,
            body: &body,
        };
        place.give(None, payload, &ruled);
    }

    /// Tells of an input in which no payload can be found.
    pub(crate) fn fault(&self, file: usize, fault: MapError, each: &mut dyn Each) {
        let origin = Origin {
            file: self.name(file),
            line: 1,
            index: None,
            topic: self.topic,
            received_at: None,
            body: &[],
        };
        each.ruled(origin, &Ruled::from(Err(fault)));
    }

    fn element(&self, bytes: &[u8], place: &mut Place<'_>, mut count: Count<'_>) {
        let opened = Opened::line(bytes);
        place.received_at = opened.received_at;
        let payload = opened.payload(self.topic);
        let context = match opened.received_at {
            None => Cow::Borrowed(self.context),
            received_at => Cow::Owned(Context {
                received_at,
                ..self.context.clone()
            }),
        };
        match self.source.adapter.split(payload) {
            Ok(Pieces::One(payload)) => {
                let index = count.next();
                place.give(index, payload, &self.map(payload, &context));
            }
            Ok(Pieces::Many(payloads)) => {
                let mut own = 0;
                let mut count = match count {
                    Count::One => Count::Many(&mut own),
                    many @ Count::Many(_) => many,
                };
                for payload in payloads {
                    let index = count.next();
                    place.give(index, payload, &self.map(payload, &context));
                }
            }
            Err(error) => {
                let index = count.next();
                place.give(index, payload, &Ruled::from(Err(error)));
            }
        }
    }
}

impl Mapper<'_> {
    /// What a payload becomes: the one place where the command line maps.
    fn map(&self, payload: Payload<'_>, context: &Context) -> Ruled {
        let adapter = self.source.adapter;
        if self.parse_only {
            return Ruled::from(adapter.parse(payload).map(|()| only_read()));
        }
        self.rules.map(adapter, payload, context)
    }
}

fn only_read() -> Mapped {
    Mapped::ignored(Code::TopicNoEvent, "it was only read")
}

struct Place<'a> {
    file: &'a str,
    line: u64,
    received_at: Option<Timestamp>,
    each: &'a mut dyn Each,
}

impl Place<'_> {
    fn give(&mut self, index: Option<u64>, payload: Payload<'_>, ruled: &Ruled) {
        let origin = Origin {
            file: self.file,
            line: self.line,
            index,
            topic: payload.topic,
            received_at: self.received_at,
            body: payload.body,
        };
        self.each.ruled(origin, ruled);
    }
}

/// Whether a text holds one payload or counts several.
enum Count<'a> {
    One,
    Many(&'a mut u64),
}

impl Count<'_> {
    fn next(&mut self) -> Option<u64> {
        match self {
            Self::One => None,
            Self::Many(next) => {
                let index = **next;
                **next += 1;
                Some(index)
            }
        }
    }
}

/// Appends the line that `map` prints for a payload.
pub(crate) fn write_outcome(
    out: &mut Vec<u8>,
    origin: &Origin<'_>,
    outcome: &Result<Mapped, MapError>,
) {
    let mut line = Object::open(out);
    line.object("input", |input| {
        input.text("file", origin.file);
        input.count("line", origin.line);
        if let Some(index) = origin.index {
            input.count("index", index);
        }
        input.text("topic", origin.topic);
    });
    match outcome {
        Ok(Mapped::Events(events)) => {
            line.text("outcome", "events");
            line.list("events", events.iter(), |out, event| event.write_json(out));
            line.object("channel", |channel| {
                channel.text("value", events.channel().value.as_str());
                channel.text("because", &events.channel().because);
                if let Some(rule) = &events.channel().rule {
                    channel.text("rule", rule.as_str());
                }
            });
            line.list("notes", events.notes(), write_note);
        }
        Ok(Mapped::Ignored(ignored)) => {
            line.text("outcome", "ignored");
            line.object("reason", |reason| {
                reason.text("code", ignored.code.as_str());
                reason.text("message", &ignored.message);
                if let Some(rule) = &ignored.rule {
                    reason.text("rule", rule.as_str());
                }
            });
        }
        Err(error) => {
            line.text("outcome", "error");
            line.object("error", |object| write_error(object, error));
        }
    }
    line.close();
    out.push(b'\n');
}

fn write_note(out: &mut Vec<u8>, note: &Note) {
    let mut object = Object::open(out);
    object.text("code", note.code.as_str());
    object.text("message", &note.message);
    object.text("path", &note.path);
    object.close();
}

fn write_error(object: &mut Object<'_>, error: &MapError) {
    object.text("code", error.code().as_str());
    object.text("path", error.path());
    object.text("message", error.message());
    json::string(object.field("help"), error.help());
    if let Some((line, column)) = error.place() {
        object.count("line", u64::try_from(line).unwrap_or_default());
        object.count("column", u64::try_from(column).unwrap_or_default());
    }
}
