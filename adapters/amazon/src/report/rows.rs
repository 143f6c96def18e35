//! From the rows of a report, as they were downloaded, to payloads.

use std::borrow::Cow;

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};
use orderbridge_event::{Code, MapError, Report, Rows, json};

use super::column::Column;

/// The all-orders report, by order date and by last update, general and not.
#[derive(Debug)]
pub(crate) struct AllOrders;

impl Report for AllOrders {
    fn topic(&self) -> &'static str {
        "report"
    }

    fn open(&self, header: &[u8], charset: Option<&str>) -> Result<Box<dyn Rows>, MapError> {
        let charset = match charset {
            None => None,
            Some(label) => Some(Encoding::for_label(label.as_bytes()).ok_or_else(|| {
                MapError::invalid(Code::PayloadUnknown, "$", "the name of an encoding")
            })?),
        };
        let header = line(header);
        let names = decode(header, charset);
        let mut known: Vec<(usize, Column)> = Vec::new();
        for (place, name) in names.split('\t').enumerate() {
            let column = Column::find(name);
            known.extend(column.map(|column| (place, column)));
        }
        let key = known.iter().find(|(_, column)| *column == Column::OrderId);
        let Some((key, _)) = key.copied() else {
            let expected = "the header of an all-orders report, with a column amazon-order-id";
            return Err(MapError::invalid(Code::PayloadUnknown, "$", expected));
        };
        let mut start = b"{\"columns\":".to_vec();
        json::list(&mut start, &known, |out, (_, column)| {
            json::string(out, column.name());
        });
        start.extend_from_slice(b",\"rows\":[");
        Ok(Box::new(Table {
            start,
            wanted: known.into_iter().map(|(place, _)| place).collect(),
            key,
            charset,
        }))
    }
}

/// A report whose header was read.
struct Table {
    /// The payload up to its first row.
    start: Vec<u8>,
    /// The places of the columns that are read, from left to right.
    wanted: Vec<usize>,
    /// The place of the order's id.
    key: usize,
    charset: Option<&'static Encoding>,
}

impl Rows for Table {
    fn key<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        let mut cells = row.split(|byte| *byte == b'\t');
        line(cells.nth(self.key).unwrap_or_default()).trim_ascii()
    }

    fn payload(&self, rows: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&self.start);
        let mut is_first = true;
        for row in rows.split(|byte| *byte == b'\n') {
            let row = line(row);
            if row.is_empty() {
                continue;
            }
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            self.row(&decode(row, self.charset), out);
        }
        out.extend_from_slice(b"]}");
    }
}

impl Table {
    /// Writes the cells that are read. Quotes are a part of the text: the report has no quoting.
    fn row(&self, row: &str, out: &mut Vec<u8>) {
        out.push(b'[');
        let bytes = row.as_bytes();
        let mut wanted = self.wanted.iter().copied().peekable();
        let ends = memchr::memchr_iter(b'\t', bytes).chain([bytes.len()]);
        let mut start = 0;
        for (place, end) in ends.enumerate() {
            if wanted.next_if_eq(&place).is_some() {
                if !out.ends_with(b"[") {
                    out.push(b',');
                }
                json::string(out, row.get(start..end).unwrap_or_default());
            }
            start = end + 1;
        }
        out.push(b']');
    }
}

/// A line without its end.
fn line(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The text of a line. What is UTF-8 is UTF-8, whatever came with it: some reports are labelled
/// wrongly, and text in the other encodings is practically never valid UTF-8 by chance.
fn decode<'a>(line: &'a [u8], charset: Option<&'static Encoding>) -> Cow<'a, str> {
    if let Ok(text) = std::str::from_utf8(line) {
        return Cow::Borrowed(text);
    }
    let encoding = charset
        .filter(|it| *it != encoding_rs::UTF_8)
        .unwrap_or_else(|| guess(line));
    encoding.decode_without_bom_handling(line).0
}

/// Amazon writes Japanese reports in `Shift_JIS` and the others, if not in UTF-8, in windows-1252,
/// which holds ISO-8859-1. The text itself does not tell them apart, but the marketplace does.
fn guess(line: &[u8]) -> &'static Encoding {
    let is_japanese = [&b"Amazon.co.jp"[..], b"Non-Amazon JP", b"\tJPY\t"]
        .iter()
        .any(|mark| memchr::memmem::find(line, mark).is_some());
    if is_japanese { SHIFT_JIS } else { WINDOWS_1252 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(header: &str, rows: &[u8]) -> String {
        let table = AllOrders.open(header.as_bytes(), None).unwrap();
        let mut out = Vec::new();
        table.payload(rows, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keeps_the_cells_that_are_read() {
        let header = "amazon-order-id\turl\tproduct-name\tquantity\r\n";
        let rows = b"1\tx\t6\" \"mug\"\t2\r\n1\tx\ttray\n";
        assert_eq!(
            payload(header, rows),
            r#"{"columns":["amazon-order-id","product-name","quantity"],"rows":[["1","6\" \"mug\"","2"],["1","tray"]]}"#
        );
        // A first cell that is empty.
        assert!(payload("sku\tamazon-order-id", b"\t1").contains(r#"[["","1"]]"#));
    }

    #[test]
    fn finds_the_id_wherever_its_column_is() {
        let table = AllOrders.open(b"sku\tAmazon-Order-Id\n", None).unwrap();
        assert_eq!(table.key(b"A\t111-1\r\n"), b"111-1");
        assert_eq!(table.key(b"A\n"), b"");
        let error = AllOrders.open(b"sku\tasin", None).err().unwrap();
        assert_eq!(error.code(), Code::PayloadUnknown);
        assert!(AllOrders.open(b"amazon-order-id", Some("klingon")).is_err());
    }

    #[test]
    fn reads_the_encodings_that_amazon_writes() {
        let header = "amazon-order-id\tsales-channel\tship-city\n";
        for (row, city) in [
            (&b"1\tAmazon.de\tK\xc3\xb6ln"[..], "Köln"),
            (b"1\tAmazon.de\tK\xf6ln", "Köln"),
            (b"1\tAmazon.de\t\x80", "€"),
            (b"1\tAmazon.co.jp\t\x93\x8c\x8b\x9e", "東京"),
        ] {
            assert!(payload(header, row).contains(city), "{city}");
        }
        let table = AllOrders
            .open(header.as_bytes(), Some("Shift_JIS"))
            .unwrap();
        let mut out = Vec::new();
        table.payload(b"1\tother\t\x93\x8c\x8b\x9e", &mut out);
        assert!(String::from_utf8(out).unwrap().contains("東京"));
    }
}
