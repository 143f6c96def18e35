#![doc = include_str!("../README.md")]

mod buyer;
mod channel;
mod invoice;
mod message;
mod needs;
mod payload;
mod pull;
mod refund;
mod samples;
mod subscription;
mod topics;
mod totals;
mod verify;
mod webhook;

use orderbridge_event::{
    Adapter, Code, Context, EventName, Lookup, MapError, Mapped, Mode, Payload, Pieces, Profile,
    Role, SalesChannel, Source, read,
};

use message::Place;
use topics::Action;

/// The adapter.
#[derive(Debug)]
pub struct Chargebee;

/// Chargebee, for the registry.
pub static CHARGEBEE: Source = Source {
    adapter: &Chargebee,
    verify: Some(&verify::Basic),
    webhook: Some(&webhook::Deliveries),
    pull: Some(&pull::Rest),
    report: None,
    samples: samples::SAMPLES,
};

const EVENTS: &[EventName] = &[
    EventName::PlacedOrder,
    EventName::PlacedRecurringSubscriptionOrder,
    EventName::StartedSubscription,
    EventName::CancelledSubscription,
    EventName::ActivatedSubscription,
    EventName::PausedSubscription,
    EventName::ReceivedRefund,
];

/// Of a source that names none.
const DEFAULT_MODE: Mode = Mode::Standalone;

static PROFILE: Profile = Profile {
    title: "Chargebee",
    role: Role::Subscriptions {
        mode: DEFAULT_MODE,
        knows_store_orders: false,
    },
    options: &[
        "refunds",
        "channels",
        "tax_inclusive_prices",
        "event_id_prefix",
        "shared_emails",
        "alias_prefixes",
        "cancelled_channel",
        "mode",
        "renewals",
    ],
    api_version: "v2",
    default_topic: message::IN_THE_BODY,
    topics: topics::TOPICS,
    events: EVENTS,
    // All ten: a source may map what sets off its invoices to any channel.
    channels: SalesChannel::ALL,
    docs: &[
        "https://apidocs.chargebee.com/docs/api/events",
        "https://apidocs.chargebee.com/docs/api/invoices",
        "https://www.chargebee.com/docs/2.0/webhook_settings.html",
    ],
};

impl Adapter for Chargebee {
    fn name(&self) -> &'static str {
        "chargebee"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        match topics::action(payload.topic) {
            None => {
                let message = "the topic is not one of Chargebee's that OrderBridge knows";
                Ok(Mapped::ignored(Code::TopicUnknown, message))
            }
            Some((Action::Read, _)) => {
                let topic = message::topic_in(payload.body)?;
                let topic = topic.as_str();
                match topics::action(topic) {
                    // It names nothing but itself: there is no end to that.
                    Some((Action::Read, _)) => Err(MapError::invalid(
                        Code::PayloadUnknown,
                        "event_type",
                        "the type of an event",
                    )),
                    _ => self.map(Payload { topic, ..payload }, context),
                }
            }
            Some((Action::Invoice(place), _)) => {
                message::map(payload, place, context, |message, notes| {
                    invoice::made(message, context, notes)
                })
            }
            Some((Action::Subscription(change), _)) => {
                let place = match change {
                    subscription::Change::AsItIs => Place::Body,
                    _ => Place::Event,
                };
                message::map(payload, place, context, |message, notes| {
                    subscription::made(&message, change, context, notes)
                })
            }
            Some((Action::Refund, _)) => {
                message::map(payload, Place::Event, context, |message, notes| {
                    refund::made(&message, context, notes)
                })
            }
            Some((Action::Ignore(code), remark)) => Ok(Mapped::ignored(code, remark)),
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        read::read::<payload::Event>(payload.body).map(|_| ())
    }

    fn needs(&self, payload: Payload<'_>, context: &Context) -> Vec<Lookup> {
        let payload = match message::split(payload) {
            Pieces::One(payload) => payload,
            Pieces::Many(_) => return Vec::new(),
        };
        match self.map(payload, context) {
            Ok(Mapped::Events(_)) => needs::of(payload),
            Ok(Mapped::Ignored(_)) | Err(_) => Vec::new(),
        }
    }

    fn split<'a>(&self, payload: Payload<'a>) -> Result<Pieces<'a>, MapError> {
        Ok(message::split(payload))
    }
}
