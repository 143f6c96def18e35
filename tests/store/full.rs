//! No room: in the store, in its file, on the disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, ExitCode};

use libtest_mimic::Trial;
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::suite::make::{accept_event, at, balance, deliver_all, intake};
use orderbridge_core::store::{DestinationChange, Page, Private, Store, StoreErrorKind};
use tempfile::TempDir;

use super::sqlite::{FileBench, noise};
use super::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("file::a_full_store_refuses_and_goes_on", full),
        trial(
            "file::a_file_that_may_not_grow_refuses_and_goes_on",
            file_limit,
        ),
        trial("file::a_full_disk_refuses_and_goes_on", full_disk).with_ignored_flag(!can_mount()),
    ]
}

/// Fills a store until it refuses. What it answered is there; and with room it goes on.
async fn fill(store: &SqliteStore) -> u64 {
    let mut stored = 0;
    for order in 0..100_000 {
        let mut payload = intake(order, 1, at(0));
        // Its events find room in pages that are there; it is the body that does not.
        payload.body = Private::new(noise(order).into());
        match store.accept(Page::one(payload)).await {
            Ok(_) => stored += 1,
            Err(error) => {
                assert_eq!(error.kind, StoreErrorKind::Full, "{error}");
                assert_eq!(balance(store).await.payloads, stored);
                return stored;
            }
        }
    }
    panic!("it never filled up");
}

async fn full() {
    let bench = FileBench::new();
    let options = SqliteOptions {
        max_pages: Some(300),
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(&bench.path(), options).await.unwrap();
    let stored = fill(&store).await;
    assert!(stored > 20);
    // What needs no room still works, and what was refused has left nothing in memory either.
    let wait = DestinationChange::NotBefore(Some(at(1)));
    let changed = store.change_destination("main", wait, at(0)).await;
    changed.unwrap();
    balance(&store).await;
    drop(store);
    let store = bench.try_open().await.unwrap();
    assert_eq!(balance(&store).await.payloads, stored);
    accept_event(&store, intake(200_000, 1, at(1))).await;
    let mut delivered = 0;
    loop {
        match deliver_all(&store, at(2)).await {
            0 => break,
            some => delivered += some as u64,
        }
    }
    assert_eq!(delivered, stored + 1);
}

/// Whether a file system may be mounted here. Where not, the test is shown as ignored.
fn can_mount() -> bool {
    let folder = TempDir::new().unwrap();
    let can = mount(folder.path());
    if can {
        let _ = Process::new("umount").arg(folder.path()).status();
    }
    can
}

fn mount(folder: &Path) -> bool {
    let mounted = Process::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
        .arg(folder)
        .output();
    mounted.is_ok_and(|done| done.status.success())
}

async fn full_disk() {
    let folder = TempDir::new().unwrap();
    assert!(
        mount(folder.path()),
        "cannot mount a small file system here"
    );
    let path = folder.path().join("orders.db");
    let ballast = folder.path().join("ballast");
    fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let opened = SqliteStore::open(&path, SqliteOptions::default()).await;
    let store = opened.unwrap();
    let stored = fill(&store).await;
    let health = store.health().await.unwrap();
    assert!(health.disk_free_bytes.unwrap() < 100_000);
    fs::remove_file(ballast).unwrap();
    accept_event(&store, intake(200_000, 1, at(1))).await;
    assert_eq!(balance(&store).await.payloads, stored + 1);
    drop(store);
    let unmounted = Process::new("umount").arg(folder.path()).status();
    assert!(unmounted.unwrap().success());
}

/// Tells the process that may write no large file: where its store is.
const SMALL: &str = "ORDERBRIDGE_STORE_SMALL";

/// Plays that process, if this is it: stores until it is refused, and says how much it stored.
pub(crate) fn child() -> Option<ExitCode> {
    let path = PathBuf::from(std::env::var_os(SMALL)?);
    super::run(async move {
        let opened = SqliteStore::open(&path, SqliteOptions::default()).await;
        let store = opened.unwrap();
        let mut stored = 0_u32;
        while store
            .accept(Page::one(intake(stored, 1, at(0))))
            .await
            .is_ok()
        {
            stored += 1;
            assert!(stored < 100_000, "it never filled up");
        }
        // What was refused is not there, and all else is.
        assert_eq!(balance(&store).await.payloads, u64::from(stored));
        eprintln!("stored {stored}");
    });
    Some(ExitCode::SUCCESS)
}

async fn file_limit() {
    let bench = FileBench::new();
    // A shell sets the limit, and that reaching it is an error rather than the end.
    let limited = "trap '' XFSZ; ulimit -f 2000; exec \"$0\"";
    let output = Process::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .env(SMALL, bench.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut lines = said.lines();
    let stored = lines.find_map(|line| line.strip_prefix("stored "));
    let stored: u64 = stored.unwrap().parse().unwrap();
    assert!(stored > 20, "{stored}");
    // With room it goes on, and all that was answered is there.
    let store = bench.try_open().await.unwrap();
    assert_eq!(balance(&store).await.payloads, stored);
    accept_event(&store, intake(200_000, 1, at(1))).await;
    assert_eq!(balance(&store).await.payloads, stored + 1);
}
