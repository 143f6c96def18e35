//! Writes a tree as JSON again: numbers keep their digits, strings their characters.
//!
//! Not the writer of the event crate, so that a fault in that one cannot hide itself.

use orderbridge_event::tree::Tree;

/// A way to write one and the same document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Without any white space.
    Dense,
    /// With every kind of white space, at every place where it may stand.
    Airy,
    /// With each character of a string or key as an escape.
    Escaped,
}

/// The document of a tree.
pub(crate) fn write(tree: &Tree<'_>, layout: Layout) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    value(&mut out, tree, layout);
    gap(&mut out, layout);
    out
}

fn gap(out: &mut Vec<u8>, layout: Layout) {
    match layout {
        Layout::Dense | Layout::Escaped => {}
        Layout::Airy => out.extend_from_slice(b" \t\r\n"),
    }
}

fn value(out: &mut Vec<u8>, tree: &Tree<'_>, layout: Layout) {
    gap(out, layout);
    match tree {
        Tree::Null => out.extend_from_slice(b"null"),
        Tree::Flag(true) => out.extend_from_slice(b"true"),
        Tree::Flag(false) => out.extend_from_slice(b"false"),
        Tree::Number(digits) => out.extend_from_slice(digits.as_bytes()),
        Tree::Text(text) => string(out, text, layout),
        Tree::List(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                separate(out, place, layout);
                value(out, item, layout);
            }
            gap(out, layout);
            out.push(b']');
        }
        Tree::Object(fields) => {
            out.push(b'{');
            for (place, (key, field)) in fields.iter().enumerate() {
                separate(out, place, layout);
                gap(out, layout);
                string(out, key, layout);
                gap(out, layout);
                out.push(b':');
                value(out, field, layout);
            }
            gap(out, layout);
            out.push(b'}');
        }
    }
}

fn separate(out: &mut Vec<u8>, place: usize, layout: Layout) {
    if place > 0 {
        gap(out, layout);
        out.push(b',');
    }
}

fn string(out: &mut Vec<u8>, text: &str, layout: Layout) {
    out.push(b'"');
    if layout == Layout::Escaped {
        for unit in text.encode_utf16() {
            escape(out, unit.into());
        }
        return out.push(b'"');
    }
    for letter in text.chars() {
        match letter {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{0}'..='\u{1f}' => escape(out, letter.into()),
            _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, unit: u32) {
    out.extend_from_slice(format!("\\u{unit:04X}").as_bytes());
}
