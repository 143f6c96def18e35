//! Test events, and what a destination answers to them.

use std::time::{Duration, Instant};

use bytes::Bytes;
use orderbridge_core::dispatch::{Clock as _, SystemClock};
use orderbridge_core::{Answer, Cause, Client, FailureKind, SendError, Sink as _};
use orderbridge_event::{
    Alias, Aliases, Contact, CustomName, Event, EventId, Kind, Names, Place, Properties,
    PropertyName, PropertyValue, SalesChannel, Secret, Text, Timestamp,
};

use crate::config::Config;
use crate::setup::client_config;

/// The name says what it is, and none of Converge's metrics counts it.
const NAME: &str = "OrderBridge Test";
/// Larger than any order.
const LARGE: usize = 1 << 20;
/// Older than any event that is still retried.
const OLD: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// One test event and its answer.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) destination: String,
    /// What was sent.
    pub(super) what: &'static str,
    /// Whether nothing was wrong with it, so that the answer tells how the destination is.
    pub(super) is_plain: bool,
    pub(super) host: String,
    pub(super) took: Duration,
    pub(super) status: Option<u16>,
    /// The kind of failure, if it is one.
    pub(super) failure: Option<FailureKind>,
    /// The failure in words.
    pub(super) error: Option<String>,
    /// The start of the answer.
    pub(super) answer: String,
}

impl Probe {
    /// How the answer is classified.
    pub(super) fn class(&self) -> &'static str {
        self.failure.map_or("delivered", FailureKind::as_str)
    }

    /// What would follow in a running connector.
    pub(super) fn follows(&self) -> &'static str {
        match self.failure {
            None => "the event is delivered",
            Some(FailureKind::Temporary) => "the event would be sent again by the schedule",
            Some(FailureKind::Unknown) => "the event may have arrived and would be sent again",
            Some(FailureKind::Throttled) => "the destination would be left alone for a while",
            Some(FailureKind::Rejected) => "the event would be parked",
            Some(FailureKind::Destination) => "the destination would be paused, nothing parked",
        }
    }
}

/// Sends a test event, and to a test source the other ones as well.
pub(super) async fn send(
    config: &Config,
    name: &str,
    client: &Client,
    is_test_source: bool,
) -> Vec<Probe> {
    let Some(destination) = config.destinations.get(name) else {
        return Vec::new();
    };
    let token = destination.token.as_ref().and_then(|it| it.read().ok());
    let now = SystemClock.now().get() / 1000;
    let id = |kind: &str| format!("orderbridge-test-{kind}-{now}");
    let sender = Sender {
        name,
        client,
        token: token.as_ref(),
    };
    let plain = event(&id("plain"), now, "a test, no order");
    let mut probes = vec![sender.probe("a test event", true, plain.clone()).await];
    if !is_test_source {
        return probes;
    }
    probes.push(sender.probe("the same again", false, plain).await);
    let broken = Bytes::from_static(b"{\"event_name\": \"OrderBridge Test\", ");
    probes.push(sender.probe("a broken body", false, broken).await);
    let large = event(&id("large"), now, &"x".repeat(LARGE));
    probes.push(sender.probe("a large event", false, large).await);
    let old = now.saturating_sub(i64::try_from(OLD.as_secs()).unwrap_or(0));
    let old = event(&id("old"), old, "a test, no order");
    probes.push(sender.probe("an old event", false, old).await);
    let wrong = client_config(destination, Some(Secret::new("not-a-token")));
    if let Ok(client) = Client::new(&wrong) {
        let sender = Sender {
            client: &client,
            ..sender
        };
        let event = event(&id("wrong-token"), now, "a test, no order");
        probes.push(sender.probe("a wrong token", false, event).await);
    }
    probes
}

struct Sender<'a> {
    name: &'a str,
    client: &'a Client,
    token: Option<&'a Secret>,
}

impl Sender<'_> {
    async fn probe(&self, what: &'static str, is_plain: bool, body: Bytes) -> Probe {
        let started = Instant::now();
        let result = self.client.send(&body).await;
        let took = started.elapsed();
        let (failure, error, answer) = match result {
            Ok(answer) => (None, None, Some(answer)),
            Err(SendError { kind, cause, .. }) => {
                let error = Some(cause.to_string());
                match cause {
                    Cause::Answered(answer) => (Some(kind), error, Some(answer)),
                    Cause::Transport(_) => (Some(kind), error, None),
                }
            }
        };
        let status = answer.as_ref().map(|it| it.status);
        Probe {
            destination: self.name.to_owned(),
            what,
            is_plain,
            host: self.client.host(),
            took,
            status,
            failure,
            error,
            answer: self.without_token(answer),
        }
    }

    /// An answer is shown, so it must not repeat the token.
    fn without_token(&self, answer: Option<Answer>) -> String {
        let text = answer.map(|it| it.excerpt).unwrap_or_default();
        match self.token {
            Some(token) => text.replace(token.expose(), "…"),
            None => text,
        }
    }
}

/// An event that nobody takes for an order.
fn event(id: &str, at: i64, note: &str) -> Bytes {
    let build = || {
        let mut custom = Properties::new();
        let note = PropertyValue::Text(Text::new(note)?);
        custom.set(PropertyName::parse("orderbridge_test")?, note);
        Some(Event {
            id: EventId::given(Text::new(id)?),
            timestamp: Timestamp::from_unix(at)?,
            kind: Kind::Custom(CustomName::new(NAME)?, None),
            channel: SalesChannel::Offline,
            contact: Contact::NONE,
            names: Names::NONE,
            place: Place::NONE,
            home: None,
            custom,
            aliases: Aliases::new(Alias::new("urn:orderbridge:", "test")?, []),
        })
    };
    build().map_or_else(Bytes::new, |event| event.to_json().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_event_is_one_that_can_be_sent() {
        let body = event(
            "orderbridge-test-plain-1",
            1_800_000_000,
            "a test, no order",
        );
        let report = orderbridge_event::check::check(&body);
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
}
