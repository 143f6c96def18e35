#![doc = include_str!("../README.md")]

mod buyer;
mod channel;
mod contract;
mod facts;
mod items;
mod lines;
mod order;
mod payload;
mod refund;
mod rest;
mod samples;
mod split;
mod tags;
mod topics;
mod totals;
mod verify;
mod webhook;

use orderbridge_event::{
    Adapter, Code, Context, EventName, MapError, Mapped, Payload, Pieces, Profile, Role,
    SalesChannel, Source, read,
};

use topics::Action;

/// The adapter.
#[derive(Debug)]
pub struct Shopify;

/// Shopify, for the registry.
pub static SHOPIFY: Source = Source {
    adapter: &Shopify,
    verify: Some(&verify::Signature),
    webhook: Some(&webhook::Deliveries),
    report: None,
    pull: None,
    samples: samples::SAMPLES,
};

static PROFILE: Profile = Profile {
    title: "Shopify",
    role: Role::Store,
    options: &[
        "placed_on",
        "refunds",
        "channels",
        "tax_inclusive_prices",
        "event_id",
        "event_id_prefix",
        "shared_emails",
        "alias_prefixes",
        "cancelled_channel",
        "mode",
    ],
    api_version: "2026-10",
    default_topic: "orders/create",
    topics: topics::TOPICS,
    events: &[
        EventName::PlacedOrder,
        EventName::StartedSubscription,
        EventName::CancelledSubscription,
        EventName::ActivatedSubscription,
        EventName::PausedSubscription,
        EventName::ReceivedRefund,
    ],
    // All ten: a shop may map its own sources to any channel.
    channels: SalesChannel::ALL,
    docs: &[
        "https://shopify.dev/docs/api/webhooks",
        "https://shopify.dev/docs/api/admin-rest/latest/resources/order",
        "https://docs.runconverge.com/sources/server-integrations/shopify",
    ],
};

impl Adapter for Shopify {
    fn name(&self) -> &'static str {
        "shopify"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        let (path, query) = split::request(payload.topic);
        let Some((action, remark)) = topics::action(&path) else {
            let message = "the topic is not one of Shopify's that OrderBridge knows";
            return Ok(Mapped::ignored(Code::TopicUnknown, message));
        };
        if query.contains("fields=") {
            let message = "the request asked for some fields only";
            return Ok(Mapped::ignored(Code::OrderTrimmed, message));
        }
        match action {
            Action::Order(via) => order::map(payload.body, via, context),
            Action::Nested => order::map_refunds(payload.body, context),
            Action::Refund => refund::map(payload.body, context),
            Action::Contract(change) => contract::map(payload.body, change, context),
            Action::Ignore(code) => Ok(Mapped::ignored(code, remark)),
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        read::read::<payload::Order>(payload.body).map(|_| ())
    }

    fn split<'a>(&self, payload: Payload<'a>) -> Result<Pieces<'a>, MapError> {
        split::split(payload)
    }
}
