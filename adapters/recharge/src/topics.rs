//! Recharge's topics and what becomes of each: the one list of them.
//!
//! Recharge names the topic nowhere in a delivery, so each webhook has an address of its own:
//! `/webhooks/<source>/charge/paid`. <https://docs.getrecharge.com/docs/webhooks-overview>

use orderbridge_event::EventName::{
    ActivatedSubscription, CancelledSubscription, PausedSubscription, PlacedOrder,
    PlacedRecurringSubscriptionOrder, ReceivedRefund, SkippedSubscription, StartedSubscription,
    UnskippedSubscription,
};
use orderbridge_event::{Code, EventName, Topic};

use crate::charge::Via;
use crate::subscription::Change;

/// The topic of a body that comes without one: what it is decides.
pub(crate) const BODY: &str = "body";
/// Charges and subscriptions as they are now.
pub(crate) const CHARGES: &str = "GET /charges";
pub(crate) const SUBSCRIPTIONS: &str = "GET /subscriptions";
/// An order of the API, where its charge is not given out any more. The name is our own.
pub(crate) const OLD_ORDER: &str = "old-order";

/// What is done with a payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// It is a charge; once paid it is money.
    Charge(Via),
    /// It is an order that stands for its charge.
    OldOrder,
    /// Money of a charge went back.
    Refund,
    /// The last attempt to charge has failed.
    MaxRetries,
    /// It is about a subscription.
    Subscription(Change),
    /// It has no topic, and its body did not tell what it is.
    Body,
    /// It makes no event; the topic's remark says why.
    Ignore(Code),
}

type Route = orderbridge_event::Route<Action>;

const fn ignore(name: &'static str, code: Code, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(code), remark)
}

const fn life(
    name: &'static str,
    event: &'static [EventName],
    change: Change,
    remark: &'static str,
) -> Route {
    Route::new(name, event, Action::Subscription(change), remark)
}

const MONEY: &[EventName] = &[PlacedOrder, PlacedRecurringSubscriptionOrder];
const FETCHED: &[EventName] = &[
    PlacedOrder,
    PlacedRecurringSubscriptionOrder,
    ReceivedRefund,
];
const ANY: &[EventName] = &[
    PlacedOrder,
    PlacedRecurringSubscriptionOrder,
    ReceivedRefund,
    StartedSubscription,
    CancelledSubscription,
];
const NO_EVENT: Code = Code::TopicNoEvent;
const LIFE: Code = Code::SubscriptionNoEvent;

static ROUTES: &[Route] = &[
    Route::new(
        "charge/paid",
        MONEY,
        Action::Charge(Via::Paid),
        "an order or a renewal, by the mode",
    ),
    Route::new(
        "charge/success",
        MONEY,
        Action::Charge(Via::Paid),
        "the dead name of charge/paid",
    ),
    Route::new(
        "charge/refunded",
        &[ReceivedRefund],
        Action::Refund,
        "the money that went back",
    ),
    Route::new(
        "charge/max_retries_reached",
        &[CancelledSubscription],
        Action::MaxRetries,
        "the end of each subscription on the charge",
    ),
    ignore(
        "charge/created",
        NO_EVENT,
        "a charge is money once it is paid",
    ),
    ignore(
        "charge/upcoming",
        NO_EVENT,
        "a charge is money once it is paid",
    ),
    ignore(
        "charge/uncaptured",
        NO_EVENT,
        "a charge is money once it is paid",
    ),
    ignore("charge/failed", NO_EVENT, "nothing was charged"),
    ignore("charge/updated", NO_EVENT, "an update moves no money"),
    ignore(
        "charge/deleted",
        NO_EVENT,
        "a charge that is deleted moves no money",
    ),
    life(
        "subscription/created",
        &[StartedSubscription],
        Change::Created,
        "a subscription starts",
    ),
    life(
        "subscription/activated",
        &[ActivatedSubscription],
        Change::Activated,
        "a subscription goes on",
    ),
    life(
        "subscription/cancelled",
        &[CancelledSubscription],
        Change::Cancelled,
        "a subscription ends",
    ),
    life(
        "subscription/paused",
        &[PausedSubscription],
        Change::Paused,
        "a subscription rests",
    ),
    life(
        "subscription/skipped",
        &[SkippedSubscription],
        Change::Skipped,
        "a delivery is left out",
    ),
    life(
        "subscription/unskipped",
        &[UnskippedSubscription],
        Change::Unskipped,
        "a delivery comes after all",
    ),
    ignore(
        "subscription/swapped",
        LIFE,
        "other goods, the same subscription",
    ),
    ignore(
        "subscription/updated",
        LIFE,
        "an update does not say what has changed",
    ),
    ignore(
        "subscription/deleted",
        LIFE,
        "a record that is deleted ends nothing",
    ),
    ignore(
        "order/*",
        NO_EVENT,
        "money counts once on its charge, however many orders it has",
    ),
    ignore("customer/*", NO_EVENT, "a customer is not an order"),
    ignore("address/*", NO_EVENT, "an address is not an order"),
    ignore(
        "onetime/*",
        NO_EVENT,
        "a one-time item is paid with its charge",
    ),
    ignore("checkout/*", NO_EVENT, "a checkout is not an order"),
    ignore(
        "payment_method/*",
        NO_EVENT,
        "a payment method is not an order",
    ),
    ignore(
        "bundle_selection/*",
        NO_EVENT,
        "a choice of goods is not an order",
    ),
    ignore("product/*", NO_EVENT, "a product is not an order"),
    ignore("plan/*", NO_EVENT, "a plan is not an order"),
    ignore("store/*", NO_EVENT, "the store's settings are not an order"),
    ignore("async_batch/*", NO_EVENT, "a batch is not an order"),
    ignore(
        "recharge/uninstalled",
        Code::AppUninstalled,
        "the shop removed Recharge",
    ),
    Route::new(
        CHARGES,
        FETCHED,
        Action::Charge(Via::Api),
        "as charge/paid, for those that are paid",
    ),
    Route::new(
        "GET /charges/*",
        FETCHED,
        Action::Charge(Via::Api),
        "as charge/paid, if it is paid",
    ),
    Route::new(
        OLD_ORDER,
        MONEY,
        Action::OldOrder,
        "an order of the API as its charge, which is not given out after ninety days",
    ),
    life(
        SUBSCRIPTIONS,
        &[StartedSubscription, CancelledSubscription],
        Change::AsItIs,
        "the start and, if there is one, the end of each",
    ),
    life(
        "GET /subscriptions/*",
        &[StartedSubscription, CancelledSubscription],
        Change::AsItIs,
        "its start and, if there is one, its end",
    ),
    ignore(
        "GET /*",
        NO_EVENT,
        "the answer holds neither charges nor subscriptions",
    ),
    Route::new(
        BODY,
        ANY,
        Action::Body,
        "a charge or a subscription, by the body's top-level key",
    ),
];

/// The topics, for the profile.
pub(crate) static TOPICS: &[Topic] = &Route::topics::<{ ROUTES.len() }>(ROUTES);

/// What is done with a topic, and the remark on it; `None` for a topic that is not known.
pub(crate) fn action(name: &str) -> Option<(Action, &'static str)> {
    let route = Route::find(ROUTES, name)?;
    Some((route.action, route.topic.remark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_most_exact_topic() {
        let table = [
            ("charge/paid", true),
            ("charge/failed", false),
            ("subscription/unskipped", true),
            ("subscription/swapped", false),
            ("order/processed", false),
            ("customer/payment_method_updated", false),
            ("GET /charges", true),
            ("GET /charges/580825303", true),
            ("GET /subscriptions/1", true),
            ("GET /orders", false),
            ("old-order", true),
        ];
        for (name, makes_events) in table {
            let (action, _) = action(name).unwrap();
            assert_eq!(!matches!(action, Action::Ignore(_)), makes_events, "{name}");
        }
        for name in ["charge", "charge/", "invoice/paid", "GET charges"] {
            assert!(action(name).is_none(), "{name}");
        }
    }
}
