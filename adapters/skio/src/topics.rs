//! Skio's messages and what becomes of each: the one list of them.
//!
//! <https://help.skio.com/hc/en-us/articles/16802567550107-Webhooks>

use orderbridge_event::EventName::{
    ActivatedSubscription, CancelledSubscription, PausedSubscription, StartedSubscription,
};
use orderbridge_event::{Code, EventName, Topic};
use serde::Deserialize;

/// The topic of a message by itself: its `eventName` or `eventType` decides.
pub(crate) const MESSAGE: &str = "message";

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Started,
    Cancelled,
    Activated,
    Paused,
}

/// What is done with a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Map(What),
    /// The message itself tells.
    Told,
    /// It makes no event; the topic's remark says why.
    Ignore(Code),
}

type Route = orderbridge_event::Route<Action>;

const fn life(
    name: &'static str,
    event: &'static [EventName],
    what: What,
    remark: &'static str,
) -> Route {
    Route::new(name, event, Action::Map(what), remark)
}

const fn ignore(name: &'static str, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(Code::SubscriptionNoEvent), remark)
}

static ROUTES: &[Route] = &[
    life(
        "subscriptionCreated",
        &[StartedSubscription],
        What::Started,
        "a subscription starts",
    ),
    life(
        "subscriptionCancelled",
        &[CancelledSubscription],
        What::Cancelled,
        "a subscription ends",
    ),
    life(
        "subscriptionReactivated",
        &[ActivatedSubscription],
        What::Activated,
        "a subscription goes on",
    ),
    life(
        "subscriptionPaused",
        &[PausedSubscription],
        What::Paused,
        "a subscription rests",
    ),
    life(
        "Subscription cancelled",
        &[CancelledSubscription],
        What::Cancelled,
        "a subscription ends",
    ),
    life(
        "Subscription activated",
        &[ActivatedSubscription],
        What::Activated,
        "a subscription goes on",
    ),
    Route::new(
        "orderPlaced",
        &[],
        Action::Ignore(Code::OrderByStore),
        "neither amounts nor first or renewal: the shop's own source sends the order",
    ),
    ignore(
        "Discount code applied",
        "a change that Converge has no event for",
    ),
    ignore(
        "Subscription interval/date update",
        "a change that Converge has no event for",
    ),
    ignore("productsUpdated", "other goods, the same subscription"),
    ignore("subscription*", "a change that Converge has no event for"),
    Route::new(
        MESSAGE,
        &[
            StartedSubscription,
            CancelledSubscription,
            ActivatedSubscription,
            PausedSubscription,
        ],
        Action::Told,
        "what the message itself says",
    ),
];

/// The topics, for the profile.
pub(crate) static TOPICS: &[Topic] = &Route::topics::<{ ROUTES.len() }>(ROUTES);

/// What is done with a topic, and the remark on it; `None` for a topic that is not known.
pub(crate) fn action(name: &str) -> Option<(Action, &'static str)> {
    let route = Route::find(ROUTES, name)?;
    Some((route.action, route.topic.remark))
}

/// The topic that a message names, where it is one that is known by its whole name.
pub(crate) fn told_by(body: &[u8]) -> &'static str {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Kind<'a> {
        #[serde(borrow)]
        event_name: Option<std::borrow::Cow<'a, str>>,
        #[serde(borrow)]
        event_type: Option<std::borrow::Cow<'a, str>>,
    }
    let told: Kind<'_> = serde_json::from_slice(body).unwrap_or_default();
    let name = told.event_name.or(told.event_type).unwrap_or_default();
    let known = TOPICS.iter().find(|topic| topic.name == name);
    known.map_or(MESSAGE, |topic| topic.name)
}
