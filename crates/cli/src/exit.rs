//! Exit codes, the same everywhere.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All done; nothing to do, too.
    Done,
    /// Something unexpected: a port in use, a store that another process holds.
    Unexpected,
    /// What was compared differs: a test that failed.
    Differs,
    /// Wrong usage or configuration, or an input that can't be read.
    Usage,
    /// Some payloads failed or were parked; the rest is done.
    Some,
    /// The destination is unavailable or paused; run again later.
    Unavailable,
    /// Ended by a signal (2 is SIGINT, 15 is SIGTERM), after draining.
    Signal(u8),
}

impl Exit {
    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected | Self::Differs => 1,
            Self::Usage => 2,
            Self::Some => 3,
            Self::Unavailable => 4,
            Self::Signal(signal) => 128 + signal,
        }
    }
}
