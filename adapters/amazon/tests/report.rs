//! The rows of an order come to the same, mapped as they are and as the payload that is stored.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_amazon::{AMAZON, Amazon};
use orderbridge_event::{Adapter, Context, Payload};

const REPORT: &[u8] = include_bytes!("../fixtures/all-orders.tsv");

/// Maps all rows of a report as those of one order, in both ways; whether that could be done.
fn both(report: &[u8]) -> bool {
    let platform = AMAZON.report.unwrap();
    let end = report.iter().position(|byte| *byte == b'\n');
    let (header, rows) = report.split_at(end.map_or(report.len(), |end| end + 1));
    let Ok(reader) = platform.open(header, None) else {
        return false;
    };
    let mut body = Vec::new();
    reader.payload(rows, &mut body);
    let topic = platform.topic();
    let context = Context::default();
    let stored = Amazon.map(Payload { topic, body: &body }, &context);
    let direct = reader.map(rows, &context);
    assert_eq!(direct, stored, "{}", String::from_utf8_lossy(rows));
    true
}

fn lines(report: &[u8]) -> impl Iterator<Item = &[u8]> {
    report.split_inclusive(|byte| *byte == b'\n')
}

#[test]
fn each_row_by_itself_and_all_of_them() {
    let header = lines(REPORT).next().unwrap();
    for row in lines(REPORT).skip(1) {
        assert!(both(&[header, row].concat()));
        // An order of two rows.
        assert!(both(&[header, row, row].concat()));
    }
    assert!(both(REPORT), "rows of several orders are refused alike");
}

#[test]
fn every_truncation() {
    let found = (0..REPORT.len()).filter(|end| both(&REPORT[..*end]));
    assert!(found.count() > REPORT.len() / 2);
}

#[test]
fn what_a_spreadsheet_or_an_encoding_makes_of_it() {
    let header = "Amazon-Order-ID \tpurchase-date\torder-status\tsales-channel\tquantity\tcurrency\
                  \titem-price\tship-city\tship-city\tpromotion-ids\n";
    for row in [
        "111-1\t2026-03-02T09:15:00+00:00\tShipped\tAmazon.com\t1\tUSD\t20.00\tAustin\tother\ta, ,b",
        " 111-1 \t2026-03-02T09:15:00+00:00\tShipped\tAmazon.com\t 1 \tUSD\t 20.00 \t \"x\" \t\\\t",
        "111-1\t2026-03-02T09:15:00+00:00\tShipped\tAmazon.com\t1.5\tUSD\t20.00",
        "111-1\t2026-03-02T09:15:00+00:00\tShipped\tAmazon.com\t1\tUSD\t20,00",
        "111-1\t2026-03-02T09:15:00+00:00\tShipped\tAmazon.com\t1\tdollars\t20",
        "111-1\tyesterday\tShipped\tAmazon.com\t1\tUSD\t20",
        "\t\t\t",
        "111-1",
    ] {
        assert!(both(&[header.as_bytes(), row.as_bytes()].concat()), "{row}");
    }
    for bytes in [&b"K\xf6ln"[..], b"\x93\x8c\x8b\x9e", b"\xff\x00\x01"] {
        let row = b"111-1\t2026-03-02T09:15:00+00:00\tShipped\tAmazon.co.jp\t1\tJPY\t2000\t";
        assert!(both(&[header.as_bytes(), row, bytes].concat()));
    }
}
