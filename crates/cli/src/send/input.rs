//! Reads lines, checks them, and feeds them to the delivery, on a thread of its own.

use std::io::{self, BufRead, BufReader};
use std::sync::Arc;

use bytes::Bytes;
use orderbridge_core::{Intake, Place};
use orderbridge_event::check::check;
use tokio::runtime::Handle;

use super::ledger::Ledger;
use crate::input::Input;

const BUFFER: usize = 256 * 1024;

/// Reads the inputs to their end, or until nobody takes events any more. What fails the check goes
/// to the ledger instead of the queue.
pub(super) fn feed(
    inputs: Vec<Input>,
    checking: bool,
    intake: &Intake,
    ledger: &Arc<Ledger>,
    runtime: &Handle,
) {
    each_line(inputs, ledger, |place, body| {
        if checking {
            let report = check(&body);
            ledger.warned(&report.findings);
            if !report.is_sendable() {
                ledger.invalid(place, &body, &report.findings);
                return true;
            }
        }
        runtime.block_on(intake.push(place, body)).is_ok()
    });
}

/// Reads the inputs to their end, or until nobody takes lines any more.
pub(super) fn each_line(
    inputs: Vec<Input>,
    ledger: &Ledger,
    mut take: impl FnMut(Place, Bytes) -> bool,
) {
    for (file, input) in inputs.into_iter().enumerate() {
        let name = input.name;
        let mut lines = Lines::new(BufReader::with_capacity(BUFFER, input.reader));
        loop {
            let (line, body) = match lines.next_line() {
                Ok(Some(found)) => found,
                Ok(None) => break,
                Err(error) => return ledger.input_failed(&name, &error),
            };
            if !take(Place { file, line }, body) {
                return;
            }
        }
    }
}

/// Lines with their numbers: without BOM, line ends and blank lines, otherwise as they are.
struct Lines<R> {
    reader: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn new(reader: R) -> Self {
        Self { reader, number: 0 }
    }

    fn next_line(&mut self) -> io::Result<Option<(u64, Bytes)>> {
        loop {
            let mut line = Vec::new();
            if self.reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            while line
                .last()
                .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
            {
                line.pop();
            }
            let mut line = Bytes::from(line);
            if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
                line = line.slice(3..);
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some((self.number, line)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Lines::new(text);
        let mut found = Vec::new();
        while let Some((number, line)) = lines.next_line().unwrap() {
            found.push((number, line.to_vec()));
        }
        found
    }

    #[test]
    fn lines_as_they_come_from_anywhere() {
        let text = b"\xef\xbb\xbf{\"a\":1}\r\n\n  \t\r\n{\"b\":\0}\n {\"c\":3} ";
        let expected: [(u64, &[u8]); 3] =
            [(1, b"{\"a\":1}"), (4, b"{\"b\":\0}"), (5, b" {\"c\":3} ")];
        let found = lines(text);
        assert_eq!(found.len(), 3);
        for ((number, line), (expected_number, expected_line)) in found.iter().zip(expected) {
            assert_eq!((*number, line.as_slice()), (expected_number, expected_line));
        }
        assert!(lines(b"").is_empty() && lines(b"\n\n").is_empty());
        assert_eq!(lines(&vec![b'x'; 10_000_000])[0].1.len(), 10_000_000);
    }
}
