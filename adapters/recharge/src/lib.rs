#![doc = include_str!("../README.md")]

mod body;
mod buyer;
mod charge;
mod ended;
mod items;
mod needs;
mod odd;
mod old_order;
mod payload;
mod pull;
mod purchase;
mod refund;
mod samples;
mod split;
mod subscription;
mod time;
mod topics;
mod totals;
mod twice;
mod verify;
mod webhook;

use orderbridge_event::{
    Adapter, Code, Context, EventName, Lookup, MapError, Mapped, Mode, Payload, Pieces, Profile,
    Role, SalesChannel, Source,
};

use topics::Action;

/// The adapter.
#[derive(Debug)]
pub struct Recharge;

/// Recharge, for the registry.
pub static RECHARGE: Source = Source {
    adapter: &Recharge,
    verify: Some(&verify::Signature),
    webhook: Some(&webhook::Deliveries),
    report: None,
    pull: Some(&pull::Rest),
    samples: samples::SAMPLES,
};

/// Of a source that names none.
const DEFAULT_MODE: Mode = Mode::BesideStore;

static PROFILE: Profile = Profile {
    title: "Recharge",
    role: Role::Subscriptions {
        mode: DEFAULT_MODE,
        knows_store_orders: true,
    },
    options: &[
        "refunds",
        "tax_inclusive_prices",
        "event_id",
        "event_id_prefix",
        "shared_emails",
        "alias_prefixes",
        "cancelled_channel",
        "mode",
        "renewals",
        "currency",
    ],
    api_version: "2021-11 and 2021-01",
    default_topic: topics::BODY,
    topics: topics::TOPICS,
    events: &[
        EventName::PlacedOrder,
        EventName::StartedSubscription,
        EventName::CancelledSubscription,
        EventName::PlacedRecurringSubscriptionOrder,
        EventName::ReceivedRefund,
        EventName::ActivatedSubscription,
        EventName::PausedSubscription,
        EventName::SkippedSubscription,
        EventName::UnskippedSubscription,
    ],
    channels: &[
        SalesChannel::Web,
        SalesChannel::SubscriptionContract,
        SalesChannel::Offline,
    ],
    docs: &[
        "https://developer.rechargepayments.com/2021-11",
        "https://docs.getrecharge.com/docs/webhooks-overview",
        "https://learn.runconverge.com/sources/server-integrations/recharge",
    ],
};

impl Adapter for Recharge {
    fn name(&self) -> &'static str {
        "recharge"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        let request = split::request(split::topic(&payload));
        let Some((action, remark)) = topics::action(&request) else {
            let message = "the topic is not one of Recharge's that OrderBridge knows";
            return Ok(Mapped::ignored(Code::TopicUnknown, message));
        };
        match action {
            Action::Charge(via) => charge::map(payload.body, via, context),
            Action::OldOrder => old_order::map(payload.body, context),
            Action::Refund => refund::map(payload.body, context),
            Action::MaxRetries => ended::map(payload.body, context),
            Action::Subscription(change) => subscription::map(payload.body, change, context),
            Action::Body => Err(MapError::invalid(
                Code::PayloadUnknown,
                "$",
                "a charge or a subscription under its name",
            )),
            Action::Ignore(code) => Ok(Mapped::ignored(code, remark)),
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        body::charge(payload.body).map(|_| ())
    }

    fn needs(&self, payload: Payload<'_>, context: &Context) -> Vec<Lookup> {
        match self.map(payload, context) {
            Ok(Mapped::Events(_)) => needs::of(payload),
            Ok(Mapped::Ignored(_)) | Err(_) => Vec::new(),
        }
    }

    fn split<'a>(&self, payload: Payload<'a>) -> Result<Pieces<'a>, MapError> {
        Ok(split::split(payload))
    }
}
