//! The streams a command works on, so that tests can run it in process.

use std::io::{self, IsTerminal, Read, Write};

/// stdin, stdout and stderr of a command.
#[expect(missing_debug_implementations, reason = "streams have nothing to show")]
pub struct Io {
    /// What is piped in.
    pub stdin: Box<dyn Read + Send>,
    /// Results, and nothing else.
    pub stdout: Box<dyn Write + Send>,
    /// Everything else.
    pub stderr: Box<dyn Write + Send>,
    /// Whether stderr is a terminal, where a progress bar makes sense.
    pub terminal: bool,
    /// Whether stdout is a terminal, where colors make sense.
    pub stdout_terminal: bool,
    /// Whether stdin is a terminal, where somebody has to know that they are waited for.
    pub stdin_terminal: bool,
    /// The width of help; nothing is that of the terminal.
    pub columns: Option<usize>,
}

impl Io {
    /// The streams of this process.
    pub fn of_process() -> Self {
        Self {
            stdin: Box::new(io::stdin()),
            stdout: Box::new(io::stdout()),
            stderr: Box::new(io::stderr()),
            terminal: io::stderr().is_terminal(),
            stdout_terminal: io::stdout().is_terminal(),
            stdin_terminal: io::stdin().is_terminal(),
            columns: None,
        }
    }
}
