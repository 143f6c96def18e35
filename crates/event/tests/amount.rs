//! Amounts: what is read is what is printed, as text and as numbers, to the last digit.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_event::json::Object;
use orderbridge_event::{Amount, Currency, read};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;

#[derive(Deserialize)]
struct Priced {
    #[serde(deserialize_with = "read::amount")]
    price: Option<Amount>,
}

/// Reads an amount as a payload has it.
fn read_price(json: &str) -> Option<Amount> {
    let body = format!("{{\"price\":{json}}}");
    read::read::<Priced>(body.as_bytes()).unwrap().price
}

/// The digits that an amount is written with in an event body.
fn written(amount: Amount) -> String {
    let mut out = Vec::new();
    let mut object = Object::open(&mut out);
    object.amount("price", amount);
    object.close();
    let text = String::from_utf8(out).unwrap();
    let digits = text.strip_prefix("{\"price\":").unwrap();
    digits.strip_suffix('}').unwrap().to_owned()
}

/// Plain decimal text of at most so many digits, as a person would write it.
fn decimal(most: usize) -> impl Strategy<Value = String> {
    let digits = proptest::collection::vec(0..10_u8, 1..=most);
    (any::<bool>(), digits, any::<prop::sample::Index>()).prop_map(|(minus, digits, point)| {
        let digits: String = digits
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect();
        let (whole, fraction) = digits.split_at(point.index(digits.len() + 1));
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        let minus = if minus { "-" } else { "" };
        if fraction.is_empty() {
            format!("{minus}{whole}")
        } else {
            format!("{minus}{whole}.{fraction}")
        }
    })
}

fn currency() -> impl Strategy<Value = Currency> {
    select(vec!["JPY", "USD", "KWD", "CLF"]).prop_map(|code| Currency::parse(code).unwrap())
}

proptest! {
    #[test]
    fn printing_inverts_parsing(text in decimal(28)) {
        let amount = Amount::parse(&text).unwrap();
        // The one text that is printed otherwise is a nothing below zero.
        if !amount.is_zero() {
            prop_assert_eq!(amount.to_string(), text);
        }
        prop_assert_eq!(Amount::parse(&amount.to_string()), Some(amount));
    }

    #[test]
    fn text_and_number_are_read_alike(text in decimal(15)) {
        let amount = Amount::parse(&text);
        prop_assert_eq!(read_price(&text), amount);
        prop_assert_eq!(read_price(&format!("\"{text}\"")), amount);
        prop_assert_eq!(read_price(&format!("\" {text}\\n\"")), amount);
        prop_assert_eq!(Amount::parse_number(&text), amount);
    }

    #[test]
    fn a_json_number_keeps_every_digit(text in decimal(28)) {
        let amount = Amount::parse(&text).unwrap();
        let number = written(amount);
        prop_assert!(number.parse::<serde_json::Number>().is_ok(), "{} is not JSON", number);
        prop_assert_eq!(Amount::parse_number(&number), Some(amount));
    }

    #[test]
    fn a_json_number_of_fifteen_digits_survives_a_float(text in decimal(15)) {
        let amount = Amount::parse(&text).unwrap();
        prop_assert_eq!(read_price(&written(amount)), Some(amount));
    }

    #[test]
    fn minor_units_are_taken_back(units in any::<i64>(), currency in currency()) {
        let amount = Amount::from_minor(units, currency);
        let factor = Amount::from(10_u32.pow(currency.digits()));
        let whole = amount.times(factor).unwrap().round_digits(0);
        prop_assert_eq!(whole.to_string(), units.to_string());
        prop_assert_eq!(amount.round(currency), amount);
    }

    #[test]
    fn a_half_is_rounded_to_even(tenths in -1_000_000_i64..1_000_000, currency in currency()) {
        let (down, rest) = (tenths.div_euclid(10), tenths.rem_euclid(10));
        let up = rest > 5 || rest == 5 && down % 2 != 0;
        let expected = Amount::from_minor(down + i64::from(up), currency);
        let tenth = Amount::from_minor(tenths, currency).over(10.into()).unwrap();
        prop_assert_eq!(tenth.round(currency), expected, "{}", tenth);
    }

    #[test]
    fn what_was_added_can_be_taken_away(left in decimal(14), right in decimal(14)) {
        let (left, right) = (Amount::parse(&left).unwrap(), Amount::parse(&right).unwrap());
        let sum = left.plus(right).unwrap();
        prop_assert_eq!(right.plus(left), Some(sum));
        prop_assert_eq!(sum.minus(right), Some(left));
        prop_assert_eq!(left.minus(right), left.plus(right.negated()));
        prop_assert!(!left.magnitude().is_negative());
    }

    #[test]
    fn minor_digits_change_no_value(text in decimal(20), currency in currency()) {
        let amount = Amount::parse(&text).unwrap();
        let shown = amount.with_minor_digits(currency);
        prop_assert_eq!(shown, amount);
        let text = shown.to_string();
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        prop_assert!(decimals >= currency.digits() as usize, "{}", text);
    }
}

#[test]
fn what_would_have_to_be_guessed_is_no_amount() {
    for text in [
        "",
        " ",
        "-",
        ".",
        "-.",
        "5.",
        ".5",
        "+5",
        "--5",
        "1_000",
        "1,000",
        "1,50",
        "1 000",
        " 5",
        "5 ",
        "1e3",
        "0x10",
        "NaN",
        "inf",
        "Infinity",
        "€5",
        "5€",
        "٥",
        "1.2.3",
        "5.-1",
        // One digit more than can be kept exactly.
        "79228162514264337593543950336",
        "0.12345678901234567890123456789",
    ] {
        assert_eq!(Amount::parse(text), None, "{text:?}");
    }
}

#[test]
fn numbers_may_be_in_scientific_notation() {
    for (number, expected) in [
        ("1e3", Some("1000")),
        ("1.5E2", Some("150")),
        ("1E+2", Some("100")),
        ("25e-3", Some("0.025")),
        ("-1e0", Some("-1")),
        ("1e400", None),
        ("1e-400", None),
        ("e3", None),
        ("", None),
    ] {
        let expected = expected.map(|text| Amount::parse(text).unwrap());
        assert_eq!(Amount::parse_number(number), expected, "{number}");
    }
}

#[test]
fn numbers_are_written_as_short_as_they_can_be() {
    for (text, number) in [
        ("0", "0"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("5.00", "5"),
        ("49.20", "49.2"),
        ("-0.01", "-0.01"),
        ("100", "100"),
        (
            "0.0000000000000000000000000001",
            "0.0000000000000000000000000001",
        ),
        (
            "79228162514264337593543950335",
            "79228162514264337593543950335",
        ),
    ] {
        assert_eq!(written(Amount::parse(text).unwrap()), number, "{text}");
    }
}
