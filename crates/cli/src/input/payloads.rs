//! Payloads from inputs: NDJSON as runs of whole lines, and documents value by value.

use std::collections::VecDeque;
use std::io;

use super::Input;
use super::buffer::Buffer;
use super::scan::{Scanner, goes_on};

/// How much is read at a time. What has arrived is handed on at once, so that a pipe that pauses
/// does not hold anything up.
const READ: usize = 256 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What the buffer was filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// Whole lines of an input; the first one has this number.
    Lines { file: usize, line: u64 },
    /// One value of a document, which begins on this line.
    Value {
        file: usize,
        line: u64,
        in_list: bool,
    },
    /// Orders of a report, which are in a batch of their own.
    Orders,
}

/// Reads all inputs, one after the other.
pub(crate) struct Payloads {
    inputs: VecDeque<Input>,
    current: Option<Current>,
    file: usize,
}

/// An input that can't be read on.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) file: usize,
    pub(crate) error: io::Error,
}

impl Payloads {
    pub(crate) fn new(inputs: Vec<Input>) -> Self {
        Self {
            inputs: inputs.into(),
            current: None,
            file: 0,
        }
    }

    /// Fills the buffer with the next lines or value; `None` at the end of the last input.
    pub(crate) fn next(&mut self, buffer: &mut Buffer) -> Result<Option<Chunk>, Unreadable> {
        loop {
            let file = self.file;
            let unreadable = |error| Unreadable { file, error };
            let current = match &mut self.current {
                Some(current) => current,
                None => match self.inputs.pop_front() {
                    None => return Ok(None),
                    Some(input) => self
                        .current
                        .insert(Current::start(input).map_err(unreadable)?),
                },
            };
            if let Some(chunk) = current.next(file, buffer).map_err(unreadable)? {
                return Ok(Some(chunk));
            }
            self.current = None;
            self.file += 1;
        }
    }
}

struct Current {
    input: Input,
    /// Read and not yet handed on.
    held: Buffer,
    at_end: bool,
    /// The number of the line on which `held` begins.
    line: u64,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Lines,
    Document { in_list: bool },
}

impl Current {
    /// Opens an input and finds out what it holds.
    fn start(input: Input) -> io::Result<Self> {
        let mut current = Self {
            input,
            held: Buffer::default(),
            at_end: false,
            line: 1,
            form: Form::Lines,
        };
        while current.held.filled().len() < BOM.len() && current.fill()? {}
        if current.held.filled().starts_with(BOM) {
            current.held.hand_on(BOM.len(), &mut Buffer::default());
        }
        if current.is_document()? {
            current.form = Form::Document { in_list: false };
        }
        Ok(current)
    }

    /// Whether the first line begins a document that goes on over the next ones.
    fn is_document(&mut self) -> io::Result<bool> {
        let start = self.find(0, |byte| !byte.is_ascii_whitespace())?;
        let Some(start) = start else { return Ok(false) };
        let Some(end) = self.find(start, |byte| byte == b'\n')? else {
            return Ok(false);
        };
        let line = self.held.filled().get(start..end).unwrap_or_default();
        if serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok() {
            return Ok(false);
        }
        let next = self.find(end, |byte| !byte.is_ascii_whitespace())?;
        let next = next.and_then(|at| self.held.filled().get(at).copied());
        Ok(goes_on(
            self.held.filled().get(start..end).unwrap_or_default(),
            next,
        ))
    }

    /// The place of the first byte from `at` on that is wanted, reading as far as need be.
    fn find(&mut self, at: usize, wanted: impl Fn(u8) -> bool) -> io::Result<Option<usize>> {
        let mut at = at;
        loop {
            let rest = self.held.filled().get(at..).unwrap_or_default();
            if let Some(found) = rest.iter().position(|byte| wanted(*byte)) {
                return Ok(Some(at + found));
            }
            at = self.held.filled().len();
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Reads more; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if !self.at_end {
            self.at_end = !self.held.fill(&mut *self.input.reader, READ)?;
        }
        Ok(!self.at_end)
    }

    fn next(&mut self, file: usize, buffer: &mut Buffer) -> io::Result<Option<Chunk>> {
        match self.form {
            Form::Lines => self.next_lines(file, buffer),
            Form::Document { in_list } => self.next_value(file, buffer, in_list),
        }
    }

    fn next_lines(&mut self, file: usize, buffer: &mut Buffer) -> io::Result<Option<Chunk>> {
        let mut searched = 0;
        let end = loop {
            let fresh = self.held.filled().get(searched..).unwrap_or_default();
            if let Some(last) = memchr::memrchr(b'\n', fresh) {
                break searched + last + 1;
            }
            searched = self.held.filled().len();
            if !self.fill()? {
                break self.held.filled().len();
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let line = self.line;
        self.hand_on(end, buffer);
        Ok(Some(Chunk::Lines { file, line }))
    }

    fn next_value(
        &mut self,
        file: usize,
        buffer: &mut Buffer,
        mut in_list: bool,
    ) -> io::Result<Option<Chunk>> {
        loop {
            let comma = |byte: u8| in_list && byte == b',';
            let start = self.find(0, |byte| !byte.is_ascii_whitespace() && !comma(byte))?;
            let start = start.unwrap_or(self.held.filled().len());
            self.hand_on(start, buffer);
            match (self.held.filled().first(), in_list) {
                (None, false) => return Ok(None),
                (None, true) => {
                    // The list was cut off: what is left of it is no document.
                    self.form = Form::Document { in_list: false };
                    buffer.clear();
                    buffer.push(b"[");
                    return Ok(Some(Chunk::Value {
                        file,
                        line: self.line,
                        in_list,
                    }));
                }
                (Some(b'['), false) | (Some(b']'), true) => {
                    in_list = !in_list;
                    self.form = Form::Document { in_list };
                    self.hand_on(1, buffer);
                }
                (Some(_), _) => break,
            }
        }
        let mut scanner = Scanner::default();
        let mut searched = 0;
        let end = loop {
            let fresh = self.held.filled().get(searched..).unwrap_or_default();
            if let Some(length) = scanner.feed(fresh) {
                break searched + length;
            }
            searched = self.held.filled().len();
            if !self.fill()? {
                break self.held.filled().len();
            }
        };
        let line = self.line;
        self.hand_on(end, buffer);
        Ok(Some(Chunk::Value {
            file,
            line,
            in_list,
        }))
    }

    /// Moves the first bytes of what is held into the buffer, and counts their lines.
    fn hand_on(&mut self, end: usize, buffer: &mut Buffer) {
        self.held.hand_on(end, buffer);
        let lines = memchr::memchr_iter(b'\n', buffer.filled()).count();
        self.line += u64::try_from(lines).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Gives a few bytes at a time, as a slow pipe does.
    struct Trickle(VecDeque<u8>, usize);

    impl Read for Trickle {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(room.len()).min(self.0.len());
            for slot in room.iter_mut().take(count) {
                *slot = self.0.pop_front().unwrap_or_default();
            }
            Ok(count)
        }
    }

    fn read(text: &[u8], step: usize) -> Vec<(u64, bool, String)> {
        let reader = Box::new(Trickle(text.iter().copied().collect(), step));
        let mut payloads = Payloads::new(vec![Input {
            name: "-".to_owned(),
            reader,
        }]);
        let mut buffer = Buffer::default();
        let mut found = Vec::new();
        while let Some(chunk) = payloads.next(&mut buffer).unwrap() {
            let text = String::from_utf8_lossy(buffer.filled()).into_owned();
            match chunk {
                Chunk::Lines { line, .. } => {
                    for (place, text) in text.lines().enumerate() {
                        if !text.trim().is_empty() {
                            found.push((line + place as u64, false, text.to_owned()));
                        }
                    }
                }
                Chunk::Value { line, in_list, .. } => found.push((line, in_list, text)),
                Chunk::Orders => {}
            }
        }
        found
    }

    fn check(text: &str, expected: &[(u64, bool, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, list, text)| (*line, *list, (*text).to_owned()))
            .collect();
        for step in [1, 2, 3, 7, 1_000_000] {
            assert_eq!(read(text.as_bytes(), step), expected, "{text} by {step}");
        }
    }

    #[test]
    fn lines_and_documents() {
        check("", &[]);
        check("\n \r\n", &[]);
        check(
            "\u{feff}{\"a\":1}\r\n\n{\"b\":2}",
            &[(1, false, "{\"a\":1}"), (3, false, "{\"b\":2}")],
        );
        check(
            "\n{\n \"a\": 1\n}\n{\"b\":2}\n",
            &[(2, false, "{\n \"a\": 1\n}"), (5, false, "{\"b\":2}")],
        );
        check(
            "[\n{\"a\":1},\n{\"b\":2}\n]\n",
            &[(2, true, "{\"a\":1}"), (3, true, "{\"b\":2}")],
        );
        check(
            "[{\"a\":1}]\n[]",
            &[(1, false, "[{\"a\":1}]"), (2, false, "[]")],
        );
        check("[\n1,\n\"x\"]", &[(2, true, "1"), (3, true, "\"x\"")]);
    }

    #[test]
    fn what_is_cut_off_is_handed_on_as_it_is() {
        check(
            "{\"a\":1,\n{\"b\":2}\n",
            &[(1, false, "{\"a\":1,"), (2, false, "{\"b\":2}")],
        );
        check("{\n\"a\": 1", &[(1, false, "{\n\"a\": 1")]);
        check(
            "[\n{\"a\":1},\n{\"b\"",
            &[(2, true, "{\"a\":1}"), (3, true, "{\"b\""), (3, true, "[")],
        );
        check(
            "{\n\"a\": 1}}\n",
            &[(1, false, "{\n\"a\": 1}"), (2, false, "}")],
        );
    }
}
