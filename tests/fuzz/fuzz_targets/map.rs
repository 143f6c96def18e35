//! Any bytes as a payload of any adapter: no panic, one answer, and only events that can be sent.
//!
//! The first byte chooses the adapter, the second one of its topics that may make events (the
//! others do not look at the body), the third the options; the rest is the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orderbridge_event::{
    Context, Event, Mapped, Options, OrderIdentity, Payload, Refunds, TaxInclusivePrices,
    Timestamp, check,
};

fn choose(bits: u8) -> Options {
    let mut options = Options::default();
    if bits & 1 != 0 {
        options.refunds = Refunds::All;
    }
    if bits & 2 != 0 {
        options.tax_inclusive_prices = TaxInclusivePrices::AsCharged;
    }
    if bits & 4 != 0 {
        options.event_id = OrderIdentity::Name;
    }
    options
}

fuzz_target!(|data: &[u8]| {
    let [adapter, topic, options, body @ ..] = data else {
        return;
    };
    let sources = orderbridge_registry::ALL;
    let adapter = sources[usize::from(*adapter) % sources.len()].adapter;
    let topics = adapter.profile().topics.iter();
    let topics: Vec<_> = topics.filter(|topic| !topic.events.is_empty()).collect();
    let topic = topics[usize::from(*topic) % topics.len()].name;
    let payload = Payload { topic, body };
    let context = Context {
        options: choose(*options),
        received_at: Timestamp::parse("2026-11-02T10:15:30Z"),
        ..Context::default()
    };

    let _ = adapter.split(payload);
    let outcome = adapter.map(payload, &context);
    assert_eq!(
        outcome,
        adapter.map(payload, &context),
        "mapping twice differs"
    );
    match outcome {
        Err(error) => assert!(!error.path().is_empty(), "an error without a path"),
        Ok(Mapped::Ignored(ignored)) => assert!(!ignored.message.is_empty()),
        Ok(Mapped::Events(events)) => {
            for event in events.iter() {
                let sent = event.to_json();
                let report = check::check(&sent);
                assert!(report.is_sendable(), "{:?}", report.findings);
                let read = Event::from_json(&sent).expect("a body that is sent can be read back");
                assert_eq!(read.to_json(), sent, "reading back changes the body");
            }
            // The document's last byte is one that it cannot do without.
            let cut = body.trim_ascii_end();
            let body = &cut[..cut.len() - 1];
            let outcome = adapter.map(Payload { topic, body }, &context);
            assert!(
                !matches!(outcome, Ok(Mapped::Events(_))),
                "events of half a document"
            );
        }
    }
});
