//! Amazon's topics and what becomes of each: the one list of them.
//!
//! An answer of the API is named by its request.
//! <https://developer-docs.amazon.com/sp-api/docs/sp-api-operations>

use orderbridge_event::EventName::{PlacedOrder, ReceivedRefund};
use orderbridge_event::{Code, EventName, Topic};

/// What is done with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Its shape tells what it is.
    ByShape,
    /// It is an order of the API v2026-01-01.
    Order,
    /// It is an order of the API v0 with its parts.
    Parts,
    /// It is an order of the API v0 by itself.
    OrderAlone,
    /// It is the rows that a report has of one order.
    Rows,
    /// It is a message that something has happened.
    Notification,
    /// It is a refund of the Finances API v0.
    RefundEvent,
    /// It is a movement of money of the Finances API v2024-06-19.
    Transaction,
    /// It makes no event; the topic's remark says why.
    Ignore(Code),
}

type Route = orderbridge_event::Route<Action>;

const fn ignore(name: &'static str, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(Code::TopicNoEvent), remark)
}

/// A body without a topic.
pub(crate) const BY_SHAPE: &str = "order";
pub(crate) const ORDER: &str = "GET /orders/2026-01-01/orders/{orderId}";
pub(crate) const ORDERS: &str = "GET /orders/2026-01-01/orders";
pub(crate) const PARTS: &str = "v0-order";
pub(crate) const ORDERS_ALONE: &str = "GET /orders/v0/orders";
pub(crate) const ROWS: &str = "report";
pub(crate) const NOTIFICATION: &str = "ORDER_CHANGE";
pub(crate) const REFUND_EVENTS: &str = "GET /finances/v0/financialEvents";
pub(crate) const TRANSACTIONS: &str = "GET /finances/2024-06-19/transactions";

const PLACED: &[EventName] = &[PlacedOrder];
const REFUND: &[EventName] = &[ReceivedRefund];

static ROUTES: &[Route] = &[
    Route::new(
        BY_SHAPE,
        PLACED,
        Action::ByShape,
        "an order of either API, with its parts; a notification; told by its shape",
    ),
    Route::new(ORDERS, PLACED, Action::Order, "places the orders"),
    Route::new(
        "GET /orders/2026-01-01/orders/*",
        PLACED,
        Action::Order,
        "places the order",
    ),
    Route::new(PARTS, PLACED, Action::Parts, "places the order"),
    ignore(
        "GET /orders/v0/orders/*/*",
        "a part of an order: put together they are a v0-order",
    ),
    Route::new(
        "GET /orders/v0/orders",
        &[],
        Action::OrderAlone,
        "orders without their items: put together they are a v0-order",
    ),
    Route::new(
        "GET /orders/v0/orders/*",
        &[],
        Action::OrderAlone,
        "an order without its items: put together they are a v0-order",
    ),
    Route::new(
        ROWS,
        PLACED,
        Action::Rows,
        "places the order; its rows in the all-orders report",
    ),
    Route::new(
        NOTIFICATION,
        &[],
        Action::Notification,
        "names an order that is to be fetched",
    ),
    ignore(
        "TRANSACTION_UPDATE",
        "money has moved; refunds are to be fetched",
    ),
    ignore("REPORT_PROCESSING_FINISHED", "a report is ready"),
    ignore("FEED_PROCESSING_FINISHED", "a feed was read"),
    ignore("ANY_OFFER_CHANGED", "an offer is not an order"),
    ignore("FBA_OUTBOUND_SHIPMENT_STATUS", "a shipment is not an order"),
    ignore("FULFILLMENT_ORDER_STATUS", "an order of another shop"),
    Route::new(
        REFUND_EVENTS,
        REFUND,
        Action::RefundEvent,
        "the refunds among the events",
    ),
    Route::new(
        "GET /finances/v0/*/financialEvents",
        REFUND,
        Action::RefundEvent,
        "the refunds among the events",
    ),
    Route::new(
        TRANSACTIONS,
        REFUND,
        Action::Transaction,
        "the refunds among the transactions",
    ),
    ignore("GET /*", "the answer holds no orders"),
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
        for (name, wanted) in [
            ("order", Some(Action::ByShape)),
            ("GET /orders/2026-01-01/orders", Some(Action::Order)),
            ("GET /orders/2026-01-01/orders/111-1", Some(Action::Order)),
            ("GET /orders/v0/orders", Some(Action::OrderAlone)),
            ("GET /orders/v0/orders/111-1", Some(Action::OrderAlone)),
            (
                "GET /orders/v0/orders/111-1/orderItems/buyerInfo",
                Some(Action::Ignore(Code::TopicNoEvent)),
            ),
            (
                "GET /finances/v0/orders/1/financialEvents",
                Some(Action::RefundEvent),
            ),
            (
                "GET /finances/v0/financialEventGroups",
                Some(Action::Ignore(Code::TopicNoEvent)),
            ),
            (
                "GET /sellers/v1/account",
                Some(Action::Ignore(Code::TopicNoEvent)),
            ),
            ("orders/create", None),
        ] {
            assert_eq!(action(name).map(|(action, _)| action), wanted, "{name}");
        }
    }
}
