//! Reports among the inputs, one after the other.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Seek as _};

use orderbridge_connect::report::{self, Orders};
use orderbridge_event::{MapError, Report, Rows};

use super::{Input, Unreadable};

/// Some orders of a report.
#[derive(Default)]
pub(crate) struct Batch {
    /// The report's place among the inputs.
    pub(crate) file: usize,
    /// What is wrong with the report, instead of orders.
    pub(crate) fault: Option<MapError>,
    orders: report::Batch,
}

impl Batch {
    /// Gives the rows of each order, with the line of the first one, and who can read them.
    pub(crate) fn each(&self, give: impl FnMut(u64, &dyn Rows, &[u8])) {
        self.orders.each(give);
    }
}

/// Reads all reports.
pub(crate) struct Reports {
    report: &'static dyn Report,
    inputs: VecDeque<Input>,
    current: Option<Orders>,
    file: usize,
}

impl Reports {
    pub(crate) fn new(report: &'static dyn Report, inputs: Vec<Input>) -> Self {
        Self {
            report,
            inputs: inputs.into(),
            current: None,
            file: 0,
        }
    }

    /// Fills the batch with the next orders; false at the end of the last report.
    pub(crate) fn next(&mut self, batch: &mut Batch) -> Result<bool, Unreadable> {
        loop {
            let file = self.file;
            let unreadable = |error| Unreadable { file, error };
            batch.file = file;
            batch.fault = None;
            batch.orders.clear();
            if let Some(current) = &mut self.current {
                if current.fill(&mut batch.orders).map_err(unreadable)? {
                    return Ok(true);
                }
                self.current = None;
                self.file += 1;
                continue;
            }
            let Some(input) = self.inputs.pop_front() else {
                return Ok(false);
            };
            let input = readable_twice(input).map_err(unreadable)?;
            match Orders::open(input, self.report, None).map_err(unreadable)? {
                Some(Ok(orders)) => self.current = Some(orders),
                Some(Err(fault)) => {
                    batch.fault = Some(fault);
                    self.file += 1;
                    return Ok(true);
                }
                None => self.file += 1,
            }
        }
    }
}

/// A file that can be read from its start again: the input itself, or a copy of it.
fn readable_twice(mut input: Input) -> io::Result<File> {
    if !input.is_stdin() {
        let file = File::open(&input.name)?;
        if file.metadata()?.is_file() {
            return Ok(file);
        }
    }
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut input.reader, &mut copy)?;
    copy.rewind()?;
    Ok(copy)
}
