//! The forms in which payloads come.

use std::fs;

use orderbridge_cli::Exit;
use serde_json::Value;

use crate::support::{Ran, run};
use crate::{fixture, json_lines, line};

fn map(text: &(impl AsRef<[u8]> + ?Sized)) -> Ran {
    run(&["map", "shopify"], text)
}

/// Line, index and outcome of each payload.
fn outline(ran: &Ran) -> Vec<(u64, Option<u64>, String)> {
    json_lines(&ran.stdout)
        .iter()
        .map(|outcome| {
            let input = &outcome["input"];
            (
                input["line"].as_u64().unwrap(),
                input.get("index").and_then(Value::as_u64),
                outcome["outcome"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

fn row(line: u64, index: impl Into<Option<u64>>, outcome: &str) -> (u64, Option<u64>, String) {
    (line, index.into(), outcome.to_owned())
}

#[test]
fn an_envelope_and_the_wrappers_of_an_api() {
    let (web, test) = (line("web-order"), line("test-order"));
    let bare = json_lines(&map(&web).stdout)[0]["events"].clone();
    let lines = format!(
        "{{\"topic\":\"orders/create\",\"payload\":{web}}}\n{{\"order\":{web}}}\n\
         {{\"orders\":[{web},{test}]}}\n[{test},{web}]\n"
    );
    let ran = map(&lines);
    assert_eq!(
        outline(&ran),
        [
            row(1, None, "events"),
            row(2, 0, "events"),
            row(3, 0, "events"),
            row(3, 1, "ignored"),
            row(4, 0, "ignored"),
            row(4, 1, "events"),
        ]
    );
    for outcome in json_lines(&ran.stdout) {
        if outcome["outcome"] == "events" {
            assert_eq!(outcome["events"], bare);
        }
    }
    assert_eq!(ran.exit, Exit::Done);
}

#[test]
fn one_document_or_a_list_over_several_lines() {
    let pretty = fs::read_to_string(fixture("web-order")).unwrap();
    assert!(pretty.lines().count() > 10);
    assert_eq!(outline(&map(&pretty)), [row(1, None, "events")]);
    let ran = map(&format!("[\n{pretty},\n{pretty}\n]\n"));
    let second = u64::try_from(pretty.matches('\n').count()).unwrap();
    assert_eq!(
        outline(&ran),
        [row(2, 0, "events"), row(2 + second + 1, 1, "events")]
    );
    let ran = map(&format!("{{\"orders\": [\n{pretty},\n{pretty}\n]}}"));
    assert_eq!(outline(&ran), [row(1, 0, "events"), row(1, 1, "events")]);
}

#[test]
fn marks_line_ends_and_blank_lines_are_no_payloads() {
    let web = line("web-order");
    let ran = map(&format!("\u{feff}{web}\r\n\r\n  \t\r\n{web}\n\n{web}"));
    let rows = [1, 4, 6].map(|line| row(line, None, "events"));
    assert_eq!(outline(&ran), rows);
    assert_eq!(ran.exit, Exit::Done);
}

#[test]
fn a_broken_line_fails_alone() {
    let web = line("web-order");
    let cut = &web[..web.len() / 2];
    let ran = map(&format!("{web}\n{cut}\nno JSON\n{web}\n"));
    let rows = [
        row(1, None, "events"),
        row(2, None, "error"),
        row(3, None, "error"),
        row(4, None, "events"),
    ];
    assert_eq!(outline(&ran), rows);
    assert_eq!(ran.exit, Exit::Some);
    // As `tail` cuts it: the first line lacks its start or its end.
    for first in [cut, &web[web.len() / 2..]] {
        let ran = map(&format!("{first}\n{web}\n"));
        let rows = [row(1, None, "error"), row(2, None, "events")];
        assert_eq!(outline(&ran), rows, "{first}");
        assert_eq!(ran.exit, Exit::Some);
    }
}

#[test]
fn bytes_that_are_no_text_fail_as_any_other() {
    let web = line("web-order");
    let mut text = b"\xff\xfe\0\n{\"id\": \"\0\"}\n".to_vec();
    text.extend_from_slice(web.as_bytes());
    let ran = map(&text);
    let rows = [
        row(1, None, "error"),
        row(2, None, "error"),
        row(3, None, "events"),
    ];
    assert_eq!(outline(&ran), rows);
}

#[test]
fn nothing_comes_of_nothing() {
    map("").check("map-nothing");
    for text in ["\n\n", "\u{feff}", "\u{feff}\r\n", "[]", "[\n]\n"] {
        let ran = map(text);
        assert_eq!(
            (ran.exit, ran.stdout.as_str()),
            (Exit::Done, ""),
            "{text:?}"
        );
    }
}

#[test]
fn a_line_of_ten_megabytes() {
    let web = line("web-order");
    let long = "x".repeat(10 << 20);
    let body = web.replacen('{', &format!("{{\"note\":\"{long}\","), 1);
    let ran = map(&format!("{web}\n{body}\n{web}\n"));
    let rows = [1, 2, 3].map(|line| row(line, None, "events"));
    assert_eq!(outline(&ran), rows);
    assert!(ran.stdout.len() < 100_000);
}
