//! A verified request becomes what is stored of it, in one page.

use std::borrow::Cow;

use bytes::Bytes;
use orderbridge_core::store::{
    ConflictPolicy, Intake, Millis, NewEvent, OrderVersion, Outcome, Page, PrivacyRequest, Private,
    Reason, Store, StoreError, SubjectHash, SubjectKey,
};
use orderbridge_event::{
    About, Channel, Code, Delivery, Demand, Event, Events, Identity, Ignored, Kind, MapError,
    Mapped, Mode, Payload, Pieces, Timestamp,
};
use orderbridge_rules::Dropped;

use crate::answers::lacking;
use crate::mapping::{Made, Mapping, known};
use crate::people::subject;
use crate::routes::Route;

/// A request, and all that is needed to store it.
pub(crate) struct Work<'a> {
    pub(crate) route: &'a Route,
    pub(crate) store: &'a dyn Store,
    pub(crate) key: &'a SubjectKey,
    pub(crate) topic: &'a str,
    pub(crate) delivery: Delivery<'a>,
    pub(crate) received_at: Millis,
    /// Whether a payload that lacks something waits until that is fetched.
    pub(crate) completes: bool,
}

/// Longer ids are no platform's; they would only make the store's index heavy.
const LONGEST_ID: usize = 256;

impl Work<'_> {
    /// Maps the payloads in a body. Only the store can fail: what cannot be mapped is parked.
    pub(crate) async fn page(&self, body: &Bytes) -> Result<Page, StoreError> {
        let topic = self.topic;
        let payload = Payload { topic, body };
        let pieces = match self.route.source.platform.adapter.split(payload) {
            Ok(Pieces::One(payload)) => return Ok(Page::one(self.one(payload, body, None).await?)),
            Ok(Pieces::Many(pieces)) => pieces,
            Err(error) => {
                let outcome = Outcome::Unmappable(Reason::from(&error));
                return Ok(Page::one(self.raw(outcome, body)));
            }
        };
        if pieces.is_empty() {
            let message = "the answer holds no payloads";
            let outcome = Outcome::Ignored(Reason::new(Code::TopicNoEvent.as_str(), message));
            return Ok(Page::one(self.raw(outcome, body)));
        }
        let mut intakes = Vec::with_capacity(pieces.len());
        for (place, payload) in pieces.into_iter().enumerate() {
            let body = Bytes::copy_from_slice(payload.body);
            intakes.push(self.one(payload, &body, Some(place)).await?);
        }
        Ok(Page {
            intakes,
            cursor: None,
        })
    }

    async fn one(
        &self,
        payload: Payload<'_>,
        body: &Bytes,
        place: Option<usize>,
    ) -> Result<Intake, StoreError> {
        let webhook = self.route.source.platform.webhook;
        let whole = self.whole(payload);
        let is_whole = whole.is_some();
        let payload = Payload {
            body: whole.as_deref().unwrap_or(payload.body),
            ..payload
        };
        let about = webhook.map_or_else(About::default, |webhook| webhook.about(payload));
        let mut intake = self.raw(Outcome::Events(Vec::new()), body);
        payload.topic.clone_into(&mut intake.topic);
        if self.delivery.id.is_none()
            && let Some(id) = webhook.and_then(|webhook| webhook.message_id(payload))
        {
            intake.delivery_id = self.numbered(id.as_str(), place);
        } else {
            intake.delivery_id = self.delivery_id(place);
        }
        intake.order = about.order.as_ref().map(|order| OrderVersion {
            key: order.key.as_str().to_owned(),
            updated_at: order.updated_at.map(millis),
            known: None,
        });
        let people = self.hashes(&about.identities);
        intake.subjects = self.subjects(&about, &people);
        intake.outcome = if self.delivery.is_test {
            let message = "the platform marks the delivery as a test";
            Outcome::Ignored(Reason::new(Code::OrderTest.as_str(), message))
        } else if let Some(demand) = webhook.and_then(|webhook| webhook.demand(payload.topic)) {
            Self::demand(demand, &mut intake)
        } else if !is_whole || self.is_to_be_fetched(payload) {
            Outcome::Fetch
        } else {
            let mapping = Mapping {
                route: self.route,
                store: self.store,
                about: &about,
                people: &people,
                sent_at: self.sent_at(),
            };
            self.outcome(mapping.map(payload).await?, &mut intake)
        };
        Ok(intake)
    }

    /// Whether a payload only says that something has changed, and somebody is there to fetch it.
    fn is_to_be_fetched(&self, payload: Payload<'_>) -> bool {
        let source = &self.route.source;
        let pull = source.platform.pull.filter(|_| source.fetch.is_some());
        pull.is_some_and(|pull| !pull.wakes(payload).is_empty())
    }

    /// A payload with what the platform's API adds to it; `None` while that is not at hand.
    fn whole<'a>(&self, payload: Payload<'a>) -> Option<Cow<'a, [u8]>> {
        let lookups = if self.completes {
            lacking(self.route, payload)
        } else {
            Vec::new()
        };
        if lookups.is_empty() {
            return Some(Cow::Borrowed(payload.body));
        }
        let answers = &self.route.source.answers;
        answers.put(&lookups, payload.body).map(Cow::Owned)
    }

    /// A body with what is known before anybody has looked into it.
    fn raw(&self, outcome: Outcome, body: &Bytes) -> Intake {
        Intake {
            source: self.route.source.name.clone(),
            topic: self.topic.to_owned(),
            body: Private::new(body.clone()),
            delivery_id: self.delivery_id(None),
            sent_at: self.delivery.sent_at,
            is_test: self.delivery.is_test,
            received_at: self.received_at,
            mapping: self.route.mapping.clone(),
            order: None,
            hold_until: None,
            conflict: self.conflict(),
            subjects: Vec::new(),
            outcome,
        }
    }

    /// Where a shop and its subscription tool both come through here, they tell of each purchase
    /// twice: the first counts.
    fn conflict(&self) -> ConflictPolicy {
        let source = &self.route.source;
        match (source.conflict, source.options.mode) {
            (ConflictPolicy::KeepFirst, Some(Mode::BothThroughUs)) => ConflictPolicy::Join,
            (policy, _) => policy,
        }
    }

    /// The platform's id of the message, within its topic: one change of an order is several
    /// messages, and it is not documented that their ids differ.
    fn delivery_id(&self, place: Option<usize>) -> Option<String> {
        self.numbered(self.delivery.id?, place)
    }

    fn numbered(&self, id: &str, place: Option<usize>) -> Option<String> {
        let id = id.trim();
        if id.is_empty() || id.len() > LONGEST_ID {
            return None;
        }
        let topic = self.topic;
        Some(match place {
            None => format!("{topic} {id}"),
            Some(place) => format!("{topic} {id} {place}"),
        })
    }

    fn sent_at(&self) -> Option<Timestamp> {
        let clock = || Timestamp::from_unix(self.received_at.get() / 1000);
        self.delivery.sent_at.or_else(clock)
    }

    /// Whom a payload is about, and its order: a refund names nobody, and a demand names orders.
    fn subjects(&self, about: &About, people: &[SubjectHash]) -> Vec<SubjectHash> {
        let mut subjects = people.to_vec();
        if let Some(order) = &about.order {
            subjects.extend(self.hashes(&[Identity::Order(order.key.clone())]));
        }
        subjects
    }

    fn hashes(&self, identities: &[Identity]) -> Vec<SubjectHash> {
        let source = &self.route.source;
        let platform = source.platform.adapter.name();
        let shared = &source.options.shared_emails;
        let hash = |identity: &Identity| subject(self.key, platform, shared, identity);
        let mut hashes: Vec<SubjectHash> = identities.iter().filter_map(hash).collect();
        // Spellings that differ in the payload may be one here.
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    fn demand(demand: Demand, intake: &mut Intake) -> Outcome {
        match demand {
            Demand::Disclose => Outcome::Privacy(PrivacyRequest::Data),
            Demand::EraseShop => Outcome::Privacy(PrivacyRequest::RedactSource),
            Demand::ErasePerson if intake.subjects.is_empty() => {
                let message = "the request to erase names nobody";
                Outcome::Unmappable(Reason::new(Code::PayloadMissing.as_str(), message))
            }
            Demand::ErasePerson => {
                // It names the person, and is itself to be forgotten.
                intake.body = Private::new(Bytes::new());
                Outcome::Privacy(PrivacyRequest::RedactSubjects)
            }
        }
    }

    fn outcome(&self, made: Made, intake: &mut Intake) -> Outcome {
        let Made { ruled, is_refresh } = made;
        self.route.ruled.add(&ruled.hits);
        let placed = match &ruled.result {
            Ok(Mapped::Events(events)) => known(events.iter()),
            _ => None,
        };
        if placed.is_some() {
            let hold = self.route.source.hold;
            intake.hold_until = hold.map(|hold| self.received_at.plus(hold));
        }
        if let Some(order) = &mut intake.order {
            // Its refunds are told by what it was, even if it is not sent.
            let dropped = || known(ruled.dropped.iter().map(|dropped| &dropped.event));
            order.known = placed.or_else(dropped).map(Private::new);
        }
        match ruled.result {
            Ok(Mapped::Events(events)) => {
                if is_refresh {
                    // The hold may end meanwhile: then what was sent stays, whatever the policy.
                    intake.conflict = ConflictPolicy::KeepFirst;
                }
                let mut frozen = self.freeze(&events);
                frozen.extend(self.freeze_dropped(&ruled.dropped));
                Outcome::Events(frozen)
            }
            // In the place of the order that is held, which else would be sent.
            Ok(Mapped::Ignored(_)) if is_refresh && !ruled.dropped.is_empty() => {
                intake.conflict = ConflictPolicy::KeepFirst;
                Outcome::Events(self.freeze_dropped(&ruled.dropped))
            }
            Ok(Mapped::Ignored(ignored)) => self.ignored(&ignored),
            Err(error) => Self::unmappable(&error),
        }
    }

    fn ignored(&self, ignored: &Ignored) -> Outcome {
        if ignored.code == Code::AppUninstalled {
            let source = self.route.source.name.as_str();
            tracing::warn!(source, "the shop removed the app: no more orders will come");
        }
        Outcome::Ignored(Reason::from(ignored))
    }

    fn unmappable(error: &MapError) -> Outcome {
        Outcome::Unmappable(Reason::from(error))
    }

    /// The events with the bytes that every attempt will send.
    fn freeze(&self, events: &Events) -> Vec<NewEvent> {
        let notes: Vec<Reason> = events.notes().iter().map(Reason::from).collect();
        let freeze = |(place, event): (usize, &Event)| NewEvent {
            notes: notes.clone(),
            ..self.freeze_one(event, events.channel_of(place))
        };
        events.iter().enumerate().map(freeze).collect()
    }

    /// Events that rules drop: stored as they would be sent, so that a drop can be undone.
    fn freeze_dropped(&self, dropped: &[Dropped]) -> Vec<NewEvent> {
        let freeze = |dropped: &Dropped| NewEvent {
            dropped: Some(Reason::from(&dropped.why)),
            ..self.freeze_one(&dropped.event, &dropped.channel)
        };
        dropped.iter().map(freeze).collect()
    }

    fn freeze_one(&self, event: &Event, channel: &Channel) -> NewEvent {
        NewEvent {
            destination: self.route.source.destination.clone(),
            name: event.kind.name().to_owned(),
            id: event.id.as_str().to_owned(),
            body: Private::new(Bytes::from(event.to_json())),
            channel: event.channel,
            because: channel.because.to_string(),
            notes: Vec::new(),
            order_time: millis(event.timestamp),
            dropped: None,
            refunded: match &event.kind {
                Kind::ReceivedRefund(refund) => refund.amount,
                _ => None,
            },
        }
    }
}

fn millis(time: Timestamp) -> Millis {
    Millis::new(time.unix_millis())
}
