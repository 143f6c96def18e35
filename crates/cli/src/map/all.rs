//! All payloads of some inputs, mapped one after the other.

use orderbridge_event::Report;

use super::mapper::{Each, Mapper};
use crate::input::{Batch, Buffer, Chunk, Input, Payloads, Reports, Unreadable};

impl Mapper<'_> {
    /// Maps everything that the inputs hold: JSON, or the reports of a platform.
    pub(crate) fn all(
        &self,
        inputs: Vec<Input>,
        report: Option<&'static dyn Report>,
        each: &mut dyn Each,
    ) -> Result<(), Unreadable> {
        match report {
            Some(report) => self.reports(Reports::new(report, inputs), each),
            None => self.payloads(Payloads::new(inputs), each),
        }
    }

    fn payloads(&self, mut payloads: Payloads, each: &mut dyn Each) -> Result<(), Unreadable> {
        let mut piece = Buffer::default();
        let mut index = 0;
        while let Some(chunk) = payloads.next(&mut piece)? {
            match chunk {
                Chunk::Orders => {}
                Chunk::Lines { file, line } => {
                    for (line, text) in (line..).zip(piece.filled().split(|byte| *byte == b'\n')) {
                        self.text(file, line, text, None, each);
                    }
                }
                Chunk::Value {
                    file,
                    line,
                    in_list,
                } => {
                    let index = in_list.then_some(&mut index);
                    self.text(file, line, piece.filled(), index, each);
                }
            }
        }
        Ok(())
    }

    fn reports(&self, mut reports: Reports, each: &mut dyn Each) -> Result<(), Unreadable> {
        let mut batch = Batch::default();
        while reports.next(&mut batch)? {
            let file = batch.file;
            match batch.fault.take() {
                Some(fault) => self.fault(file, fault, each),
                None => batch.each(|line, reader, rows| {
                    self.rows(file, line, reader, rows, each);
                }),
            }
        }
        Ok(())
    }
}
