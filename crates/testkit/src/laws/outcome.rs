//! Mapping a fixture under changed circumstances, with panics caught and outcomes compared.

use std::panic::{AssertUnwindSafe, catch_unwind};

use orderbridge_event::{Events, MapError, Mapped, Payload, Pieces, Source, Topic};

use crate::Fixture;

/// What became of a body.
pub(super) type Outcome = Result<Mapped, MapError>;

/// Maps another body in place of the fixture's; a panic is an explanation.
pub(super) fn map_body(source: &Source, fixture: &Fixture, body: &[u8]) -> Result<Outcome, String> {
    let topic = &fixture.topic;
    let payload = Payload { topic, body };
    // An adapter is a function of its arguments: there is no state that a panic could spoil.
    catch_unwind(AssertUnwindSafe(|| {
        source.adapter.map(payload, &fixture.context)
    }))
    .map_err(|_| "it panics".to_owned())
}

/// Maps the fixture as it is.
pub(super) fn map(source: &Source, fixture: &Fixture) -> Result<Outcome, String> {
    map_body(source, fixture, &fixture.body)
}

/// The events of a fixture, if it makes any.
pub(super) fn events(source: &Source, fixture: &Fixture) -> Result<Option<Box<Events>>, String> {
    Ok(match map(source, fixture)? {
        Ok(Mapped::Events(events)) => Some(events),
        Ok(Mapped::Ignored(_)) | Err(_) => None,
    })
}

/// Whether two outcomes say the same. Line and column are not compared: they are of the text and
/// not of what it says.
pub(super) fn same(left: &Outcome, right: &Outcome) -> bool {
    match (left, right) {
        (Err(left), Err(right)) => {
            let told =
                |error: &MapError| (error.code(), error.path().to_owned(), error.to_string());
            told(left) == told(right)
        }
        (Ok(Mapped::Events(left)), Ok(Mapped::Events(right))) => {
            left == right
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|(l, r)| l.to_json() == r.to_json())
        }
        _ => left == right,
    }
}

/// The entry of the profile that a fixture's topic falls under.
pub(super) fn topic(source: &Source, fixture: &Fixture) -> Option<&'static Topic> {
    source.adapter.profile().topic(&address(&fixture.topic))
}

/// The same, and the entry of the topic that the body itself names where it has no other.
pub(super) fn topics(source: &Source, fixture: &Fixture) -> Vec<&'static Topic> {
    let given = topic(source, fixture);
    let own = match source.adapter.split(fixture.payload()) {
        Ok(Pieces::One(piece)) => source.adapter.profile().topic(&address(piece.topic)),
        Ok(Pieces::Many(_)) | Err(_) => None,
    };
    given.into_iter().chain(own).collect()
}

/// A request without its host and query, as profiles name them; other topics as they are.
fn address(topic: &str) -> String {
    let (topic, _query) = topic.split_once('?').unwrap_or((topic, ""));
    let local = topic.split_once("://").and_then(|(method, rest)| {
        let method = method.split_once(' ')?.0;
        Some(format!("{method} {}", rest.get(rest.find('/')?..)?))
    });
    local.unwrap_or_else(|| topic.to_owned())
}

/// An outcome in a few words.
pub(super) fn brief(outcome: &Outcome) -> String {
    match outcome {
        Ok(Mapped::Events(events)) => {
            let names: Vec<&str> = events.iter().map(|event| event.kind.name()).collect();
            format!("events ({})", names.join(", "))
        }
        Ok(Mapped::Ignored(ignored)) => format!("ignored ({})", ignored.code),
        Err(error) => format!("error ({error})"),
    }
}
