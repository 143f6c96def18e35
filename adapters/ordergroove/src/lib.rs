#![doc = include_str!("../README.md")]

mod message;
mod money;
mod payload;
mod samples;
mod topics;
mod verify;
mod webhook;

use orderbridge_event::{
    Adapter, Code, Context, EventName, MapError, Mapped, Mode, Payload, Pieces, Profile, Role,
    SalesChannel, Source, read,
};

use topics::Action;

/// The adapter.
#[derive(Debug)]
pub struct Ordergroove;

/// Ordergroove, for the registry.
pub static ORDERGROOVE: Source = Source {
    adapter: &Ordergroove,
    verify: Some(&verify::Signature),
    webhook: Some(&webhook::Deliveries),
    report: None,
    pull: None,
    samples: samples::SAMPLES,
};

/// Of a source that names none.
const DEFAULT_MODE: Mode = Mode::BesideStore;

static PROFILE: Profile = Profile {
    title: "Ordergroove",
    role: Role::Subscriptions {
        mode: DEFAULT_MODE,
        knows_store_orders: true,
    },
    options: &[
        "event_id",
        "event_id_prefix",
        "shared_emails",
        "alias_prefixes",
        "cancelled_channel",
        "mode",
        "renewals",
        "currency",
    ],
    api_version: "webhooks 2.0",
    default_topic: topics::MESSAGE,
    topics: topics::TOPICS,
    events: &[
        EventName::PlacedOrder,
        EventName::PlacedRecurringSubscriptionOrder,
        EventName::StartedSubscription,
        EventName::CancelledSubscription,
        EventName::ActivatedSubscription,
        EventName::SkippedSubscription,
    ],
    channels: &[
        SalesChannel::Web,
        SalesChannel::SubscriptionContract,
        SalesChannel::Offline,
    ],
    docs: &["https://developer.ordergroove.com/data/event-payloads"],
};

impl Adapter for Ordergroove {
    fn name(&self) -> &'static str {
        "ordergroove"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        let unknown = || {
            let message = "the topic is not one of Ordergroove's that OrderBridge knows";
            Ok(Mapped::ignored(Code::TopicUnknown, message))
        };
        let Some((action, remark)) = topics::action(payload.topic) else {
            return unknown();
        };
        match action {
            Action::Map(what) => message::map(payload.body, what, context),
            Action::Ignore(code) => Ok(Mapped::ignored(code, remark)),
            Action::Told => {
                let told: payload::Message = read::read(payload.body)?;
                let Some(kind) = &told.kind else {
                    return Err(MapError::missing("type"));
                };
                match topics::action(kind.as_str()) {
                    Some((Action::Map(what), _)) => message::of(told, what, context),
                    Some((Action::Ignore(code), remark)) => Ok(Mapped::ignored(code, remark)),
                    Some((Action::Told, _)) | None => unknown(),
                }
            }
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        read::read::<payload::Message>(payload.body).map(|_| ())
    }

    fn split<'a>(&self, payload: Payload<'a>) -> Result<Pieces<'a>, MapError> {
        // The message says itself what it is about.
        let topic = match payload.topic {
            topics::MESSAGE => topics::told_by(payload.body),
            told => told,
        };
        Ok(Pieces::One(Payload {
            topic,
            body: payload.body,
        }))
    }
}
