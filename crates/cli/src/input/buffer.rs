//! Bytes that were read and not yet handed on.

use std::io::{self, ErrorKind, Read};

/// A buffer whose memory stays initialized when it is emptied, so that reading into it again costs
/// no clearing.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    /// What is in it.
    pub(crate) fn filled(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// Empties it.
    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        if let Some(room) = self.bytes.get_mut(self.filled..self.filled + bytes.len()) {
            room.copy_from_slice(bytes);
            self.filled += bytes.len();
        }
    }

    /// Reads up to so many bytes, once; false at the end.
    pub(super) fn fill(&mut self, reader: &mut dyn Read, most: usize) -> io::Result<bool> {
        self.reserve(most);
        let room = self.bytes.get_mut(self.filled..).unwrap_or_default();
        let read = loop {
            match reader.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.filled += read;
        Ok(read > 0)
    }

    /// Moves the first bytes into another buffer, in place of what was there.
    pub(super) fn hand_on(&mut self, end: usize, to: &mut Self) {
        let end = end.min(self.filled);
        to.clear();
        std::mem::swap(self, to);
        self.push(to.bytes.get(end..to.filled).unwrap_or_default());
        to.filled = end;
    }

    fn reserve(&mut self, more: usize) {
        if self.bytes.len() - self.filled < more {
            self.bytes.resize(self.filled + more, 0);
        }
    }
}
