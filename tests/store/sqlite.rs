//! The file: its lock, its permissions, and what happens when it or its disk is broken.

use std::error::Error;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use async_trait::async_trait;
use libtest_mimic::Trial;
use orderbridge_core::store::hooks::{FailPoint, FailWith, Hooks};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::suite::Bench;
use orderbridge_core::store::suite::make::{accept_event, at, balance, deliver_all, intake, items};
use orderbridge_core::store::{
    Command, DestinationChange, Filter, Page, Private, Reason, Selection, Store, StoreError,
    StoreErrorKind,
};
use tempfile::TempDir;

use super::trial;

/// A store in a file of a folder that goes when the test is over.
pub(crate) struct FileBench {
    folder: TempDir,
    hooks: Hooks,
}

impl FileBench {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            hooks: Hooks::default(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("orders.db")
    }

    pub(crate) async fn try_open(&self) -> Result<SqliteStore, StoreError> {
        let options = SqliteOptions {
            hooks: self.hooks.clone(),
            ..SqliteOptions::default()
        };
        SqliteStore::open(&self.path(), options).await
    }
}

#[async_trait]
impl Bench for FileBench {
    async fn open(&self) -> Box<dyn Store> {
        Box::new(self.try_open().await.unwrap())
    }

    fn fail_commit(&self, done: bool) {
        let point = if done {
            FailPoint::AfterCommit
        } else {
            FailPoint::BeforeCommit
        };
        self.hooks.arm(point, FailWith::Error);
    }

    fn all_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            bytes.extend(fs::read(entry.unwrap().path()).unwrap());
        }
        bytes
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("file::a_second_connector_is_told_who_has_it", lock),
        trial("file::commands_work_beside_a_connector", beside),
        trial("file::beside_nothing_there_is_an_error", beside_nothing),
        trial("file::only_its_owner_can_read_it", private),
        trial("file::a_read_only_file_is_an_error", read_only),
        trial("file::a_damaged_file_is_an_error", damaged),
        trial("file::another_programs_database_is_left_alone", foreign),
        trial("file::a_newer_version_is_left_alone", too_new),
        trial("file::a_closed_store_says_so", closed),
        trial("file::space_is_given_back", given_back),
    ]
}

fn kind<T>(result: Result<T, StoreError>) -> StoreErrorKind {
    result.err().unwrap().kind
}

async fn lock() {
    let bench = FileBench::new();
    let first = bench.try_open().await.unwrap();
    let error = bench.try_open().await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Locked);
    let sentence = error.source().unwrap().to_string();
    assert!(
        sentence.contains("orders.db is in use by another process"),
        "{sentence}"
    );
    assert!(sentence.contains("orders.db.lock"), "{sentence}");
    drop(first);
    bench.try_open().await.unwrap();
}

async fn beside() {
    let bench = FileBench::new();
    let connector = bench.try_open().await.unwrap();
    for order in 0..3 {
        accept_event(&connector, intake(order, 1, at(0))).await;
    }
    let command = SqliteStore::beside(&bench.path()).await.unwrap();
    let found = items(&command, Filter::default()).await;
    assert_eq!(found.len(), 3);
    let drop = Command::Drop {
        items: Selection::all(Filter {
            ids: Some(vec![found[0].id]),
            ..Filter::default()
        }),
        reason: Reason::new("by_hand", ""),
    };
    assert_eq!(command.apply(drop, at(1)).await.unwrap().changed, 1);
    let pause = DestinationChange::Pause(Reason::new("by_hand", ""));
    command
        .change_destination("main", pause, at(1))
        .await
        .unwrap();
    assert_eq!(deliver_all(&connector, at(2)).await, 0);
    let resume = DestinationChange::Resume;
    command
        .change_destination("main", resume, at(3))
        .await
        .unwrap();
    // Both write at the same time.
    let (one, two) = tokio::join!(
        async {
            for order in 10..40 {
                accept_event(&connector, intake(order, 1, at(4))).await;
            }
        },
        async {
            for order in 110..140 {
                accept_event(&command, intake(order, 1, at(4))).await;
            }
        }
    );
    let ((), ()) = (one, two);
    assert_eq!(deliver_all(&connector, at(5)).await, 62);
    balance(&connector).await;
    balance(&command).await;
}

async fn beside_nothing() {
    let bench = FileBench::new();
    let kind = kind(SqliteStore::beside(&bench.path()).await);
    assert_eq!(kind, StoreErrorKind::Unreachable);
    assert!(!bench.path().exists());
}

async fn private() {
    let bench = FileBench::new();
    fs::write(bench.path(), "").unwrap();
    fs::set_permissions(bench.path(), Permissions::from_mode(0o644)).unwrap();
    let store = bench.try_open().await.unwrap();
    accept_event(&store, intake(1, 1, at(0))).await;
    let mut seen = 0;
    for entry in fs::read_dir(bench.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        seen += 1;
    }
    assert_eq!(
        seen, 4,
        "the file, its journal, the journal's index, the lock"
    );
}

async fn read_only() {
    let bench = FileBench::new();
    let store = bench.try_open().await.unwrap();
    accept_event(&store, intake(1, 1, at(0))).await;
    store.close().await.unwrap();
    drop(store);
    if !make_immutable(&bench.path(), true) {
        // Whoever is not root is stopped by the permissions; root needs the flag.
        fs::set_permissions(bench.path(), Permissions::from_mode(0o400)).unwrap();
        let writable = fs::OpenOptions::new().write(true).open(bench.path());
        assert!(
            writable.is_err(),
            "this user may write to everything and chattr +i does not work here, so no file can \
             be made read-only; run the tests as another user"
        );
    }
    let result = bench.try_open().await;
    make_immutable(&bench.path(), false);
    let kind = kind(result);
    let expected = [StoreErrorKind::ReadOnly, StoreErrorKind::Unreachable];
    assert!(expected.contains(&kind), "{kind:?}");
    fs::set_permissions(bench.path(), Permissions::from_mode(0o600)).unwrap();
    balance(&bench.try_open().await.unwrap()).await;
}

fn make_immutable(path: &Path, on: bool) -> bool {
    let flag = if on { "+i" } else { "-i" };
    let done = Process::new("chattr").arg(flag).arg(path).output();
    done.is_ok_and(|done| done.status.success())
}

async fn damaged() {
    let bench = FileBench::new();
    fs::write(
        bench.path(),
        "this is no database, whatever its name says".repeat(200),
    )
    .unwrap();
    assert_eq!(kind(bench.try_open().await), StoreErrorKind::Corrupt);
    // A store whose middle was overwritten: opening may work, and then reading says so.
    let bench = FileBench::new();
    let store = bench.try_open().await.unwrap();
    for order in 0..50 {
        accept_event(&store, intake(order, 1, at(0))).await;
    }
    store.close().await.unwrap();
    drop(store);
    let mut bytes = fs::read(bench.path()).unwrap();
    let length = bytes.len();
    for byte in &mut bytes[4_096..length] {
        *byte = 0xA5;
    }
    fs::write(bench.path(), bytes).unwrap();
    let found = match bench.try_open().await {
        Ok(store) => kind(store.accept(Page::one(intake(1, 1, at(0)))).await),
        Err(error) => error.kind,
    };
    assert_eq!(found, StoreErrorKind::Corrupt);
}

async fn foreign() {
    let bench = FileBench::new();
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    conn.execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
        .unwrap();
    drop(conn);
    assert_eq!(kind(bench.try_open().await), StoreErrorKind::Corrupt);
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

async fn too_new() {
    let bench = FileBench::new();
    bench.try_open().await.unwrap().close().await.unwrap();
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    assert_eq!(kind(bench.try_open().await), StoreErrorKind::TooNew);
    let beside = SqliteStore::beside(&bench.path()).await;
    assert_eq!(kind(beside), StoreErrorKind::TooNew);
}

async fn closed() {
    let bench = FileBench::new();
    let store = bench.try_open().await.unwrap();
    store.close().await.unwrap();
    let refused = store.accept(Page::one(intake(1, 1, at(0)))).await;
    assert_eq!(kind(refused), StoreErrorKind::Closed);
    assert_eq!(kind(store.accounts().await), StoreErrorKind::Closed);
    // The lock is free again.
    bench.try_open().await.unwrap();
}

/// Bytes that cannot be packed.
pub(crate) fn noise(seed: u32) -> Vec<u8> {
    let mut state = u64::from(seed) + 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).take(1_000).flatten().collect()
}

async fn given_back() {
    let bench = FileBench::new();
    let store = bench.try_open().await.unwrap();
    for order in 0..2_000 {
        let mut payload = intake(order, 1, at(0));
        payload.body = Private::new(noise(order).into());
        store.accept(Page::one(payload)).await.unwrap();
    }
    for _ in 0..2 {
        deliver_all(&store, at(1)).await;
    }
    let before = store.health().await.unwrap();
    let mut retention = orderbridge_core::store::Retention {
        bodies_before: at(9),
        orders_before: at(9),
        after: None,
        limit: 500,
    };
    loop {
        let erased = store.erase(retention).await.unwrap();
        retention.after = erased.next;
        if erased.next.is_none() {
            break;
        }
    }
    // When idle, the store merges its journal and cuts its file.
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let after = fs::metadata(bench.path()).unwrap().len();
        let journal = fs::metadata(bench.path().with_extension("db-wal"));
        if after < before.bytes / 2 && journal.unwrap().len() == 0 {
            return;
        }
    }
    panic!("the file stays as large as it was");
}
