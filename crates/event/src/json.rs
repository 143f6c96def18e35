//! Writing JSON, with amounts as the digits they are.
//!
//! serde would take an amount through a float or through text; this writes the digits themselves.

use crate::Amount;

/// Writes one JSON object into a buffer, field by field.
#[derive(Debug)]
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object at the end of the buffer.
    pub fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Closes it. An object that is dropped instead stays open.
    pub fn close(self) {
        self.out.push(b'}');
    }

    /// Starts a field and gives the buffer to write its value into. The name is the program's own
    /// and has nothing to escape in it.
    pub fn field(&mut self, name: &'static str) -> &mut Vec<u8> {
        debug_assert!(!name.bytes().any(is_escaped), "a name to be escaped");
        self.out
            .extend_from_slice(if self.empty { b"\"" } else { b",\"" });
        self.empty = false;
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Starts a field whose name is a user's.
    pub fn named(&mut self, name: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        string(self.out, name);
        self.out.push(b':');
        self.out
    }

    /// A field of text.
    pub fn text(&mut self, name: &'static str, value: &str) {
        string(self.field(name), value);
    }

    /// A field of text, if there is any.
    pub fn maybe_text(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A field with an amount: a number with exactly the amount's digits.
    pub fn amount(&mut self, name: &'static str, value: Amount) {
        amount(self.field(name), value);
    }

    /// A field with an amount, if there is one.
    pub fn maybe_amount(&mut self, name: &'static str, value: Option<Amount>) {
        if let Some(value) = value {
            self.amount(name, value);
        }
    }

    /// A field with a whole number.
    pub fn count(&mut self, name: &'static str, value: u64) {
        let digits = value.to_string();
        self.field(name).extend_from_slice(digits.as_bytes());
    }

    /// A field that is true or false.
    pub fn flag(&mut self, name: &'static str, value: bool) {
        flag(self.field(name), value);
    }

    /// A field with an object, written by the function.
    pub fn object(&mut self, name: &'static str, write: impl FnOnce(&mut Object<'_>)) {
        let mut object = Object::open(self.field(name));
        write(&mut object);
        object.close();
    }

    /// A field with a list, each element written by the function.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        write: impl FnMut(&mut Vec<u8>, T),
    ) {
        list(self.field(name), items, write);
    }
}

/// Appends a JSON list.
pub fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Appends an amount: a number with exactly its digits.
pub fn amount(out: &mut Vec<u8>, amount: Amount) {
    amount.write_json(out);
}

/// Appends `true` or `false`.
pub fn flag(out: &mut Vec<u8>, flag: bool) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

/// Appends a JSON string.
pub fn string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.push(b'"');
    // Without an early exit, which the processor can do for many bytes at a time.
    let has_escapes = bytes
        .iter()
        .fold(false, |found, byte| found | is_escaped(*byte));
    if has_escapes {
        escape(out, text);
    } else {
        out.extend_from_slice(bytes);
    }
    out.push(b'"');
}

fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn escape(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
}
