#![doc = include_str!("../README.md")]

mod buyer;
mod channel;
mod expand;
mod invoice;
mod items;
mod message;
mod minor;
mod needs;
mod objects;
mod payload;
mod plan;
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

use topics::Action;

/// The adapter.
#[derive(Debug)]
pub struct Stripe;

/// Stripe Billing, for the registry.
pub static STRIPE: Source = Source {
    adapter: &Stripe,
    verify: Some(&verify::Signature),
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
    title: "Stripe Billing",
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
        "test_mode",
    ],
    api_version: "2026-01-28.clover",
    default_topic: message::IN_THE_BODY,
    topics: topics::TOPICS,
    events: EVENTS,
    // All ten: a source may map its own billing reasons to any channel.
    channels: SalesChannel::ALL,
    docs: &[
        "https://docs.stripe.com/api/events/types",
        "https://docs.stripe.com/billing/subscriptions/webhooks",
        "https://docs.stripe.com/changelog/basil",
        "https://docs.stripe.com/webhooks/signature",
    ],
};

impl Adapter for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        match topics::action(payload.topic) {
            None => {
                let message = "the topic is not one of Stripe's that OrderBridge knows";
                Ok(Mapped::ignored(Code::TopicUnknown, message))
            }
            Some((Action::Read, _)) => {
                let topic = message::topic_in(payload.body)?;
                let topic = topic.as_str();
                match topics::action(topic) {
                    // It names nothing but itself: there is no end to that.
                    Some((Action::Read, _)) => Err(message::not_an_event("type")),
                    _ => self.map(Payload { topic, ..payload }, context),
                }
            }
            Some((Action::Invoice(place), _)) => invoice::map(payload, place, context),
            Some((Action::Subscription(change), _)) => subscription::map(payload, change, context),
            Some((Action::Refund, _)) => refund::map(payload, context),
            Some((Action::Ignore(code), remark)) => Ok(Mapped::ignored(code, remark)),
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        read::read::<payload::Event<payload::Invoice>>(payload.body).map(|_| ())
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
