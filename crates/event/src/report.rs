//! Reports: text with a header and a row for each line of an order.

use crate::{Context, MapError, Mapped};

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

    /// Maps all rows of one order, to what mapping their payload would come to. The rows are whole
    /// lines, as the report has them, in its order.
    fn map(&self, rows: &[u8], context: &Context) -> Result<Mapped, MapError>;

    /// Reads the rows into the adapter's structs and does nothing with them: the yardstick that the
    /// mapping's speed is measured against.
    fn parse(&self, rows: &[u8]) -> Result<(), MapError>;

    /// Appends the payload that the rows make, to be stored and mapped later.
    fn payload(&self, rows: &[u8], out: &mut Vec<u8>);
}
