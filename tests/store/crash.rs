//! A process that ends at once, in the middle of a commit or after it.

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::Trial;
use orderbridge_core::store::hooks::{FailPoint, FailWith, Hooks};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::suite::make::{
    accept_event, at, balance, claim_one, deliver_all, intake, settlement,
};
use orderbridge_core::store::{Lane, Page, Store, Verdict};

use super::run;
use super::sqlite::FileBench;

/// Tells the process which one it is: the file, the operation and the point.
const ROLE: &str = "ORDERBRIDGE_STORE_CRASH";

const OPERATIONS: [&str; 3] = ["accept", "claim", "settle"];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for operation in OPERATIONS {
        for after in [false, true] {
            let point = if after { "after" } else { "before" };
            let name = format!("crash::in_{operation}_{point}_the_commit");
            trials.push(Trial::test(name, move || {
                run(crash(operation, after));
                Ok(())
            }));
        }
    }
    trials
}

/// Plays the process that crashes, if this is it.
pub(crate) fn child() -> Option<ExitCode> {
    let role = std::env::var(ROLE).ok()?;
    let mut parts = role.splitn(3, ':');
    let operation = parts.next()?.to_owned();
    let after = parts.next()? == "after";
    let path = parts.next()?.to_owned();
    run(die(operation, after, path));
    // It should not have come this far.
    Some(ExitCode::SUCCESS)
}

async fn die(operation: String, after: bool, path: String) {
    let hooks = Hooks::default();
    let options = SqliteOptions {
        hooks: hooks.clone(),
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(Path::new(&path), options).await.unwrap();
    accept_event(&store, intake(1, 1, at(0))).await;
    let point = if after {
        FailPoint::AfterCommit
    } else {
        FailPoint::BeforeCommit
    };
    match operation.as_str() {
        "accept" => {
            hooks.arm(point, FailWith::Abort);
            let _ = store.accept(Page::one(intake(2, 1, at(1)))).await;
        }
        "claim" => {
            hooks.arm(point, FailWith::Abort);
            let _ = claim_one(&store, Lane::Fresh, at(1)).await;
        }
        _ => {
            let claimed = claim_one(&store, Lane::Fresh, at(1)).await;
            hooks.arm(point, FailWith::Abort);
            let done = settlement(&claimed, Verdict::Delivered, at(2));
            let _ = store.settle(vec![done]).await;
        }
    }
}

async fn crash(operation: &'static str, after: bool) {
    let bench = FileBench::new();
    let point = if after { "after" } else { "before" };
    let role = format!("{operation}:{point}:{}", bench.path().display());
    let died = Command::new(std::env::current_exe().unwrap())
        .env(ROLE, role)
        .output()
        .unwrap();
    assert!(!died.status.success(), "it did not crash");
    let store = bench.try_open().await.unwrap();
    balance(&store).await;
    let payloads = store.accounts().await.unwrap().payloads;
    assert_eq!(payloads, 1 + u64::from(operation == "accept" && after));
    // What was acknowledged is sent, unless that was recorded: by then it had arrived.
    let expected = match (operation, after) {
        ("accept", true) => 2,
        ("settle", true) => 0,
        _ => 1,
    };
    assert_eq!(deliver_all(&store, at(3)).await, expected);
    // And a new event gets through.
    accept_event(&store, intake(3, 1, at(4))).await;
    assert_eq!(deliver_all(&store, at(5)).await, 1);
    balance(&store).await;
}
