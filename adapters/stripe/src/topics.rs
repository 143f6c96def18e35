//! Stripe's events and what becomes of each: the one list of them.
//!
//! <https://docs.stripe.com/api/events/types>

use orderbridge_event::EventName::{
    ActivatedSubscription, CancelledSubscription, PausedSubscription, PlacedOrder,
    PlacedRecurringSubscriptionOrder, ReceivedRefund, StartedSubscription,
};
use orderbridge_event::{Code, EventName, Topic};

use crate::message::{IN_THE_BODY, Place};
use crate::subscription::Change;

/// What is done with a payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// The body says what it is about.
    Read,
    /// It is an invoice that counts when it is paid.
    Invoice(Place),
    /// It is about a subscription.
    Subscription(Change),
    /// It is a charge of which something went back.
    Refund,
    /// It makes no event; the topic's remark says why.
    Ignore(Code),
}

type Route = orderbridge_event::Route<Action>;

const fn ignore(name: &'static str, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(Code::TopicNoEvent), remark)
}

const fn subscription(
    name: &'static str,
    events: &'static [EventName],
    change: Change,
    remark: &'static str,
) -> Route {
    Route::new(name, events, Action::Subscription(change), remark)
}

const INVOICE: &[EventName] = &[PlacedOrder, PlacedRecurringSubscriptionOrder];
const NOT_YET: &str = "an invoice counts when it is paid";

static ROUTES: &[Route] = &[
    Route::new(
        IN_THE_BODY,
        crate::EVENTS,
        Action::Read,
        "what it is about stands in the body, as its type",
    ),
    Route::new(
        "invoice.paid",
        INVOICE,
        Action::Invoice(Place::Event),
        "the order that was paid, by the source's mode",
    ),
    ignore(
        "invoice.payment_succeeded",
        "invoice.paid tells of the same, and of what was paid elsewhere",
    ),
    ignore("invoice.payment_failed", "nothing was charged"),
    ignore("invoice.upcoming", "a preview is not an invoice"),
    ignore("invoice.*", NOT_YET),
    ignore("invoiceitem.*", NOT_YET),
    ignore("invoice_payment.*", NOT_YET),
    subscription(
        "customer.subscription.created",
        &[StartedSubscription],
        Change::Created,
        "a subscription starts",
    ),
    subscription(
        "customer.subscription.updated",
        &[
            StartedSubscription,
            PausedSubscription,
            ActivatedSubscription,
        ],
        Change::Updated,
        "its first payment went through, or it rests or goes on",
    ),
    subscription(
        "customer.subscription.deleted",
        &[CancelledSubscription],
        Change::Deleted,
        "a subscription ends",
    ),
    subscription(
        "customer.subscription.paused",
        &[PausedSubscription],
        Change::Paused,
        "a subscription rests",
    ),
    subscription(
        "customer.subscription.resumed",
        &[ActivatedSubscription],
        Change::Resumed,
        "a subscription goes on",
    ),
    ignore("customer.subscription.*", "nothing has happened yet"),
    Route::new(
        "charge.refunded",
        &[ReceivedRefund],
        Action::Refund,
        "the money that went back",
    ),
    ignore("refund.*", "charge.refunded tells of the money"),
    ignore("charge.refund.*", "charge.refunded tells of the money"),
    ignore("charge.*", "a payment is told by its invoice"),
    ignore("credit_note.*", "charge.refunded tells of the money"),
    ignore("payment_intent.*", "a payment is told by its invoice"),
    ignore("payment_method.*", "a card is not an order"),
    ignore("setup_intent.*", "a card is not an order"),
    ignore(
        "checkout.session.*",
        "what was bought is told by its invoice",
    ),
    ignore("customer.*", "a customer is not an order"),
    ignore("subscription_schedule.*", "a plan for later"),
    ignore("quote.*", "a quote is not an order"),
    ignore("product.*", "the catalogue"),
    ignore("price.*", "the catalogue"),
    ignore("plan.*", "the catalogue"),
    ignore("coupon.*", "the catalogue"),
    ignore("promotion_code.*", "the catalogue"),
    ignore("payout.*", "the account's money"),
    ignore("balance.*", "the account's money"),
    ignore("account.*", "the account"),
    Route::new(
        "GET /v1/events*",
        &[],
        Action::Read,
        "each event by its own type",
    ),
    ignore("GET /v1/invoices/upcoming*", "a preview is not an invoice"),
    ignore("GET /v1/invoices/*/*", "a part of an invoice"),
    Route::new(
        "GET /v1/invoices/*",
        INVOICE,
        Action::Invoice(Place::Body),
        "the order, if it is paid",
    ),
    Route::new(
        "GET /v1/invoices",
        INVOICE,
        Action::Invoice(Place::Body),
        "the orders that are paid",
    ),
    subscription(
        "GET /v1/subscriptions/*",
        &[StartedSubscription, CancelledSubscription],
        Change::AsItIs,
        "its start, and its end if it has ended",
    ),
    subscription(
        "GET /v1/subscriptions",
        &[StartedSubscription, CancelledSubscription],
        Change::AsItIs,
        "their starts and ends",
    ),
    ignore("GET /v1/*", "the answer holds no orders"),
];

/// The topics, for the profile.
pub(crate) static TOPICS: &[Topic] = &Route::topics::<{ ROUTES.len() }>(ROUTES);

/// What is done with a topic, and the remark on it; `None` for a topic that is not known.
pub(crate) fn action(name: &str) -> Option<(Action, &'static str)> {
    let route = Route::find(ROUTES, path(name))?;
    Some((route.action, route.topic.remark))
}

/// A request without its host and query; other topics as they are.
fn path(topic: &str) -> &str {
    topic.split_once('?').map_or(topic, |(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_most_exact_topic() {
        let table = [
            ("invoice.paid", "the order"),
            ("invoice.payment_succeeded", "invoice.paid tells"),
            ("invoice.finalized", "an invoice counts"),
            ("invoice.finalization_failed", "an invoice counts"),
            ("customer.subscription.trial_will_end", "nothing has"),
            ("customer.updated", "a customer"),
            ("charge.refunded", "the money"),
            ("charge.refund.updated", "charge.refunded"),
            ("charge.succeeded", "a payment"),
            ("GET /v1/invoices?limit=3", "the orders"),
            ("GET /v1/invoices/in_1", "the order,"),
            ("GET /v1/invoices/in_1/lines", "a part"),
            ("GET /v1/invoices/upcoming", "a preview"),
            ("GET /v1/customers/cus_1", "the answer"),
        ];
        for (name, begin) in table {
            let (_, remark) = action(name).unwrap();
            assert!(remark.starts_with(begin), "{name}: {remark}");
        }
        assert!(action("orders/create").is_none());
    }
}
