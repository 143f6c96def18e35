//! Numbers that follow from a value and tell nothing of it.

use sha2::{Digest, Sha256};

/// A sequence of numbers, the same for the same value.
pub(crate) struct Dice {
    seed: [u8; 32],
    block: [u8; 32],
    at: usize,
    round: u32,
}

impl Dice {
    /// `attempt` gives another sequence, where the first one led to nothing that can be used.
    pub(crate) fn new(value: &str, attempt: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"orderbridge scrub 1");
        hash.update(attempt.to_le_bytes());
        hash.update(value.as_bytes());
        let seed: [u8; 32] = hash.finalize().into();
        Self {
            seed,
            block: seed,
            at: 0,
            round: 0,
        }
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()]) % end.max(1)
    }

    /// One of these.
    pub(crate) fn one_of(&mut self, letters: &str) -> char {
        let count = u32::try_from(letters.chars().count()).unwrap_or(1);
        let place = self.below(count);
        let place = usize::try_from(place).unwrap_or_default();
        letters.chars().nth(place).unwrap_or('x')
    }

    fn byte(&mut self) -> u8 {
        if let Some(byte) = self.block.get(self.at) {
            self.at += 1;
            return *byte;
        }
        self.round += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.round.to_le_bytes());
        self.block = hash.finalize().into();
        self.at = 1;
        self.block.first().copied().unwrap_or_default()
    }
}
