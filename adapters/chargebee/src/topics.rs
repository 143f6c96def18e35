//! Chargebee's events and what becomes of each: the one list of them.
//!
//! <https://apidocs.chargebee.com/docs/api/events#event_types>

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
    /// It holds an invoice that counts when it is paid.
    Invoice(Place),
    /// It is about a subscription.
    Subscription(Change),
    /// Money went back.
    Refund,
    /// It makes no event; the topic's remark says why.
    Ignore(Code),
}

type Route = orderbridge_event::Route<Action>;

const fn ignore(name: &'static str, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(Code::TopicNoEvent), remark)
}

const fn quiet(name: &'static str, remark: &'static str) -> Route {
    Route::new(name, &[], Action::Ignore(Code::SubscriptionNoEvent), remark)
}

const fn invoice(name: &'static str, place: Place, remark: &'static str) -> Route {
    Route::new(name, INVOICE, Action::Invoice(place), remark)
}

const fn subscription(name: &'static str, event: &'static [EventName], change: Change) -> Route {
    let remark = match change {
        Change::Created | Change::Started => "a subscription starts",
        Change::Paused => "a subscription rests",
        Change::Activated => "a subscription goes on",
        Change::Cancelled => "a subscription ends",
        Change::AsItIs => "its start, and its end if it has ended",
    };
    Route::new(name, event, Action::Subscription(change), remark)
}

const INVOICE: &[EventName] = &[PlacedOrder, PlacedRecurringSubscriptionOrder];
const AS_IT_IS: &[EventName] = &[StartedSubscription, CancelledSubscription];
const IF_PAID: &str = "the order, once its invoice is paid, by the source's mode";
const BY_INVOICE: &str = "what it costs is told by its invoice";

static ROUTES: &[Route] = &[
    Route::new(
        IN_THE_BODY,
        crate::EVENTS,
        Action::Read,
        "what it is about stands in the body, as its event_type",
    ),
    invoice("payment_succeeded", Place::Event, IF_PAID),
    invoice("invoice_generated", Place::Event, IF_PAID),
    invoice("invoice_updated", Place::Event, IF_PAID),
    ignore("invoice_*", "an invoice counts when it is paid"),
    Route::new(
        "payment_refunded",
        &[ReceivedRefund],
        Action::Refund,
        "the money that went back",
    ),
    ignore("payment_failed", "nothing was charged"),
    ignore("payment_*", "a payment is told by payment_succeeded"),
    subscription(
        "subscription_created",
        &[StartedSubscription],
        Change::Created,
    ),
    subscription(
        "subscription_created_with_backdating",
        &[StartedSubscription],
        Change::Created,
    ),
    subscription(
        "subscription_started",
        &[StartedSubscription],
        Change::Started,
    ),
    subscription("subscription_paused", &[PausedSubscription], Change::Paused),
    subscription(
        "subscription_resumed",
        &[ActivatedSubscription],
        Change::Activated,
    ),
    subscription(
        "subscription_reactivated",
        &[ActivatedSubscription],
        Change::Activated,
    ),
    subscription(
        "subscription_reactivated_with_backdating",
        &[ActivatedSubscription],
        Change::Activated,
    ),
    subscription(
        "subscription_cancelled",
        &[CancelledSubscription],
        Change::Cancelled,
    ),
    subscription(
        "subscription_cancelled_with_backdating",
        &[CancelledSubscription],
        Change::Cancelled,
    ),
    quiet(
        "subscription_activated*",
        "a trial is over: its invoice tells of it",
    ),
    quiet("subscription_renewed", BY_INVOICE),
    quiet("subscription_items_renewed", BY_INVOICE),
    quiet("subscription_changed*", BY_INVOICE),
    quiet("subscription_*", "nothing that Converge has an event for"),
    ignore(
        "credit_note_*",
        "a credit note moves no money: payment_refunded tells of it",
    ),
    ignore("order_*", "a shipment: its invoice is the order"),
    ignore("transaction_*", "a payment is told by payment_succeeded"),
    ignore("customer_*", "a customer is not an order"),
    ignore("card_*", "a card is not an order"),
    ignore("quote_*", "a quote is not an order"),
    ignore("unbilled_charges_*", "not charged yet"),
    ignore("gift_*", "what a gift costs is told by its invoice"),
    ignore("coupon_*", "the catalogue"),
    ignore("item_*", "the catalogue"),
    ignore("plan_*", "the catalogue"),
    ignore("addon_*", "the catalogue"),
    Route::new(
        "GET /api/v2/events*",
        &[],
        Action::Read,
        "each event by its own type",
    ),
    ignore("GET /api/v2/invoices/*/*", "a part of an invoice"),
    invoice(
        "GET /api/v2/invoices/*",
        Place::Body,
        "the order, if it is paid",
    ),
    invoice(
        "GET /api/v2/invoices",
        Place::Body,
        "the orders that are paid",
    ),
    subscription("GET /api/v2/subscriptions/*", AS_IT_IS, Change::AsItIs),
    subscription("GET /api/v2/subscriptions", AS_IT_IS, Change::AsItIs),
    ignore("GET /api/v2/*", "the answer holds no orders"),
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
            ("payment_succeeded", "the order"),
            ("payment_initiated", "a payment"),
            ("invoice_deleted", "an invoice counts"),
            ("subscription_activated_with_backdating", "a trial"),
            ("subscription_cancellation_scheduled", "nothing that"),
            ("subscription_cancelled", "a subscription ends"),
            ("GET /api/v2/invoices?limit=3", "the orders"),
            ("GET /api/v2/invoices/1", "the order,"),
            ("GET /api/v2/customers/1", "the answer"),
        ];
        for (name, begin) in table {
            let (_, remark) = action(name).unwrap();
            assert!(remark.starts_with(begin), "{name}: {remark}");
        }
        assert!(action("invoice.paid").is_none());
    }
}
