//! Every fixture of every adapter is a test, and its snapshot shows what became of it.

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use orderbridge_event::{Pieces, Source, explain};
use orderbridge_testkit::{Fixture, fixtures};

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for source in orderbridge_registry::ALL.iter().copied() {
        let name = source.adapter.name();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("adapters").join(name).join("fixtures");
        for fixture in fixtures(&folder, source) {
            let title = format!("{name}::{}", fixture.name);
            trials.push(Trial::test(title, move || {
                compare(source, &fixture);
                Ok(())
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn compare(source: &Source, fixture: &Fixture) {
    let text = outcome(source, fixture);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../snapshots/{}", source.adapter.name()));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(&fixture.topic);
    settings.bind(|| insta::assert_snapshot!(fixture.name.as_str(), text));
}

/// What became of the fixture; of each piece, where it is an answer with several.
fn outcome(source: &Source, fixture: &Fixture) -> String {
    let pieces = match source.adapter.split(fixture.payload()) {
        Ok(Pieces::Many(pieces)) => pieces,
        Ok(Pieces::One(piece)) => vec![piece],
        Err(error) => return explain(&Err(error)),
    };
    let texts = pieces
        .into_iter()
        .map(|piece| explain(&source.adapter.map(piece, &fixture.context)));
    texts.collect::<Vec<_>>().join("\n=====\n\n")
}
