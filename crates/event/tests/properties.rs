//! Names of custom properties: never in the way of Converge's own.

use orderbridge_event::{Properties, PropertyName, PropertyValue, SPEC_NAMES, Text};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn names() {
    for (name, is_custom) in [
        ("platform", true),
        ("order_name", true),
        ("ID", true),
        ("total_price_eur", true),
        ("größe", true),
        ("a b", true),
        ("a$b", true),
        ("", false),
        (" ", false),
        (" platform", false),
        ("\tplatform", false),
        ("$email", false),
        ("$", false),
        ("$anything", false),
        ("id", false),
        ("currency", false),
        ("total_tip", false),
        ("total_rounding", false),
        ("order_id", false),
        ("refund_id", false),
    ] {
        let parsed = PropertyName::parse(name);
        assert_eq!(parsed.is_some(), is_custom, "{name:?}");
    }
}

#[test]
fn the_names_of_the_spec_are_taken() {
    for name in SPEC_NAMES {
        assert_eq!(PropertyName::parse(name), None, "{name}");
    }
}

#[test]
fn a_name_can_be_made_when_the_program_is_compiled() {
    const PLATFORM: PropertyName = PropertyName::fixed("platform");
    assert_eq!(PropertyName::parse("platform"), Some(PLATFORM));
}

proptest! {
    #[test]
    fn a_name_is_kept_as_it_is(name in ".{0,12}") {
        if let Some(parsed) = PropertyName::parse(&name) {
            prop_assert_eq!(parsed.as_str(), name.as_str());
            prop_assert!(!name.starts_with('$') && !SPEC_NAMES.contains(&name.as_str()));
        }
    }

    #[test]
    fn each_name_stands_once_with_its_last_value(pairs in vec(("[a-c]", any::<bool>()), 0..12)) {
        let mut properties = Properties::new();
        for (name, flag) in &pairs {
            let name = PropertyName::parse(name).unwrap();
            properties.set(name, PropertyValue::Flag(*flag));
        }
        for name in ["a", "b", "c"] {
            let last = pairs.iter().rev().find(|(known, _)| known == name);
            let last = last.map(|(_, flag)| PropertyValue::Flag(*flag));
            prop_assert_eq!(properties.get(name), last.as_ref());
            let count = properties.iter().filter(|(known, _)| known.as_str() == name).count();
            prop_assert_eq!(count, usize::from(last.is_some()));
        }
    }
}

#[test]
fn absent_text_sets_nothing() {
    let mut properties = Properties::with_capacity(1);
    let name = PropertyName::parse("tags").unwrap();
    properties.set_text(name.clone(), Text::new("vip"));
    properties.set_text(name, Text::new(" "));
    assert_eq!(properties.iter().len(), 1);
    let vip = PropertyValue::Text(Text::new("vip").unwrap());
    assert_eq!(properties.get("tags"), Some(&vip));
}
