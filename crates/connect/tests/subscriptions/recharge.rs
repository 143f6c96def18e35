//! Recharge: cursors, the leaky bucket, ninety days, and who a subscription belongs to.

use orderbridge_connect::pull::WalkError;
use orderbridge_event::{Options, Trouble};
use orderbridge_recharge::RECHARGE;
use orderbridge_standin::Mishap;
use orderbridge_standin::recharge::{
    Recharge, Setup, TOKEN, charge, customer, order, subscription, written,
};
use serde_json::{Value, json};

use crate::bench::{Bench, now};

const DAY: i64 = 86_400;

async fn bench(setup: Setup) -> (Recharge, Bench) {
    let recharge = Recharge::start(setup).unwrap();
    let url = recharge.url();
    let bench = Bench::new(&RECHARGE, Options::default(), url, "access_token", TOKEN).await;
    (recharge, bench)
}

/// A bucket that is never full.
fn quick(page: usize) -> Setup {
    Setup {
        speed: 100_000.0,
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
async fn a_backfill_reads_charges_orders_and_subscriptions_whatever_happens() {
    let (recharge, bench) = bench(quick(7)).await;
    let recent = now() - 3 * DAY;
    for number in 1..=20 {
        recharge.charge(charge(number, recent));
        recharge.order(order(number, recent));
    }
    let queued = [("status", json!("queued")), ("processed_at", json!(null))];
    recharge.charge(with(charge(21, recent), &queued));
    // Recharge gives out the orders of this charge, and no longer the charge.
    let old = now() - 120 * DAY;
    recharge.charge(charge(30, old));
    recharge.order(order(30, old));
    recharge.order(with(order(31, old), &[("is_prepaid", json!(true))]));
    recharge.order(order(32, now() - 300 * DAY));
    // Started in the time; started before it and ended in it; neither.
    recharge.subscription(subscription(40, recent));
    let ended = |number, at: i64| {
        let fields = [
            ("status", json!("cancelled")),
            ("cancelled_at", json!(written(at))),
            ("updated_at", json!(written(at))),
        ];
        with(subscription(number, now() - 400 * DAY), &fields)
    };
    recharge.subscription(ended(41, recent));
    recharge.subscription(ended(42, now() - 300 * DAY));
    for number in [40, 41] {
        recharge.customer(customer(number));
    }
    for mishap in [
        Mishap::Status(500),
        Mishap::Throttled(1),
        Mishap::Cut,
        Mishap::Truncated,
        Mishap::Status(503),
    ] {
        recharge.mishap("charges", mishap);
    }
    // The prepaid order is stored and makes no event.
    assert_eq!(bench.backfill(200).await.unwrap(), 20 + 2 + 2);
    assert_eq!(
        bench.waiting().await,
        2,
        "subscriptions name their customers only"
    );
    bench.read_until("the customers", || bench.has(23)).await;
    let ids = bench.ids().await;
    let starts = |id: &str| ids.iter().filter(|it| it.starts_with(id)).count();
    assert_eq!(starts("recharge:charge:500000030"), 1, "by its order");
    assert_eq!(starts("recharge:charge:"), 21);
    assert_eq!(starts("recharge:sub:3000040:started"), 1);
    assert_eq!(starts("recharge:sub:3000041:"), 1, "its end only");
    let events = bench.events().await;
    let has_person = |(_, body): &&(String, String)| body.contains("$email");
    assert!(events.iter().all(|it| has_person(&it)), "{events:#?}");
    assert_eq!(bench.backfill(200).await.unwrap(), 0, "all are known");
    assert!(bench.is_balanced().await);
}

#[tokio::test]
async fn a_webhook_and_the_api_tell_of_one_charge_once() {
    let (recharge, bench) = bench(quick(2)).await;
    let at = now() - 60;
    for number in 1..=5 {
        // The store's order has come since the webhook.
        recharge.charge(with(
            charge(number, at),
            &[("updated_at", json!(written(at + 30)))],
        ));
    }
    let told = with(
        charge(3, at),
        &[("external_order_id", json!({"ecommerce": null}))],
    );
    bench.post("/charge/paid", &json!({ "charge": told })).await;
    bench.read_until("all of them", || bench.has(5)).await;
    bench
        .post("/charge/paid", &json!({ "charge": charge(5, at) }))
        .await;
    assert_eq!(bench.ids().await.len(), 5);
    let started = subscription(1, at);
    recharge.customer(customer(1));
    recharge.subscription(started.clone());
    bench
        .post("/subscription/created", &json!({ "subscription": started }))
        .await;
    bench.read_until("the start", || bench.has(6)).await;
    let events = bench.events().await;
    let (id, body) = &events[5];
    assert_eq!(id, "recharge:sub:3000001:started");
    assert!(body.contains("buyer-1@example.com"), "{body}");
    assert!(bench.is_balanced().await);
}

#[tokio::test]
async fn the_bucket_never_overflows() {
    let setup = Setup {
        speed: 1.0,
        page: 1,
    };
    let (recharge, bench) = bench(setup).await;
    // More pages than the bucket holds.
    for number in 1..=43 {
        recharge.charge(charge(number, now() - 60));
    }
    assert_eq!(bench.backfill(1).await.unwrap(), 43);
    assert_eq!(recharge.refused(), 0);
}

#[tokio::test]
async fn a_token_that_is_not_good_is_told_without_a_word_of_recharges() {
    let (recharge, bench) = bench(quick(250)).await;
    recharge.revoke();
    let WalkError::Pull(error) = bench.backfill(7).await.unwrap_err() else {
        panic!("the store");
    };
    assert_eq!(error.trouble, Trouble::Credentials);
    let message = error.message;
    assert!(
        !message.contains("words") && !message.contains(TOKEN),
        "{message}"
    );
}
