//! Chargebee: the customer of an invoice that comes alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use orderbridge_chargebee::CHARGEBEE;
use orderbridge_event::Options;
use orderbridge_standin::{Answer, Asked, Server};
use serde_json::{Value, json};

use crate::bench::Bench;

const INVOICE: &str =
    include_str!("../../../../adapters/chargebee/fixtures/invoice-generated-already-paid.json");

#[tokio::test]
async fn an_invoice_alone_gets_its_customer() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let answer = move |asked: Asked| {
        count.fetch_add(1, Ordering::SeqCst);
        if asked.header("authorization") != Some("Basic bGl2ZV8xOg==") {
            return Answer::bytes(401, "{}");
        }
        match asked.path.as_str() {
            "/api/v2/customers/cus_Jane" => {
                let customer = json!({"id": "cus_Jane", "email": "jane@example.com"});
                Answer::json(200, &json!({ "customer": customer }))
            }
            _ => Answer::json(404, &json!({"api_error_code": "resource_not_found"})),
        }
    };
    let server = Server::start(answer).unwrap();
    let options = Options::default();
    let bench = Bench::new(&CHARGEBEE, options, server.url(), "api_key", "live_1").await;
    let invoice: Value = serde_json::from_str(INVOICE).unwrap();
    bench.post("", &invoice).await;
    assert_eq!(bench.waiting().await, 1);
    bench.read_until("the order", || bench.has(1)).await;
    let (_, body) = bench.events().await.remove(0);
    assert!(body.contains("jane@example.com"), "{body}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    let unknown = INVOICE.replace("cus_Jane", "cus_Joe");
    let mut unknown: Value = serde_json::from_str(&unknown).unwrap();
    unknown["id"] = json!("ev_2");
    bench.post("", &unknown).await;
    bench
        .read_until("it is put aside", || async {
            bench.parked().await == ["pull.missing"]
        })
        .await;
}
