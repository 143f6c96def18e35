//! An order with everything in it, and rules over it.

use orderbridge_event::{Context, Event, Mapped, Payload};
use orderbridge_rules::{Exclude, Names, RuleSet, Ruled, Rules};
use orderbridge_shopify::SHOPIFY;
use toml::de::DeTable;

pub(crate) const NAMES: Names<'static> = Names {
    platforms: &["amazon", "shopify"],
    sources: &["eu-store", "us-store"],
};

/// An order of an invented person.
pub(crate) const ORDER: &str = r##"{
    "id": 1001, "name": "#1001", "currency": "EUR", "test": false,
    "created_at": "2026-11-02T10:15:30+01:00",
    "source_name": "580111", "app_id": 129785, "tags": "VIP, Whole Sale ,not-wholesale",
    "financial_status": "pending", "email": "Jane@Example.com",
    "note_attributes": [
        {"name": "gift", "value": "yes"}, {"name": "loyalty_id", "value": " L-77 "},
        {"name": "count", "value": 3}, {"name": "odd", "value": {"a": 1}}
    ],
    "discount_codes": [{"code": "WELCOME"}, {"code": "SPRING"}],
    "total_price": "100.10", "total_tax": "0.00", "total_discounts": "4.90",
    "total_shipping_price_set": {"shop_money": {"amount": "5.00", "currency_code": "EUR"}},
    "shipping_lines": [{"price": "5.00"}],
    "customer": {"id": 7, "orders_count": 1},
    "shipping_address": {
        "city": "Berlin", "province": "Berlin", "zip": "10115", "country_code": "DE"
    },
    "line_items": [
        {"id": 1, "product_id": 11, "variant_id": 111, "sku": "TEA-1", "title": "Tea",
         "vendor": "Acme", "price": "50.00", "quantity": 1},
        {"id": 2, "product_id": 12, "sku": "GIFT-CARD", "title": "Card",
         "vendor": "Gifts", "price": "25.00", "quantity": 2}
    ]
}"##;

/// Reads rules; the mistakes, with the text that each stands at.
pub(crate) fn read(text: &str) -> Result<RuleSet, Vec<String>> {
    let table = DeTable::parse(text).unwrap().into_inner();
    let (_, node) = table
        .iter()
        .find(|(key, _)| key.get_ref() == "rules")
        .unwrap();
    let (rules, mistakes) = RuleSet::read(node, text, NAMES);
    if mistakes.is_empty() {
        return Ok(rules);
    }
    let shown = mistakes.iter().map(|mistake| {
        let at = &text[mistake.span.start..];
        let word: String = at.chars().take(8).collect();
        format!("{word:?}: {}", mistake.message)
    });
    Err(shown.collect())
}

pub(crate) fn exclude(text: &str) -> Exclude {
    let text = format!("exclude = {text}");
    let table = DeTable::parse(&text).unwrap().into_inner();
    let (_, node) = table.iter().next().unwrap();
    let (exclude, mistakes) = Exclude::read(node);
    assert_eq!(mistakes, [], "{text}");
    exclude
}

/// The rules of a text for the source `us-store`.
pub(crate) fn rules(text: &str) -> Rules {
    let set = read(text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes:#?}"));
    set.of("shopify", Some("us-store"), Exclude::default())
}

/// Maps an order with rules.
pub(crate) fn map(rules: &Rules, order: &str) -> Ruled {
    let payload = Payload {
        topic: "orders/create",
        body: order.as_bytes(),
    };
    rules.map(SHOPIFY.adapter, payload, &Context::default())
}

/// The only event that is left.
pub(crate) fn event(ruled: &Ruled) -> Event {
    match &ruled.result {
        Ok(Mapped::Events(events)) => events.iter().next().unwrap().clone(),
        other => panic!("{other:?}"),
    }
}

/// Whether a rule with these conditions matches the order.
pub(crate) fn matches(condition: &str) -> bool {
    let text = format!("[[rules]]\nid = \"it\"\n{condition}\nthen = {{ channel = \"pos\" }}\n");
    let ruled = map(&rules(&text), ORDER);
    assert!(ruled.hits.iter().all(|hit| !hit.failed), "{condition}");
    let channel = event(&ruled).channel.as_str();
    assert!(["pos", "web"].contains(&channel), "{channel}");
    channel == "pos"
}

/// The mistakes of a rule with these lines beside its id.
pub(crate) fn mistakes(lines: &str) -> Vec<String> {
    let text = format!("[[rules]]\nid = \"it\"\n{lines}\n");
    read(&text).map_or_else(|found| found, |_| Vec::new())
}
