//! Every answer of the receiver, and what is in the store after it.

use orderbridge_connect::Limits;
use orderbridge_core::store::{Accepted, EventOutcome, Outcome, StoreErrorKind};
use orderbridge_event::{Options, Secret};
use serde_json::json;

use crate::support::client::{Client, Hook, get};
use crate::support::{bench, changed, fixture, start, us_store};

#[tokio::test]
async fn an_order_is_stored_with_the_bytes_to_send() {
    let bench = bench().await;
    let answer = Hook::new("orders/create", fixture("web-order"))
        .send(bench.running.addr())
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "stored"));
    let event = bench.store.event("Placed Order");
    assert!(event.contains("\"event_id\":\"5551234567890\""), "{event}");
    let known = bench.store.known();
    let intake = &known.intakes[0];
    assert_eq!(intake.topic, "orders/create");
    assert_eq!(intake.order.as_ref().unwrap().key, "5551234567890");
    assert!(intake.mapping.starts_with("shopify "), "{}", intake.mapping);
    assert_eq!(*intake.body, fixture("web-order"));
    // Customer, e-mail, phone, and the order itself.
    assert_eq!(intake.subjects.len(), 4);
}

#[tokio::test]
async fn known_signatures_are_accepted_and_others_refused() {
    let bench = bench().await;
    let address = bench.running.addr();
    let body = r##"{"id":1001,"name":"#1001"}"##;
    let table = [
        (body, "mZoz+FTePmx9dFBrP7w8HshtQ1AxfXYnsLiQnYyOHHk=", 200),
        (body, "rH/kJgKxbxMlG31E+fw5oHiUYTWp6einm3iIAgBTwr0=", 401),
        ("", "Knm8rWjeSXNIt2H0AOMT7DQ8/YSy8sQi/pEjbuUmGMs=", 200),
        (
            r#"{"note":"Größe 42 ☕"}"#,
            "C03n0GSYlJnZZa+GMFVkmYBVHNT5yVKB2OqsJvwKA2k=",
            200,
        ),
        (
            r#"{"url":"https://example.com/a","note":"a&b"}"#,
            "uhesQly9htkqpWy3j9uhiO/WtIm9wfle5KVdI9GoJXQ=",
            401,
        ),
        (body, "not base64!", 401),
        (body, "", 401),
    ];
    for (body, signature, expected) in table {
        let hook = Hook::new("orders/create", body).with("X-Shopify-Hmac-Sha256", signature);
        assert_eq!(
            hook.send(address).await.status,
            expected,
            "{body} {signature}"
        );
    }
    // What is refused leaves no trace.
    assert_eq!(bench.store.known().intakes.len(), 3);
}

#[tokio::test]
async fn a_secret_that_is_being_rotated_is_good_and_none_is_not() {
    let mut source = us_store();
    source.secrets.insert(0, Secret::new("the new one"));
    let both = start(source, Limits::default()).await;
    let hook = Hook::new("orders/create", fixture("web-order"));
    assert_eq!(hook.send(both.running.addr()).await.status, 200);
    for secrets in [vec![], vec![Secret::new("another")]] {
        let mut source = us_store();
        source.secrets = secrets;
        let bench = start(source, Limits::default()).await;
        assert_eq!(hook.send(bench.running.addr()).await.status, 401);
        assert_eq!(bench.store.known().intakes.len(), 0);
    }
}

#[tokio::test]
async fn a_delivery_that_comes_again_is_acknowledged_once_more() {
    let bench = bench().await;
    let address = bench.running.addr();
    let hook = Hook::new("orders/create", fixture("web-order"));
    let with_both = hook
        .clone()
        .with("X-Shopify-Webhook-Id", "w1")
        .with("X-Shopify-Event-Id", "e1");
    assert_eq!(with_both.send(address).await.body, "stored");
    assert_eq!(with_both.send(address).await.body, "duplicate");
    // Another subscription to the topic: another webhook id, the same event.
    let other = with_both.clone().with("X-Shopify-Webhook-Id", "w2");
    assert_eq!(other.send(address).await.body, "duplicate");
    // Another topic is another message, whatever its id.
    let paid = with_both.with("X-Shopify-Topic", "orders/paid");
    assert_eq!(paid.send(address).await.body, "ignored");
    // Without any id the event itself is known.
    assert_eq!(hook.send(address).await.status, 200);
    let only_webhook = hook.with("X-Shopify-Webhook-Id", "w9");
    assert_eq!(only_webhook.send(address).await.status, 200);
    assert_eq!(only_webhook.send(address).await.body, "duplicate");
    let known = bench.store.known();
    assert_eq!(known.events.len(), 1);
    let repeated = known.outcomes.iter().filter(|outcome| {
        matches!(outcome, Accepted::Stored { events, .. }
            if matches!(events.as_slice(), [EventOutcome::Duplicate(_)]))
    });
    assert_eq!(repeated.count(), 2);
}

#[tokio::test]
async fn what_cannot_be_mapped_is_parked_whole_and_acknowledged() {
    let bench = bench().await;
    for name in ["missing-total", "cut-off", "not-an-order"] {
        let answer = Hook::new("orders/create", fixture(name))
            .send(bench.running.addr())
            .await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "parked"),
            "{name}"
        );
    }
    let known = bench.store.known();
    assert_eq!(*known.intakes[1].body, fixture("cut-off"));
    assert!(matches!(known.intakes[0].outcome, Outcome::Unmappable(_)));
    drop(known);
    let reasons = bench.store.reasons();
    assert_eq!(
        reasons,
        ["payload.missing", "payload.syntax", "payload.unknown"]
    );
}

#[tokio::test]
async fn what_makes_no_event_is_stored_with_the_reason() {
    let bench = bench().await;
    let address = bench.running.addr();
    let order = fixture("web-order");
    let test = Hook::new("orders/create", order.clone()).with("X-Shopify-Test", "true");
    let hooks = [
        test,
        Hook::new("orders/create", fixture("test-order")),
        Hook::new("orders/paid", order),
        Hook::new("customers/update", r#"{"id":7}"#),
        Hook::new("metaobjects/create", "{}"),
        Hook::new("app/uninstalled", fixture("app-uninstalled")),
        Hook::new("orders/create", r#"{"orders":[]}"#),
    ];
    for hook in hooks {
        let answer = hook.send(address).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "ignored"));
    }
    let expected = [
        "order.test",
        "order.test",
        "order.trigger",
        "topic.no_event",
        "topic.unknown",
        "app.uninstalled",
        "topic.no_event",
    ];
    assert_eq!(bench.store.reasons(), expected);
}

#[tokio::test]
async fn the_topic_may_stand_in_the_path() {
    let bench = bench().await;
    let address = bench.running.addr();
    let no_header = |body: Vec<u8>| Hook::new("", body);
    let refund = no_header(fixture("refund")).at("/webhooks/us-store/refunds/create");
    assert_eq!(refund.send(address).await.body, "stored");
    let encoded = no_header(fixture("test-order")).at("/webhooks/us-store/orders%2Fcreate/?a=b");
    assert_eq!(encoded.send(address).await.body, "ignored");
    // The header says more than the path, and the default topic more than nothing.
    let header = Hook::new("orders/create", fixture("web-order")).at("/webhooks/us-store/carts/x");
    assert_eq!(header.send(address).await.body, "stored");
    let neither = no_header(fixture("unknown-source"));
    assert_eq!(neither.send(address).await.body, "stored");
    let known = bench.store.known();
    let topics: Vec<&str> = known.intakes.iter().map(|it| it.topic.as_str()).collect();
    let create = "orders/create";
    assert_eq!(topics, ["refunds/create", create, create, create]);
}

#[tokio::test]
async fn other_paths_and_methods_lead_nowhere() {
    let bench = bench().await;
    let address = bench.running.addr();
    let long = format!("/webhooks/{}", "a".repeat(20_000));
    for path in [
        "/",
        "/webhooks",
        "/webhooks/nobody",
        "/webhooks/us-store/../us-store",
        "/webhooks/us-store%00",
        "/webhooks/us-store/%2e%2e/orders",
        "/webhooks//us-store",
        "/metrics",
        &long,
    ] {
        let hook = Hook::new("orders/create", fixture("web-order")).at(path);
        assert_eq!(hook.send(address).await.status, 404, "{path}");
        assert_eq!(get(address, path, "").await.status, 404, "{path}");
    }
    let answer = get(address, "/webhooks/us-store", "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert_eq!(bench.store.known().intakes.len(), 0);
}

#[tokio::test]
async fn a_store_that_fails_acknowledges_nothing() {
    let bench = bench().await;
    let address = bench.running.addr();
    let hook = Hook::new("orders/create", fixture("web-order")).with("X-Shopify-Event-Id", "e");
    let kinds = [
        (StoreErrorKind::Full, "60"),
        (StoreErrorKind::ReadOnly, "60"),
        (StoreErrorKind::Busy, "2"),
        (StoreErrorKind::Unknown, "10"),
    ];
    // Before the key of the store is known, and after.
    for round in 0..2 {
        for (kind, seconds) in kinds {
            bench.store.fail(Some(kind));
            let answer = hook.send(address).await;
            assert_eq!(answer.status, 503, "{kind:?}");
            assert_eq!(answer.header("retry-after"), Some(seconds), "{kind:?}");
        }
        assert_eq!(bench.store.known().intakes.len(), round);
        bench.store.fail(None);
        let answer = hook.send(address).await;
        assert_eq!(answer.body, ["stored", "duplicate"][round]);
    }
}

#[tokio::test]
async fn several_payloads_in_one_body_are_one_commit() {
    let bench = bench().await;
    let one: serde_json::Value = serde_json::from_slice(&fixture("web-order")).unwrap();
    let two: serde_json::Value = serde_json::from_slice(&fixture("unknown-source")).unwrap();
    let body = json!({ "orders": [one, two, {"id": 5}] }).to_string();
    let hook = Hook::new("orders/create", body).with("X-Shopify-Event-Id", "e");
    let address = bench.running.addr();
    assert_eq!(hook.send(address).await.body, "parked");
    assert_eq!(
        bench
            .store
            .commits
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
    assert_eq!(bench.store.known().events.len(), 2);
    assert_eq!(hook.send(address).await.body, "duplicate");
    assert_eq!(bench.store.known().intakes.len(), 3);
}

#[tokio::test]
async fn a_message_without_a_time_has_the_platforms_or_the_clocks() {
    let bench = bench().await;
    let address = bench.running.addr();
    let topic = "subscription_contracts/cancel";
    let hook = Hook::new(topic, fixture("contract-cancelled"));
    let told = hook
        .clone()
        .with("X-Shopify-Triggered-At", "2026-11-22T10:15:30.123Z");
    assert_eq!(told.send(address).await.body, "stored");
    let event = bench.store.event("Cancelled Subscription");
    assert!(
        event.contains("\"timestamp\":\"2026-11-22T10:15:30.123Z\""),
        "{event}"
    );

    let other = start(us_store(), Limits::default()).await;
    assert_eq!(hook.send(other.running.addr()).await.body, "stored");
    let event = other.store.event("Cancelled Subscription");
    assert!(!event.contains("2026-11-22T10:15:30"), "{event}");
}

#[tokio::test]
async fn options_of_the_source_reach_the_mapping() {
    let mut source = us_store();
    source.options = Options {
        event_id_prefix: "us-".to_owned(),
        ..Options::default()
    };
    let bench = start(source, Limits::default()).await;
    let body = changed("web-order", &[("note", json!("x"))]);
    let mut client = Client::connect(bench.running.addr()).await;
    client
        .post(&Hook::new("orders/create", body))
        .await
        .unwrap();
    let event = bench.store.event("Placed Order");
    assert!(
        event.contains("\"event_id\":\"us-5551234567890\""),
        "{event}"
    );
}
