//! An amount as text and as a JSON number: both ways of reading agree, and printing inverts them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orderbridge_event::{Amount, json, read};
use serde::Deserialize;

#[derive(Deserialize)]
struct Priced {
    #[serde(default, deserialize_with = "read::amount")]
    price: Option<Amount>,
}

fn price(json: &str) -> Option<Amount> {
    let body = format!("{{\"price\":{json}}}");
    read::read::<Priced>(body.as_bytes()).ok()?.price
}

fuzz_target!(|text: &str| {
    let Some(amount) = Amount::parse(text) else {
        let mut quoted = Vec::new();
        json::string(&mut quoted, text);
        let quoted = String::from_utf8(quoted).expect("JSON of text is text");
        // White space around an amount is the one thing that the reader forgives.
        let read = price(&quoted);
        assert_eq!(
            read,
            Amount::parse(text.trim()),
            "{text:?} was read as an amount"
        );
        return;
    };
    assert_eq!(
        Amount::parse(&amount.to_string()),
        Some(amount),
        "print and parse"
    );
    assert_eq!(price(&format!("\"{text}\"")), Some(amount), "text path");
    assert_eq!(Amount::parse_number(text), Some(amount), "number text");

    let mut body = Vec::new();
    let mut object = json::Object::open(&mut body);
    object.amount("price", amount);
    object.close();
    let written = String::from_utf8(body).expect("JSON is text");
    let number = written
        .trim_start_matches("{\"price\":")
        .trim_end_matches('}');
    assert_eq!(
        Amount::parse_number(number),
        Some(amount),
        "the digits that are written"
    );
    // A payload's number goes through a float, which is exact up to 15 digits.
    if number.bytes().filter(u8::is_ascii_digit).count() <= 15 {
        assert_eq!(price(number), Some(amount), "number path");
    }
});
