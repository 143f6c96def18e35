//! Reports: rows put together by order, so that each order is whole.
//!
//! The rows of an order need not follow each other, and an order must not be mapped without all of
//! them. So a report is read twice: once to find the orders whose rows stand apart, and once to
//! hand on each order where its first row is. What is held is a hash for each order while it is
//! read first, and then the places of the rows that stand apart; never the report. What cannot be
//! read twice goes through a temporary file first.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use orderbridge_event::{MapError, Report, Rows};

/// How much is handed on at a time, and read ahead.
const BATCH: usize = 256 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Some orders of a report.
#[derive(Default)]
pub struct Batch {
    rows: Option<Arc<dyn Rows>>,
    bytes: Vec<u8>,
    orders: Vec<Span>,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("orders", &self.orders.len())
            .finish_non_exhaustive()
    }
}

/// The rows of an order, in the bytes of a batch.
#[derive(Clone, Copy, Debug)]
struct Span {
    /// The line of its first row.
    line: u64,
    start: usize,
    end: usize,
}

impl Batch {
    /// Forgets its orders and keeps its room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.orders.clear();
    }

    /// Gives the rows of each order, with the line of the first one, and who can read them.
    pub fn each(&self, mut give: impl FnMut(u64, &dyn Rows, &[u8])) {
        let Some(rows) = &self.rows else { return };
        for order in &self.orders {
            let bytes = self.bytes.get(order.start..order.end).unwrap_or_default();
            give(order.line, &**rows, bytes);
        }
    }
}

/// A report that is being read for the second time.
pub struct Orders {
    reader: BufReader<File>,
    rows: Arc<dyn Rows>,
    /// Where the next row is.
    at: u64,
    line: u64,
    apart: HashMap<Vec<u8>, Apart>,
    /// The first row of the next run, which was read to find the end of the one before.
    ahead: Vec<u8>,
}

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Orders")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// The rows of an order, but for those where it begins.
#[derive(Debug, Default)]
struct Apart {
    runs: Vec<(u64, usize)>,
    is_given: bool,
}

impl Orders {
    /// Reads a report for the first time, from the file's beginning; `None` when there is nothing
    /// in it. `charset` is what came with it.
    pub fn open(
        file: File,
        report: &dyn Report,
        charset: Option<&str>,
    ) -> io::Result<Option<Result<Self, MapError>>> {
        let mut reader = BufReader::with_capacity(BATCH, file);
        let mut header = Vec::new();
        let length = reader.read_until(b'\n', &mut header)?;
        if header.trim_ascii().is_empty() {
            return Ok(None);
        }
        let rows = match report.open(header.strip_prefix(BOM).unwrap_or(&header), charset) {
            Ok(rows) => Arc::from(rows),
            Err(fault) => return Ok(Some(Err(fault))),
        };
        let at = u64::try_from(length).unwrap_or_default();
        let apart = find_apart(&mut reader, &*rows, at)?;
        reader.seek(SeekFrom::Start(at))?;
        Ok(Some(Ok(Self {
            reader,
            rows,
            at,
            line: 2,
            apart,
            ahead: Vec::new(),
        })))
    }

    /// Adds orders to an empty batch; false at the end of the report.
    pub fn fill(&mut self, batch: &mut Batch) -> io::Result<bool> {
        batch.rows = Some(Arc::clone(&self.rows));
        while batch.bytes.len() < BATCH {
            if !self.run(batch)? {
                break;
            }
        }
        Ok(!batch.orders.is_empty())
    }

    /// Reads the next rows that belong to one order, and adds those of it that stand apart.
    fn run(&mut self, batch: &mut Batch) -> io::Result<bool> {
        let start = batch.bytes.len();
        loop {
            batch.bytes.append(&mut self.ahead);
            if batch.bytes.len() > start || self.read(&mut batch.bytes)? == 0 {
                break;
            }
        }
        let first = batch.bytes.get(start..).unwrap_or_default();
        if first.is_empty() {
            return Ok(false);
        }
        let (begin, line) = (self.at, self.line);
        let key = self.rows.key(first).to_vec();
        let is_blank = first.trim_ascii().is_empty();
        let mut length = first.len();
        let mut lines = 1;
        while self.read_ahead()? > 0 {
            if key.is_empty() || self.rows.key(&self.ahead) != key {
                break;
            }
            length += self.ahead.len();
            lines += 1;
            end_line(&mut batch.bytes);
            batch.bytes.append(&mut self.ahead);
        }
        self.at += u64::try_from(length).unwrap_or_default();
        self.line += lines;
        if is_blank || !self.join(&key, begin, batch)? {
            batch.bytes.truncate(start);
            return Ok(true);
        }
        let end = batch.bytes.len();
        batch.orders.push(Span { line, start, end });
        Ok(true)
    }

    /// Adds the rows that stand apart from those that begin here; false where an order was given
    /// before.
    fn join(&mut self, key: &[u8], begin: u64, batch: &mut Batch) -> io::Result<bool> {
        let Some(apart) = self.apart.get_mut(key) else {
            return Ok(true);
        };
        if apart.is_given {
            return Ok(false);
        }
        apart.is_given = true;
        let back = self.reader.stream_position()?;
        for (at, length) in std::mem::take(&mut apart.runs) {
            if at > begin {
                end_line(&mut batch.bytes);
                seek(&mut self.reader, at)?;
                let mut run = (&mut self.reader).take(u64::try_from(length).unwrap_or_default());
                run.read_to_end(&mut batch.bytes)?;
            }
        }
        seek(&mut self.reader, back)?;
        Ok(true)
    }

    fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        self.reader.read_until(b'\n', bytes)
    }

    fn read_ahead(&mut self) -> io::Result<usize> {
        self.ahead.clear();
        self.reader.read_until(b'\n', &mut self.ahead)
    }
}

/// Moves to a place; within what was read ahead that costs nothing.
fn seek(reader: &mut BufReader<File>, to: u64) -> io::Result<()> {
    let from = reader.stream_position()?;
    match i64::try_from(to).and_then(|to| Ok(to - i64::try_from(from)?)) {
        Ok(by) => reader.seek_relative(by),
        Err(_) => reader.seek(SeekFrom::Start(to)).map(|_| ()),
    }
}

/// The last line of a report may have no end; another one may follow it here.
fn end_line(bytes: &mut Vec<u8>) {
    if bytes.last().is_some_and(|byte| *byte != b'\n') {
        bytes.push(b'\n');
    }
}

/// Finds the rows that stand apart from the first ones of their order.
///
/// Of an order that was seen only a hash is held. Two orders with one hash are no harm: the second
/// is then taken for one that may stand apart, and told from the first by its id.
fn find_apart(
    reader: &mut BufReader<File>,
    rows: &dyn Rows,
    start: u64,
) -> io::Result<HashMap<Vec<u8>, Apart>> {
    let hasher = RandomState::new();
    let mut seen: HashSet<u64> = HashSet::new();
    let mut apart: HashMap<Vec<u8>, Apart> = HashMap::new();
    let mut at = start;
    let mut key = Vec::new();
    // Whether the rows that are being read stand apart from others of their order.
    let mut is_apart = false;
    each_line(reader, |row| {
        let length = row.len();
        let own = rows.key(row);
        if own.is_empty() {
            key.clear();
        } else if own == key {
            if is_apart && let Some((_, run)) = apart.get_mut(own).and_then(|it| it.runs.last_mut())
            {
                *run += length;
            }
        } else {
            own.clone_into(&mut key);
            is_apart = !seen.insert(hasher.hash_one(own));
            if is_apart {
                apart
                    .entry(key.clone())
                    .or_default()
                    .runs
                    .push((at, length));
            }
        }
        at += u64::try_from(length).unwrap_or_default();
    })?;
    Ok(apart)
}

/// Gives each line with its end. Only one that the reader's buffer cuts is copied.
fn each_line(reader: &mut impl BufRead, mut give: impl FnMut(&[u8])) -> io::Result<()> {
    let mut cut = Vec::new();
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            if !cut.is_empty() {
                give(&cut);
            }
            return Ok(());
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', buffer) {
            let line = buffer.get(start..=end).unwrap_or_default();
            if cut.is_empty() {
                give(line);
            } else {
                cut.extend_from_slice(line);
                give(&cut);
                cut.clear();
            }
            start = end + 1;
        }
        cut.extend_from_slice(buffer.get(start..).unwrap_or_default());
        let length = buffer.len();
        reader.consume(length);
    }
}

#[cfg(test)]
mod tests;
