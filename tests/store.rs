//! Every store against the same suite and the same model; and each against its own disasters.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

#[path = "store/commits.rs"]
mod commits;
#[path = "store/crash.rs"]
mod crash;
#[path = "store/full.rs"]
mod full;
#[path = "store/sqlite.rs"]
mod sqlite;
#[path = "store/walks.rs"]
mod walks;
#[path = "store/wire.rs"]
mod wire;

use std::future::Future;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use orderbridge_core::store::suite;

fn main() -> ExitCode {
    // The same program is also the process that is aborted in the middle of a commit, and the one
    // whose files may not grow.
    let child = crash::child().or_else(commits::child);
    if let Some(code) = child.or_else(full::child) {
        return code;
    }
    let mut trials = Vec::new();
    for case in suite::cases() {
        trials.push(Trial::test(format!("sqlite::{}", case.name), move || {
            let bench = sqlite::FileBench::new();
            run((case.run)(&bench));
            Ok(())
        }));
    }
    trials.extend(sqlite::trials());
    trials.extend(full::trials());
    trials.extend(commits::trials());
    trials.extend(crash::trials());
    trials.extend(walks::trials());
    trials.extend(wire::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Runs a test that waits.
fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

/// A trial from a test that waits.
fn trial<F: Future<Output = ()> + 'static>(name: &str, test: fn() -> F) -> Trial {
    Trial::test(name, move || {
        run(test());
        Ok(())
    })
}
