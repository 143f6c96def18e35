//! Every law over payloads that shops have really sent, where a folder of them is at hand.
//!
//! `ORDERBRIDGE_CORPUS` names the folder, from the root of the repository. In it there is a file
//! `<adapter>.ndjson` for each platform, each line `{"topic": …, "payload": …}`. They are not in
//! the repository: real payloads are not for publishing.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use orderbridge_event::{Context, Opened, Pieces, Source, Timestamp, tree::Tree};
use orderbridge_testkit::{Check, Fixture, LAWS};

const VARIABLE: &str = "ORDERBRIDGE_CORPUS";

/// Where a message has no time of its own, it was received then.
const RECEIVED_AT: &str = "2026-11-02T10:15:30Z";

/// Adapters that are to map every order of their corpus.
const WITHOUT_ERRORS: &[&str] = &["shopify"];

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
        // The variable promises a corpus; to test nothing in its place would be a lie.
        Err(error) => {
            let why = format!("cannot read {}: {error}", path.display());
            let fail = move || Err(Failed::from(why));
            return vec![Trial::test(format!("corpus::{name}"), fail)];
        }
    };
    let mut trials = Vec::new();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match pieces(source, &path, number + 1, line) {
            Ok(fixtures) => {
                for fixture in fixtures {
                    trials.extend(of_fixture(source, &Arc::new(fixture)));
                }
            }
            Err(why) => {
                let title = format!("split::{name}::line-{}", number + 1);
                trials.push(Trial::test(title, move || Err(why.into())));
            }
        }
    }
    trials
}

/// Takes a line out of its envelope and apart into the payloads in it.
fn pieces(
    source: &Source,
    path: &Path,
    number: usize,
    line: &[u8],
) -> Result<Vec<Fixture>, String> {
    let opened = Opened::line(line);
    let payload = opened.payload(source.adapter.profile().default_topic);
    let split = source.adapter.split(payload);
    let payloads = match split.map_err(|error| error.to_string())? {
        Pieces::One(payload) => vec![payload],
        Pieces::Many(payloads) => payloads,
    };
    let context = Context {
        received_at: Timestamp::parse(RECEIVED_AT),
        ..Context::default()
    };
    let fixtures = payloads.iter().enumerate().map(|(place, payload)| Fixture {
        name: format!("line-{number}.{}", place + 1),
        path: PathBuf::from(path),
        topic: payload.topic.to_owned(),
        body: payload.body.to_vec(),
        context: context.clone(),
    });
    Ok(fixtures.collect())
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

/// No error, except for a body that is no object of the platform's at all.
fn outcome(source: &Source, fixture: &Fixture) -> Result<(), Failed> {
    let has_id = Tree::parse(&fixture.body).is_some_and(|tree| tree.get("id").is_some());
    match fixture.map(source) {
        Err(error) if has_id => Err(format!("{}: {error}", fixture.topic).into()),
        _ => Ok(()),
    }
}
