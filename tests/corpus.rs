//! Every law over payloads that shops have really sent, where a folder of them is at hand.
//!
//! `ORDERBRIDGE_CORPUS` names the folder, from the root of the repository. In it there is a file
//! `<adapter>.ndjson` for each platform, each line `{"topic": …, "payload": …}`. They are not in
//! the repository: real payloads are not for publishing.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use orderbridge_event::{Code, Context, Mapped, Opened, Options, Source, TestMode, Timestamp};
use orderbridge_testkit::{Check, Fixture, LAWS};

const VARIABLE: &str = "ORDERBRIDGE_CORPUS";

/// Where a message has no time of its own, it was received then. What is from a test mode is mapped
/// as if it were real, for there are payloads of little else.
const RECEIVED_AT: &str = "2026-11-02T10:15:30Z";

/// Adapters that are to map every order of their corpus.
const WITHOUT_ERRORS: &[&str] = &["amazon", "shopify"];

/// What becomes of the payloads of a topic: events, or codes. A topic is that of the corpus, and
/// those that are not here may become anything but an error.
const OUTCOMES: &[(&str, &str, &[&str])] = &[
    (
        "amazon",
        "GET /orders/2026-01-01/orders",
        &["events", "payload.unknown"],
    ),
    (
        "amazon",
        "GET /orders/2026-01-01/orders/{orderId}",
        &["events", "payload.unknown"],
    ),
    (
        "amazon",
        "GET /orders/v0/orders",
        &["order.without_items", "order.pending", "payload.unknown"],
    ),
    (
        "amazon",
        "GET /orders/v0/orders/{orderId}",
        &["order.without_items"],
    ),
    (
        "amazon",
        "GET /orders/v0/orders/{orderId}/address",
        &["topic.no_event"],
    ),
    (
        "amazon",
        "GET /orders/v0/orders/{orderId}/buyerInfo",
        &["topic.no_event"],
    ),
    (
        "amazon",
        "GET /orders/v0/orders/{orderId}/orderItems",
        &["topic.no_event"],
    ),
    (
        "amazon",
        "GET /orders/v0/orders/{orderId}/orderItems/buyerInfo",
        &["topic.no_event"],
    ),
    ("amazon", "ORDER_CHANGE", &["order.notice"]),
    ("amazon", "TRANSACTION_UPDATE", &["topic.no_event"]),
    ("amazon", "REPORT_PROCESSING_FINISHED", &["topic.no_event"]),
    ("amazon", "FEED_PROCESSING_FINISHED", &["topic.no_event"]),
    (
        "amazon",
        "GET /finances/v0/financialEvents",
        &["refund.no_money"],
    ),
    (
        "amazon",
        "GET /finances/2024-06-19/transactions",
        &["refund.no_money"],
    ),
];

/// Platforms of which no payloads are to be had but on their pages; a file of one's own is taken all the same.
const UNPUBLISHED: &[&str] = &["chargebee", "ordergroove", "skio"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    match std::env::var_os(VARIABLE) {
        Some(folder) => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for source in orderbridge_registry::ALL.iter().copied() {
                trials.extend(of_source(source, &folder));
            }
        }
        // Standard output belongs to the list of tests that nextest asks for.
        None => eprintln!("{VARIABLE} is not set: no payloads of real shops are tested"),
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn of_source(source: &'static Source, folder: &Path) -> Vec<Trial> {
    let name = source.adapter.name();
    let path = folder.join(format!("{name}.ndjson"));
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound && UNPUBLISHED.contains(&name) => {
            return Vec::new();
        }
        Err(error) => return vec![absent(name, format!("{}: {error}", path.display()))],
    };
    let mut trials = Vec::new();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        for fixture in payload(source, &path, number + 1, line).pieces(source) {
            trials.extend(of_fixture(source, &Arc::new(fixture)));
        }
    }
    if trials.is_empty() {
        trials.push(absent(name, format!("{} has no lines", path.display())));
    }
    trials
}

/// The variable promises a corpus; to test nothing in its place would be a lie.
fn absent(adapter: &str, why: String) -> Trial {
    let title = format!("corpus::{adapter}");
    Trial::test(title, move || Err(Failed::from(why)))
}

/// Takes a line out of its envelope.
fn payload(source: &Source, path: &Path, number: usize, line: &[u8]) -> Fixture {
    let opened = Opened::line(line);
    let payload = opened.payload(source.adapter.profile().default_topic);
    let received_at = opened.received_at.or(Timestamp::parse(RECEIVED_AT));
    Fixture {
        name: format!("line-{number}"),
        path: path.to_owned(),
        topic: payload.topic.to_owned(),
        body: payload.body.to_vec(),
        context: Context {
            received_at,
            options: Options {
                test_mode: TestMode::Map,
                ..Options::default()
            },
            ..Context::default()
        },
    }
}

fn of_fixture(source: &'static Source, fixture: &Arc<Fixture>) -> Vec<Trial> {
    let name = source.adapter.name();
    let mut trials = Vec::new();
    for law in LAWS {
        // What a corpus happens to hold says nothing about what a profile claims.
        if let Check::Each(check) = law.check {
            let title = format!("{}::{name}::{}", law.name, fixture.name);
            let fixture = Arc::clone(fixture);
            trials.push(Trial::test(title, move || {
                check(source, &fixture).map_err(|why| format!("{}\n{why}", law.sentence).into())
            }));
        }
    }
    if WITHOUT_ERRORS.contains(&name) {
        let title = format!("outcome::{name}::{}", fixture.name);
        let fixture = Arc::clone(fixture);
        trials.push(Trial::test(title, move || outcome(source, &fixture)));
    }
    trials
}

/// No error, except for a body that is not what its topic says, and what the topic is to become.
fn outcome(source: &Source, fixture: &Fixture) -> Result<(), Failed> {
    let outcome = fixture.map(source);
    let became = match &outcome {
        Ok(Mapped::Events(_)) => "events",
        Ok(Mapped::Ignored(ignored)) => ignored.code.as_str(),
        Err(error) => error.code().as_str(),
    };
    let expected = OUTCOMES
        .iter()
        .find(|(adapter, topic, _)| *adapter == source.adapter.name() && *topic == fixture.topic);
    if let Some((_, topic, expected)) = expected
        && !expected.contains(&became)
    {
        return Err(format!("{topic}: {became}, not one of {expected:?}").into());
    }
    match outcome {
        Err(error) if error.code() != Code::PayloadUnknown => {
            Err(format!("{}: {error}", fixture.topic).into())
        }
        _ => Ok(()),
    }
}
