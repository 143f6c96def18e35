//! The checker: what it refuses, what it flags, and what it lets pass.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_event::check::{Report, Severity, check};
use orderbridge_event::{Code, SalesChannel};
use serde_json::{Map, Value, json};

/// The example of Converge's own page, in this project's form.
fn good() -> Value {
    json!({
        "event_name": "Placed Order",
        "event_id": "5551234567890",
        "properties": {
            "id": "5551234567890",
            "total_price": 49.2, "total_tax": 8.2, "total_shipping": 5, "total_discount": 4,
            "coupon": "WELCOME4",
            "currency": "USD",
            "items": [{
                "product_id": "111", "variant_id": "222", "sku": "TEA-01", "name": "Green tea",
                "price": 20, "currency": "USD", "quantity": 2, "vendor": "Example Shop"
            }],
            "$email": "buyer@example.com",
            "$phone_number": "+12025550142",
            "$city": "Springfield", "$country_code": "US",
            "$is_new_customer": true,
            "$sales_channel_type": "web",
            "platform": "shopify"
        },
        "profile_properties": {
            "$email": "buyer@example.com", "$first_name": "Jane", "$country_code": "US"
        },
        "aliases": ["urn:checkout_token:def", "urn:email:buyer@example.com"],
        "timestamp": "2026-11-02T10:15:30-05:00"
    })
}

/// Checks the good body with one value replaced, or taken out when the JSON is `-`.
fn with(path: &str, json: &str) -> Report {
    let mut body = good();
    let pointer = format!("/{path}")
        .replace('.', "/")
        .replace('[', "/")
        .replace(']', "");
    if json == "-" {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).and_then(Value::as_object_mut);
        parent.unwrap().remove(key);
    } else {
        let value: Value = serde_json::from_str(json).unwrap();
        if let Some(place) = body.pointer_mut(&pointer) {
            *place = value;
        } else {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[key] = value;
        }
    }
    check(body.to_string().as_bytes())
}

fn found(report: &Report) -> Vec<(Severity, Code, &str)> {
    report
        .findings
        .iter()
        .map(|finding| (finding.severity, finding.code, finding.path.as_str()))
        .collect()
}

#[test]
fn a_good_body_has_no_findings() {
    let report = check(good().to_string().as_bytes());
    assert_eq!(found(&report), []);
    assert!(report.is_sendable());
    assert_eq!(report.event_name.as_deref(), Some("Placed Order"));
    assert_eq!(report.event_id.as_deref(), Some("5551234567890"));
    assert_eq!(report.channel, Some(SalesChannel::Web));
}

#[test]
fn what_is_not_an_object_is_an_error() {
    for body in ["", "{", "nonsense", "{} {}", "\u{0}", r#"{"a":"\ud800"}"#] {
        assert_eq!(
            found(&check(body.as_bytes())),
            [(Severity::Error, Code::BodySyntax, "$")]
        );
    }
    for body in ["[]", "null", "1", "\"text\""] {
        assert_eq!(
            found(&check(body.as_bytes())),
            [(Severity::Error, Code::BodyType, "$")]
        );
    }
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(
        found(&check(deep.as_bytes())),
        [(Severity::Error, Code::BodySyntax, "$")]
    );
    assert_eq!(check(b"{}").errors().count(), 5);
    assert_eq!(check(b"\xff").errors().count(), 1);
}

const ERRORS: &[(&str, &str, Code)] = &[
    ("event_name", "-", Code::BodyMissing),
    ("event_name", r#"" ""#, Code::BodyMissing),
    ("event_name", "null", Code::BodyMissing),
    ("event_name", "7", Code::BodyType),
    ("event_id", "-", Code::BodyMissing),
    ("event_id", r#""""#, Code::BodyMissing),
    ("event_id", "5551234", Code::BodyType),
    ("properties", "-", Code::BodyMissing),
    ("properties", "[]", Code::BodyType),
    ("profile_properties", "-", Code::BodyMissing),
    ("profile_properties", r#""x""#, Code::BodyType),
    ("aliases", "-", Code::BodyMissing),
    ("aliases", r#""urn:a:b""#, Code::BodyType),
    ("aliases", "[]", Code::AliasCount),
    (
        "aliases",
        r#"["a","b","c","d","e","f","g","h","i","j","k"]"#,
        Code::AliasCount,
    ),
    ("aliases[1]", r#""urn:email:""#, Code::AliasEmpty),
    ("aliases[1]", r#""urn:email: ""#, Code::AliasEmpty),
    ("aliases[1]", r#""""#, Code::AliasEmpty),
    ("aliases[0]", "3", Code::BodyType),
    (
        "timestamp",
        r#""2026-11-02T10:15:30""#,
        Code::TimestampInvalid,
    ),
    ("timestamp", r#""2026-11-02""#, Code::TimestampInvalid),
    ("timestamp", r#""""#, Code::TimestampInvalid),
    ("timestamp", r#""1793630130""#, Code::TimestampInvalid),
    ("timestamp", "1793630130000", Code::TimestampInvalid),
    ("timestamp", "17.5", Code::TimestampInvalid),
    ("timestamp", "null", Code::TimestampInvalid),
    (
        "properties.$sales_channel_type",
        r#""Web""#,
        Code::ChannelInvalid,
    ),
    (
        "properties.$sales_channel_type",
        r#""""#,
        Code::ChannelInvalid,
    ),
    ("properties.$sales_channel_type", "1", Code::ChannelInvalid),
];

#[test]
fn errors() {
    for (path, json, code) in ERRORS {
        let report = with(path, json);
        let expected = [(Severity::Error, *code, *path)];
        assert_eq!(found(&report), expected, "{path} = {json}");
        assert!(!report.is_sendable());
    }
}

#[test]
fn milliseconds_get_a_hint() {
    let report = with("timestamp", "1793630130000");
    assert!(report.findings[0].message.contains("milliseconds"));
}

#[test]
fn times_that_pass() {
    for time in [
        json!("2026-11-02T10:15:30Z"),
        json!("2026-11-02T10:15:30.250+01:00"),
        json!("2026-11-02T10:15:30+0100"),
        json!("2026-11-02T10:15+01:00"),
        json!(1_793_630_130),
    ] {
        assert_eq!(found(&with("timestamp", &time.to_string())), [], "{time}");
    }
    assert_eq!(found(&with("timestamp", "-")), []);
}

const WARNINGS: &[(&str, &str, Code)] = &[
    ("event_name", r#""placed order""#, Code::NameFinding),
    (
        "aliases[1]",
        r#""urn:checkout_token:def""#,
        Code::AliasRepeated,
    ),
    ("properties.items[0].price", "-", Code::PriceMissing),
    ("properties.items[0].price", "null", Code::PriceMissing),
    ("properties.items[0].price", r#""20""#, Code::BodyType),
    ("properties.items[0].price", "true", Code::BodyType),
    ("properties.items[0].quantity", "-", Code::PropertyMissing),
    ("properties.items[0].name", "-", Code::PropertyMissing),
    (
        "properties.items[0].product_id",
        r#""""#,
        Code::PropertyMissing,
    ),
    (
        "properties.items[0].currency",
        r#""EUR""#,
        Code::CurrencyFinding,
    ),
    (
        "properties.items[0].currency",
        r#""usd""#,
        Code::CurrencyFinding,
    ),
    (
        "properties.items[0].currency",
        r#""US$""#,
        Code::CurrencyFinding,
    ),
    ("properties.items[0]", "[]", Code::BodyType),
    ("properties.items", "{}", Code::BodyType),
    ("properties.items", "-", Code::PropertyMissing),
    ("properties.currency", r#""dollar""#, Code::CurrencyFinding),
    ("properties.total_price", r#""49.20""#, Code::BodyType),
    ("properties.total_price", r#""49,20""#, Code::BodyType),
    ("properties.total_price", "-", Code::PropertyMissing),
    ("properties.total_price", "49.21", Code::GapFinding),
    ("properties.total_discount", "-4", Code::DiscountNegative),
    ("properties.$email", r#""buyer""#, Code::EmailFinding),
    (
        "properties.$phone_number",
        r#""2025550142""#,
        Code::PhoneFinding,
    ),
    (
        "properties.$phone_number",
        r#""0012025550142""#,
        Code::PhoneFinding,
    ),
    (
        "profile_properties.$phone_number",
        r#""""#,
        Code::PhoneFinding,
    ),
    ("properties.$country_code", r#""USA""#, Code::CountryFinding),
    (
        "profile_properties.$country_code",
        r#""XX""#,
        Code::CountryFinding,
    ),
    ("profile_properties.$email", "3", Code::EmailFinding),
    ("properties.$is_new_customer", "null", Code::BodyType),
    ("properties.$is_new_customer", r#""yes""#, Code::BodyType),
    ("properties.$sales_channel_type", "-", Code::ChannelMissing),
];

#[test]
fn warnings() {
    for (path, json, code) in WARNINGS {
        let report = with(path, json);
        let expected = [(Severity::Warning, *code, *path)];
        assert_eq!(found(&report), expected, "{path} = {json}");
        assert!(report.is_sendable());
        let value = json.trim_matches('"');
        let message = &report.findings[0].message;
        let quoted = value.len() > 4 && *code != Code::NameFinding && message.contains(value);
        assert!(!quoted, "the message for {path} holds a value");
    }
}

#[test]
fn a_new_customer_flag_may_be_left_out() {
    assert_eq!(found(&with("properties.$is_new_customer", "-")), []);
}

#[test]
fn a_formatted_phone_number_passes() {
    for number in ["+1 (917) 555-4444", "+32495123456"] {
        let report = with("properties.$phone_number", &json!(number).to_string());
        assert_eq!(found(&report), [], "{number}");
    }
}

#[test]
fn an_id_and_an_alias_may_stand_in_any_kind_of_event() {
    let body = json!({
        "event_name": "Joined Waiting List", "event_id": "7", "properties": {"$sales_channel_type": "offline"},
        "profile_properties": {}, "aliases": ["person-7"]
    });
    assert_eq!(found(&check(body.to_string().as_bytes())), []);
}

#[test]
fn the_sum_closes_with_tax_on_top_inside_and_rounded() {
    let mut body = good();
    body["properties"]["total_price"] = json!(41);
    assert_eq!(found(&check(body.to_string().as_bytes())), [], "tax inside");
    body["properties"]["total_price"] = json!(34.41);
    body["properties"]["items"][0]["price"] = json!(8.403_333);
    body["properties"]["items"][0]["quantity"] = json!(3);
    assert_eq!(
        found(&check(body.to_string().as_bytes())),
        [],
        "25.209999 is 25.21"
    );
    body["properties"]["total_price"] = json!(36.41);
    body["properties"]["total_fees"] = json!(2);
    assert_eq!(
        found(&check(body.to_string().as_bytes())),
        [],
        "a named rest"
    );
}

#[test]
fn the_gap_is_exact() {
    let text = good()
        .to_string()
        .replace("49.2", "90071992547409930000.03")
        .replace(r#""price":20"#, r#""price":45035996273704965000.01"#);
    let report = check(text.as_bytes());
    assert_eq!(report.findings.len(), 1);
    assert!(
        report.findings[0].message.ends_with("a gap of -9.19"),
        "{}",
        report.findings[0]
    );
}

#[test]
fn a_repeated_key_is_an_error() {
    let text = good().to_string().replace(
        r#""currency":"USD","id""#,
        r#""currency":"EUR","currency":"USD","id""#,
    );
    let report = check(text.as_bytes());
    assert_eq!(
        found(&report),
        [(Severity::Error, Code::BodyRepeated, "properties.currency")]
    );
}

#[test]
fn each_spec_event_has_its_own_required_properties() {
    for (name, missing) in [
        (
            "Placed Order",
            vec![
                "id",
                "total_price",
                "total_tax",
                "total_shipping",
                "currency",
                "items",
                "$email",
            ],
        ),
        (
            "Started Subscription",
            vec!["total_price", "total_tax", "currency", "$email"],
        ),
        (
            "Cancelled Subscription",
            vec!["total_price", "total_tax", "currency", "$email"],
        ),
        (
            "Placed Recurring Subscription Order",
            vec!["total_price", "total_tax", "currency", "$email"],
        ),
        ("Received Refund", vec![]),
        ("Paused Subscription", vec![]),
    ] {
        let mut body = good();
        body["event_name"] = json!(name);
        body["properties"] = Value::Object(Map::new());
        body["properties"]["$sales_channel_type"] = json!("web");
        let report = check(body.to_string().as_bytes());
        let paths: Vec<_> = report
            .warnings()
            .map(|finding| finding.path.clone())
            .collect();
        let expected: Vec<_> = missing
            .iter()
            .map(|name| format!("properties.{name}"))
            .collect();
        assert_eq!(paths, expected, "{name}");
        assert!(report.is_sendable());
    }
}
