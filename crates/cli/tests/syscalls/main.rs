//! A 200 means that the order is on the disk, synced. A kill cannot show that, since what was
//! written outlives the process; the order of the system calls can.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;
#[path = "../process/shop.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod shop;
mod trace;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use running::{Running, poll, text};
use shop::{SECRET, Webhook, addresses, configure, id, order};
use trace::{Proof, prove, read};

/// The calls that carry webhooks in, answers out, and what lies between to the disk.
const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,\
                     pwritev,fsync,fdatasync";

/// Webhooks that come at the same time, so that they share commits.
const AT_ONCE: usize = 16;

/// The connector under strace.
struct Traced {
    running: Running,
    trace: PathBuf,
    receiver: String,
}

impl Traced {
    fn start(folder: &Path, config: &str) -> Self {
        let may = Command::new("strace")
            .args(["-o", "/dev/null", "true"])
            .output();
        let Ok(may) = may else {
            panic!("this test needs strace; scripts/test installs it");
        };
        assert!(
            may.status.success(),
            "this system does not allow tracing (ptrace), so the order of system calls cannot be \
             shown here: {}",
            text(&may.stderr)
        );
        let trace = folder.join("trace");
        let mut command = Command::new("strace");
        command
            .args([
                "-f",
                "-y",
                "-s",
                "4200",
                "-e",
                CALLS,
                "-e",
                "signal=none",
                "-o",
            ])
            .arg(&trace)
            .args([env!("CARGO_BIN_EXE_orderbridge"), "run", "--config", config])
            .env_remove("ORDERBRIDGE_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut running = Running(command.spawn().unwrap());
        let (receiver, _) = addresses(&mut running);
        Self {
            running,
            trace,
            receiver,
        }
    }

    /// The process that is traced: the first one in the trace.
    fn tracee(&self) -> Pid {
        poll("the first line of the trace", || {
            let trace = fs::read(&self.trace).unwrap_or_default();
            let first = trace.split(|byte| *byte == b' ').next()?;
            text(first).parse().ok().map(Pid::from_raw)
        })
    }

    /// Ends both, and gives the trace.
    fn end(self) -> String {
        kill(self.tracee(), Signal::SIGTERM).unwrap();
        let trace = self.trace.clone();
        self.running.end();
        text(&fs::read(trace).unwrap())
    }
}

fn post(receiver: &str, number: usize) {
    let more = format!("X-Order: {}\r\n", id(number));
    let webhook = Webhook {
        more: &more,
        ..Webhook::new(number)
    };
    assert_eq!(webhook.post(receiver, SECRET, &order(number)), 200);
}

#[test]
fn the_journal_is_synced_before_the_answer_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = configure(folder, "http://127.0.0.1:9/", "");
    let traced = Traced::start(folder, &config);
    for number in 0..8 {
        post(&traced.receiver, number);
    }
    let mut posted = 8;
    // Webhooks that share a commit share its sync. How many do is up to the machine, so there are
    // several goes.
    let barrier = Barrier::new(AT_ONCE);
    for _ in 0..4 {
        thread::scope(|scope| {
            for number in posted..posted + AT_ONCE {
                let (barrier, receiver) = (&barrier, &traced.receiver);
                scope.spawn(move || {
                    barrier.wait();
                    post(receiver, number);
                });
            }
        });
        posted += AT_ONCE;
    }
    let trace = traced.end();
    let proofs = prove(&read(&trace)).unwrap();
    let mut orders: Vec<String> = proofs.iter().map(|it| it.order.to_string()).collect();
    orders.sort();
    assert_eq!(orders, (0..posted).map(id).collect::<Vec<_>>());
    let mut shared: HashMap<usize, usize> = HashMap::new();
    for Proof { sync, .. } in &proofs {
        *shared.entry(*sync).or_default() += 1;
    }
    let most = shared.values().max();
    assert!(most > Some(&1), "no two webhooks shared a commit");
}

/// Recorded from programs that were broken on purpose, and from the one that was not.
#[test]
fn a_missing_sync_and_an_early_answer_are_found() {
    let good = prove(&read(include_str!("traces/good.txt"))).unwrap();
    let orders: Vec<u64> = good.iter().map(|it| it.order).collect();
    assert_eq!(orders, [100_000_001, 100_000_002]);
    // PRAGMA synchronous = NORMAL.
    let unsynced = prove(&read(include_str!("traces/unsynced.txt"))).unwrap_err();
    assert!(
        unsynced.contains("before its commit was synced"),
        "{unsynced}"
    );
    // The answer went out before COMMIT.
    let early = prove(&read(include_str!("traces/early.txt"))).unwrap_err();
    assert!(early.contains("before its commit was synced"), "{early}");
}
