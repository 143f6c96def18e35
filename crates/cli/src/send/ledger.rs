//! What became of each line: counts, the rejects file, and the lines on stderr.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::ProgressBar;
use orderbridge_core::{
    Cause, Job, ParkReason, Place, Progress, SendError, Transport, show_duration,
};
use orderbridge_event::Code;
use orderbridge_event::check::{Finding, Severity};

/// How many pieces of the input are listed at the end.
const MOST_RANGES: usize = 10;
/// How many lines that fail the check are told one by one. A wrong file fails at each line.
const MOST_INVALID: u64 = 20;
/// How an outcome begins that `map` prints.
const OUTCOME: &[u8] = br#"{"input":{"file":"#;

/// The counts of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) delivered: u64,
    pub(super) retries: u64,
    pub(super) rejected: u64,
    pub(super) invalid: u64,
    pub(super) expired: u64,
    pub(super) undelivered: u64,
    pub(super) warnings: BTreeMap<Code, u64>,
    pub(super) input_failed: bool,
    pub(super) rejects_failed: bool,
}

impl Counts {
    /// How many lines failed for good.
    pub(super) fn failed(&self) -> u64 {
        self.rejected + self.invalid + self.expired
    }
}

/// Keeps account. Shared by the thread that reads and the one that delivers.
pub(super) struct Ledger {
    /// The names of the inputs.
    names: Vec<String>,
    /// Whether to print what the endpoint answered, which may repeat the event.
    verbose: bool,
    give_up_after: Duration,
    inner: Mutex<Inner>,
}

struct Inner {
    counts: Counts,
    stderr: Box<dyn Write + Send>,
    rejects: Option<File>,
    bar: Option<ProgressBar>,
    warned_of_trouble: bool,
    /// Undelivered lines, joined where they follow each other.
    ranges: Vec<(usize, u64, u64)>,
}

impl Ledger {
    pub(super) fn new(
        names: Vec<String>,
        verbose: bool,
        give_up_after: Duration,
        stderr: Box<dyn Write + Send>,
        rejects: Option<File>,
        bar: Option<ProgressBar>,
    ) -> Self {
        let inner = Inner {
            counts: Counts::default(),
            stderr,
            rejects,
            bar,
            warned_of_trouble: false,
            ranges: Vec::new(),
        };
        Self {
            names,
            verbose,
            give_up_after,
            inner: Mutex::new(inner),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line for people.
    pub(super) fn say(&self, line: &str) {
        self.inner().say(line);
    }

    /// The counts so far.
    pub(super) fn counts(&self) -> Counts {
        self.inner().counts.clone()
    }

    /// Counts warnings.
    pub(super) fn warned(&self, findings: &[Finding]) {
        let warnings = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning);
        let mut codes = warnings.map(|finding| finding.code).peekable();
        if codes.peek().is_some() {
            let mut inner = self.inner();
            codes.for_each(|code| *inner.counts.warnings.entry(code).or_default() += 1);
        }
    }

    /// Puts a line aside that fails the check.
    pub(super) fn invalid(&self, place: Place, body: &[u8], findings: &[Finding]) {
        let mut line = format!("{}: invalid", self.show(place));
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        for (number, finding) in errors.enumerate() {
            line.push_str(if number == 0 { ": " } else { "; " });
            // The summary, unlike the message, can't hold anything of the event.
            let _ = write!(line, "{}: {}", finding.code, finding.code.summary());
            if !finding.path.is_empty() {
                let _ = write!(line, " (at {})", finding.path);
            }
        }
        let mut inner = self.inner();
        inner.counts.invalid += 1;
        inner.reject(body);
        let count = inner.counts.invalid;
        if count <= MOST_INVALID || self.verbose {
            inner.say(&line);
        }
        if count == 1 && body.starts_with(OUTCOME) {
            inner.say("this is what `orderbridge map` prints without --events-only; add that flag");
        }
        if count == MOST_INVALID + 1 && !self.verbose {
            inner.say("more lines fail the check; they are counted (-v lists them)");
        }
    }

    /// Notes that an input can't be read on.
    pub(super) fn input_failed(&self, name: &str, error: &io::Error) {
        let mut inner = self.inner();
        inner.counts.input_failed = true;
        inner.say(&format!("error: cannot read {name}: {error}"));
    }

    /// Notes what became of an event.
    pub(super) fn note(&self, progress: &Progress<'_>) {
        match progress {
            Progress::Delivered(_) => {
                let mut inner = self.inner();
                inner.counts.delivered += 1;
                if let Some(bar) = &inner.bar {
                    bar.inc(1);
                }
            }
            Progress::Retrying(_, failure, wait) => self.retrying(failure, *wait),
            Progress::Parked(job, reason, failure) => self.parked(job, *reason, failure),
            Progress::Undelivered(job) => self.undelivered(job),
        }
    }

    fn retrying(&self, failure: &SendError, wait: Duration) {
        let mut inner = self.inner();
        inner.counts.retries += 1;
        let first = inner.counts.delivered == 0 && !inner.warned_of_trouble;
        inner.warned_of_trouble = true;
        if first || self.verbose {
            let why = describe(failure);
            if wait < self.give_up_after {
                let wait = show_duration(wait);
                let patience = show_duration(self.give_up_after);
                inner.say(&format!(
                    "{why}; trying again in {wait}, for up to {patience}"
                ));
            } else {
                // Only what others achieve meanwhile can save it.
                inner.say(&why);
            }
        }
    }

    fn parked(&self, job: &Job, reason: ParkReason, failure: &SendError) {
        let place = self.show(job.place);
        let mut inner = self.inner();
        let mut line = match reason {
            ParkReason::Rejected => {
                inner.counts.rejected += 1;
                format!("{place}: rejected: {failure}")
            }
            ParkReason::Expired => {
                inner.counts.expired += 1;
                format!("{place}: given up: {failure}")
            }
        };
        if self.verbose
            && let Cause::Answered(answer) = &failure.cause
        {
            let _ = write!(line, ": {}", answer.excerpt.escape_debug());
        }
        inner.reject(&job.body);
        inner.say(&line);
    }

    /// Notes an event that was not delivered before the end.
    pub(super) fn undelivered(&self, job: &Job) {
        let mut inner = self.inner();
        inner.counts.undelivered += 1;
        inner.reject(&job.body);
        let Place { file, line } = job.place;
        match inner.ranges.last_mut() {
            Some((last_file, _, last)) if *last_file == file && *last + 1 == line => *last = line,
            _ => inner.ranges.push((file, line, line)),
        }
    }

    /// The undelivered lines in words; nothing when there are none.
    pub(super) fn undelivered_lines(&self) -> Option<String> {
        let inner = self.inner();
        let shown: Vec<String> = inner
            .ranges
            .iter()
            .take(MOST_RANGES)
            .map(|(file, first, last)| {
                let name = self.name(*file);
                if first == last {
                    format!("{name}:{first}")
                } else {
                    format!("{name}:{first}-{last}")
                }
            })
            .collect();
        let more = inner.ranges.len().saturating_sub(MOST_RANGES);
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} other places")
        };
        (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
    }

    /// Brings the rejects file to the disk and the progress bar to its end.
    pub(super) fn close(&self) {
        let mut inner = self.inner();
        if let Some(bar) = inner.bar.take() {
            bar.finish_and_clear();
        }
        if let Some(file) = inner.rejects.take()
            && let Err(error) = file.sync_all()
        {
            inner.rejects_failed(&error);
        }
    }

    fn name(&self, file: usize) -> &str {
        self.names.get(file).map_or("", String::as_str)
    }

    fn show(&self, place: Place) -> String {
        format!("{}:{}", self.name(place.file), place.line)
    }
}

impl Inner {
    fn say(&mut self, line: &str) {
        let stderr = &mut self.stderr;
        let mut write = || {
            let _ = writeln!(stderr, "{line}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn reject(&mut self, body: &[u8]) {
        if let Some(file) = &mut self.rejects {
            let mut line = Vec::with_capacity(body.len() + 1);
            line.extend_from_slice(body);
            line.push(b'\n');
            if let Err(error) = file.write_all(&line) {
                self.rejects = None;
                self.rejects_failed(&error);
            }
        }
    }

    fn rejects_failed(&mut self, error: &io::Error) {
        self.counts.rejects_failed = true;
        self.say(&format!(
            "error: the rejects file can't be written: {error}"
        ));
    }
}

/// A failure for people: what happened, and the system's own words if no connection was made.
pub(super) fn describe(failure: &SendError) -> String {
    let mut text = failure.to_string();
    if matches!(failure.cause, Cause::Transport(Transport::Connect)) {
        let mut cause = failure.source();
        while let Some(deeper) = cause.and_then(Error::source) {
            cause = Some(deeper);
        }
        if let Some(cause) = cause {
            let _ = write!(text, " ({cause})");
        }
    }
    text
}
