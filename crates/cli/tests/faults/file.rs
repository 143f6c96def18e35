//! Files that are no store, or no longer one, or somebody else's.

use std::fs;
use std::os::unix::fs::FileExt as _;

use super::running::{poll, text};
use super::shop::{SECRET, configure, connector, order, post};
use super::{broken, refused};

#[test]
fn a_file_that_is_no_store_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), "http://127.0.0.1:9/", "");
    let store = folder.path().join("orderbridge.db");
    let letter = "Dear diary, this is no database.\n".repeat(300);
    fs::write(&store, &letter).unwrap();
    let (code, said) = refused(&config);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("orderbridge.db: "), "{said}");
    assert!(
        said.contains("the file is damaged or is not a store"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&store).unwrap(), letter);
}

#[test]
fn a_store_that_was_damaged_is_told_before_anything_is_received() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), "http://127.0.0.1:9/", "");
    let (running, receiver, _) = connector(&config);
    for number in 0..20 {
        assert_eq!(post(&receiver, SECRET, number, &order(number)), 200);
    }
    running.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
    damage(&folder.path().join("orderbridge.db"));
    let (code, said) = refused(&config);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("the file is damaged or is not a store"),
        "{said}"
    );
}

/// Overwrites all but the first page.
fn damage(store: &std::path::Path) {
    let length = fs::metadata(store).unwrap().len();
    let file = fs::File::options().write(true).open(store).unwrap();
    let rest = usize::try_from(length - 4_096).unwrap();
    file.write_all_at(&vec![0xA5; rest], 4_096).unwrap();
}

#[test]
fn a_store_that_may_not_be_written_is_told() {
    for error in ["EROFS", "EACCES"] {
        let folder = tempfile::tempdir().unwrap();
        let config = configure(folder.path(), "http://127.0.0.1:9/", "");
        let store = folder.path().join("orderbridge.db");
        fs::write(&store, "").unwrap();
        let running = broken(&store, &format!("openat:error={error}"), &config);
        let (code, said) = running.end();
        assert_eq!(code, 1, "{error}: {said}");
        assert!(said.contains("orderbridge.db: "), "{error}: {said}");
        assert!(said.contains("it is read-only"), "{error}: {said}");
    }
}

#[test]
fn a_second_connector_is_told_that_another_one_runs() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), "http://127.0.0.1:9/", "");
    let (first, receiver, _) = connector(&config);
    let (code, said) = refused(&config);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another process runs on it"), "{said}");
    // Which the first one does not even notice.
    assert_eq!(post(&receiver, SECRET, 1, &order(1)), 200);
    first.signal(nix::sys::signal::Signal::SIGKILL);
    drop(first);
    // And a lock does not outlive its process, however that ended.
    let (second, receiver, _) = connector(&config);
    assert_eq!(post(&receiver, SECRET, 2, &order(2)), 200);
    drop(second);
}

/// Whoever can no longer deliver must not go on taking orders as if nothing were.
#[test]
fn a_connector_that_can_deliver_no_more_ends_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), "http://127.0.0.1:9/", "");
    let (mut running, receiver, _) = connector(&config);
    let store = folder.path().join("orderbridge.db");
    let journal = folder.path().join("orderbridge.db-wal");
    for number in 0..50 {
        assert_eq!(post(&receiver, SECRET, number, &order(number)), 200);
    }
    let mut number = 50;
    let status = poll("the end of the connector", || {
        // Whatever it has merged into the file is damaged, until it has to read that again.
        if fs::metadata(&journal).is_ok_and(|journal| journal.len() == 0) {
            damage(&store);
            number += 1;
            post(&receiver, SECRET, number, &order(number));
        }
        running.0.try_wait().unwrap()
    });
    let mut said = Vec::new();
    let mut stderr = running.0.stderr.take().unwrap();
    std::io::Read::read_to_end(&mut stderr, &mut said).unwrap();
    let said = text(&said);
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(
        said.contains("the file is damaged or is not a store"),
        "{said}"
    );
}
