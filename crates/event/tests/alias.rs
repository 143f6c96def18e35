//! Aliases: between one and ten, each once, the most telling first.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use orderbridge_event::{Alias, Aliases, Email};
use proptest::collection::vec;
use proptest::prelude::*;

fn alias(value: &str) -> Alias {
    Alias::new("urn:test:", value).unwrap()
}

proptest! {
    #[test]
    fn any_list_gives_one_to_ten_distinct_ones(values in vec("[a-c]{1,2}", 1..30)) {
        let given: Vec<Alias> = values.iter().map(|value| alias(value)).collect();
        let aliases = Aliases::from_known(given.clone()).unwrap();
        let kept: Vec<&Alias> = aliases.iter().collect();
        let texts: BTreeSet<&str> = kept.iter().map(|alias| alias.as_str()).collect();
        prop_assert_eq!(texts.len(), kept.len(), "one stands twice");

        // The first ones are kept, in their order.
        let mut expected: Vec<&Alias> = Vec::new();
        for alias in &given {
            if !expected.contains(&alias) {
                expected.push(alias);
            }
        }
        expected.truncate(Aliases::MAX);
        prop_assert_eq!(kept, expected);
    }

    #[test]
    fn blank_values_make_none(blank in "[ \t\r\n\u{a0}\u{2003}]{0,4}") {
        prop_assert_eq!(Alias::new("urn:test:", &blank), None);
    }

    #[test]
    fn white_space_makes_no_other_alias(value in "[!-~]{1,8}", blank in "[ \t\n]{0,3}") {
        let padded = format!("{blank}{value}{blank}");
        prop_assert_eq!(alias(&padded), alias(&value));
    }
}

#[test]
fn nothing_gives_none() {
    assert_eq!(Aliases::from_known([]), None);
}

#[test]
fn a_shared_address_is_no_alias() {
    let shared = ["till@shop.example".to_owned(), "@staff.example".to_owned()];
    for (address, expected) in [
        ("Jane@Example.com", Some("urn:email:jane@example.com")),
        ("noreply@example.com", None),
        ("x7k2@marketplace.amazon.de", None),
        ("x7k2@marketplace.amazon.com", None),
        ("4711@members.ebay.com", None),
        ("TILL@shop.example", None),
        ("anyone@STAFF.example", None),
        (
            "anyone@not-staff.example",
            Some("urn:email:anyone@not-staff.example"),
        ),
        (
            "noreply.jane@example.com",
            Some("urn:email:noreply.jane@example.com"),
        ),
    ] {
        let email = Email::parse(address).unwrap();
        let alias = Alias::email(&email, &shared);
        assert_eq!(alias.as_ref().map(Alias::as_str), expected, "{address}");
    }
}
