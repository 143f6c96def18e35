//! The program while it runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const PATIENCE: Duration = Duration::from_secs(30);

/// The program, which ends with the test whatever happens.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn orderbridge(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderbridge"));
    command
        .args(args)
        .env_remove("ORDERBRIDGE_CONFIG")
        .env_remove("ORDERBRIDGE_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn start(args: &[&str]) -> Running {
    let mut command = orderbridge(args);
    Running(command.stdin(Stdio::piped()).spawn().unwrap())
}

pub(crate) fn run(args: &[&str]) -> Output {
    orderbridge(args).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Running {
    pub(crate) fn stdin(&mut self) -> ChildStdin {
        self.0.stdin.take().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        kill(id, signal).unwrap();
    }

    /// Waits for the end; exit code and what was said and not read yet.
    pub(crate) fn end(mut self) -> (i32, String) {
        let started = Instant::now();
        let status = loop {
            match self.0.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(started.elapsed() < PATIENCE, "it does not end"),
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let mut said = String::new();
        if let Some(stderr) = &mut self.0.stderr {
            stderr.read_to_string(&mut said).unwrap();
        }
        (status.code().unwrap(), said)
    }

    /// Reads lines of stderr up to one that has this text, and gives it.
    pub(crate) fn told(&mut self, wanted: &str) -> String {
        let mut stderr = BufReader::with_capacity(1, self.0.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(wanted) {
            line.clear();
            let read = stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended without saying {wanted:?}");
        }
        // With a buffer of one byte nothing was read beyond the line.
        self.0.stderr = Some(stderr.into_inner());
        line
    }
}

/// Asks again and again, up to a deadline.
pub(crate) fn poll<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
