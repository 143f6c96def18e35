//! Reports of orders: `map amazon --format tsv`.

use std::fs;

use orderbridge_cli::Exit;
use serde_json::Value;

use crate::json_lines;
use crate::support::{Ran, run};

const REPORT: &str = "adapters/amazon/fixtures/all-orders.tsv";
const ROW: &str =
    "111-1\t2026-03-02T09:15:00+00:00\tShipped\tAmazon.com\tMug\tMUG-1\t1\tUSD\t20.00\n";
const HEADER: &str = "amazon-order-id\tpurchase-date\torder-status\tsales-channel\tproduct-name\t\
                      sku\tquantity\tcurrency\titem-price\tship-city\n";

fn map(text: &(impl AsRef<[u8]> + ?Sized)) -> Ran {
    run(&["map", "amazon", "--format", "tsv"], text)
}

#[test]
fn each_order_is_a_line_with_the_line_of_its_first_row() {
    let ran = run(&["map", "amazon", "--format", "tsv", REPORT], "");
    assert_eq!(ran.exit, Exit::Some);
    ran.check("map-report");
}

#[test]
fn a_pipe_and_any_number_of_threads_give_the_same() {
    let from_file = run(&["map", "amazon", "--format", "tsv", REPORT], "");
    let text = fs::read(REPORT).unwrap();
    let piped = map(&text).replace(
        "{\"file\":\"-\"",
        "{\"file\":\"adapters/amazon/fixtures/all-orders.tsv\"",
    );
    assert_eq!(piped.stdout, from_file.stdout);
    // Many orders, each in two places.
    let mut long = HEADER.to_owned();
    for part in ["MUG-1", "TRAY-1"] {
        for order in 0..4_000 {
            let row = ROW.replace("111-1", &format!("111-{order}"));
            long.push_str(&row.replace("MUG-1", part));
        }
    }
    let one = run(&["map", "amazon", "--format", "tsv", "--jobs", "1"], &long);
    let two = run(&["map", "amazon", "--format", "tsv", "--jobs", "2"], &long);
    assert!(one.stdout == two.stdout, "two threads print something else");
    let lines = json_lines(&one.stdout);
    assert_eq!(lines.len(), 4_000);
    for (order, line) in lines.iter().enumerate() {
        let event = &line["events"][0];
        assert_eq!(event["event_id"], format!("111-{order}"));
        assert_eq!(line["input"]["line"], order + 2);
        assert_eq!(event["properties"]["total_price"], 40);
        assert_eq!(event["properties"]["items"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn all_encodings_that_amazon_writes() {
    let city = |row: &[u8]| {
        let ran = map(&[HEADER.as_bytes(), row].concat());
        json_lines(&ran.stdout)[0]["events"][0]["properties"]["$city"].clone()
    };
    let row = |channel: &str, city: &[u8]| {
        let row = ROW.trim_end().replace("Amazon.com", channel);
        [row.as_bytes(), b"\t", city].concat()
    };
    assert_eq!(city(&row("Amazon.de", "Köln".as_bytes())), "Köln");
    assert_eq!(city(&row("Amazon.de", b"K\xf6ln")), "Köln");
    let tokyo = row("Amazon.co.jp", b"\x93\x8c\x8b\x9e");
    assert_eq!(city(&tokyo), "東京");
    let ran = map(&[b"\xef\xbb\xbf", HEADER.as_bytes(), ROW.as_bytes()].concat());
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stdout);
}

#[test]
fn what_is_no_report_fails_and_an_empty_one_is_nothing() {
    map("sku\tasin\nMUG-1\tB000000001\n").check("map-report-without-orders");
    map("{\"orderId\": \"1\"}\n").check("map-report-that-is-json");
    for empty in ["", "\n", HEADER] {
        let ran = map(empty);
        assert_eq!(
            (ran.exit, ran.stdout.as_str()),
            (Exit::Done, ""),
            "{empty:?}"
        );
    }
}

#[test]
fn only_the_bodies_of_a_report() {
    let whole = run(&["map", "amazon", "--format", "tsv", REPORT], "");
    let bodies = run(
        &["map", "amazon", "--format", "tsv", REPORT, "--events-only"],
        "",
    );
    let expected: Vec<Value> = json_lines(&whole.stdout)
        .iter()
        .filter_map(|line| line["events"].get(0).cloned())
        .collect();
    assert_eq!(json_lines(&bodies.stdout), expected);
    assert!(
        bodies
            .stderr
            .starts_with(&format!("{REPORT}:10: amount.invalid")),
        "{}",
        bodies.stderr
    );
}

#[test]
fn each_order_of_a_report_is_explained() {
    let ran = run(&["explain", "amazon", "--format", "tsv", REPORT], "");
    assert_eq!(ran.exit, Exit::Some);
    ran.check("explain-report");
    let json = run(&["explain", "shopify", "--format", "tsv"], "");
    assert_eq!(json.exit, Exit::Usage);
    assert!(
        json.stderr.contains("no reports of shopify"),
        "{}",
        json.stderr
    );
}
