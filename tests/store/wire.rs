//! Files of every released version of the store stay readable.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::suite::make::{
    accept, accept_event, at, balance, bytes, claim_one, deliver_all, intake, items, settle,
};
use orderbridge_core::store::{EventOutcome, Filter, Lane, Outcome, Reason, State, Store, Verdict};

use super::sqlite::FileBench;
use super::trial;

/// The file of version 1. It is never made anew.
const V1: &str = "tests/wire/v1/store.db";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("wire::a_file_of_version_1_is_read", version_1),
        trial("wire::make_the_file_of_this_version", make).with_ignored_flag(true),
    ]
}

async fn version_1() {
    let bench = FileBench::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(V1);
    fs::copy(file, bench.path()).unwrap();
    let store = bench.try_open().await.unwrap();
    balance(&store).await;
    let found = items(&store, Filter::default()).await;
    let states: Vec<State> = found.iter().map(|item| item.state).collect();
    let expected = [
        State::Delivered,
        State::Parked,
        State::Pending,
        State::Held,
        State::Parked,
        State::Dropped,
    ];
    assert_eq!(states, expected);
    assert_eq!(found[2].attempts, 1);
    assert_eq!(found[4].reason.as_ref().unwrap().code, "payload.type");
    let known = accept_event(&store, intake(0, 1, at(500))).await;
    assert!(matches!(known, EventOutcome::Duplicate(_)));
    let claimed = claim_one(&store, Lane::Retry, at(500)).await;
    assert_eq!(*claimed.body, bytes(2, 1));
    assert!(settle(&store, &claimed, Verdict::Delivered, at(501)).await);
    assert!(store.known_order("shop", "3").await.unwrap().is_some());
    assert_eq!(deliver_all(&store, at(900)).await, 1);
    balance(&store).await;
}

/// Makes the file, once for each new version of the layout.
async fn make() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/wire");
    let path = folder.join("store.db");
    let _ = fs::remove_file(&path);
    let store = SqliteStore::open(&path, SqliteOptions::default())
        .await
        .unwrap();
    for (order, verdict) in [
        (0, Verdict::Delivered),
        (1, Verdict::Parked(Reason::new(Reason::REJECTED, ""))),
        (
            2,
            Verdict::Retry {
                not_before: at(100),
            },
        ),
    ] {
        accept_event(&store, intake(order, 1, at(0))).await;
        let claimed = claim_one(&store, Lane::Fresh, at(1)).await;
        assert!(settle(&store, &claimed, verdict, at(2)).await);
    }
    let mut held = intake(3, 1, at(0));
    held.hold_until = Some(at(600));
    accept_event(&store, held).await;
    let mut bad = intake(4, 1, at(0));
    bad.outcome = Outcome::Unmappable(Reason::new("payload.type", "expected text"));
    accept(&store, bad).await;
    let mut ignored = intake(5, 1, at(0));
    ignored.outcome = Outcome::Ignored(Reason::new("order.test", "a test order"));
    accept(&store, ignored).await;
    store.close().await.unwrap();
    eprintln!("{}", path.display());
}
