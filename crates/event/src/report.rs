//! Reports: text with a header and a row for each line of an order.

use crate::MapError;

/// Reads the reports of a platform. Pure: whoever has the bytes cuts them into rows, puts the rows
/// of each order together, and gives them here to become a payload.
pub trait Report: Sync {
    /// The topic that the payloads are mapped under.
    fn topic(&self) -> &'static str;

    /// Reads the header of a report. `charset` is what came with the report, as in a
    /// `Content-Type`; without one it is found out.
    fn open(&self, header: &[u8], charset: Option<&str>) -> Result<Box<dyn Rows>, MapError>;
}

/// The rows of one report, whose header is known.
pub trait Rows: Send + Sync {
    /// What the rows of one order have in common, and no other row has; empty in rows of no order.
    fn key<'a>(&self, row: &'a [u8]) -> &'a [u8];

    /// Appends the payload that all rows of one order make. The rows are whole lines, as the report
    /// has them, in its order.
    fn payload(&self, rows: &[u8], out: &mut Vec<u8>);
}
