//! Runs a command in process and shows all that a user would see of it.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, Mutex};

use orderbridge_cli::{Exit, Io};

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) command: String,
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A stream whose text can be looked at afterwards.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `orderbridge` with these arguments, with this text piped in.
pub(crate) fn run(args: &[&str], stdin: &(impl AsRef<[u8]> + ?Sized)) -> Ran {
    run_on(args, Box::new(Cursor::new(stdin.as_ref().to_vec())), false)
}

/// Runs `orderbridge` on a stream, or on what stands for a terminal.
pub(crate) fn run_on(args: &[&str], stdin: Box<dyn Read + Send>, stdin_terminal: bool) -> Ran {
    let (stdout, stderr) = (Page::default(), Page::default());
    let io = Io {
        stdin,
        stdout: Box::new(stdout.clone()),
        stderr: Box::new(stderr.clone()),
        terminal: false,
        stdout_terminal: false,
        stdin_terminal,
        columns: Some(100),
    };
    let words = std::iter::once("orderbridge").chain(args.iter().copied());
    let exit = orderbridge_cli::run(words.map(OsString::from), io);
    Ran {
        command: ["orderbridge", &args.join(" ")]
            .join(" ")
            .trim_end()
            .to_owned(),
        exit,
        stdout: stdout.text(),
        stderr: stderr.text(),
    }
}

impl Ran {
    /// The same with a text replaced that differs from run to run.
    pub(crate) fn replace(mut self, changing: &str, with: &str) -> Self {
        for text in [&mut self.command, &mut self.stdout, &mut self.stderr] {
            *text = text.replace(changing, with);
        }
        self
    }

    /// Compares everything with the snapshot of this name.
    pub(crate) fn check(&self, name: &str) {
        let mut text = format!("exit {}\n", self.exit.code());
        for (title, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.is_empty() {
                let _ = write!(text, "----- {title}\n{stream}");
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../snapshots/cli");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(&self.command);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}
