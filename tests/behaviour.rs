//! Every law over every fixture of every adapter is a test: `layout::shopify::web-order`. Of an
//! answer of an API it is every payload in it: `layout::shopify::rest-orders.2`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use orderbridge_testkit::{Check, Fixture, LAWS, fixtures};

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for source in orderbridge_registry::ALL.iter().copied() {
        let name = source.adapter.name();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("adapters").join(name).join("fixtures");
        let fixtures = fixtures(&folder, source);
        let pieces = fixtures.iter().flat_map(|fixture| fixture.pieces(source));
        let fixtures: Arc<[Fixture]> = pieces.collect();
        for law in LAWS {
            match law.check {
                Check::All(_) => {
                    let fixtures = Arc::clone(&fixtures);
                    trials.push(Trial::test(format!("{}::{name}", law.name), move || {
                        broken(law.sentence, law.check(source, &fixtures))
                    }));
                }
                Check::Each(check) => {
                    for (place, fixture) in fixtures.iter().enumerate() {
                        let title = format!("{}::{name}::{}", law.name, fixture.name);
                        let fixtures = Arc::clone(&fixtures);
                        trials.push(Trial::test(title, move || {
                            let fixture = fixtures.get(place).ok_or("no such fixture")?;
                            broken(law.sentence, check(source, fixture))
                        }));
                    }
                }
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn broken(sentence: &str, kept: Result<(), String>) -> Result<(), libtest_mimic::Failed> {
    kept.map_err(|why| format!("{sentence}\n{why}").into())
}
