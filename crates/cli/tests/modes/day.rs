//! A day in a shop's life, in each mode: what arrives at Converge, and nothing else.

use std::fmt::Write as _;

use serde_json::Value;

use crate::house::{House, Source};
use crate::messages::{FIRST, Message, RENEWAL, charge, order, refund, subscription};

/// All that happens. In the morning the shop is quicker, at the renewal the tool.
fn day() -> Vec<Message> {
    let subscribed = "Subscription, Subscription First Order";
    let renewed = "subscription_contract_checkout_one";
    let (morning, june) = ("2026-05-10T14:02:31+00:00", "2026-06-10T14:05:20+00:00");
    let august = "2026-08-01T09:00:00+00:00";
    vec![
        Message::shop(
            "a web order",
            "orders/create",
            &order(4_400_549_999, "web", morning, ""),
        ),
        Message::shop(
            "a first subscription order",
            "orders/create",
            &order(FIRST, "web", morning, subscribed),
        ),
        Message::club(
            "its charge",
            "charge/paid",
            &charge(900_100_100, "checkout", FIRST, morning, "0.00"),
        ),
        Message::club(
            "its subscription",
            "subscription/created",
            &subscription("active", "2026-05-10T14:02:35+00:00", None),
        ),
        Message::club(
            "a renewal's charge",
            "charge/paid",
            &charge(900_100_200, "recurring", RENEWAL, june, "0.00"),
        ),
        Message::shop(
            "a renewal's order",
            "orders/create",
            &order(
                RENEWAL,
                renewed,
                june,
                "Subscription, Subscription Recurring Order",
            ),
        ),
        Message::shop("a refund", "refunds/create", &refund(71, RENEWAL, "10.00")),
        Message::club(
            "the refund, as the tool sees it",
            "charge/refunded",
            &charge(900_100_200, "recurring", RENEWAL, june, "10.00"),
        ),
        Message::club(
            "a pause",
            "subscription/paused",
            &subscription("active", "2026-06-20T09:00:00+00:00", None),
        ),
        Message::club(
            "the end",
            "subscription/cancelled",
            &subscription("cancelled", august, Some(august)),
        ),
        Message::courses("a trial starts", "subscription-created-in-trial"),
        Message::courses("its invoice of nothing", "trial-start"),
        Message::courses("the trial converts", "trial-conversion"),
    ]
}

/// What became of the day, message by message.
fn told(destination: &str, sources: &[Source<'_>]) -> String {
    let mut house = House::new(destination, sources);
    let mut told = String::new();
    let mut all = Vec::new();
    for message in day() {
        let Message {
            title,
            source,
            platform,
            topic,
            ref body,
        } = message;
        if !sources.iter().any(|(name, ..)| *name == source) {
            let _ = writeln!(told, "{title}\n  {platform}: not through here");
            continue;
        }
        let answer = house.post(source, platform, topic, body);
        let _ = writeln!(told, "{title}\n  {platform}: {answer}");
        for event in house.delivered() {
            let _ = writeln!(told, "    {}", line(&event));
            all.push(event);
        }
    }
    // Every platform repeats what it believes to be lost; nothing comes of it.
    for message in day() {
        if sources.iter().any(|(name, ..)| *name == message.source) {
            house.post(
                message.source,
                message.platform,
                message.topic,
                &message.body,
            );
        }
    }
    assert_eq!(house.delivered(), Vec::<Value>::new());
    assert_eq!(house.conflicts(), 0);
    told.push_str(&sum(&all));
    told
}

/// An event in one line.
fn line(event: &Value) -> String {
    let properties = &event["properties"];
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let line = format!(
        "{:<35} {:<22} {:>6} {:<4} {:<17} {}",
        text(&event["event_name"]),
        text(&properties["$sales_channel_type"]),
        text(&properties["total_price"]),
        text(&properties["currency"]),
        text(&properties["subscription_order"]),
        text(&event["event_id"]),
    );
    line.trim_end().to_owned()
}

/// What Converge counts as revenue.
fn sum(events: &[Value]) -> String {
    let orders: Vec<&Value> = events
        .iter()
        .filter(|event| event["event_name"] == "Placed Order")
        .collect();
    let cents = |event: &&Value| event["properties"]["total_price"].as_f64().unwrap() * 100.0;
    // No order at all would come to -0.
    let revenue = orders.iter().map(cents).fold(0.0, |sum, cents| sum + cents);
    format!("{} orders, {:.2} in all\n", orders.len(), revenue / 100.0)
}

fn check(name: &str, told: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../snapshots/day");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, told));
}

#[test]
fn beside_a_store_whose_orders_another_source_sends() {
    let mode = "mode = \"beside_store\"";
    let sources = [("club", "recharge", mode), ("courses", "stripe", mode)];
    check(
        "beside_store",
        &told("native_sources = [\"shopify\"]", &sources),
    );
}

#[test]
fn standing_alone() {
    let mode = "mode = \"standalone\"";
    let sources = [("club", "recharge", mode), ("courses", "stripe", mode)];
    check("standalone", &told("", &sources));
}

#[test]
fn with_the_shop_through_here() {
    let both = "mode = \"both_through_us\"";
    // The courses are sold by nobody else.
    let alone = "mode = \"standalone\"\ndouble_counting = \"accept\"";
    let sources = [
        ("shop", "shopify", both),
        ("club", "recharge", both),
        ("courses", "stripe", alone),
    ];
    check("both_through_us", &told("", &sources));
}
