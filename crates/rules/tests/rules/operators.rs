//! Each operator, on each kind of field.

use orderbridge_rules::{Field, Operator};

use crate::support::matches;

/// Conditions that hold for the order, and such that do not.
const CASES: &[(&str, bool)] = &[
    (r#"platform = { eq = "shopify" }"#, true),
    (r#"platform = { eq = "amazon" }"#, false),
    (r#"source = { in = ["us-store", "eu-store"] }"#, true),
    (r#"source = { eq = "eu-store" }"#, false),
    (r#"topic = { starts_with = "orders/" }"#, true),
    (r#"event_name = { eq = "Placed Order" }"#, true),
    (r#"event_name = { in = ["Received Refund"] }"#, false),
    (r#"channel = { eq = "web" }"#, true),
    (r#"channel = { ne = "web" }"#, false),
    (r#"order_id = { eq = "1001" }"#, true),
    (r#"source_name = { eq = "580111" }"#, true),
    (r#"source_name = { ne = "580111" }"#, false),
    (r#"source_name = { in = ["1", "580111"] }"#, true),
    (r#"source_name = { starts_with = "58" }"#, true),
    (r#"source_name = { ends_with = "58" }"#, false),
    (r#"app_id = { ends_with = "785" }"#, true),
    // Whole tags, without regard to case and white space.
    (r#"tags = { has = "wholesale" }"#, false),
    (r#"tags = { has = " WHOLE SALE" }"#, true),
    (r#"tags = { has = "vip" }"#, true),
    (r#"tags = { has = ["retail", "VIP"] }"#, true),
    (r#"tags = { starts_with = "Not-" }"#, true),
    (r#"tags = { ends_with = "-wholesale" }"#, true),
    ("tags = { exists = false }", false),
    (r#"email = { eq = "JANE@example.com" }"#, true),
    (r#"email = { ends_with = "@EXAMPLE.com" }"#, true),
    (r#"country = { eq = "de" }"#, true),
    (r#"country = { in = ["US", "GB"] }"#, false),
    ("state = { exists = true }", true),
    (r#"city = { eq = "Berlin" }"#, true),
    (r#"zip_code = { starts_with = "10" }"#, true),
    (r#"currency = { eq = "eur" }"#, true),
    // Exact, however it is written.
    (r#"total_price = { eq = "100.1" }"#, true),
    ("total_price = { eq = 100.10 }", true),
    ("total_price = { gt = 100.09 }", true),
    (r#"total_price = { gt = "100.10" }"#, false),
    (r#"total_price = { gte = "100.10" }"#, true),
    ("total_price = { lt = 101 }", true),
    ("total_price = { lte = 100 }", false),
    ("total_price = { gte = 100, lt = 100.1 }", false),
    (r#"total_price = { in = ["1", 100.10] }"#, true),
    ("total_discount = { eq = 4.90 }", true),
    ("total_shipping = { ne = 5 }", false),
    ("total_tax = { lte = 0 }", true),
    (r#"coupons = { has = "SPRING" }"#, true),
    (r#"coupons = { has = "spring" }"#, false),
    ("quantity = { eq = 3 }", true),
    (r#"items.sku = { has = "TEA-1" }"#, true),
    (r#"items.sku = { starts_with = "GIFT" }"#, true),
    (r#"items = { sku = { has = ["x", "GIFT-CARD"] } }"#, true),
    (r#""items.vendor" = { has = "Acme" }"#, true),
    (r#"items.product_id = { has = "12" }"#, true),
    (r#"items.variant_id = { has = "111" }"#, true),
    (r#"items.name = { ends_with = "ea" }"#, true),
    ("is_new_customer = { eq = true }", true),
    ("is_new_customer = { ne = true }", false),
    ("is_test = { eq = false }", true),
    ("is_paid = { eq = false }", true),
    (r#"note_attributes.gift = { eq = "yes" }"#, true),
    (r#"note_attributes = { gift = { eq = "no" } }"#, false),
    (r#"note_attributes.count = { eq = "3" }"#, true),
    ("note_attributes.odd = { exists = true }", false),
    ("note_attributes.none = { exists = false }", true),
    // Of what is absent nothing holds, not even that it is another.
    (r#"note_attributes.none = { ne = "x" }"#, false),
    (r##"properties.order_name = { eq = "#1001" }"##, true),
    ("properties.is_b2b = { eq = true }", false),
    ("properties.is_b2b = { exists = false }", true),
];

#[test]
fn conditions() {
    for (condition, expected) in CASES {
        assert_eq!(
            matches(&format!("if.{condition}")),
            *expected,
            "{condition}"
        );
    }
}

#[test]
fn every_field_and_every_operator_is_tried() {
    let all: Vec<&str> = CASES.iter().map(|(condition, _)| *condition).collect();
    let all = all.join("\n");
    for field in Field::ALL {
        let name = field.as_str().rsplit('.').next().unwrap();
        assert!(all.contains(name), "{name}");
    }
    for operator in Operator::ALL {
        assert!(
            all.contains(&format!("{} = ", operator.as_str())),
            "{operator:?}"
        );
    }
}

#[test]
fn all_conditions_have_to_hold_and_the_expression_too() {
    assert!(matches(
        "if = { country = { eq = \"DE\" }, quantity = { gt = 2 } }"
    ));
    assert!(!matches(
        "if = { country = { eq = \"DE\" }, quantity = { gt = 3 } }"
    ));
    let both = |when: &str| matches(&format!("if.country.eq = \"DE\"\nwhen = '{when}'"));
    assert!(both("event.quantity == 3"));
    assert!(!both("event.quantity == 4"));
}
