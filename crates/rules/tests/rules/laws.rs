//! What holds whatever the rules.

use orderbridge_event::check;
use proptest::prelude::*;

use crate::support::{ORDER, event, map, read, rules};
use orderbridge_rules::Rules;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("id".to_owned()),
        Just("total_price".to_owned()),
        Just("$email".to_owned()),
        "[a-z$ ]{0,8}",
        "\\PC{0,6}",
    ]
}

/// Text between quotes, as it may be a key, too.
fn escaped(text: &str) -> String {
    let escape = |letter: char| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_control() => format!("\\U{:08X}", u32::from(letter)),
        letter => letter.to_string(),
    };
    text.chars().map(escape).collect()
}

fn action() -> impl Strategy<Value = String> {
    let quoted = |text: String| format!("\"{}\"", escaped(&text));
    prop_oneof![
        (name(), "\\PC{0,12}").prop_map(move |(name, value)| format!(
            "set = {{ {} = {} }}",
            quoted(name),
            quoted(value)
        )),
        name().prop_map(move |name| format!("remove = [{}]", quoted(name))),
        "\\PC{0,20}".prop_map(move |name| format!("rename = {}", quoted(name))),
        "(urn:)?[a-z:]{0,5}[{]?(order_id|email|note_attributes.gift)?[}]?"
            .prop_map(move |alias| format!("alias = {}", quoted(alias))),
        "(web|pos|sms|shop)".prop_map(move |channel| format!("channel = {}", quoted(channel))),
    ]
}

proptest! {
    /// Rules that can be loaded make events that Converge takes, with the id and the money that
    /// they had before.
    #[test]
    fn no_rule_breaks_an_event(actions in prop::collection::vec(action(), 1..4)) {
        let rule = |(place, action): (usize, &String)| format!(
            "[[rules]]\nid = \"r{place}\"\nwhen = 'true'\nthen = {{ {action} }}\n"
        );
        let text: String = actions.iter().enumerate().map(rule).collect();
        let Ok(_) = read(&text) else { return Ok(()) };
        let before = event(&map(&Rules::none(), ORDER));
        let after = event(&map(&rules(&text), ORDER));
        prop_assert_eq!(&after.id, &before.id);
        prop_assert_eq!(&after.kind, &before.kind);
        prop_assert_eq!(after.timestamp, before.timestamp);
        prop_assert!(after.aliases.iter().len() <= 10);
        let report = check::check(&after.to_json());
        prop_assert_eq!(report.errors().count(), 0, "{:?}", report);
    }

    /// Whatever is written as an expression, reading it ends, and so does evaluating it.
    #[test]
    fn no_expression_breaks_anything(text in "[a-z.()\"'!&|<>=+0-9\\[\\]?: ]{0,60}") {
        let rule = format!("[[rules]]\nid = \"it\"\nwhen = {}\nthen = {{ drop = \"so\" }}\n",
            toml::Value::String(format!("event.{text}")));
        if let Ok(set) = read(&rule) {
            let rules = set.of("shopify", None, orderbridge_rules::Exclude::default());
            let _ = map(&rules, ORDER);
        }
    }
}

#[test]
fn facts_change_no_event() {
    let asks = rules("[[rules]]\nid = \"it\"\nif.tags.has = \"none\"\nthen.channel = \"pos\"\n");
    assert!(asks.needs_facts());
    let with = event(&map(&asks, ORDER));
    assert_eq!(with, event(&map(&Rules::none(), ORDER)));
}

#[test]
fn rules_that_are_written_alike_have_one_hash() {
    let one = rules("[[rules]]\nid = \"a\"\nif.tags.has = \"x\"\nthen.channel = \"pos\"\n");
    let two = rules(
        "# a comment\n[[rules]]\nthen = { channel = 'pos' }\nid = \"a\"\nif = { tags = { has = \"x\" } }\n",
    );
    let other = rules("[[rules]]\nid = \"a\"\nif.tags.has = \"y\"\nthen.channel = \"pos\"\n");
    assert_eq!(one.hash(), two.hash());
    assert_ne!(one.hash(), other.hash());
    assert_eq!(Rules::none().hash(), None);
}
