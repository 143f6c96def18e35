//! Shopify's topics and what becomes of each: the one list of them.
//!
//! <https://shopify.dev/docs/api/webhooks>

use orderbridge_event::EventName::{
    ActivatedSubscription, CancelledSubscription, PausedSubscription, PlacedOrder, ReceivedRefund,
    StartedSubscription,
};
use orderbridge_event::{Code, EventName, Topic};

use crate::contract::Change;
use crate::order::Via;

/// What is done with a payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// It is an order to be placed.
    Order(Via),
    /// It is an order that was placed before; it may have new refunds.
    Nested,
    /// It is a refund.
    Refund,
    /// It is about a subscription contract.
    Contract(Change),
    /// It makes no event; the topic's remark says why.
    Ignore(Code),
}

type Route = orderbridge_event::Route<Action>;

const fn ignore(name: &'static str, code: Code, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(code), remark)
}

const ORDER: &[EventName] = &[PlacedOrder, StartedSubscription, ReceivedRefund];
const REFUND: &[EventName] = &[ReceivedRefund];
const NO_EVENT: Code = Code::TopicNoEvent;
const CONTRACT: Code = Code::SubscriptionNoEvent;

static ROUTES: &[Route] = &[
    Route::new(
        "orders/create",
        ORDER,
        Action::Order(Via::Created),
        "places the order",
    ),
    Route::new(
        "orders/paid",
        ORDER,
        Action::Order(Via::Paid),
        "places it with placed_on = \"paid\"",
    ),
    Route::new(
        "orders/updated",
        REFUND,
        Action::Nested,
        "an order counts once, as first placed",
    ),
    Route::new(
        "orders/fulfilled",
        REFUND,
        Action::Nested,
        "an order counts once, as first placed",
    ),
    Route::new(
        "orders/partially_fulfilled",
        REFUND,
        Action::Nested,
        "an order counts once, as first placed",
    ),
    Route::new(
        "orders/cancelled",
        REFUND,
        Action::Nested,
        "an order counts once, as first placed",
    ),
    ignore(
        "orders/edited",
        NO_EVENT,
        "an edit is not an order, and an order counts once",
    ),
    ignore(
        "orders/delete",
        NO_EVENT,
        "an order that is deleted was placed all the same",
    ),
    ignore(
        "orders/link_requested",
        NO_EVENT,
        "the buyer asked for the order's status link again",
    ),
    ignore(
        "orders/risk_assessment_changed",
        NO_EVENT,
        "a risk assessment is not an order",
    ),
    ignore(
        "orders/shopify_protect_eligibility_changed",
        NO_EVENT,
        "protection is not an order",
    ),
    Route::new(
        "refunds/create",
        REFUND,
        Action::Refund,
        "the money that went back",
    ),
    Route::new(
        "subscription_contracts/create",
        &[StartedSubscription],
        Action::Contract(Change::Created),
        "a subscription starts",
    ),
    Route::new(
        "subscription_contracts/activate",
        &[ActivatedSubscription],
        Action::Contract(Change::Activated),
        "a subscription goes on",
    ),
    Route::new(
        "subscription_contracts/pause",
        &[PausedSubscription],
        Action::Contract(Change::Paused),
        "a subscription rests",
    ),
    Route::new(
        "subscription_contracts/cancel",
        &[CancelledSubscription],
        Action::Contract(Change::Cancelled),
        "a subscription ends",
    ),
    ignore(
        "subscription_contracts/update",
        CONTRACT,
        "an update does not say what has changed",
    ),
    ignore(
        "subscription_contracts/expire",
        CONTRACT,
        "the contract ran its course",
    ),
    ignore(
        "subscription_contracts/fail",
        CONTRACT,
        "a failed contract is no cancellation",
    ),
    ignore(
        "subscription_billing_attempts/success",
        CONTRACT,
        "the renewal arrives as an order",
    ),
    ignore(
        "subscription_billing_attempts/failure",
        CONTRACT,
        "nothing was charged",
    ),
    ignore(
        "subscription_billing_attempts/challenged",
        CONTRACT,
        "nothing was charged yet",
    ),
    ignore(
        "customers/purchasing_summary",
        Code::CustomerFigures,
        "figures of a customer, without an order",
    ),
    ignore(
        "customers/data_request",
        Code::PrivacyRequest,
        "a request to disclose personal data",
    ),
    ignore(
        "customers/redact",
        Code::PrivacyRequest,
        "a request to erase a customer's data",
    ),
    ignore(
        "shop/redact",
        Code::PrivacyRequest,
        "a request to erase a shop's data",
    ),
    ignore(
        "app/uninstalled",
        Code::AppUninstalled,
        "the shop removed the app",
    ),
    ignore("draft_orders/*", NO_EVENT, "a draft is not an order"),
    ignore("checkouts/*", NO_EVENT, "a checkout is not an order"),
    ignore("carts/*", NO_EVENT, "a cart is not an order"),
    ignore("customers/*", NO_EVENT, "a customer is not an order"),
    ignore("customer.*", NO_EVENT, "a customer is not an order"),
    ignore(
        "order_transactions/*",
        NO_EVENT,
        "money moves with orders and refunds",
    ),
    ignore(
        "tender_transactions/*",
        NO_EVENT,
        "money moves with orders and refunds",
    ),
    ignore("fulfillments/*", NO_EVENT, "a shipment is not an order"),
    ignore("fulfillment_*", NO_EVENT, "a shipment is not an order"),
    ignore("returns/*", NO_EVENT, "a return is not yet a refund"),
    ignore(
        "GET /admin*/orders/count.json",
        NO_EVENT,
        "a count is not an order",
    ),
    Route::new(
        "GET /admin*/orders/*/refunds.json",
        REFUND,
        Action::Refund,
        "the money that went back",
    ),
    Route::new(
        "GET /admin*/orders/*/refunds/*.json",
        REFUND,
        Action::Refund,
        "the money that went back",
    ),
    ignore(
        "GET /admin*/orders/*/*.json",
        NO_EVENT,
        "a part of an order is not an order",
    ),
    Route::new(
        "GET /admin*/orders.json",
        ORDER,
        Action::Order(Via::Api),
        "places the orders",
    ),
    Route::new(
        "GET /admin*/orders/*.json",
        ORDER,
        Action::Order(Via::Api),
        "places the order",
    ),
    ignore("GET /admin*", NO_EVENT, "the answer holds no orders"),
    ignore(
        "POST /admin*/refunds/calculate.json",
        NO_EVENT,
        "a calculation is not a refund",
    ),
    ignore("POST /admin*", NO_EVENT, "the answer holds no orders"),
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

    /// Whether the topic makes events, and how its remark begins.
    fn of(name: &str) -> Option<(bool, &'static str)> {
        let (action, remark) = action(name)?;
        Some((!matches!(action, Action::Ignore(_)), remark))
    }

    #[test]
    fn finds_the_most_exact_topic() {
        let api = "GET /admin/api/2026-10";
        let table = [
            ("orders/create".to_owned(), (true, "places the order")),
            ("draft_orders/create".to_owned(), (false, "a draft")),
            ("customers/update".to_owned(), (false, "a customer")),
            ("customers/redact".to_owned(), (false, "a request to erase")),
            ("customer.tags_added".to_owned(), (false, "a customer")),
            (
                "fulfillment_events/create".to_owned(),
                (false, "a shipment"),
            ),
            (format!("{api}/orders.json"), (true, "places the orders")),
            (format!("{api}/orders/1.json"), (true, "places the order")),
            (format!("{api}/orders/1/refunds.json"), (true, "the money")),
            (
                format!("{api}/orders/1/refunds/2.json"),
                (true, "the money"),
            ),
            (
                format!("{api}/orders/1/transactions.json"),
                (false, "a part of"),
            ),
            (format!("{api}/orders/count.json"), (false, "a count")),
            (
                format!("{api}/shop.json"),
                (false, "the answer holds no orders"),
            ),
            (
                "POST /admin/api/2026-10/orders/1/refunds/calculate.json".to_owned(),
                (false, "a calc"),
            ),
        ];
        for (name, (makes_events, begin)) in table {
            let (events, remark) = of(&name).unwrap();
            assert_eq!(events, makes_events, "{name}");
            assert!(remark.starts_with(begin), "{name}: {remark}");
        }
        assert_eq!(of("orders"), None);
        assert_eq!(of("metaobjects/create"), None);
    }

    #[test]
    fn tells_of_events_exactly_where_there_are_some() {
        for route in ROUTES {
            let ignored = matches!(route.action, Action::Ignore(_));
            assert_eq!(
                route.topic.events.is_empty(),
                ignored,
                "{}",
                route.topic.name
            );
        }
    }
}
