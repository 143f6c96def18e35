//! Ordergroove's messages and what becomes of each: the one list of them.
//!
//! <https://developer.ordergroove.com/data/event-payloads>

use orderbridge_event::EventName::{
    ActivatedSubscription, CancelledSubscription, PlacedOrder, PlacedRecurringSubscriptionOrder,
    SkippedSubscription, StartedSubscription,
};
use orderbridge_event::{Code, Topic};
use serde::Deserialize;

/// The topic of a message by itself: its `type` decides.
pub(crate) const MESSAGE: &str = "message";

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// An order was placed in the shop and paid.
    Renewal,
    /// An order that was to come is left out.
    Skipped,
    Started,
    Cancelled,
    Reactivated,
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

const fn ignore(name: &'static str, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(Code::SubscriptionNoEvent), remark)
}

static ROUTES: &[Route] = &[
    Route::new(
        "order.success",
        &[PlacedRecurringSubscriptionOrder, PlacedOrder],
        Action::Map(What::Renewal),
        "a renewal: the first order runs through the shop's checkout",
    ),
    Route::new(
        "order.skip_order",
        &[SkippedSubscription],
        Action::Map(What::Skipped),
        "an order to come is left out",
    ),
    Route::new(
        "subscription.create",
        &[StartedSubscription],
        Action::Map(What::Started),
        "a subscription starts",
    ),
    Route::new(
        "subscription.cancel",
        &[CancelledSubscription],
        Action::Map(What::Cancelled),
        "a subscription ends",
    ),
    Route::new(
        "subscription.reactivate",
        &[ActivatedSubscription],
        Action::Map(What::Reactivated),
        "a subscription goes on",
    ),
    ignore("order.*", "an order is money once it is placed"),
    ignore("subscription.*", "a change that Converge has no event for"),
    ignore("subscriber.*", "a subscriber is not a subscription"),
    ignore("item.*", "a line is told with its order"),
    ignore("entitlement*", "an entitlement is not an order"),
    Route::new(
        MESSAGE,
        &[
            PlacedRecurringSubscriptionOrder,
            PlacedOrder,
            StartedSubscription,
            CancelledSubscription,
            ActivatedSubscription,
            SkippedSubscription,
        ],
        Action::Told,
        "what the message's own type says",
    ),
];

/// The topics, for the profile.
pub(crate) static TOPICS: &[Topic] = &Route::topics::<{ ROUTES.len() }>(ROUTES);

/// What is done with a topic, and the remark on it; `None` for a topic that is not known.
pub(crate) fn action(name: &str) -> Option<(Action, &'static str)> {
    let route = Route::find(ROUTES, name)?;
    Some((route.action, route.topic.remark))
}

/// The topic that a message names, where it is one that makes events.
pub(crate) fn told_by(body: &[u8]) -> &'static str {
    #[derive(Deserialize)]
    struct Told<'a> {
        #[serde(rename = "type", borrow)]
        kind: std::borrow::Cow<'a, str>,
    }
    let told = serde_json::from_slice::<Told<'_>>(body).ok();
    let known = told.and_then(|told| TOPICS.iter().find(|topic| topic.name == told.kind));
    known.map_or(MESSAGE, |topic| topic.name)
}
