//! Each mistake, with the place that it is told at.

use crate::support::{mistakes, read};

/// Lines of a rule, the text at the place, and what is said.
const CASES: &[(&str, &str, &str)] = &[
    // Fields.
    (
        "if.source_nam.eq = \"x\"",
        "source_n",
        "there is no field \"source_nam\" (did you mean \"source_name\"?)",
    ),
    (
        "if.line_items.sku.has = \"x\"",
        "line_ite",
        "there is no field \"line_items\"",
    ),
    (
        "if.items.skus.has = \"x\"",
        "skus.has",
        "there is no field \"items.skus\" (did you mean \"items.sku\"?)",
    ),
    (
        "if.items = 3",
        "items = ",
        "items needs a name in it, as in items.sku",
    ),
    (
        "if.note_attributes = true",
        "note_att",
        "note_attributes needs a name in it, as in note_attributes.gift",
    ),
    (
        "if = 3",
        "3\nthen.c",
        "if must be a table, as in { tags = { has = \"wholesale\" } }",
    ),
    ("if = {}", "{}\nthen.", "if asks for nothing"),
    // Operators.
    (
        "if.tags = \"x\"",
        "\"x\"\nthen",
        "tags needs an operator, as in { has = \"x\" }",
    ),
    (
        "if.city = {}",
        "{}\nthen.",
        "city needs an operator, such as eq",
    ),
    (
        "if.city.equals = \"x\"",
        "equals =",
        "there is no operator \"equals\"; for city there are: eq, ne, in, starts_with, ends_with, exists",
    ),
    (
        "if.city.start_with = \"x\"",
        "start_wi",
        "there is no operator \"start_with\" (did you mean \"starts_with\"?); for city there are: eq, ne, in, starts_with, ends_with, exists",
    ),
    (
        "if.tags.eq = \"x\"",
        "eq = \"x\"",
        "tags is a list, which eq does not fit; there are: has, starts_with, ends_with, exists",
    ),
    (
        "if.city.has = \"x\"",
        "has = \"x",
        "city is text, which has does not fit; there are: eq, ne, in, starts_with, ends_with, exists",
    ),
    (
        "if.city.gt = 3",
        "gt = 3\nt",
        "city is text, which gt does not fit; there are: eq, ne, in, starts_with, ends_with, exists",
    ),
    (
        "if.is_paid.gt = 3",
        "gt = 3\nt",
        "is_paid is true or false, which gt does not fit; there are: eq, ne, exists",
    ),
    // Values.
    (
        "if.source_name.eq = 12345",
        "12345\nth",
        "source_name eq must be text: write \"12345\" with quotes",
    ),
    (
        "if.city.eq = \" \"",
        "\" \"\nthen",
        "city eq must be text that is not blank",
    ),
    (
        "if.city.in = \"x\"",
        "\"x\"\nthen",
        "city in must be a list, as in [\"a\", \"b\"]",
    ),
    (
        "if.city.in = []",
        "[]\nthen.",
        "city in must name at least one value",
    ),
    (
        "if.total_price.gt = \"1,00\"",
        "\"1,00\"\nt",
        "total_price gt must be a decimal number such as \"100.00\"",
    ),
    (
        "if.is_test.eq = \"yes\"",
        "\"yes\"\nth",
        "is_test eq must be true or false",
    ),
    (
        "if.city.exists = 1",
        "1\nthen.c",
        "city exists must be true or false",
    ),
    (
        "if.channel.eq = \"offlin\"",
        "\"offlin\"",
        "there is no sales channel \"offlin\" (did you mean \"offline\"?)",
    ),
    (
        "if.country.eq = \"Germany\"",
        "\"Germany",
        "there is no country code \"Germany\" (did you mean \"DE\"?); it has two letters",
    ),
    (
        "if.country.eq = \"XX\"",
        "\"XX\"\nthe",
        "there is no country code \"XX\"; it has two letters",
    ),
    (
        "if.currency.eq = \"euro\"",
        "\"euro\"\nt",
        "a currency must be three letters such as \"EUR\"",
    ),
    (
        "if.platform.eq = \"shopfy\"",
        "\"shopfy\"",
        "there is no platform \"shopfy\" (did you mean \"shopify\"?)",
    ),
    (
        "if.source.eq = \"us\"",
        "\"us\"\nthe",
        "there is no source \"us\"",
    ),
    (
        "if.event_name.eq = \"Placed Orders\"",
        "\"Placed ",
        "no adapter makes an event named \"Placed Orders\" (did you mean \"Placed Order\"?)",
    ),
    // Keys.
    (
        "when = 'true'\nsources = \"us-store\"",
        "sources ",
        "a rule has no key \"sources\" (did you mean \"source\"?)",
    ),
    (
        "when = 'true'\nsource = \"us-stor\"",
        "\"us-stor",
        "there is no source \"us-stor\" (did you mean \"us-store\"?)",
    ),
    (
        "when = 'true'\nsource = []",
        "[]\nthen.",
        "source names no source; leave it out for all of them",
    ),
    (
        "",
        "[[rules]",
        "a rule needs an `if` or a `when`; one for all orders says when = \"true\"",
    ),
    // Expressions.
    (
        "when = 3",
        "3\nthen.c",
        "when must be text: write \"3\" with quotes",
    ),
    (
        "when = 'event.city =='",
        "'\nthen.c",
        "when: it is no CEL expression: mismatched input '<EOF>'",
    ),
    (
        "when = 'event.emial == \"x\"'",
        "event.em",
        "when: there is no field \"emial\" (did you mean \"email\"?)",
    ),
    (
        "when = 'email == \"x\"'",
        "email ==",
        "when: there is no name \"email\" (did you mean event.email?)",
    ),
    (
        "when = 'evnt.email == \"x\"'",
        "evnt.ema",
        "when: there is no name \"evnt\" (did you mean \"event\"?); fields begin with event.",
    ),
    (
        "when = 'event == 1'",
        "event ==",
        "when: event is asked for its fields, as in event.tags",
    ),
    (
        "when = 'event.items.sku == \"x\"'",
        "event.it",
        "when: items is a list: event.items.exists(item, item.sku == …)",
    ),
    (
        "when = 'event.items.exists(i, i.skuu == \"x\")'",
        "i.skuu =",
        "when: an item has no field \"skuu\" (did you mean \"sku\"?)",
    ),
    (
        "when = 'event.total_price > 5'",
        "event.to",
        "when: an amount is read by money(), as in money(event.total_price)",
    ),
    (
        "when = 'money(event.total_price) > 5'",
        "> 5'\nthe",
        "when: money goes with money only, as in money(\"100.00\")",
    ),
    (
        "when = 'money(event.total_price) > money(\"1,5\")'",
        "(\"1,5\")'",
        "when: \"1,5\" is not an amount such as \"1.00\"",
    ),
    (
        "when = 'money(event.total_price) > 1.5'",
        "1.5'\nthe",
        "when: numbers with a point are money here, as in money(\"1.50\")",
    ),
    (
        "when = 'event.source_name == 580111'",
        "== 58011",
        "when: text is compared with a number, which it never is: write the number in quotes",
    ),
    (
        "when = 'event.channel == \"offlin\"'",
        "\"offlin\"",
        "when: there is no sales channel \"offlin\" (did you mean \"offline\"?)",
    ),
    (
        "when = 'event.channel in [\"web\", \"offlin\"]'",
        "\"offlin\"",
        "when: there is no sales channel \"offlin\" (did you mean \"offline\"?)",
    ),
    (
        "when = '\"VIP\" in event.tags'",
        "\"VIP\" in",
        "when: tags are in lower case: write \"vip\"",
    ),
    (
        "when = 'event.country == \"Germany\"'",
        "\"Germany",
        "when: countries are codes: write \"DE\"",
    ),
    (
        "when = '\"x\" in event.city'",
        "in event",
        "when: `in` looks into a list, not into text",
    ),
    (
        "when = 'event.city.startWith(\"x\")'",
        "(\"x\")'\nt",
        "when: there is no function \"startWith\" (did you mean \"startsWith\"?); there are: money, size, contains, startsWith, endsWith, matches, has, exists, exists_one, all, filter, string, int",
    ),
    (
        "when = 'event.city.matches(\"(\")'",
        "(\"(\")'\nt",
        "when: it is no pattern: unclosed group",
    ),
    (
        "when = 'event.city'",
        "event.ci",
        "when: it gives text, and not true or false",
    ),
    (
        "when = 'event.email == null'",
        "null'\nth",
        "when: no field has such a value; ask with has(event.field)",
    ),
];

/// Compares all cases, and shows all that are not as expected.
pub(crate) fn told(cases: &[(&str, &str, &str)], mistakes: impl Fn(&str) -> Vec<String>) {
    let mut wrong = Vec::new();
    for (lines, place, message) in cases {
        let found = mistakes(lines);
        let expected = [format!("{place:?}: {message}")];
        if found != expected {
            wrong.push((*lines, found, expected));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn conditions_and_expressions() {
    let all = |lines: &str| mistakes(&format!("{lines}\nthen.channel = \"pos\""));
    told(CASES, all);
}

#[test]
fn rules_are_told_apart_by_their_ids() {
    let rest = "when = 'true'\nthen = { channel = \"pos\" }\n";
    let of = |text: &str| read(text).map(|_| ()).unwrap_err();
    let twice = of(&format!(
        "[[rules]]\nid = \"a\"\n{rest}[[rules]]\nid = \"a\"\n{rest}"
    ));
    assert_eq!(
        twice,
        ["\"\\\"a\\\"\\nwhen\": there are two rules with the id \"a\""]
    );
    let none = of(&format!("[[rules]]\n{rest}"));
    assert_eq!(
        none,
        ["\"[[rules]\": a rule needs an id to be told by, such as id = \"wholesale\""]
    );
    let odd = of(&format!("[[rules]]\nid = \"a b\"\n{rest}"));
    assert_eq!(odd.len(), 1, "{odd:?}");
    assert!(
        odd[0].contains("id must be letters, digits, -, _ and ."),
        "{odd:?}"
    );
    let single = of(&format!("[rules]\nid = \"a\"\n{rest}"));
    assert!(
        single[0].contains("a rule begins with [[rules]], in double brackets"),
        "{single:?}"
    );
    let no_then = of("[[rules]]\nid = \"a\"\nwhen = 'true'\n");
    assert!(no_then[0].contains("a rule needs a `then`"), "{no_then:?}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let found = mistakes(
        "if = { emial = { eq = \"x\" }, tags = { hass = \"x\" } }\nwhen = 'event.x'\nthen = { chanel = \"x\" }",
    );
    assert_eq!(found.len(), 4, "{found:#?}");
}
