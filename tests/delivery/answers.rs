//! What follows from each kind of answer.

use std::time::{Duration, Instant};

use mockito::{Mock, Server};
use orderbridge_cli::Exit;

use crate::{Bench, event, events, settled, sorted};

fn answer(server: &mut Server, status: usize, body: &str) -> Mock {
    server.mock("POST", "/").with_status(status).with_body(body)
}

#[test]
fn an_event_is_tried_again_with_the_same_bytes_until_it_is_taken() {
    let mut server = Server::new();
    let body = event(1);
    let mocks = [500, 429, 200].map(|status| {
        answer(&mut server, status, "")
            .match_body(body.as_str())
            .with_header("retry-after", if status == 429 { "1" } else { "" })
            .expect(1)
            .create()
    });
    let started = Instant::now();
    let ran = Bench::hasty(&server.url()).send(&body, &[]);
    assert!(
        started.elapsed() >= Duration::from_secs(1),
        "Retry-After is kept to"
    );
    for mock in mocks {
        mock.assert();
    }
    assert!(ran.stderr.contains("; 2 attempts failed"), "{}", ran.stderr);
    settled(ran, &server.url()).check("send-tried-again");
}

#[test]
fn what_is_refused_is_put_aside_with_the_answer() {
    let mut server = Server::new();
    let lines = events(3);
    let second = lines.lines().nth(1).unwrap().to_owned();
    let answered = format!(
        "{{\"error\":{{\"code\":\"alias.count\",\"message\":\"of {}\"}}}}",
        crate::BUYER
    );
    let bad = answer(&mut server, 400, &answered)
        .match_body(second.as_str())
        .expect(1)
        .create();
    let good = answer(&mut server, 200, "").expect(2).create();
    let bench = Bench::hasty(&server.url());
    let ran = bench.send(&lines, &[]);
    good.assert();
    bad.assert();
    assert_eq!(bench.rejects(), [second.as_str()]);
    settled(ran, &server.url()).check("send-refused");

    server.reset();
    let _bad = answer(&mut server, 400, "")
        .match_body(second.as_str())
        .expect(1)
        .create();
    let _good = answer(&mut server, 200, "").create();
    let ran = bench.send(&lines, &["--allow-rejects"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    assert_eq!(bench.rejects(), [second.as_str()]);
}

#[test]
fn only_who_asks_for_more_sees_what_the_endpoint_wrote() {
    let mut server = Server::new();
    let _mock = answer(&mut server, 422, "no profile of that kind").create();
    let bench = Bench::hasty(&server.url());
    let ran = bench.send(&event(1), &[]);
    assert!(!ran.stderr.contains("profile"), "{}", ran.stderr);
    let ran = bench.send(&event(1), &["-v"]);
    assert!(
        ran.stderr.contains("no profile of that kind"),
        "{}",
        ran.stderr
    );
    let ran = bench.send(&event(1), &["-q"]);
    assert_eq!(ran.exit, Exit::Some);
    // What failed is an error, and errors are told.
    assert_eq!(ran.stderr, "-:1: rejected: answered 422\n");
}

#[test]
fn a_destination_that_refuses_everyone_is_left_alone() {
    for status in [401, 403, 404, 410, 302] {
        let mut server = Server::new();
        let mock = answer(&mut server, status, "")
            .with_header("location", "/elsewhere")
            .expect_at_most(4)
            .create();
        let elsewhere = server.mock("POST", "/elsewhere").expect(0).create();
        let lines = events(50);
        let bench = Bench::hasty(&server.url());
        let ran = bench.send(&lines, &["--concurrency", "4"]);
        mock.assert();
        elsewhere.assert();
        assert_eq!(bench.rejects(), sorted(&lines), "{status}");
        settled(ran, &server.url()).check(&format!("send-paused-{status}"));
    }
}

#[test]
fn many_refusals_in_a_row_are_the_fault_of_the_destination() {
    let mut server = Server::new();
    let mock = answer(&mut server, 400, "").expect(21).create();
    let lines = events(50);
    let bench = Bench::hasty(&server.url());
    let ran = bench.send(&lines, &["--concurrency", "1"]);
    mock.assert();
    assert_eq!(ran.exit, Exit::Unavailable, "{}", ran.stderr);
    assert_eq!(bench.rejects(), sorted(&lines));
}

#[test]
fn a_dead_endpoint_is_given_up_and_nothing_lost() {
    let lines = events(30);
    let url = "http://127.0.0.1:1";
    let bench = Bench::hasty(url);
    let ran = bench.send(&lines, &["--give-up-after", "100ms"]);
    assert_eq!(bench.rejects(), sorted(&lines));
    settled(ran, url).check("send-no-connection");
    // With the standard schedule the first wait alone is longer.
    let bench = Bench::new(url, "");
    let ran = bench.send(&lines, &["--give-up-after", "1s"]);
    assert_eq!(
        (ran.exit, bench.rejects()),
        (Exit::Unavailable, sorted(&lines))
    );
    assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
}

#[test]
fn an_event_is_given_up_at_its_greatest_age() {
    let mut server = Server::new();
    let _mock = answer(&mut server, 500, "").create();
    let retry = "retry = { schedule = [\"10ms\"], max_age = \"30ms\" }";
    let bench = Bench::new(&server.url(), retry);
    let lines = events(2);
    let ran = bench.send(&lines, &["--concurrency", "2"]);
    assert_eq!(ran.exit, Exit::Some, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("-:2: given up: answered 500\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(bench.rejects(), sorted(&lines));
}
