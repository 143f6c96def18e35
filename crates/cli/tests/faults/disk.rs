//! Disks that take no more, and disks that fail.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::broken;
use super::running::{Running, poll, text};
use super::shop::{SECRET, Webhook, addresses, arrived, configure, id, order, sandbox};

/// However much room there was, it is used up by then.
const MANY: usize = 20_000;

/// What has to happen while a disk fails: orders are taken, then refused with 503 and a time to
/// come back, then taken again; and each that was answered with 200 arrives.
struct Ordeal<'a> {
    folder: &'a Path,
    receiver: String,
    number: usize,
    owed: BTreeSet<String>,
}

impl<'a> Ordeal<'a> {
    fn new(folder: &'a Path, receiver: String) -> Self {
        Self {
            folder,
            receiver,
            number: 0,
            owed: BTreeSet::new(),
        }
    }

    /// Posts one more order; gives the status.
    fn post(&mut self) -> u16 {
        self.number += 1;
        let webhook = Webhook::new(self.number);
        let body = order(self.number);
        let (status, answer) = webhook.exchange(&self.receiver, SECRET, &body);
        match status {
            200 => {
                self.owed.insert(id(self.number));
            }
            503 => {
                let answer = answer.to_lowercase();
                assert!(answer.contains("retry-after: "), "{answer}");
            }
            other => panic!("answered {other} instead of 200 or 503: {answer}"),
        }
        status
    }

    /// Posts until it is refused.
    fn until_refused(&mut self) {
        while self.post() == 200 {
            assert!(self.number < MANY, "the fault never showed");
        }
    }

    /// Posts until it is taken again, by the same process.
    fn until_taken(&mut self) {
        poll("a webhook that is stored again", || {
            thread::sleep(Duration::from_millis(20));
            (self.post() == 200).then_some(())
        });
    }

    /// Waits until all that was taken has arrived.
    fn arrives(&self) {
        poll("every order that was answered with 200", || {
            let arrived: BTreeSet<String> = arrived(self.folder).into_iter().collect();
            self.owed.is_subset(&arrived).then_some(())
        });
    }
}

#[test]
fn a_store_that_may_not_grow_refuses_and_goes_on_once_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &[]);
    let config = configure(folder, &url, "");
    // 1 MB: the file, or the journal before it, gets no larger.
    let limited = "trap '' XFSZ; ulimit -S -f 2048; exec \"$0\" run --config \"$1\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", limited, env!("CARGO_BIN_EXE_orderbridge"), &config])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let (receiver, _) = addresses(&mut running);
    let mut ordeal = Ordeal::new(folder, receiver);
    for _ in 0..3 {
        ordeal.until_refused();
    }
    let raised = Command::new("prlimit")
        .args(["--pid", &running.0.id().to_string(), "--fsize=unlimited"])
        .output();
    let Ok(raised) = raised else {
        panic!("this test needs prlimit, of util-linux");
    };
    assert!(raised.status.success(), "{}", text(&raised.stderr));
    ordeal.until_taken();
    for _ in 0..300 {
        assert_eq!(ordeal.post(), 200, "there is room");
    }
    ordeal.arrives();
}

/// How many calls succeed before the fault, and how many fail, if it is to be in the middle of
/// things: the first ones make the store.
fn in_the_middle_of(calls: &str, error: &str, from: usize, to: usize) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_sandbox, url) = sandbox(folder, &[]);
    let config = configure(folder, &url, "");
    let journal = folder.join("orderbridge.db-wal");
    let fault = format!("{calls}:error={error}:when={from}..{to}");
    let mut running = broken(&journal, &fault, &config);
    let (receiver, _) = addresses(&mut running);
    let mut ordeal = Ordeal::new(folder, receiver);
    ordeal.until_refused();
    ordeal.until_taken();
    for _ in 0..50 {
        ordeal.post();
    }
    ordeal.until_taken();
    ordeal.arrives();
}

#[test]
fn a_full_disk_is_answered_with_503_until_there_is_room() {
    in_the_middle_of("pwrite64", "ENOSPC", 300, 330);
}

#[test]
fn a_disk_that_cannot_be_written_is_answered_with_503_until_it_can() {
    in_the_middle_of("pwrite64", "EIO", 301, 331);
}

#[test]
fn a_sync_that_fails_is_never_a_200() {
    in_the_middle_of("fsync,fdatasync", "EIO", 12, 20);
}
