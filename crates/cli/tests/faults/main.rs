//! Disks that are full or broken, files that are damaged or may not be written: the connector says
//! so, never answers 200 to what it has not stored, and goes on when it can.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod disk;
mod file;
#[path = "../process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;
#[path = "../process/shop.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod shop;

use std::path::Path;
use std::process::{Command, Stdio};

use running::{Running, orderbridge, text};

/// The connector under strace, which lets calls on a file fail as a broken disk would. Works for
/// everybody, where mounting a small file system needs root.
fn broken(file: &Path, fault: &str, config: &str) -> Running {
    let may = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    let Ok(may) = may else {
        panic!("this test needs strace; scripts/test installs it");
    };
    assert!(
        may.status.success(),
        "this system does not allow tracing (ptrace), so no fault can be injected here: {}",
        text(&may.stderr)
    );
    let mut command = Command::new("strace");
    // It ends with the test: a process that is traced dies with its tracer by --kill-on-exit in
    // newer versions only, so it is asked to by `setpriv`.
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "signal=none", "-P"])
        .arg(file)
        .args(["-e", &format!("inject={fault}")])
        .args(["setpriv", "--pdeathsig", "KILL"])
        .args([env!("CARGO_BIN_EXE_orderbridge"), "run", "--config", config])
        .env_remove("ORDERBRIDGE_CONFIG")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Running(command.spawn().unwrap())
}

/// Runs a connector that should not start, and gives its exit code and what it says.
fn refused(config: &str) -> (Option<i32>, String) {
    let output = orderbridge(&["run", "--config", config]).output().unwrap();
    (output.status.code(), text(&output.stderr))
}
