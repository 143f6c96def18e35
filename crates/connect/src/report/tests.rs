//! A report of two columns, in every arrangement of its rows.

use std::fmt::Write as _;
use std::io::Write as _;

use orderbridge_event::{Code, Context, Mapped};

use super::*;

/// A report whose first column is the order, and whose payloads are its rows.
struct Plain;

impl Report for Plain {
    fn topic(&self) -> &'static str {
        "report"
    }

    fn open(&self, _: &[u8], _: Option<&str>) -> Result<Box<dyn Rows>, MapError> {
        Ok(Box::new(Self))
    }
}

impl Rows for Plain {
    fn key<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        let end = row.iter().position(|byte| b"\t\r\n".contains(byte));
        row.get(..end.unwrap_or(row.len())).unwrap_or_default()
    }

    fn map(&self, _: &[u8], _: &Context) -> Result<Mapped, MapError> {
        Ok(Mapped::ignored(Code::TopicNoEvent, "plain rows"))
    }

    fn parse(&self, _: &[u8]) -> Result<(), MapError> {
        Ok(())
    }

    fn payload(&self, rows: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(rows.trim_ascii_end());
    }
}

fn read(text: &str) -> Vec<(u64, String)> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    let mut found = Vec::new();
    let Some(orders) = Orders::open(file, &Plain, None).unwrap() else {
        return found;
    };
    let mut orders = orders.unwrap();
    let mut batch = Batch::default();
    while orders.fill(&mut batch).unwrap() {
        batch.each(|line, reader, rows| {
            let mut payload = Vec::new();
            reader.payload(rows, &mut payload);
            found.push((line, String::from_utf8_lossy(&payload).into_owned()));
        });
        batch.clear();
    }
    found
}

#[test]
fn rows_of_an_order_are_put_together() {
    for (text, expected) in [
        ("", &[][..]),
        ("id\n", &[]),
        ("id\n1\ta\n", &[(2, "1\ta")]),
        ("id\n1\ta\n1\tb\n2\tc", &[(2, "1\ta\n1\tb"), (4, "2\tc")]),
        (
            "id\r\n1\ta\r\n2\tb\r\n1\tc\r\n3\td\r\n2\te\r\n2\tf\r\n1\tg",
            &[
                (2, "1\ta\r\n1\tc\r\n1\tg"),
                (3, "2\tb\r\n2\te\r\n2\tf"),
                (5, "3\td"),
            ],
        ),
        // Blank lines are nothing, and rows of no order are each their own.
        ("id\n\n1\ta\n\n1\tb\n", &[(3, "1\ta\n1\tb")]),
        ("id\n\ta\n\tb\n", &[(2, "\ta"), (3, "\tb")]),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|(n, t)| (*n, (*t).to_owned()))
            .collect();
        assert_eq!(read(text), expected, "{text:?}");
    }
}

#[test]
fn a_long_report_with_rows_far_apart() {
    let count = 40_000;
    let mut text = String::from("id\n");
    for part in ["a", "b", "c"] {
        for order in 0..count {
            if part == "a" || order % 1000 == 7 {
                let _ = writeln!(text, "{order}\t{part}");
            }
        }
    }
    let found = read(&text);
    assert_eq!(found.len(), count);
    for (order, (line, rows)) in found.iter().enumerate() {
        assert_eq!(*line, order as u64 + 2);
        let parts: &[&str] = if order % 1000 == 7 {
            &["a", "b", "c"]
        } else {
            &["a"]
        };
        let expected: Vec<String> = parts
            .iter()
            .map(|part| format!("{order}\t{part}"))
            .collect();
        assert_eq!(*rows, expected.join("\n"));
    }
}
