//! `when`: what can be said in CEL, what is absent, what fails, and what it may cost.

use orderbridge_event::Code;
use orderbridge_rules::{Hit, Ruled, Verdict};

use crate::support::{ORDER, event, map, matches, mistakes, rules};

fn when(expression: &str) -> bool {
    matches(&format!("when = '''{expression}'''"))
}

#[test]
fn expressions_hold_or_do_not() {
    for (expression, expected) in [
        (r#"event.email.endsWith("@example.com")"#, true),
        (r#"money(event.total_price) < money("100.11")"#, true),
        (r#"money(event.total_price) == money("100.1")"#, true),
        (
            r#"money(event.total_price) - money(event.total_shipping) > money("95.10")"#,
            false,
        ),
        (
            r#""vip" in event.tags && !("wholesale" in event.tags)"#,
            true,
        ),
        (r#"event.country in ["DE", "AT", "CH"]"#, true),
        (
            r#"event.items.exists(item, item.sku.startsWith("GIFT"))"#,
            true,
        ),
        (
            r#"event.items.all(item, money(item.price) > money("30"))"#,
            false,
        ),
        ("event.items.exists_one(item, item.quantity == 2)", true),
        (
            r#"event.items.filter(item, item.vendor == "Acme").size() == 1"#,
            true,
        ),
        ("size(event.coupons) == 2", true),
        (r#"event.tags.exists(tag, tag.matches("^whole"))"#, true),
        (r#"event.note_attributes.gift == "yes""#, true),
        (r#"event.note_attributes["gift"] == "no""#, false),
        (r#""loyalty_id" in event.note_attributes"#, true),
        ("has(event.note_attributes.none)", false),
        (r##"event.properties.order_name == "#1001""##, true),
        ("event.is_new_customer && !event.is_paid", true),
        ("event.quantity > 2 ? event.is_test : true", false),
        ("has(event.email) && !has(event.note_attributes.x)", true),
        (
            r#"event.channel == "web" && event.event_name != "Received Refund""#,
            true,
        ),
        (r#"event.source_name.matches("^[0-9]+$")"#, true),
    ] {
        assert_eq!(when(expression), expected, "{expression}");
    }
}

fn outcome(expression: &str, order: &str) -> (Ruled, Verdict) {
    let text =
        format!("[[rules]]\nid = \"it\"\nwhen = '''{expression}'''\nthen = {{ drop = \"so\" }}\n");
    let ruled = map(&rules(&text).telling(), order);
    let verdict = ruled.told[0].verdict.clone();
    (ruled, verdict)
}

#[test]
fn what_is_absent_matches_nothing_and_is_no_failure() {
    let order = ORDER.replace("\"email\": \"Jane@Example.com\",", "");
    let (ruled, verdict) = outcome(r#"event.email.endsWith("@x.com")"#, &order);
    assert_eq!(verdict, Verdict::Absent("email".to_owned()));
    assert_eq!(ruled.hits, []);
    let (_, negated) = outcome(r#"!event.email.endsWith("@x.com")"#, &order);
    assert_eq!(negated, Verdict::Absent("email".to_owned()));
    // The other side of an "or" decides.
    let (ruled, _) = outcome(
        r#"event.email == "a@b.co" || event.country == "DE""#,
        &order,
    );
    assert_eq!(ruled.dropped.len(), 1);
}

#[test]
fn a_failure_is_counted_and_told_and_drops_nothing() {
    for expression in [
        "money(event.note_attributes.gift) > money(\"1\")",
        "event.quantity / 0 == 1",
        "event.properties.order_name > 3",
        "9223372036854775807 + event.quantity > 0",
    ] {
        let (ruled, verdict) = outcome(expression, ORDER);
        assert!(
            matches!(verdict, Verdict::Failed(_)),
            "{expression}: {verdict:?}"
        );
        assert!(
            matches!(ruled.hits[..], [Hit { failed: true, .. }]),
            "{expression}"
        );
        assert_eq!(ruled.dropped.len(), 0, "{expression}");
        let Ok(orderbridge_event::Mapped::Events(events)) = &ruled.result else {
            panic!("{expression}: {ruled:?}");
        };
        let notes = events.notes().iter();
        assert_eq!(
            notes.filter(|note| note.code == Code::RuleFailed).count(),
            1
        );
    }
}

#[test]
fn a_large_order_is_a_failure_and_no_wait() {
    let line = r#"{"id": 9, "product_id": 9, "title": "x", "price": "0.00", "quantity": 1},"#;
    let many = ORDER.replace(
        "\"line_items\": [",
        &format!("\"line_items\": [{}", line.repeat(1_001)),
    );
    let (_, verdict) = outcome("event.items.all(i, i.quantity > 0)", &many);
    assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
    let long = ORDER.replace(
        "\"value\": \"yes\"",
        &format!("\"value\": \"{}\"", "y".repeat(20_000)),
    );
    let (_, verdict) = outcome("size(event.note_attributes.gift) > 1", &long);
    assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
    assert_eq!(
        event(&map(&rules("rules = []"), &many)).kind.name(),
        "Placed Order"
    );
}

#[test]
fn what_could_cost_without_end_is_a_mistake() {
    let nested = format!("{}true{}", "(".repeat(40), ")".repeat(40));
    let sums = ["event.city"; 30].join(" + ");
    let chain = format!("event{}", ".x".repeat(300));
    let lists = format!("{}1{} == 1", "[".repeat(300), "]".repeat(300));
    for expression in [
        "event.items.all(a, event.items.all(b, a.sku == b.sku))".to_owned(),
        "event.items.map(i, i.sku).size() > 1".to_owned(),
        "[1, 2].all(n, n > 0)".to_owned(),
        "event.tags.filter(t, t != \"\").all(t, t != \"\")".to_owned(),
        "event.city.matches(event.state)".to_owned(),
        "event.city.matches(\"(a{1000}){1000}\")".to_owned(),
        format!("{sums} == \"\""),
        format!("\"{}\" == \"\"", "x".repeat(2_000)),
        nested,
        chain,
        lists,
    ] {
        let found = mistakes(&format!(
            "when = '''{expression}'''\nthen.channel = \"pos\""
        ));
        assert!(!found.is_empty(), "{expression}");
    }
}
