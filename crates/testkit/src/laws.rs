//! What every adapter promises, as checks over its fixtures. The one list of them.
//!
//! A law knows no platform: it is told a source and a fixture, and a new adapter inherits all.

mod body;
mod broken;
mod clue;
mod equal;
mod event;
mod outcome;
mod privacy;
mod reach;

use orderbridge_event::Source;

use crate::Fixture;

/// A promise that every adapter keeps.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// A short name; it begins the names of tests.
    pub name: &'static str,
    /// The promise.
    pub sentence: &'static str,
    /// What finds out whether it is kept.
    pub check: Check,
}

/// What a law looks at. A check explains how the law is broken; the explanation may hold values of
/// the fixture, whose people are invented.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// One fixture by itself.
    Each(fn(&Source, &Fixture) -> Result<(), String>),
    /// All fixtures of an adapter together.
    All(fn(&Source, &[Fixture]) -> Result<(), String>),
}

impl Law {
    /// Checks the law over fixtures, one by one or all together. The first that breaks it is told.
    pub fn check(&self, source: &Source, fixtures: &[Fixture]) -> Result<(), String> {
        match self.check {
            Check::Each(check) => fixtures.iter().try_for_each(|fixture| {
                check(source, fixture).map_err(|why| format!("{}: {why}", fixture.name))
            }),
            Check::All(check) => check(source, fixtures),
        }
    }
}

const fn each(
    name: &'static str,
    sentence: &'static str,
    check: fn(&Source, &Fixture) -> Result<(), String>,
) -> Law {
    let check = Check::Each(check);
    Law {
        name,
        sentence,
        check,
    }
}

const fn all(
    name: &'static str,
    sentence: &'static str,
    check: fn(&Source, &[Fixture]) -> Result<(), String>,
) -> Law {
    let check = Check::All(check);
    Law {
        name,
        sentence,
        check,
    }
}

/// All laws.
pub static LAWS: &[Law] = &[
    each(
        "repeatable",
        "Mapping twice gives equal output.",
        equal::repeatable,
    ),
    each(
        "layout",
        "Key order, white space and escapes do not matter.",
        equal::layout,
    ),
    each(
        "unknown-keys",
        "An unknown key added to any object changes nothing.",
        equal::unknown_keys,
    ),
    each(
        "missing-keys",
        "Without any one key, or with it null, there are events, a reason or an error with a path.",
        broken::missing_keys,
    ),
    each(
        "truncation",
        "A body that was cut off makes no event and no panic.",
        broken::truncation,
    ),
    each(
        "profile",
        "Channels and events are in the profile; topics outside it are ignored.",
        event::profile,
    ),
    each(
        "identity",
        "There are 1 to 10 distinct aliases; the event id is derived and holds no personal data.",
        event::identity,
    ),
    each(
        "money",
        "There is one currency, nothing is negative, and the sum closes or a note tells the gap.",
        event::money,
    ),
    each(
        "time",
        "The timestamp is a time of the payload, or else the time of receipt.",
        event::time,
    ),
    each(
        "wire",
        "The body that is sent has no errors, and reading it back loses nothing.",
        body::wire,
    ),
    each(
        "privacy",
        "No error, reason or note holds a value of the payload.",
        privacy::privacy,
    ),
    all(
        "channels-reached",
        "Every channel in the profile is reached by a fixture.",
        reach::channels,
    ),
    all(
        "topics-reached",
        "Every topic that may make events makes one from a fixture.",
        reach::topics,
    ),
    all(
        "events-reached",
        "Every event in the profile is made from a fixture, and by a topic.",
        reach::event_names,
    ),
];
