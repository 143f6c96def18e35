//! From the rows of a report, as they were downloaded, to payloads.

use std::borrow::Cow;

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};
use orderbridge_event::{Code, Context, MapError, Mapped, Report, Rows, json};

use super::Reading;
use super::column::{Cells, Column, Columns};
use crate::model::Order;
use crate::order;

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
        let columns = Columns::find(names.split('\t'));
        let Some(key) = columns.place(Column::OrderId) else {
            let expected = "the header of an all-orders report, with a column amazon-order-id";
            return Err(MapError::invalid(Code::PayloadUnknown, "$", expected));
        };
        Ok(Box::new(Table {
            columns,
            key,
            charset,
        }))
    }
}

/// A report whose header was read.
struct Table {
    columns: Columns,
    /// The place of the order's id.
    key: usize,
    charset: Option<&'static Encoding>,
}

impl Rows for Table {
    fn key<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        let mut cells = row.split(|byte| *byte == b'\t');
        line(cells.nth(self.key).unwrap_or_default()).trim_ascii()
    }

    fn map(&self, rows: &[u8], context: &Context) -> Result<Mapped, MapError> {
        order::map(self.read(rows)?, context)
    }

    fn parse(&self, rows: &[u8]) -> Result<(), MapError> {
        self.read(rows).map(|_| ())
    }

    fn payload(&self, rows: &[u8], out: &mut Vec<u8>) {
        let mut body = json::Object::open(out);
        body.list("columns", self.columns.iter(), |out, column| {
            json::string(out, column.name());
        });
        body.list("rows", lines(rows), |out, row| {
            let text = decode(row, self.charset);
            let cells = self.cells(&text);
            // Empty cells at the end go, as in reports themselves.
            let numbered = self.columns.iter().enumerate();
            let filled = numbered.filter(|(_, column)| !cells.of(*column).is_empty());
            let filled = filled.last().map_or(0, |(place, _)| place + 1);
            json::list(out, self.columns.iter().take(filled), |out, column| {
                json::string(out, cells.of(column));
            });
        });
        body.close();
    }
}

impl Table {
    fn read(&self, rows: &[u8]) -> Result<Order, MapError> {
        let mut reading = Reading::default();
        for row in lines(rows) {
            let text = decode(row, self.charset);
            reading.add(&self.cells(&text))?;
        }
        reading.order()
    }

    /// Quotes are a part of the text: the report has no quoting.
    fn cells<'a>(&self, row: &'a str) -> Cells<'a> {
        self.columns.cells_of_row(row)
    }
}

/// The lines that are not empty.
fn lines(rows: &[u8]) -> impl Iterator<Item = &[u8]> {
    rows.split(|byte| *byte == b'\n')
        .map(line)
        .filter(|row| !row.is_empty())
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
