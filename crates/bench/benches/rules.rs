//! What users' rules cost an order: `cargo bench -p orderbridge-bench --bench rules`.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use orderbridge_bench::generate::Orders;
use orderbridge_event::{Context, Payload};
use orderbridge_rules::{Exclude, Names, RuleSet, Rules};

/// Conditions of the kinds that shops write; none of them ends the work early.
const CONDITIONS: &[&str] = &[
    "tags = { has = \"wholesale\" }",
    "source_name = { eq = \"12345\" }",
    "total_price = { gte = \"10000.00\" }",
    "country = { in = [\"DE\", \"AT\", \"CH\"] }",
    "email = { ends_with = \"@shop.example\" }",
    "items = { sku = { starts_with = \"GIFT-\" } }",
    "note_attributes = { gift = { exists = true } }",
    "event_name = { eq = \"Received Refund\" }",
    "properties = { order_name = { starts_with = \"B2B\" } }",
    "currency = { ne = \"USD\" }, quantity = { gt = 100 }",
];

const EXPRESSION: &str = "event.email.endsWith(\"@shop.example\") && \
                          money(event.total_price) < money(\"1.00\")";

fn rules(text: &str) -> Rules {
    let names = Names {
        platforms: &["shopify"],
        sources: &[],
    };
    let set = RuleSet::parse(text, names).unwrap_or_default();
    set.of("shopify", None, Exclude::default())
}

fn of_an_order(criterion: &mut Criterion) {
    let Some(source) = orderbridge_registry::find("shopify") else {
        return;
    };
    let Ok(orders) = Orders::of("shopify") else {
        return;
    };
    let body = orders.some(1).next().unwrap_or_default().to_string();
    let topic = "orders/create";
    let payload = Payload {
        topic,
        body: body.as_bytes(),
    };
    let mut declarative = String::new();
    for (place, condition) in CONDITIONS.iter().enumerate() {
        let _ = writeln!(
            declarative,
            "[[rules]]\nid = \"r{place}\"\nif = {{ {condition} }}\nthen = {{ channel = \"offline\" }}"
        );
    }
    let expression =
        format!("[[rules]]\nid = \"cel\"\nwhen = '{EXPRESSION}'\nthen = {{ drop = \"a test\" }}\n");
    let mut group = criterion.benchmark_group("rules");
    for (name, text) in [
        ("ten-declarative", &declarative),
        ("one-expression", &expression),
    ] {
        let rules = rules(text);
        assert!(!rules.is_empty(), "{name} could not be read");
        let context = Context {
            wants_facts: rules.needs_facts(),
            ..Context::default()
        };
        let mapped = source.adapter.map(payload, &context);
        group.bench_function(name, |bench| {
            bench.iter_batched(
                || mapped.clone(),
                |mapped| rules.apply(black_box(topic), mapped),
                BatchSize::SmallInput,
            );
        });
    }
    let plain = Context::default();
    let facts = Context {
        wants_facts: true,
        ..Context::default()
    };
    for (name, context) in [("map", &plain), ("map-with-facts", &facts)] {
        group.bench_function(name, |bench| {
            bench.iter(|| source.adapter.map(black_box(payload), context));
        });
    }
    group.finish();
}

criterion_group!(benches, of_an_order);
criterion_main!(benches);
