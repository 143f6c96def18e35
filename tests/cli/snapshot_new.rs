//! `orderbridge snapshot new`, and `orderbridge diff` over files.

use std::fs;

use orderbridge_cli::Exit;

use crate::snapshot::{AFTER, Repository};
use crate::support::{Ran, run};

impl Repository {
    /// Puts payloads in place that are read from stdin.
    fn piped(&self, stdin: &str, more: &[&str]) -> Ran {
        let args = ["snapshot", "new", "-", "--dir", self.path()];
        run(&[&args[..], more].concat(), stdin).replace(self.path(), "DIR")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }
}

#[test]
fn a_payload_is_put_in_place_without_its_people() {
    let repository = Repository::empty();
    let dir = ["--dir", repository.path()];
    let new = |more: &[&str]| {
        let file = crate::fixture("web-order");
        let args = ["snapshot", "new", file.as_str()];
        run(&[&args[..], &dir, more].concat(), "").replace(repository.path(), "DIR")
    };
    new(&[]).check("snapshot-new");
    let text = repository.read("payloads/us-store/web-order.json");
    for person in ["jane", "Jane", "2025550142", "62701"] {
        assert!(!text.contains(person), "{person}: {text}");
    }
    assert!(text.contains("5551234567890"), "{text}");
    assert!(new(&[]).stderr.contains("; 1 there already"));
    new(&["--keep-personal-data"]).check("snapshot-new-keep");
    let kept = repository.read("payloads/us-store/web-order-2.json");
    assert!(kept.contains("jane.example@example.com"), "{kept}");
    assert_eq!(repository.run("accept", &[]).exit, Exit::Done);
}

#[test]
fn each_payload_of_a_stream_has_a_file_named_after_its_order() {
    let repository = Repository::empty();
    let order = crate::line("web-order");
    let cancelled = format!("{{\"topic\": \"orders/cancelled\", \"payload\": {order}}}");
    let sent = "{\"topic\": \"orders/create\", \"received_at\": \"2026-11-02T10:15:30Z\", ";
    let sent = format!("{sent}\"payload\": {}}}", crate::line("pos-with-customer"));
    let stream = [&order, &cancelled, &sent, "{\"id\": "]
        .map(String::from)
        .join("\n");
    repository.piped(&stream, &[]).check("snapshot-new-stream");
    let envelope = repository.read("payloads/us-store/orders-cancelled-5551234567890.json");
    assert!(
        envelope.starts_with("{\n  \"topic\": \"orders/cancelled\",\n"),
        "{envelope}"
    );
    let sent = repository.read("payloads/us-store/orders-create-5964745746405.json");
    assert!(
        sent.contains("\"received_at\": \"2026-11-02T10:15:30Z\""),
        "{sent}"
    );
}

#[test]
fn the_orders_of_a_report_become_payloads() {
    let repository = Repository::empty();
    let file = "adapters/amazon/fixtures/all-orders.tsv";
    let dir = ["--dir", repository.path()];
    let args = ["snapshot", "new", file, "--source", "amazon"];
    let ran = run(&[&args[..], &dir].concat(), "");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    assert!(ran.stdout.lines().count() > 2, "{}", ran.stdout);
    assert!(!ran.stderr.contains("something else"), "{}", ran.stderr);
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        !repository.read(first).contains("Köln"),
        "{}",
        repository.read(first)
    );
}

/// A rule that looks at people can't be tested without them, and that is said.
#[test]
fn a_payload_that_becomes_something_else_is_told() {
    let repository = Repository::empty();
    let order = crate::line("web-order").replace("WELCOME4", "jane.example@example.com");
    let ran = repository.piped(&order, &[]);
    let said = "without its people it becomes something else: payloads/us-store/";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn what_new_can_not_do_is_told() {
    let repository = Repository::empty();
    run(&["snapshot", "new"], "").check("snapshot-new-nothing");
    repository.piped("", &[]).check("snapshot-new-empty");
    repository
        .piped("{}", &["--source", "us-stor"])
        .check("snapshot-new-unknown-source");
    run(&["snapshot", "new", "-"], "{}").check("snapshot-new-without-source");
    let dir = repository.path();
    let args = ["snapshot", "new", "--from-store", "--dir", dir];
    run(&args, "")
        .replace(dir, "DIR")
        .check("snapshot-new-no-store");
}

#[test]
fn two_configurations_are_compared_over_files_and_folders() {
    let repository = Repository::approved();
    repository.write("new.toml", AFTER);
    let (config, against) = (
        repository.file("orderbridge.toml"),
        repository.file("new.toml"),
    );
    let diff = ["diff", "--config", &config, "--against", &against];
    let folder = run(&[&diff[..], &[repository.path()]].concat(), "");
    folder
        .replace(repository.path(), "DIR")
        .check("diff-folder");
    let file = crate::fixture("web-order");
    let ran = run(&[&diff[..], &[&file, "--exit-code"]].concat(), "");
    assert_eq!(ran.exit, Exit::Differs);
    assert!(ran.stdout.contains("    5551234567890\n"), "{}", ran.stdout);
    let till = crate::fixture("pos-with-customer");
    let ran = run(&[&diff[..], &[&till, "--exit-code"]].concat(), "");
    assert_eq!((ran.exit, ran.stdout.as_str()), (Exit::Done, ""));
    // What was approved, against another configuration.
    let approved = ["diff", "--config", &against, "--against", repository.path()];
    let ran = run(&approved, "");
    assert!(
        ran.stdout.starts_with("us-store  web  2 of 2 orders\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stderr, "2 of 3 orders would change\n");
}

#[test]
fn what_can_not_be_compared_is_told() {
    run(&["diff"], "").check("diff-without-against");
    run(&["diff", "--against", "adapters"], "").check("diff-against-a-folder");
    run(&["diff", "--against", "no-such.toml"], "").check("diff-against-nothing");
    let repository = Repository::approved();
    let config = repository.file("orderbridge.toml");
    let diff = ["diff", "--config", &config, "--against", &config];
    let ran = run(&diff, "").replace(repository.path(), "DIR");
    ran.check("diff-no-store");
    let ran = run(&[&diff[..], &["no-such.json"]].concat(), "");
    ran.replace(repository.path(), "DIR").check("diff-no-file");
}
