//! Users' own rules: what they drop is kept, counted, and can be brought back.

use std::time::Duration;

use orderbridge_connect::{Admin, AdminConfig, Build, Limits, SourceRoute};
use orderbridge_core::store::{Accepted, EventOutcome, Outcome};
use orderbridge_event::{Code, SalesChannel};
use orderbridge_rules::{Exclude, Names, RuleSet};
use serde_json::json;

use crate::support::client::{Hook, get};
use crate::support::{changed, fixture, start, us_store};

fn with_rules(text: &str) -> SourceRoute {
    let names = Names {
        platforms: &["shopify"],
        sources: &["us-store"],
    };
    let set = RuleSet::parse(text, names).unwrap();
    let mut source = us_store();
    source.rules = set.of("shopify", Some("us-store"), Exclude::default());
    source
}

const DROPS_VIPS: &str = "[[rules]]\nid = \"no-vips\"\nif.tags.has = \"vip\"\n\
                          then.drop = \"they are ours\"\n";

#[tokio::test]
async fn a_dropped_payload_is_stored_with_the_rule() {
    let bench = start(with_rules(DROPS_VIPS), Limits::default()).await;
    let answer = Hook::new("orders/create", fixture("web-order"));
    let answer = answer.send(bench.running.addr()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "ignored"));
    let known = bench.store.known();
    let intake = &known.intakes[0];
    let Outcome::Ignored(reason) = &intake.outcome else {
        panic!("{intake:?}");
    };
    assert_eq!(reason.code, Code::RuleDrop.as_str());
    assert_eq!(reason.message, "they are ours (rule no-vips)");
    // Which rules mapped it is stored as well.
    assert!(intake.mapping.contains(", rules "), "{}", intake.mapping);
    assert!(!intake.body.is_empty());
}

/// Else its refunds would be told as of an order that nobody knows, from another channel.
#[tokio::test]
async fn of_a_dropped_order_it_is_remembered_what_it_was() {
    let rule =
        "[[rules]]\nid = \"no-tills\"\nif.channel.eq = \"pos\"\nthen.drop = \"counted there\"\n";
    let bench = start(with_rules(rule), Limits::default()).await;
    let order = Hook::new("orders/create", fixture("pos-with-customer"));
    assert_eq!(order.send(bench.running.addr()).await.body, "ignored");
    let known = bench.store.known();
    let order = known.intakes[0].order.as_ref().unwrap();
    assert_eq!(order.known.as_ref().unwrap().channel, SalesChannel::Pos);
}

#[tokio::test]
async fn a_held_order_is_dropped_when_a_newer_version_says_so() {
    let mut source = with_rules(DROPS_VIPS);
    source.hold = Some(Duration::from_secs(600));
    let bench = start(source, Limits::default()).await;
    let address = bench.running.addr();
    let order = |topic: &str, minute: u32, tags: &str| {
        let time = format!("2026-11-02T10:{minute}:00-05:00");
        let fields = [("updated_at", json!(time)), ("tags", json!(tags))];
        Hook::new(topic, changed("web-order", &fields))
    };
    let first = order("orders/create", 16, "new").send(address).await;
    assert_eq!(first.body, "stored");
    assert_eq!(
        order("orders/updated", 18, "new, VIP")
            .send(address)
            .await
            .body,
        "stored"
    );
    let known = bench.store.known();
    let last = known.outcomes.last();
    let Some(Accepted::Stored { events, .. }) = last else {
        panic!("{last:?}");
    };
    assert!(
        matches!(events[..], [EventOutcome::Replaced(_)]),
        "{events:?}"
    );
    let Outcome::Events(events) = &known.intakes[1].outcome else {
        panic!("{:?}", known.intakes[1]);
    };
    let dropped = events[0].dropped.as_ref().unwrap();
    assert_eq!(dropped.message, "they are ours (rule no-vips)");
}

#[tokio::test]
async fn what_rules_did_is_counted_and_shown() {
    let odd = "[[rules]]\nid = \"odd\"\nwhen = 'money(event.properties.order_name) > money(\"1\")'\n\
               then.channel = \"pos\"\n";
    let bench = start(with_rules(&format!("{DROPS_VIPS}{odd}")), Limits::default()).await;
    for name in ["web-order", "pos-with-customer"] {
        let hook = Hook::new("orders/create", fixture(name));
        assert_eq!(hook.send(bench.running.addr()).await.status, 200);
    }
    let config = AdminConfig::new(vec!["main".to_owned()], Build::default());
    let (routes, store) = (bench.routes.clone(), bench.store.clone());
    let admin = Admin::start("127.0.0.1:0", routes, store, config, Vec::new());
    let admin = admin.await.unwrap();
    let metrics = get(admin.addr(), "/metrics", "").await.body;
    for line in [
        "orderbridge_rule_hits_total{source=\"us-store\",rule=\"no-vips\"} 1\n",
        "orderbridge_rule_failures_total{source=\"us-store\",rule=\"no-vips\"} 0\n",
        "orderbridge_rule_failures_total{source=\"us-store\",rule=\"odd\"} 2\n",
        "orderbridge_unmapped_sources_total{source=\"us-store\"} 0\n",
    ] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
    let status = get(admin.addr(), "/status", "").await.body;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let rules = &status["sources"][0]["rules"];
    let expected = json!([
        {"id": "no-vips", "hits": 1, "failures": 0}, {"id": "odd", "hits": 0, "failures": 2}
    ]);
    assert_eq!(rules, &expected);
}
