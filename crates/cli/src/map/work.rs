//! Threads that read, map and write in turn, so that the output keeps the order of the input.
//!
//! Each thread takes the next piece of input and its number, maps it, and writes when all before
//! it are written. Nothing piles up: there is one piece for each thread.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use orderbridge_event::Mapped;
use orderbridge_rules::Ruled;

use super::mapper::{Each, Mapper, Origin, write_outcome};
use super::tally::Tally;
use crate::input::{Batch, Buffer, Chunk, Payloads, Reports, Unreadable};

/// What is printed for a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A line that says what became of it.
    Outcomes,
    /// The bodies of its events.
    Bodies,
    /// Nothing at all.
    Nothing,
}

/// Where payloads come from.
pub(super) enum Feed {
    /// Lines and documents of JSON.
    Payloads(Payloads),
    /// Rows of reports.
    Reports(Reports),
}

/// How a run ended.
pub(super) struct Done {
    pub(super) tally: Tally,
    pub(super) unreadable: Option<Unreadable>,
    pub(super) unwritable: Option<io::Error>,
}

/// Maps all inputs with so many threads.
pub(super) fn run(
    mapper: &Mapper<'_>,
    form: Form,
    feed: Feed,
    jobs: usize,
    stdout: Box<dyn Write + Send>,
) -> Done {
    let work = Work {
        mapper,
        form,
        reading: Mutex::new(Reading {
            feed,
            next: 0,
            index: 0,
            unreadable: None,
        }),
        writing: Mutex::new(Writing {
            out: stdout,
            turn: 0,
            tally: Tally::default(),
            unwritable: None,
        }),
        turned: Condvar::new(),
    };
    thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(|| work.all());
        }
        work.all();
    });
    let reading = work
        .reading
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let writing = work
        .writing
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Done {
        tally: writing.tally,
        unreadable: reading.unreadable,
        unwritable: writing.unwritable,
    }
}

struct Work<'a> {
    mapper: &'a Mapper<'a>,
    form: Form,
    reading: Mutex<Reading>,
    writing: Mutex<Writing>,
    turned: Condvar,
}

struct Reading {
    feed: Feed,
    /// The number of the next piece.
    next: u64,
    /// Counts the payloads of a list that is read value by value.
    index: u64,
    unreadable: Option<Unreadable>,
}

struct Writing {
    out: Box<dyn Write + Send>,
    /// The number of the piece that is to be written next.
    turn: u64,
    tally: Tally,
    unwritable: Option<io::Error>,
}

/// What a thread has taken from the input.
#[derive(Default)]
struct Piece {
    text: Buffer,
    orders: Batch,
}

/// What a thread has made of its piece.
struct Made {
    form: Form,
    out: Vec<u8>,
    tally: Tally,
}

impl Work<'_> {
    /// Works until there is nothing left.
    fn all(&self) {
        let mut piece = Piece::default();
        let mut made = Made {
            form: self.form,
            out: Vec::new(),
            tally: Tally::default(),
        };
        while let Some(number) = self.one(&mut piece, &mut made) {
            if !self.write(number, &mut made) {
                return;
            }
        }
    }

    /// Reads and maps the next piece and gives its number; `None` when there is none.
    fn one(&self, piece: &mut Piece, made: &mut Made) -> Option<u64> {
        let mut reading = lock(&self.reading);
        if reading.unreadable.is_some() {
            return None;
        }
        let next = match &mut reading.feed {
            Feed::Payloads(payloads) => payloads.next(&mut piece.text),
            Feed::Reports(reports) => reports
                .next(&mut piece.orders)
                .map(|more| more.then_some(Chunk::Orders)),
        };
        let chunk = match next {
            Ok(chunk) => chunk?,
            Err(unreadable) => {
                reading.unreadable = Some(unreadable);
                return None;
            }
        };
        let number = reading.next;
        reading.next += 1;
        match chunk {
            Chunk::Orders => {
                drop(reading);
                self.orders(&mut piece.orders, made);
            }
            Chunk::Lines { file, line } => {
                drop(reading);
                let bytes = piece.text.filled();
                let mut start = 0;
                let ends = memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]);
                for (line, end) in (line..).zip(ends) {
                    let text = bytes.get(start..end).unwrap_or_default();
                    self.mapper.text(file, line, text, None, made);
                    start = end + 1;
                }
            }
            // Payloads of a list are counted, so they are mapped one after the other.
            Chunk::Value {
                file,
                line,
                in_list,
            } => {
                if !in_list {
                    reading.index = 0;
                }
                let index = in_list.then_some(&mut reading.index);
                self.mapper
                    .text(file, line, piece.text.filled(), index, made);
            }
        }
        Some(number)
    }

    /// Maps the orders of a report.
    fn orders(&self, orders: &mut Batch, made: &mut Made) {
        let file = orders.file;
        match orders.fault.take() {
            Some(fault) => self.mapper.fault(file, fault, made),
            None => orders.each(|line, reader, rows| {
                self.mapper.rows(file, line, reader, rows, made);
            }),
        }
    }

    /// Writes a piece when it is its turn; false when writing has failed.
    fn write(&self, number: u64, made: &mut Made) -> bool {
        let mut writing = lock(&self.writing);
        while writing.turn != number && writing.unwritable.is_none() {
            writing = self
                .turned
                .wait(writing)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let goes_on = writing.unwritable.is_none();
        if goes_on {
            let written = writing
                .out
                .write_all(&made.out)
                .and_then(|()| writing.out.flush());
            writing.unwritable = written.err();
            writing.tally.merge(std::mem::take(&mut made.tally));
            writing.turn += 1;
        }
        self.turned.notify_all();
        made.out.clear();
        made.tally = Tally::default();
        goes_on && writing.unwritable.is_none()
    }
}

impl Each for Made {
    fn ruled(&mut self, origin: Origin<'_>, ruled: &Ruled) {
        self.tally.add(&ruled.result);
        self.tally.add_hits(&ruled.hits);
        match (self.form, &ruled.result) {
            (Form::Outcomes, outcome) => write_outcome(&mut self.out, &origin, outcome),
            (Form::Bodies, Ok(Mapped::Events(events))) => {
                for event in events.iter() {
                    event.write_json(&mut self.out);
                    self.out.push(b'\n');
                }
            }
            (Form::Bodies, Err(error)) => self.tally.tell(&origin, error),
            (Form::Bodies | Form::Nothing, _) => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
