//! The page for users has every field, operator, action and exclusion, from the lists themselves.

use std::fmt::Write as _;
use std::path::Path;

use orderbridge_rules::{ActionKind, Exclusion, FUNCTIONS, Field, Operator, Shape};

const SHAPES: &[(&str, &[Shape])] = &[
    ("text", &[Shape::Text]),
    ("lists", &[Shape::Tags]),
    ("money and numbers", &[Shape::Money]),
    ("true or false", &[Shape::Flag]),
];

fn fields() -> String {
    let mut table = "| Field | Kind | What it is |\n| --- | --- | --- |\n".to_owned();
    for field in Field::ALL {
        let below = if field.shape().is_table() {
            ".<name>"
        } else {
            ""
        };
        let (name, kind) = (field.as_str(), field.shape().as_str());
        let _ = writeln!(table, "| `{name}{below}` | {kind} | {} |", field.doc());
    }
    table
}

fn operators() -> String {
    let mut table = "| Operator | Holds when | Fits |\n| --- | --- | --- |\n".to_owned();
    for operator in Operator::ALL {
        let fits = |(_, shapes): &&(&str, &[Shape])| shapes.iter().any(|it| operator.fits(*it));
        let fits: Vec<&str> = SHAPES.iter().filter(fits).map(|(name, _)| *name).collect();
        let (name, doc) = (operator.as_str(), operator.doc());
        let _ = writeln!(table, "| `{name}` | {doc} | {} |", fits.join(", "));
    }
    table
}

fn actions() -> String {
    let mut table = "| `then` | What it does |\n| --- | --- |\n".to_owned();
    for kind in ActionKind::ALL {
        let _ = writeln!(table, "| `{}` | {} |", kind.example(), kind.doc());
    }
    table
}

fn exclusions() -> String {
    let mut table = "| Key | Leaves out |\n| --- | --- |\n".to_owned();
    for kind in Exclusion::ALL {
        let _ = writeln!(table, "| `{}` | {} |", kind.as_str(), kind.doc());
    }
    table
}

#[test]
fn the_page_has_them_all() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mut missing = String::new();
    for (name, table) in [
        ("fields", fields()),
        ("operators", operators()),
        ("actions", actions()),
        ("exclusions", exclusions()),
    ] {
        let part = format!("<!-- {name} -->\n\n{table}");
        if !page.contains(&part) {
            missing.push_str(&part);
        }
    }
    for function in FUNCTIONS {
        if !page.contains(&format!("`{function}`")) && !page.contains(&format!("`{function}()`")) {
            missing.push_str(function);
        }
    }
    assert!(missing.is_empty(), "docs/rules.md lacks this:\n{missing}");
}

#[test]
fn each_action_of_the_page_is_one() {
    for kind in ActionKind::ALL {
        let found = crate::support::mistakes(&format!("when = 'true'\nthen = {}", kind.example()));
        assert_eq!(found, [] as [String; 0], "{kind:?}");
    }
}
