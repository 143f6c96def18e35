//! Writes a tree as JSON again: numbers keep their digits, strings their characters.
//!
//! Not the writer of the event crate, so that a fault in that one cannot hide itself.

use orderbridge_event::tree::Tree;

/// White space between the tokens of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// None at all.
    Dense,
    /// Every kind of it, at every place where it may stand.
    Airy,
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
        Layout::Dense => {}
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
        Tree::Text(text) => string(out, text),
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
                string(out, key);
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

fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for letter in text.chars() {
        match letter {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{0}'..='\u{1f}' => {
                out.extend_from_slice(format!("\\u{:04X}", u32::from(letter)).as_bytes());
            }
            _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}
