//! Stripe: history by lists, what no webhook told by events, and what a webhook lacks.

use orderbridge_connect::pull::WalkError;
use orderbridge_connect::{Again, remap};
use orderbridge_core::store::Millis;
use orderbridge_event::{Options, Trouble};
use orderbridge_standin::Mishap;
use orderbridge_standin::stripe::{
    KEY, Setup, Stripe, customer, event, invoice, line, subscription,
};
use orderbridge_stripe::STRIPE;
use serde_json::{Value, json};

use crate::bench::{Bench, now};

const DAY: i64 = 86_400;
const STARTED: &str = "customer.subscription.created";

async fn bench(setup: Setup) -> (Stripe, Bench) {
    let stripe = Stripe::start(setup).unwrap();
    let bench = Bench::new(&STRIPE, Options::default(), stripe.url(), "api_key", KEY).await;
    (stripe, bench)
}

/// A rate that is never in the way.
fn quick(page: usize) -> Setup {
    Setup {
        per_second: 100_000.0,
        page,
    }
}

fn with(mut object: Value, fields: &[(&str, Value)]) -> Value {
    for (name, value) in fields {
        object[*name] = value.clone();
    }
    object
}

#[tokio::test]
async fn a_backfill_reads_invoices_and_subscriptions_whatever_happens() {
    let (stripe, bench) = bench(quick(10)).await;
    let at = now() - 3 * DAY;
    for number in 1..=25 {
        stripe.customer(customer(number));
        stripe.subscription(subscription(number, at));
        stripe.invoice(invoice(number, at));
    }
    // Written before the time and paid in it; and the other way round.
    let early = [("created", json!(now() - 40 * DAY))];
    stripe.invoice(with(invoice(26, at), &early));
    stripe.invoice(invoice(27, now() - 20 * DAY));
    // Started before the time: one goes on, one ends in it, one had ended.
    stripe.customer(customer(31));
    for (number, ended) in [(30, None), (31, Some(at)), (32, Some(now() - 20 * DAY))] {
        let status = if ended.is_some() {
            "canceled"
        } else {
            "active"
        };
        let fields = [
            ("status", json!(status)),
            ("canceled_at", json!(ended)),
            ("ended_at", json!(ended)),
        ];
        stripe.subscription(with(subscription(number, now() - 90 * DAY), &fields));
    }
    let rest = with(
        subscription(30, at),
        &[("pause_collection", json!({"behavior": "void"}))],
    );
    stripe.event(event("evt_1", "customer.subscription.paused", at, &rest));
    stripe.customer(customer(30));

    for mishap in [
        Mishap::Status(500),
        Mishap::Advised(409, true),
        Mishap::Throttled(1),
        Mishap::Cut,
        Mishap::Truncated,
    ] {
        stripe.mishap("invoices", mishap);
    }
    assert_eq!(bench.backfill(7).await.unwrap(), 25 + 25 + 1 + 1 + 1);
    assert_eq!(
        bench.waiting().await,
        1,
        "the event names its customer only"
    );
    bench.read_until("the customer", || bench.has(53)).await;
    let ids = bench.ids().await;
    for id in ["stripe:invoice:in_26", "stripe:sub:sub_7:started"] {
        assert!(ids.iter().any(|it| it == id), "{id}");
    }
    let starts = |id: &str| ids.iter().filter(|it| it.starts_with(id)).count();
    assert_eq!(starts("stripe:sub:sub_30:paused:"), 1);
    assert_eq!(starts("stripe:sub:sub_31:"), 1, "its end only");
    assert_eq!(
        starts("stripe:sub:sub_32:") + starts("stripe:invoice:in_27"),
        0
    );
    let events = bench.events().await;
    let has_person = |(_, body): &&(String, String)| body.contains("$email");
    let nameless: Vec<_> = events.iter().filter(|it| !has_person(it)).collect();
    assert!(nameless.is_empty(), "{nameless:#?}");
    assert_eq!(stripe.requests("customer"), 1);

    assert_eq!(bench.backfill(7).await.unwrap(), 0, "all are known");
    assert!(bench.is_balanced().await);
}

#[tokio::test]
async fn a_webhook_and_the_api_tell_of_one_event_once() {
    let (stripe, bench) = bench(quick(2)).await;
    let mut told = Vec::new();
    for number in 1..=7 {
        let at = now() - 60 + i64::try_from(number).unwrap();
        let paid = event(
            &format!("evt_{number}"),
            "invoice.paid",
            at,
            &invoice(number, at),
        );
        stripe.event(paid.clone());
        told.push(paid);
    }
    stripe.event(event("evt_8", "customer.updated", now(), &customer(1)));
    bench.post("", &told[3]).await;
    bench.post("", &told[3]).await;
    bench.read_until("all of them", || bench.has(7)).await;
    bench.post("", &told[5]).await;
    assert_eq!(bench.items().await.len(), 7);
    // The objects themselves tell the same once more.
    for number in 1..=7 {
        stripe.invoice(invoice(number, now() - 60));
    }
    assert_eq!(bench.backfill(1).await.unwrap(), 0);
    assert!(bench.is_balanced().await);
}

#[tokio::test]
async fn a_subscription_gets_its_customer_who_is_asked_for_once() {
    let (stripe, bench) = bench(quick(100)).await;
    stripe.customer(customer(1));
    stripe.mishap("customer", Mishap::Status(503));
    stripe.mishap("customer", Mishap::Truncated);
    let at = now() - 60;
    let object = subscription(1, at);
    bench.post("", &event("evt_1", STARTED, at, &object)).await;
    assert_eq!(bench.waiting().await, 1, "stored, and not mapped yet");

    let bench = bench.restarted().await;
    assert_eq!(bench.waiting().await, 1);
    bench.read_until("the start", || bench.has(1)).await;
    let (id, body) = bench.events().await.remove(0);
    assert_eq!(id, "stripe:sub:sub_1:started");
    assert!(body.contains("buyer-1@example.com"), "{body}");
    assert_eq!(stripe.requests("customer"), 3);

    // What is at hand is not waited for.
    let end = with(
        object,
        &[
            ("status", json!("canceled")),
            ("canceled_at", json!(at + 30)),
        ],
    );
    let kind = "customer.subscription.deleted";
    bench.post("", &event("evt_2", kind, at + 30, &end)).await;
    assert_eq!(bench.waiting().await, 0);
    let (_, body) = bench.events().await.remove(0);
    assert!(body.contains("buyer-1@example.com"), "{body}");
    assert_eq!(stripe.requests("customer"), 3, "asked for once");
}

#[tokio::test]
async fn a_customer_that_is_not_there_parks_the_event_until_it_is() {
    let (stripe, bench) = bench(quick(100)).await;
    let at = now() - 60;
    let started = event("evt_1", STARTED, at, &subscription(1, at));
    bench.post("", &started).await;
    bench
        .read_until("it is put aside", || async {
            bench.parked().await == ["pull.missing"]
        })
        .await;
    let items = bench.items().await;
    let reason = items[0].reason.clone().unwrap();
    assert_eq!(reason.message, "Stripe refuses customer: resource_missing");

    stripe.customer(customer(1));
    let payload = bench
        .store
        .show(items[0].id)
        .await
        .unwrap()
        .unwrap()
        .payload;
    let again = remap(
        &bench.routes,
        &*bench.store,
        payload,
        Millis::new(now() * 1000),
    )
    .await;
    assert_eq!(again.unwrap(), Again::Waits);
    bench.read_until("the event", || bench.has(1)).await;
    assert!(bench.parked().await.is_empty());
    assert!(bench.is_balanced().await);
}

#[tokio::test]
async fn all_lines_of_a_long_invoice_are_there() {
    let (stripe, bench) = bench(quick(100)).await;
    let lines: Vec<Value> = (1..=230).map(|number| line(number, 100)).collect();
    stripe.lines("in_1", lines.clone());
    let cut = json!({"object": "list", "has_more": true, "data": lines[..10]});
    let fields = [
        ("lines", cut),
        ("subtotal", json!(23_000)),
        ("total", json!(23_000)),
        ("amount_paid", json!(23_000)),
    ];
    let long = with(invoice(1, now() - 60), &fields);
    bench
        .post("", &event("evt_1", "invoice.paid", now() - 60, &long))
        .await;
    bench.read_until("the order", || bench.has(1)).await;
    assert_eq!(stripe.requests("lines"), 3);
    let (_, body) = bench.events().await.remove(0);
    assert_eq!(body.matches("\"product_id\"").count(), 230);
}

#[tokio::test]
async fn the_rate_is_kept() {
    let (stripe, bench) = bench(Setup::default()).await;
    for number in 1..=60 {
        stripe.customer(customer(number));
        let at = now() - 60;
        let id = format!("evt_{number}");
        bench
            .post("", &event(&id, STARTED, at, &subscription(number, at)))
            .await;
    }
    bench.read_until("all of them", || bench.has(60)).await;
    assert_eq!(stripe.refused(), 0);
}

#[tokio::test]
async fn what_stripe_says_of_trying_again_counts_and_no_word_of_it_is_repeated() {
    let (stripe, bench) = bench(quick(100)).await;
    let trouble = |error| match error {
        WalkError::Pull(error) => (error.trouble, error.message.to_string()),
        other => panic!("{other}"),
    };
    stripe.mishap("invoices", Mishap::Advised(500, false));
    let (kind, message) = trouble(bench.backfill(7).await.unwrap_err());
    assert_eq!(kind, Trouble::Unavailable);
    assert_eq!(
        stripe.requests("invoices"),
        1,
        "not before somebody looks again"
    );
    assert!(!message.contains("words"), "{message}");
    stripe.revoke();
    let (kind, message) = trouble(bench.backfill(7).await.unwrap_err());
    assert_eq!(kind, Trouble::Credentials);
    assert!(message.contains("api_key_expired"), "{message}");
    assert!(
        !message.contains("words") && !message.contains(KEY),
        "{message}"
    );
}
