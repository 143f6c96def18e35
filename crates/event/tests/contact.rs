//! E-mail addresses, phone numbers, countries and currencies: valid or absent.

use orderbridge_event::{CountryCode, Currency, Email, Phone};
use proptest::prelude::*;

fn email(text: &str) -> Option<String> {
    Email::parse(text).map(|email| email.as_str().to_owned())
}

fn phone(text: &str) -> Option<String> {
    Phone::parse(text).map(|phone| phone.as_str().to_owned())
}

#[test]
fn addresses_that_are_read() {
    for (text, expected) in [
        ("jane@example.com", "jane@example.com"),
        (" Jane.Example@EXAMPLE.com\n", "jane.example@example.com"),
        ("jane+tag@mail.example.co.uk", "jane+tag@mail.example.co.uk"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("jörg@example.org", "jörg@example.org"),
        ("x7k2@marketplace.amazon.de", "x7k2@marketplace.amazon.de"),
    ] {
        assert_eq!(email(text).as_deref(), Some(expected), "{text:?}");
    }
}

#[test]
fn what_is_no_address() {
    let long = format!("{}@example.com", "a".repeat(65));
    for text in [
        "",
        " ",
        "jane",
        "jane@",
        "@example.com",
        "jane@localhost",
        "jane@@example.com",
        "jane@example.com, joe@example.com",
        "jane example@example.com",
        "Jane <jane@example.com>",
        "<jane@example.com>",
        "jane@[192.0.2.1]",
        "jane@.com",
        "jane@example..com",
        "jane@exam ple.com",
        "null",
        "n/a",
        long.as_str(),
    ] {
        assert_eq!(email(text), None, "{text:?}");
    }
}

#[test]
fn numbers_that_are_read() {
    for (text, expected) in [
        ("+12025550142", "+12025550142"),
        ("+1 (202) 555-0142", "+12025550142"),
        (" +1.202.555.0142 ", "+12025550142"),
        ("0012025550142", "+12025550142"),
        ("+0012025550142", "+12025550142"),
        ("+49/30/123-456-78", "+493012345678"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+49 (0) 30 12345678", "+493012345678"),
        ("00 49 30 12345678", "+493012345678"),
        ("+49 30 12345678", "+493012345678"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+31 6 12345678", "+31612345678"),
    ] {
        assert_eq!(phone(text).as_deref(), Some(expected), "{text:?}");
    }
}

#[test]
fn what_is_no_number() {
    let long = format!("+1{}", " ".repeat(60));
    for text in [
        "",
        "+",
        "00",
        // Without a country: it would be a guess.
        "202-555-0142",
        "(202) 555-0142",
        "12025550142",
        "030 12345678",
        // Too short, too long, or of no country.
        "+1202",
        "+1202555014",
        "+120255501421234567",
        "+4930123456789012345",
        "+999123456789",
        // Letters, for which a keypad has digits.
        "+1202555O142",
        "+1 202 555 0142 x12",
        "+1 202 555 0142 ext. 12",
        "+1 800 FLOWERS",
        "tel:+12025550142",
        "+12025550142;ext=12",
        "+1202555٠142",
        "+phone",
        long.as_str(),
    ] {
        assert_eq!(phone(text), None, "{text:?}");
    }
}

#[test]
fn countries() {
    for (text, expected) in [
        ("US", Some("US")),
        ("us", Some("US")),
        (" de ", Some("DE")),
        ("DEU", Some("DE")),
        ("Germany", Some("DE")),
        ("germany", Some("DE")),
        ("United States", Some("US")),
        ("United Kingdom", Some("GB")),
        ("Vietnam", Some("VN")),
        ("UK", None),
        ("EU", None),
        ("XX", None),
        ("ZZZ", None),
        ("U", None),
        ("Deutschland", None),
        ("", None),
        ("é", None),
    ] {
        let country = CountryCode::parse(text);
        assert_eq!(country.map(CountryCode::as_str), expected, "{text:?}");
    }
}

#[test]
fn currencies() {
    for (text, expected) in [
        ("EUR", Some(("EUR", 2))),
        ("usd", Some(("USD", 2))),
        (" jpy ", Some(("JPY", 0))),
        ("KWD", Some(("KWD", 3))),
        ("CLF", Some(("CLF", 4))),
        ("XTS", Some(("XTS", 2))),
        ("", None),
        ("EU", None),
        ("EURO", None),
        ("E1R", None),
        ("€", None),
        ("$", None),
        ("E R", None),
    ] {
        let currency = Currency::parse(text);
        let read = currency.as_ref().map(|it| (it.as_str(), it.digits()));
        assert_eq!(read, expected, "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_was_read_is_read_again(
        local in "[a-zA-Z0-9][a-zA-Z0-9._+-]{0,8}",
        domain in "[a-z0-9]{1,8}",
        text in ".{0,30}",
    ) {
        for text in [format!("{local}@{domain}.example"), text] {
            if let Some(email) = email(&text) {
                prop_assert_eq!(self::email(&email), Some(email));
            }
        }
    }

    #[test]
    fn a_number_that_was_read_is_e164(text in "(\\+|00)?[0-9 ().-]{0,24}|.{0,30}") {
        if let Some(number) = phone(&text) {
            let digits = number.strip_prefix('+').unwrap_or_default();
            prop_assert!((7..=15).contains(&digits.len()), "{}", number);
            prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", number);
            prop_assert_eq!(phone(&number), Some(number));
        }
    }

    #[test]
    fn a_country_that_was_read_is_two_letters(text in "[a-zA-Z]{0,4}|.{0,20}") {
        if let Some(country) = CountryCode::parse(&text) {
            prop_assert_eq!(country.as_str().len(), 2);
            prop_assert_eq!(CountryCode::parse(country.as_str()), Some(country));
        }
    }
}

/// Personal data does not get into logs by way of a debug print.
#[test]
fn debug_hides_who_it_is() {
    let (email, phone) = (
        Email::parse("jane@example.com"),
        Phone::parse("+12025550142"),
    );
    let shown = format!("{email:?} {phone:?}");
    assert_eq!(shown, "Some([e-mail]) Some([phone])");
}
