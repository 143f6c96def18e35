//! Law 12: what a profile claims, some fixture shows.

use std::collections::BTreeSet;

use orderbridge_event::{Event, Source};

use super::outcome::{events, topics as topics_of};
use crate::Fixture;

pub(super) fn channels(source: &Source, fixtures: &[Fixture]) -> Result<(), String> {
    let mut reached = BTreeSet::new();
    for fixture in fixtures {
        if let Some(events) = events(source, fixture)? {
            reached.insert(events.channel().value);
        }
    }
    let claimed = source.adapter.profile().channels.iter();
    let missing = claimed.filter(|channel| !reached.contains(channel));
    none_missing(
        missing.map(|channel| channel.as_str()),
        "no fixture reaches the channel",
    )
}

pub(super) fn topics(source: &Source, fixtures: &[Fixture]) -> Result<(), String> {
    let profile = source.adapter.profile();
    let mut reached = BTreeSet::new();
    for fixture in fixtures {
        if events(source, fixture)?.is_some() {
            let topics = topics_of(source, fixture).into_iter();
            reached.extend(topics.map(|topic| topic.name));
        }
    }
    let claimed = profile
        .topics
        .iter()
        .filter(|topic| !topic.events.is_empty());
    let missing = claimed
        .map(|topic| topic.name)
        .filter(|name| !reached.contains(name));
    none_missing(missing, "no fixture makes events of the topic")
}

pub(super) fn event_names(source: &Source, fixtures: &[Fixture]) -> Result<(), String> {
    let profile = source.adapter.profile();
    let mut reached = BTreeSet::new();
    for fixture in fixtures {
        if let Some(events) = events(source, fixture)? {
            let names = events
                .iter()
                .map(|event: &Event| event.kind.name().to_owned());
            reached.extend(names);
        }
    }
    let claimed = profile.events.iter().map(|name| name.as_str());
    let missing = claimed.filter(|name| !reached.contains(*name));
    none_missing(missing, "no fixture makes the event")?;

    let of_topics = profile.topics.iter().flat_map(|topic| topic.events);
    let unlisted = of_topics.filter(|name| !profile.events.contains(name));
    let unlisted: BTreeSet<&str> = unlisted.map(|name| name.as_str()).collect();
    none_missing(unlisted, "a topic makes an event that the profile lacks:")
}

fn none_missing<'a>(missing: impl IntoIterator<Item = &'a str>, what: &str) -> Result<(), String> {
    let missing: Vec<&str> = missing.into_iter().collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("{what} {}", missing.join(", ")))
    }
}
