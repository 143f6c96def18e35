#![doc = include_str!("../README.md")]

mod message;
mod payload;
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
pub struct Skio;

/// Skio, for the registry.
pub static SKIO: Source = Source {
    adapter: &Skio,
    verify: Some(&verify::Token),
    webhook: Some(&webhook::Deliveries),
    report: None,
    pull: None,
    // The token is a part of the body, so a sample could not be signed for anybody.
    samples: &[],
};

static PROFILE: Profile = Profile {
    title: "Skio",
    role: Role::Subscriptions {
        mode: Mode::BesideStore,
        knows_store_orders: false,
    },
    options: &[
        "event_id_prefix",
        "shared_emails",
        "alias_prefixes",
        "cancelled_channel",
    ],
    api_version: "webhooks of the API page and of integrations",
    default_topic: topics::MESSAGE,
    topics: topics::TOPICS,
    events: &[
        EventName::StartedSubscription,
        EventName::CancelledSubscription,
        EventName::ActivatedSubscription,
        EventName::PausedSubscription,
    ],
    channels: &[
        SalesChannel::Web,
        SalesChannel::SubscriptionContract,
        SalesChannel::Offline,
    ],
    docs: &[
        "https://help.skio.com/hc/en-us/articles/16802567550107-Webhooks",
        "https://learn.runconverge.com/sources/server-integrations/skio",
    ],
};

impl Adapter for Skio {
    fn name(&self) -> &'static str {
        "skio"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        let unknown = || {
            let message = "the topic is not one of Skio's that OrderBridge knows";
            Ok(Mapped::ignored(Code::TopicUnknown, message))
        };
        let Some((action, remark)) = topics::action(payload.topic) else {
            return unknown();
        };
        match action {
            Action::Map(what) => message::of(read::read(payload.body)?, what, context),
            Action::Ignore(code) => Ok(Mapped::ignored(code, remark)),
            Action::Told => {
                let told: payload::Message = read::read(payload.body)?;
                let Some(kind) = told.kind() else {
                    return Err(MapError::missing("eventName"));
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
