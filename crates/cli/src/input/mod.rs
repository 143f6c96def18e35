//! Files and stdin, opened before anything is done with them.

mod buffer;
mod payloads;
mod reports;
mod scan;

pub(crate) use buffer::Buffer;
pub(crate) use payloads::{Chunk, Payloads, Unreadable};
pub(crate) use reports::{Batch, Reports};

use std::fs::File;
use std::io::{self, Read, Write};

/// An input that could be opened.
pub(crate) struct Input {
    /// Its name: a path, or `-` for stdin.
    pub(crate) name: String,
    pub(crate) reader: Box<dyn Read + Send>,
}

impl Input {
    /// Whether this is what is piped in.
    pub(crate) fn is_stdin(&self) -> bool {
        self.name == "-"
    }
}

/// Opens all files, so that a misspelled name is known before anything is done. `-`, and no file
/// at all, is stdin.
pub(crate) fn open(files: &[String], stdin: Box<dyn Read + Send>) -> Result<Vec<Input>, String> {
    let mut stdin = Some(stdin);
    let names: &[String] = if files.is_empty() {
        &["-".to_owned()]
    } else {
        files
    };
    let mut inputs = Vec::with_capacity(names.len());
    for name in names {
        let reader: Box<dyn Read + Send> = if name == "-" {
            stdin.take().ok_or("stdin (-) is named twice")?
        } else {
            let file = open_file(name).map_err(|error| format!("cannot read {name}: {error}"))?;
            Box::new(file)
        };
        inputs.push(Input {
            name: name.clone(),
            reader,
        });
    }
    Ok(inputs)
}

/// Tells somebody at a terminal that input is waited for: silence looks like hard work.
pub(crate) fn tell_of_waiting(inputs: &[Input], what: &str, stderr: &mut dyn Write) {
    if inputs.iter().any(Input::is_stdin) {
        let end = if cfg!(windows) {
            "Ctrl-Z and Enter"
        } else {
            "Ctrl-D"
        };
        let _ = writeln!(stderr, "reading {what} from the terminal; end with {end}");
    }
}

fn open_file(name: &str) -> io::Result<File> {
    let file = File::open(name)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    Ok(file)
}
