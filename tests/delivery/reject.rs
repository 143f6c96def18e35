//! The check before sending, and the rejects file.

use std::fs;

use orderbridge_cli::Exit;

use crate::{Bench, event, events, settled, sorted};

/// Bodies that Converge would refuse, each for its own reason.
fn invalid() -> String {
    let good = event(7);
    [
        "no JSON".to_owned(),
        "[]".to_owned(),
        good.replace("\"event_id\":", "\"eventID\":"),
        good.replace("\"aliases\":[", "\"aliases\":\"\",\"x\":["),
        good.replace("\"web\"", "\"Web\""),
        good.replace("-05:00\"", "\""),
    ]
    .map(|line| line + "\n")
    .concat()
}

#[test]
fn what_fails_the_check_is_not_sent() {
    let mut server = mockito::Server::new();
    let mock = server.mock("POST", "/").expect(1).create();
    let bench = Bench::hasty(&server.url());
    let ran = bench.send(&format!("{}{}", invalid(), event(1)), &[]);
    mock.assert();
    assert_eq!(bench.rejects(), sorted(&invalid()));
    settled(ran, &server.url()).check("send-invalid");
}

#[test]
fn without_the_check_all_of_it_is_sent() {
    let mut server = mockito::Server::new();
    let mock = server.mock("POST", "/").expect(6).create();
    let bench = Bench::hasty(&server.url());
    let ran = bench.send(&invalid(), &["--no-check"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    mock.assert();
}

#[test]
fn a_wrong_file_does_not_fill_the_screen() {
    let bench = Bench::hasty("http://127.0.0.1:1");
    let ran = bench.send(&"no event\n".repeat(500), &[]);
    assert_eq!(ran.exit, Exit::Some);
    assert_eq!(ran.stderr.lines().count(), 23, "{}", ran.stderr);
    assert_eq!(bench.rejects().len(), 500);
    let ran = bench.send(&"no event\n".repeat(500), &["-v"]);
    assert!(ran.stderr.contains("-:500: invalid"), "{}", ran.stderr);
}

#[test]
fn the_other_form_of_map_is_recognised() {
    let order = "adapters/shopify/fixtures/pos-with-customer.json";
    let outcomes = crate::run(&["map", "shopify", order, order], "").stdout;
    let url = "http://127.0.0.1:1";
    let ran = Bench::hasty(url).send(&outcomes, &[]);
    settled(ran, url).check("send-outcomes");
}

#[test]
fn nothing_to_send_is_all_done() {
    let url = "http://127.0.0.1:1";
    let bench = Bench::hasty(url);
    let ran = bench.send("\n\n", &[]);
    assert!(bench.rejects().is_empty());
    settled(ran, url).check("send-nothing");
}

#[test]
fn the_rejects_file_is_not_one_that_is_sent() {
    let bench = Bench::hasty("http://127.0.0.1:1");
    let path = bench.path("rejects.ndjson");
    bench.write("rejects.ndjson", &events(3));
    let ran = bench.send("", &[&path]);
    assert_eq!(ran.exit, Exit::Usage, "{}", ran.stderr);
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        events(3),
        "it is untouched"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_place_for_rejects() {
    let bench = Bench::hasty("http://127.0.0.1:1");
    let config = bench.path("orderbridge.toml");
    let args = [
        "send",
        "--to",
        "test",
        "--config",
        &config,
        "--rejects",
        "/dev/full",
    ];
    let ran = crate::run(&args, "no event\n");
    assert_eq!(ran.exit, Exit::Unexpected);
    assert!(
        ran.stderr
            .contains("error: the rejects file can't be written"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("is in /dev/full"), "{}", ran.stderr);
    let allowed = crate::run(&[&args[..], &["--allow-rejects"]].concat(), "no event\n");
    assert_eq!(allowed.exit, Exit::Unexpected);
}
