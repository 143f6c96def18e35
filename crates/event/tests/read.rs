//! Reading payloads: every odd shape of a field, and where each fault is.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_event::Code::{
    AmountInvalid, IdInvalid, PayloadSyntax, PayloadType, QuantityInvalid,
};
use orderbridge_event::{Amount, Code, MapError, Text, read};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Shape {
    #[serde(deserialize_with = "read::text")]
    text: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    key: Option<Text>,
    #[serde(deserialize_with = "read::text_or_list")]
    tags: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    amount: Option<Amount>,
    #[serde(deserialize_with = "read::count")]
    count: Option<u32>,
    #[serde(deserialize_with = "read::flag")]
    flag: Option<bool>,
    #[serde(deserialize_with = "read::list")]
    list: Vec<Inner>,
    #[serde(deserialize_with = "read::object")]
    object: Option<Inner>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Inner {
    #[serde(deserialize_with = "read::amount")]
    price: Option<Amount>,
}

/// Reads a body with one field of this value.
fn read(field: &str, json: &str) -> Result<Shape, MapError> {
    read::read(format!("{{\"{field}\":{json}}}").as_bytes())
}

/// A value that is read as a text; `-` stands for absent.
fn reads(field: &str, table: &[(&str, &str)], told: fn(Shape) -> Option<String>) {
    for (json, expected) in table {
        let shape = read(field, json).unwrap_or_else(|error| panic!("{json}: {error}"));
        let expected = Some(*expected).filter(|text| *text != "-");
        assert_eq!(told(shape).as_deref(), expected, "{field}: {json}");
    }
}

fn refuses(field: &str, code: Code, expected: &str, values: &[&str]) {
    for json in values {
        let error = read(field, json).unwrap_err();
        let found = (error.code(), error.path(), error.message());
        assert_eq!(found, (code, field, expected), "{field}: {json}");
    }
}

#[test]
fn absent_fields_are_none() {
    assert_eq!(read::read::<Shape>(b"{}").unwrap(), Shape::default());
}

#[test]
fn text() {
    let table = [
        ("null", "-"),
        ("\"\"", "-"),
        ("\" \\t\\n\"", "-"),
        ("\" a b \"", "a b"),
        ("\"null\"", "null"),
        ("\"\\u00e9\\ud83d\\ude00\"", "é😀"),
        ("0", "0"),
        ("-12", "-12"),
        ("18446744073709551615", "18446744073709551615"),
        ("1.50", "1.5"),
    ];
    reads("text", &table, |it| it.text.map(|text| text.to_string()));
    refuses(
        "text",
        PayloadType,
        "expected text",
        &["true", "[]", "[\"a\"]", "{}", "{\"a\":1}"],
    );
}

#[test]
fn key() {
    let table = [
        ("null", "-"),
        ("\"\"", "-"),
        ("\" 5551 \"", "5551"),
        ("\"gid://shopify/Order/1\"", "gid://shopify/Order/1"),
        ("5551234567890", "5551234567890"),
        ("18446744073709551615", "18446744073709551615"),
        ("-1", "-1"),
    ];
    reads("key", &table, |it| it.key.map(|text| text.to_string()));
    let expected = "expected a whole number or text";
    // A fraction, an exponent, or more than 64 bits: digits were lost before it came here.
    let lossy = ["1.5", "5.551234567890e12", "1e3", "18446744073709551616"];
    refuses("key", IdInvalid, expected, &lossy);
    let other = ["true", "[]", "{}", "{\"id\":1}"];
    refuses("key", PayloadType, expected, &other);
}

#[test]
fn text_or_list() {
    let table = [
        ("null", "-"),
        ("\"\"", "-"),
        ("[]", "-"),
        ("{}", "-"),
        ("\"a, b\"", "a, b"),
        ("[\"a\", \" b \", \"\", null, \"c\"]", "a, b, c"),
    ];
    reads("tags", &table, |it| it.tags.map(|text| text.to_string()));
    let expected = "expected text or a list of texts";
    refuses("tags", PayloadType, expected, &["1", "true", "{\"a\":1}"]);
}

#[test]
fn amount() {
    let table = [
        ("null", "-"),
        ("\"\"", "-"),
        ("\" \"", "-"),
        ("\"19.90\"", "19.90"),
        ("\" 5 \"", "5"),
        ("\"-0.01\"", "-0.01"),
        ("19.90", "19.9"),
        ("0", "0"),
        ("-3", "-3"),
        ("1e2", "100"),
        ("0.1", "0.1"),
        ("18446744073709551615", "18446744073709551615"),
    ];
    reads("amount", &table, |it| {
        it.amount.map(|amount| amount.to_string())
    });
    let expected = "expected a decimal number such as \"19.99\"";
    let bad = [
        "\"1,50\"",
        "\"1_000\"",
        "\"+5\"",
        "\"5.\"",
        "\"€5\"",
        "\"free\"",
        "\"NaN\"",
        "\"1e3\"",
        "true",
        "[]",
        "[1]",
        "{}",
        "{\"amount\":1}",
        "1e300",
    ];
    refuses("amount", AmountInvalid, expected, &bad);
}

#[test]
fn count() {
    let table = [
        ("null", "-"),
        ("\"\"", "-"),
        ("0", "0"),
        ("3", "3"),
        ("3.0", "3"),
        ("1e3", "1000"),
        ("\"2\"", "2"),
        ("\" 2.00 \"", "2"),
        ("4294967295", "4294967295"),
    ];
    reads("count", &table, |it| {
        it.count.map(|count| count.to_string())
    });
    let expected = "expected a whole number from 0 up";
    let bad = [
        "-1",
        "1.5",
        "4294967296",
        "1e10",
        "\"two\"",
        "\"-1\"",
        "\"1.5\"",
        "\"4294967296\"",
    ];
    refuses("count", QuantityInvalid, expected, &bad);
    refuses(
        "count",
        PayloadType,
        expected,
        &["true", "[]", "{}", "{\"a\":1}"],
    );
}

#[test]
fn flag() {
    let table = [("null", "-"), ("true", "true"), ("false", "false")];
    reads("flag", &table, |it| it.flag.map(|flag| flag.to_string()));
    let bad = ["\"true\"", "\"FALSE\"", "\"\"", "0", "1", "[]", "{}"];
    refuses("flag", PayloadType, "expected a boolean", &bad);
}

#[test]
fn list() {
    let table = [
        ("null", "0"),
        ("[]", "0"),
        ("{}", "0"),
        ("\"\"", "0"),
        ("\" \"", "0"),
        ("[{}]", "1"),
        ("[{\"price\":1},{\"other\":2}]", "2"),
    ];
    reads("list", &table, |it| Some(it.list.len().to_string()));
    let bad = ["true", "1", "\"a\"", "{\"price\":1}", "{\"0\":{}}"];
    refuses("list", PayloadType, "expected a list", &bad);
}

#[test]
fn object() {
    let table = [
        ("null", "-"),
        ("[]", "-"),
        ("\"\"", "-"),
        ("\" \"", "-"),
        ("{}", "none"),
        ("{\"price\":null}", "none"),
        ("{\"price\":\"1.0\"}", "1.0"),
    ];
    let told = |it: Shape| {
        let price = it.object?.price;
        Some(price.map_or_else(|| "none".to_owned(), |price| price.to_string()))
    };
    reads("object", &table, told);
    let bad = ["true", "1", "\"a\"", "[{}]", "[1]"];
    refuses("object", PayloadType, "expected an object", &bad);
}

#[test]
fn a_fault_further_down_has_its_whole_path() {
    for (field, json, path) in [
        ("list", "[{},{\"price\":\"x\"}]", "list[1].price"),
        ("object", "{\"price\":[]}", "object.price"),
    ] {
        let error = read(field, json).unwrap_err();
        assert_eq!((error.code(), error.path()), (AmountInvalid, path));
    }
    let error = read("list", "[{},7]").unwrap_err();
    assert_eq!((error.code(), error.path()), (PayloadType, "list[1]"));
}

#[test]
fn a_field_that_stands_twice_is_a_fault() {
    let error = read::read::<Shape>(b"{\"text\":\"a\",\"text\":\"b\"}").unwrap_err();
    assert_eq!(
        (error.code(), error.message()),
        (PayloadType, "expected each field once")
    );
}

#[test]
fn what_is_not_one_document() {
    for (body, code) in [
        (&b""[..], PayloadSyntax),
        (b" ", PayloadSyntax),
        (b"{", PayloadSyntax),
        (b"{\"text\":\"a", PayloadSyntax),
        (b"{\"text\":\"a\"} {}", PayloadSyntax),
        (b"{\"text\":\"\xff\"}", PayloadSyntax),
        (b"{\"text\":\"\\ud800\"}", PayloadSyntax),
        (b"<order/>", PayloadSyntax),
        (b"{'text':1}", PayloadSyntax),
        (b"{\"amount\":NaN}", PayloadSyntax),
        (b"null", PayloadType),
        (b"7", PayloadType),
        (b"\"text\"", PayloadType),
    ] {
        let error = read::read::<Shape>(body).unwrap_err();
        let shown = String::from_utf8_lossy(body);
        assert_eq!(error.code(), code, "{shown}");
        assert!(!error.path().is_empty(), "{shown}");
    }
}

#[test]
fn an_error_knows_its_place() {
    let error = read::read::<Shape>(b"{\n  \"text\": \"a\",\n  \"count\": -1\n}").unwrap_err();
    assert_eq!(error.path(), "count");
    assert_eq!(error.place().map(|(line, _)| line), Some(3));
}
