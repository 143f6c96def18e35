//! The mutators change what they say, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_event::tree::Tree;
use orderbridge_testkit::mutate::{self, End, Order, Spot};

/// Numbers that floats would change, escapes, a repeated key, and every kind of value.
const BODY: &str = r#"{ "id": 12345678901234567890, "price": 0.10, "big": 1e400,
    "text": "é😀 \" \\ \n \u0001 \/", "flag": true, "off": false, "none": null,
    "lines": [ { "a": -0.0, "b": [] }, {} ], "id": 2 }"#;

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap()
}

fn spot(tree: &Tree<'_>, path: &str) -> Spot {
    let all = mutate::spots(tree, |_| true);
    all.into_iter()
        .find(|spot| mutate::path(tree, spot) == path)
        .unwrap()
}

#[test]
fn writing_loses_nothing() {
    let tree = Tree::parse(BODY.as_bytes()).unwrap();
    let dense = concat!(
        r#"{"id":12345678901234567890,"price":0.10,"big":1e400,"#,
        r#""text":"é😀 \" \\ \u000A \u0001 /","flag":true,"off":false,"none":null,"#,
        r#""lines":[{"a":-0.0,"b":[]},{}],"id":2}"#
    );
    assert_eq!(text(mutate::dense(&tree)), dense);
    let escaped = mutate::escaped(&tree);
    assert!(escaped.starts_with(br#"{"\u0069\u0064":12345678901234567890,"#));
    assert_eq!(Tree::parse(&escaped).unwrap(), tree);
    let spaced = mutate::spaced(&tree);
    assert_eq!(Tree::parse(&spaced).unwrap(), tree);
    assert!(spaced.starts_with(b" \t\r\n{ \t\r\n\"id\" \t\r\n: \t\r\n1"));
}

#[test]
fn keys_change_places_and_lists_do_not() {
    let tree = Tree::parse(br#"{"b":[{"y":1,"x":2,"z":3},4],"a":5}"#).unwrap();
    let orders = [
        (Order::Reversed, r#"{"a":5,"b":[{"z":3,"x":2,"y":1},4]}"#),
        (Order::Sorted, r#"{"a":5,"b":[{"x":2,"y":1,"z":3},4]}"#),
        (Order::Turned, r#"{"a":5,"b":[{"x":2,"z":3,"y":1},4]}"#),
    ];
    assert_eq!(orders.len(), Order::ALL.len());
    for (order, expected) in orders {
        assert_eq!(text(mutate::reordered(&tree, order)), expected, "{order:?}");
    }
}

#[test]
fn one_place_changes() {
    let tree = Tree::parse(br#"{"a":{"b":[1,{"c":"x","d":2}]},"e":3}"#).unwrap();
    let inner = spot(&tree, "a.b[1]");
    let c = spot(&tree, "a.b[1].c");
    let marked = Tree::Text("new".to_owned());
    for (changed, expected) in [
        (
            mutate::without(&tree, &c),
            r#"{"a":{"b":[1,{"d":2}]},"e":3}"#,
        ),
        (
            mutate::nulled(&tree, &c),
            r#"{"a":{"b":[1,{"c":null,"d":2}]},"e":3}"#,
        ),
        (
            mutate::replaced(&tree, &spot(&tree, "a"), marked.clone()),
            r#"{"a":"new","e":3}"#,
        ),
        (
            mutate::with_field(&tree, &inner, ("n", marked.clone()), End::First),
            r#"{"a":{"b":[1,{"n":"new","c":"x","d":2}]},"e":3}"#,
        ),
        (
            mutate::with_field(&tree, &Spot::ROOT, ("n", marked), End::Last),
            r#"{"a":{"b":[1,{"c":"x","d":2}]},"e":3,"n":"new"}"#,
        ),
    ] {
        assert_eq!(text(changed), expected);
    }
    assert_eq!(mutate::truncated(b"abc", 2), b"ab");
    assert_eq!(mutate::truncated(b"abc", 9), b"abc");
}

#[test]
fn places_have_paths_and_keys() {
    let tree = Tree::parse(br#"{"a":{"b":[1,{"c":"x"}]},"a":3}"#).unwrap();
    let all = mutate::spots(&tree, |_| true);
    let paths: Vec<String> = all.iter().map(|spot| mutate::path(&tree, spot)).collect();
    assert_eq!(
        paths,
        ["$", "a", "a.b", "a.b[0]", "a.b[1]", "a.b[1].c", "a"]
    );
    let keys: Vec<&str> = all.iter().map(|spot| mutate::key(&tree, spot)).collect();
    assert_eq!(keys, ["", "a", "b", "b", "b", "c", "a"]);
    let fields = mutate::fields(&tree);
    let paths: Vec<String> = fields
        .iter()
        .map(|spot| mutate::path(&tree, spot))
        .collect();
    assert_eq!(paths, ["a", "a", "a.b", "a.b[1].c"]);
}
