//! Raw payloads, packed. They are most of what is written, several times over on the way to the
//! disk, and JSON shrinks to a quarter.

use bytes::Bytes;

use super::Sql;
use super::error::unreadable;

/// Packing a few bytes gains nothing.
const SHORTEST: usize = 256;

/// More than this was never stored, whatever a damaged file says.
const LONGEST: usize = 1 << 30;

/// A payload as it is stored.
pub(super) struct Packed {
    /// The length when unpacked; `None` for bytes that are stored as they are.
    pub(super) length: Option<i64>,
    /// The bytes.
    pub(super) bytes: Bytes,
}

/// Packs a payload, if that makes it shorter.
pub(super) fn pack(body: &Bytes) -> Packed {
    let plain = || Packed {
        length: None,
        bytes: body.clone(),
    };
    if !(SHORTEST..=LONGEST).contains(&body.len()) {
        return plain();
    }
    let packed = lz4_flex::block::compress(body);
    match i64::try_from(body.len()) {
        Ok(length) if packed.len() < body.len() => Packed {
            length: Some(length),
            bytes: packed.into(),
        },
        _ => plain(),
    }
}

/// Unpacks a payload.
pub(super) fn unpack(length: Option<i64>, bytes: Vec<u8>) -> Sql<Bytes> {
    let bad = || unreadable("payload");
    let Some(length) = length else {
        return Ok(bytes.into());
    };
    let length = usize::try_from(length).map_err(|_| bad())?;
    if length > LONGEST {
        return Err(bad());
    }
    let body = lz4_flex::block::decompress(&bytes, length).map_err(|_| bad())?;
    if body.len() == length {
        Ok(body.into())
    } else {
        Err(bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for body in ["", "{}", &"{\"price\":\"19.99\"}".repeat(500)] {
            let body = Bytes::copy_from_slice(body.as_bytes());
            let packed = pack(&body);
            assert!(packed.bytes.len() <= body.len());
            let back = unpack(packed.length, packed.bytes.to_vec()).unwrap();
            assert_eq!(back, body);
        }
    }

    #[test]
    fn a_damaged_payload_is_an_error_and_takes_no_memory() {
        let packed = pack(&Bytes::from("{\"price\":\"19.99\"}".repeat(500)));
        for length in [-1, 3, 9_999, i64::MAX] {
            assert!(unpack(Some(length), packed.bytes.to_vec()).is_err());
        }
    }
}
