//! Requests of the platform on behalf of people and shops.

use orderbridge_connect::{Limits, subject};
use orderbridge_core::store::{Command, Outcome, PrivacyRequest, RedactTarget, SubjectKey};
use orderbridge_event::{Identity, Text};

use crate::support::client::Hook;
use crate::support::{bench, fixture, start, until, us_store};

const REDACT: &str = r#"{"shop_id":9,"shop_domain":"shop.example",
    "customer":{"id":7001002003004,"email":"jane.example@example.com","phone":null},
    "orders_to_redact":[5551234567890]}"#;

#[tokio::test]
async fn a_person_is_erased_on_request() {
    let bench = bench().await;
    let address = bench.running.addr();
    Hook::new("orders/create", fixture("web-order"))
        .send(address)
        .await;
    let answer = Hook::new("customers/redact", REDACT).send(address).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "stored"));
    until("a command", || bench.store.known().commands.len() == 1).await;

    let known = bench.store.known();
    let order = &known.intakes[0];
    let request = &known.intakes[1];
    assert!(request.body.is_empty(), "it names the person");
    assert!(matches!(
        request.outcome,
        Outcome::Privacy(PrivacyRequest::RedactSubjects)
    ));
    let Command::Redact {
        target: RedactTarget::Subjects(subjects),
        request: Some(_),
    } = &known.commands[0]
    else {
        panic!("{:?}", known.commands)
    };
    // The request and the order name the same person.
    let shared = order.subjects.iter().filter(|it| subjects.contains(it));
    assert_eq!(shared.count(), 3);
    let key = SubjectKey::new([7; 32]);
    let id = Identity::Order(Text::new("5551234567890").unwrap());
    assert!(subjects.contains(&subject(&key, "shopify", &[], &id).unwrap()));
}

#[tokio::test]
async fn a_request_that_was_left_open_is_carried_out_at_the_start() {
    let first = bench().await;
    Hook::new("shop/redact", r#"{"shop_id":9}"#)
        .send(first.running.addr())
        .await;
    until("a command", || first.store.known().commands.len() == 1).await;
    let left_open = {
        let known = first.store.known();
        let target = RedactTarget::Source("us-store".to_owned());
        assert!(matches!(&known.commands[0], Command::Redact { target: it, .. } if *it == target));
        known.intakes[0].clone()
    };

    let store = std::sync::Arc::new(crate::support::store::Memory::default());
    store.known().intakes.push(left_open);
    let routes = first.routes.clone();
    let limits = Limits::default();
    let running =
        orderbridge_connect::Receiver::start("127.0.0.1:0", routes, store.clone(), limits);
    let _running = running.await.unwrap();
    until("a command", || store.known().commands.len() == 1).await;
}

#[tokio::test]
async fn a_request_to_tell_is_kept_for_a_person() {
    let bench = bench().await;
    let body = r#"{"customer":{"id":7},"orders_requested":[1],"data_request":{"id":5}}"#;
    let answer = Hook::new("customers/data_request", body)
        .send(bench.running.addr())
        .await;
    assert_eq!(answer.status, 200);
    let known = bench.store.known();
    assert_eq!(*known.intakes[0].body, body.as_bytes());
    assert!(matches!(
        known.intakes[0].outcome,
        Outcome::Privacy(PrivacyRequest::Data)
    ));
    assert!(known.commands.is_empty());
}

#[tokio::test]
async fn a_request_that_names_nobody_waits_for_a_person() {
    let bench = bench().await;
    let address = bench.running.addr();
    for body in [
        r#"{"customer":null}"#,
        "{",
        r#"{"customer":{"email":"none"}}"#,
    ] {
        let answer = Hook::new("customers/redact", body).send(address).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "parked"),
            "{body}"
        );
    }
    assert!(bench.store.known().commands.is_empty());
}

#[tokio::test]
async fn a_request_that_is_not_signed_or_only_a_test_erases_nothing() {
    let bench = start(us_store(), Limits::default()).await;
    let address = bench.running.addr();
    let hook = Hook::new("customers/redact", REDACT);
    let unsigned = hook.clone().with("X-Shopify-Hmac-Sha256", "");
    assert_eq!(unsigned.send(address).await.status, 401);
    let test = hook.with("X-Shopify-Test", "true");
    assert_eq!(test.send(address).await.body, "ignored");
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(bench.store.known().commands.is_empty());
}
