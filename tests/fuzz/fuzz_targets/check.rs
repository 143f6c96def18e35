//! Any bytes as an event body: the checker and the reader never panic, and agree on what is JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orderbridge_event::tree::Tree;
use orderbridge_event::{Event, check};

fuzz_target!(|body: &[u8]| {
    let report = check::check(body);
    assert_eq!(report, check::check(body), "checking twice differs");
    for finding in &report.findings {
        assert!(
            !finding.path.is_empty(),
            "a finding without a path: {finding}"
        );
    }
    if report.is_sendable() {
        assert!(matches!(Tree::parse(body), Some(Tree::Object(_))));
        assert!(report.event_name.is_some() && report.event_id.is_some());
    }
    // The reader is stricter than the checker: what it takes, it gives back.
    match Event::from_json(body) {
        Err(error) => assert!(!error.path().is_empty(), "an error without a path"),
        Ok(event) => {
            let written = event.to_json();
            let again = Event::from_json(&written).expect("what is written can be read");
            assert_eq!(again.to_json(), written, "writing twice differs");
        }
    }
});
