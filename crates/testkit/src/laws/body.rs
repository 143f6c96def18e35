//! Law 10: the body that is sent.

use orderbridge_event::check::{Finding, check};
use orderbridge_event::{Code, Event, Source};

use super::outcome::events;
use crate::Fixture;

pub(super) fn wire(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let Some(events) = events(source, fixture)? else {
        return Ok(());
    };
    let gap_is_told = events
        .notes()
        .iter()
        .any(|note| note.code == Code::MoneyGap);
    for event in events.iter() {
        let body = event.to_json();
        let read = Event::from_json(&body).map_err(|error| format!("reading back: {error}"))?;
        if read.to_json() != body {
            return Err("the body is another one after reading and writing".to_owned());
        }
        let report = check(&body);
        if let Some(error) = report.errors().next() {
            return Err(error.to_string());
        }
        if let Some(warning) = report.warnings().find(|it| !is_allowed(it, gap_is_told)) {
            return Err(warning.to_string());
        }
    }
    Ok(())
}

/// What the platform does not tell is absent, and a sum that does not close has its note; any
/// other warning is about something that should not have been sent.
fn is_allowed(warning: &Finding, gap_is_told: bool) -> bool {
    match warning.code {
        Code::PropertyMissing => true,
        Code::GapFinding => gap_is_told,
        _ => false,
    }
}
