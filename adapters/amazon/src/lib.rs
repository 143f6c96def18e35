#![doc = include_str!("../README.md")]

mod buyer;
mod decide;
mod items;
mod loose;
mod marketplace;
mod model;
mod money;
mod notification;
mod order;
mod parts;
mod pull;
mod refund;
mod report;
mod samples;
mod shape;
mod status;
mod topics;
mod v0;
mod v2026;
mod verify;
mod webhook;

use orderbridge_event::{
    Adapter, Code, Context, EventName, MapError, Mapped, Payload, Pieces, Profile, Role,
    SalesChannel, Source,
};

pub use notification::{OrderToFetch, order_to_fetch, orders_to_fetch};
use topics::Action;

/// The adapter.
#[derive(Debug)]
pub struct Amazon;

/// Amazon, for the registry.
pub static AMAZON: Source = Source {
    adapter: &Amazon,
    verify: Some(&verify::SharedSecret),
    webhook: Some(&webhook::Deliveries),
    report: Some(&report::AllOrders),
    pull: Some(&pull::SellingPartner),
    samples: samples::SAMPLES,
};

static PROFILE: Profile = Profile {
    title: "Amazon",
    role: Role::Marketplace,
    options: &[
        "refunds",
        "tax_inclusive_prices",
        "event_id_prefix",
        "shared_emails",
        "alias_prefixes",
        "tax_in_price",
        "collected_tax",
        "free_orders",
        "personal_data",
        "promotion_ids",
    ],
    api_version: "2026-01-01",
    default_topic: topics::BY_SHAPE,
    topics: topics::TOPICS,
    events: &[EventName::PlacedOrder, EventName::ReceivedRefund],
    channels: &[SalesChannel::Marketplace],
    docs: &[
        "https://developer-docs.amazon.com/sp-api/docs/orders-api-v2026-01-01-reference",
        "https://developer-docs.amazon.com/sp-api/docs/report-type-values-order",
        "https://developer-docs.amazon.com/sp-api/docs/notification-type-values",
    ],
};

impl Adapter for Amazon {
    fn name(&self) -> &'static str {
        "amazon"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError> {
        let Payload { topic, body } = payload;
        let Some((action, remark)) = topics::action(&shape::request(topic)) else {
            let message = "the topic is not one of Amazon's that OrderBridge knows";
            return Ok(Mapped::ignored(Code::TopicUnknown, message));
        };
        match action {
            Action::ByShape => {
                let topic = shape::topic(body);
                self.map(Payload { topic, body }, context)
            }
            Action::Order => order::map(v2026::Order::read(body)?.into_model()?, context),
            Action::Parts => order::map(v0::read_parts(body)?, context),
            Action::OrderAlone => order::map(v0::read_order(body)?.without_lines(), context),
            Action::Rows => order::map(report::read_order(body)?, context),
            Action::Notification => notification::map(body),
            Action::RefundEvent => refund::map_event(body, context),
            Action::Transaction => refund::map_transaction(body, context),
            Action::Ignore(code) => Ok(Mapped::ignored(code, remark)),
        }
    }

    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError> {
        let Payload { topic, body } = payload;
        match topics::action(&shape::request(topic)) {
            Some((Action::ByShape, _)) => {
                let topic = shape::topic(body);
                self.parse(Payload { topic, body })
            }
            Some((Action::Parts, _)) => v0::read_parts(body).map(|_| ()),
            Some((Action::Rows, _)) => report::parse(body),
            _ => v2026::Order::read(body).map(|_| ()),
        }
    }

    fn split<'a>(&self, payload: Payload<'a>) -> Result<Pieces<'a>, MapError> {
        shape::split(payload)
    }
}
