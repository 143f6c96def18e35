//! Bodies in which a key stands twice. Recharge's own examples of 2021-01 have such objects; as in
//! most readers, the last one counts.

use orderbridge_event::tree::Tree;

/// The body with the last of each key; `None` if no key stands twice, or if it is not JSON.
#[cold]
pub(crate) fn last_of_each_key(body: &[u8]) -> Option<Vec<u8>> {
    let tree = Tree::parse(body)?;
    let mut writer = Writer::default();
    writer.value(&tree);
    writer.left_out.then(|| writer.json.into_bytes())
}

#[derive(Default)]
struct Writer {
    json: String,
    left_out: bool,
}

impl Writer {
    fn value(&mut self, tree: &Tree<'_>) {
        match tree {
            Tree::Null => self.json.push_str("null"),
            Tree::Flag(flag) => self.json.push_str(if *flag { "true" } else { "false" }),
            Tree::Number(digits) => self.json.push_str(digits),
            Tree::Text(text) => self.text(text),
            Tree::List(items) => {
                self.json.push('[');
                for (place, item) in items.iter().enumerate() {
                    self.comma(place);
                    self.value(item);
                }
                self.json.push(']');
            }
            Tree::Object(fields) => {
                self.json.push('{');
                let mut written = 0;
                for (place, (key, value)) in fields.iter().enumerate() {
                    if fields.iter().skip(place + 1).any(|(later, _)| later == key) {
                        self.left_out = true;
                        continue;
                    }
                    self.comma(written);
                    self.text(key);
                    self.json.push(':');
                    self.value(value);
                    written += 1;
                }
                self.json.push('}');
            }
        }
    }

    fn comma(&mut self, before: usize) {
        if before > 0 {
            self.json.push(',');
        }
    }

    fn text(&mut self, text: &str) {
        // Text can always be written.
        self.json
            .push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_each_key_counts() {
        let of = |json: &str| {
            last_of_each_key(json.as_bytes()).map(|json| String::from_utf8(json).unwrap())
        };
        let whole = r#"{"a":1.10,"b":[{"c":"x\n","d":null,"c":"é\"y"}],"a":{"e":true}}"#;
        let expected = r#"{"b":[{"d":null,"c":"é\"y"}],"a":{"e":true}}"#;
        assert_eq!(of(whole).as_deref(), Some(expected));
        assert_eq!(of(r#"{"a":1,"b":{"a":1}}"#), None);
        assert_eq!(of(r#"{"a":1,"#), None);
    }
}
