//! Any text as rules: reading them ends, and what can be read never panics, never breaks an event,
//! and says the same twice.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use orderbridge_event::{Context, Event, Mapped, Payload, check};
use orderbridge_registry::find;
use orderbridge_rules::{Exclude, Names, RuleSet, Rules};

const NAMES: Names<'static> = Names {
    platforms: &["shopify"],
    sources: &["us-store"],
};

/// The samples of one adapter, mapped with all that rules may ask for.
static MAPPED: LazyLock<Vec<Mapped>> = LazyLock::new(|| {
    let shopify = find("shopify").expect("it is registered");
    let context = Context {
        wants_facts: true,
        ..Context::default()
    };
    let samples = shopify.samples.iter().map(|sample| Payload {
        topic: sample.topic,
        body: sample.body,
    });
    let mapped = samples.map(|payload| shopify.adapter.map(payload, &context));
    mapped.collect::<Result<_, _>>().expect("samples can be mapped")
});

fuzz_target!(|text: &str| {
    // Whole rules, and every text as an expression and as a condition.
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    let expression = format!("[[rules]]\nid = \"a\"\nwhen = \"{quoted}\"\nthen.drop = \"b\"\n");
    let condition = format!("[[rules]]\nid = \"a\"\nif = {{ {text} }}\nthen.channel = \"pos\"\n");
    for text in [text, &expression, &condition] {
        if let Ok(set) = RuleSet::parse(text, NAMES) {
            try_out(&set.of("shopify", Some("us-store"), Exclude::default()));
        }
    }
});

fn try_out(rules: &Rules) {
    for mapped in MAPPED.iter() {
        let once = rules.apply("orders/create", Ok(mapped.clone()));
        let twice = rules.apply("orders/create", Ok(mapped.clone()));
        assert_eq!(once.result, twice.result, "ruling twice differs");
        let (Mapped::Events(before), Ok(Mapped::Events(after))) = (mapped, &once.result) else {
            continue;
        };
        for event in after.iter() {
            let same = |known: &&Event| known.id == event.id && known.timestamp == event.timestamp;
            assert!(before.iter().any(|known| same(&known)), "an event out of nothing");
            assert!(check::check(&event.to_json()).is_sendable(), "a broken event");
        }
    }
}
