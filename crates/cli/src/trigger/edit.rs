//! Changes single values of a JSON document; all else stays as it is written.

use std::fmt::Write as _;

use orderbridge_event::json;
use orderbridge_event::tree::Tree;

use crate::source::did_you_mean;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step<'p> {
    Field(&'p str),
    Index(usize),
}

/// Sets the value at a path such as `line_items[0].price`. What is not there is not made.
pub(super) fn set<'a>(tree: &mut Tree<'a>, path: &str, value: Tree<'a>) -> Result<(), String> {
    let mut at = tree;
    let mut shown = String::new();
    for step in steps(path)? {
        at = down(at, step, &shown)?;
        match step {
            Step::Field(name) if shown.is_empty() => shown.push_str(name),
            Step::Field(name) => {
                shown.push('.');
                shown.push_str(name);
            }
            Step::Index(index) => {
                let _ = write!(shown, "[{index}]");
            }
        }
    }
    *at = value;
    Ok(())
}

/// A value as it is given on the command line: JSON if it is that, else text.
pub(super) fn value(text: &str) -> Tree<'_> {
    Tree::parse(text.as_bytes()).unwrap_or_else(|| Tree::Text(text.to_owned()))
}

fn steps(path: &str) -> Result<Vec<Step<'_>>, String> {
    let wrong = || format!("{path:?} is no path such as line_items[0].price");
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        // A document may be a list.
        if !name.is_empty() {
            steps.push(Step::Field(name));
        } else if rest.is_empty() || !steps.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let inside = rest.strip_prefix('[').and_then(|it| it.split_once(']'));
            let (index, after) = inside.ok_or_else(wrong)?;
            steps.push(Step::Index(index.parse().map_err(|_| wrong())?));
            rest = after;
        }
    }
    Ok(steps)
}

fn down<'t, 'a>(
    at: &'t mut Tree<'a>,
    step: Step<'_>,
    above: &str,
) -> Result<&'t mut Tree<'a>, String> {
    let place = if above.is_empty() {
        "the payload"
    } else {
        above
    };
    match (step, at) {
        (Step::Field(name), Tree::Object(fields)) => {
            let found = fields.iter().rposition(|(known, _)| known == name);
            let hint = did_you_mean(name, fields.iter().map(|(known, _)| known.as_str()));
            found
                .and_then(|at| fields.get_mut(at))
                .map(|(_, value)| value)
                .ok_or_else(|| format!("{place} has no {name:?}{hint}"))
        }
        (Step::Index(index), Tree::List(items)) => {
            let count = items.len();
            items
                .get_mut(index)
                .ok_or_else(|| format!("{place} has {count} items, counted from 0"))
        }
        (Step::Field(name), Tree::List(_)) => Err(format!(
            "{place} is a list; name one of it, as in {place}[0].{name}"
        )),
        (Step::Index(_), Tree::Object(_)) => Err(format!("{place} is no list")),
        (..) => Err(format!("{place} is a single value, nothing is in it")),
    }
}

/// Writes a document without white space.
pub(super) fn write(out: &mut Vec<u8>, tree: &Tree<'_>) {
    match tree {
        Tree::Null => out.extend_from_slice(b"null"),
        Tree::Flag(flag) => json::flag(out, *flag),
        Tree::Number(digits) => out.extend_from_slice(digits.as_bytes()),
        Tree::Text(text) => json::string(out, text),
        Tree::List(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        Tree::Object(fields) => {
            out.push(b'{');
            for (place, (name, value)) in fields.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                json::string(out, name);
                out.push(b':');
                write(out, value);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"id":1e2,"note":"a\nb","tax":0.10,"items":[{"price":"1.00"},{"price":null}],"buyer":null}"#;

    fn edited(path: &str, text: &str) -> Result<String, String> {
        let mut tree = Tree::parse(ORDER.as_bytes()).unwrap();
        set(&mut tree, path, value(text))?;
        let mut out = Vec::new();
        write(&mut out, &tree);
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn one_value_changes_and_no_other() {
        assert_eq!(edited("id", "1e2").unwrap(), ORDER);
        for (path, text, before, after) in [
            ("items[0].price", "12.50", r#""1.00""#, "12.50"),
            ("items[0].price", "\"12.50\"", "1.00", "12.50"),
            (
                "items[0]",
                "{\"a\": [true]}",
                r#"{"price":"1.00"}"#,
                r#"{"a":[true]}"#,
            ),
            ("tax", "none at all", "0.10", "\"none at all\""),
            ("note", "", r"a\nb", ""),
            ("buyer", "{}", "\"buyer\":null", "\"buyer\":{}"),
        ] {
            let expected = ORDER.replacen(before, after, 1);
            assert_eq!(edited(path, text).unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_is_told() {
        for (path, message) in [
            (
                "itms[0].price",
                "the payload has no \"itms\" (did you mean \"items\"?)",
            ),
            (
                "items[0].prise",
                "items[0] has no \"prise\" (did you mean \"price\"?)",
            ),
            ("items[2].price", "items has 2 items, counted from 0"),
            (
                "items.price",
                "items is a list; name one of it, as in items[0].price",
            ),
            ("note.text", "note is a single value, nothing is in it"),
            ("[0]", "the payload is no list"),
            ("", "\"\" is no path such as line_items[0].price"),
            (
                "items[x]",
                "\"items[x]\" is no path such as line_items[0].price",
            ),
            (
                "items[0",
                "\"items[0\" is no path such as line_items[0].price",
            ),
            ("a..b", "\"a..b\" is no path such as line_items[0].price"),
        ] {
            assert_eq!(edited(path, "1").unwrap_err(), message, "{path}");
        }
    }
}
