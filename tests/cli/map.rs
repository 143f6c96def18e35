//! What `map` prints, and that it prints the same whatever way it is asked.

use std::fmt::Write as _;

use orderbridge_cli::Exit;
use serde_json::Value;

use crate::support::run;
use crate::{fixture, json_lines, line};

#[test]
fn one_payload_with_each_outcome() {
    run(&["map", "shopify", &fixture("web-order")], "").check("map-events");
    run(&["map", "shopify", &fixture("test-order")], "").check("map-ignored");
    run(&["map", "shopify", &fixture("bad-price-text")], "").check("map-error");
    run(&["map", "shopify"], &line("tip")).check("map-stdin");
}

#[test]
fn several_files_and_stdin_in_their_order() {
    let (first, last) = (fixture("pos-with-customer"), fixture("test-order"));
    let ran = run(&["map", "shopify", &first, "-", &last], &line("web-order"));
    let files: Vec<Value> = json_lines(&ran.stdout)
        .iter()
        .map(|line| line["input"]["file"].clone())
        .collect();
    assert_eq!(files, [first.as_str(), "-", last.as_str()]);
}

#[test]
fn the_topic_decides() {
    let body = line("rest-refund");
    let topic = ["map", "shopify", "--topic"];
    let refund = run(&[&topic[..], &["refunds/create"]].concat(), &body);
    refund.check("map-topic");
    run(&[&topic[..], &["carts/update"]].concat(), &body).check("map-topic-without-events");
    // The envelope's own topic goes before the flag.
    let envelope = format!("{{\"topic\":\"refunds/create\",\"payload\":{body}}}");
    let ran = run(&[&topic[..], &["orders/create"]].concat(), &envelope);
    assert_eq!(ran.stdout, refund.stdout);
}

#[test]
fn quiet_says_nothing_and_verbose_changes_no_result() {
    let file = fixture("web-order");
    let plain = run(&["map", "shopify", &file], "");
    let quiet = run(&["map", "shopify", &file, "-q"], "");
    assert_eq!((quiet.exit, quiet.stderr.as_str()), (Exit::Done, ""));
    assert_eq!(quiet.stdout, plain.stdout);
    let verbose = run(&["map", "shopify", &file, "-v"], "");
    assert_eq!(
        (verbose.stdout, verbose.stderr),
        (plain.stdout, plain.stderr)
    );
    // Also quiet tells what was failed by the exit code.
    let failed = run(&["-q", "map", "shopify", &fixture("bad-price-text")], "");
    assert_eq!((failed.exit, failed.stderr.as_str()), (Exit::Some, ""));
}

/// Lines of all kinds, over and over, some of them broken.
fn mixed(count: usize) -> String {
    let kinds = [
        line("web-order"),
        line("pos-with-customer"),
        line("test-order"),
        line("subscription-first-order"),
        line("bad-price-text"),
        format!("{{\"orders\":[{},{}]}}", line("tip"), line("draft-order")),
        format!("[{},{}]", line("tip"), line("test-order")),
        "{\"id\": 1,".to_owned(),
        String::new(),
    ];
    let mut text = String::new();
    for place in 0..count {
        let kind = &kinds[place * 7 % kinds.len()];
        let _ = writeln!(text, "{kind}");
    }
    text
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let text = mixed(3_000);
    let one = run(&["map", "shopify", "--jobs", "1"], &text);
    assert_eq!(one.exit, Exit::Some);
    assert!(json_lines(&one.stdout).len() > 3_000);
    for jobs in ["2", "8"] {
        let more = run(&["map", "shopify", "--jobs", jobs], &text);
        assert_eq!(more.exit, one.exit);
        assert_eq!(more.stderr, one.stderr, "--jobs {jobs}");
        assert!(
            more.stdout == one.stdout,
            "--jobs {jobs} prints something else"
        );
    }
}

#[test]
fn events_only_prints_the_very_bytes_of_the_other_form() {
    let text = mixed(200);
    let whole = run(&["map", "shopify"], &text);
    let bodies = run(&["map", "shopify", "--events-only"], &text);
    assert_eq!(bodies.exit, Exit::Some);
    // The same counts, after the errors that nothing else would tell.
    assert!(bodies.stderr.ends_with(&whole.stderr));
    let told = bodies
        .stderr
        .lines()
        .take_while(|line| line.starts_with("-:"));
    assert_eq!(told.count(), 10);
    // The events of a line follow each other with a comma and hold nothing in front of them that
    // could be taken for their start.
    let mut expected = String::new();
    for line in whole.stdout.lines() {
        let Some((_, rest)) = line.split_once("\"outcome\":\"events\",\"events\":[") else {
            continue;
        };
        let (events, _) = rest.rsplit_once("],\"channel\":{\"value\":").unwrap();
        expected.push_str(&events.replace("},{\"event_name\":", "}\n{\"event_name\":"));
        expected.push('\n');
    }
    assert!(expected.lines().count() > 100);
    assert!(bodies.stdout == expected);
}

#[test]
fn events_only_counts_the_rest_on_stderr() {
    let text = format!(
        "{}\n{}\n{}\n",
        line("test-order"),
        line("bad-price-text"),
        line("pos-with-customer")
    );
    run(&["map", "shopify", "--events-only"], &text).check("map-events-only");
}

#[test]
fn times_of_messages_that_have_none_can_be_told() {
    let body = line("app-uninstalled");
    let topic = ["--topic", "app/uninstalled"];
    let ran = run(&[&["map", "shopify"][..], &topic].concat(), &body);
    assert_eq!(ran.exit, Exit::Done);
    let contract = line("contract-cancelled");
    let told = ["--topic", "subscription_contracts/cancel", "--received-at"];
    let ran = run(
        &[
            &["map", "shopify"][..],
            &told,
            &["2026-11-02T10:15:30+01:00"],
        ]
        .concat(),
        &contract,
    );
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stdout);
    let outcome = &json_lines(&ran.stdout)[0];
    assert_eq!(
        outcome["events"][0]["timestamp"],
        "2026-11-02T10:15:30+01:00"
    );
    let without = run(
        &["map", "shopify", "--topic", "subscription_contracts/cancel"],
        &contract,
    );
    assert_ne!(without.stdout, ran.stdout);
}
