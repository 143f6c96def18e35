//! The one thread that writes. Whoever waits at the same time shares a commit.

use std::any::Any;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::super::hooks::{FailPoint, Hooks};
use super::super::{StoreError, StoreErrorKind};
use super::error::failed;
use super::labels::Labels;
use super::tally::Tally;
use super::{Sql, connection, idle};

/// At most so many operations share a commit,
const LARGEST_GROUP: usize = 256;
/// and none is added to it after this time, so that the first one does not wait for all others.
const GATHER: Duration = Duration::from_millis(2);
/// After this time without work the journal is merged and space given back.
const IDLE: Duration = Duration::from_millis(500);

/// What an operation works on: a transaction and what belongs to it.
pub(super) struct Work<'a> {
    pub(super) conn: &'a Connection,
    pub(super) labels: &'a mut Labels,
    pub(super) tally: &'a mut Tally,
}

/// An operation. It may be run again if another one of its group failed.
type Run = Box<dyn FnMut(&mut Work<'_>) -> Sql<Box<dyn Any + Send>> + Send>;

enum Job {
    Task(Task),
    /// Merges the journal and cuts it; tells whether nothing is left of it.
    Merge(oneshot::Sender<bool>),
}

struct Task {
    operation: &'static str,
    run: Run,
    done: oneshot::Sender<Result<Box<dyn Any + Send>, StoreError>>,
}

/// The writer, from outside.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

/// What the writer tells of itself.
#[derive(Debug, Default)]
struct Shared {
    last_commit_micros: AtomicU64,
}

impl Writer {
    /// Starts the thread on an open connection.
    pub(super) fn start(
        conn: Connection,
        reopen: Reopen,
        hooks: Hooks,
    ) -> Result<Self, StoreError> {
        let (jobs, inbox) = channel();
        let shared = Arc::new(Shared::default());
        let state = Thread {
            conn: Some(conn),
            reopen,
            hooks,
            labels: Labels::default(),
            tally: Tally::default(),
            shared: Arc::clone(&shared),
        };
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || state.run(&inbox))
            .map_err(|error| StoreError::caused("open", StoreErrorKind::Unknown, error))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
            shared,
        })
    }

    /// Runs an operation in a commit, perhaps together with others, and waits for the commit.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        mut run: impl FnMut(&mut Work<'_>) -> Sql<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::new(operation, StoreErrorKind::Closed);
        let (done, answer) = oneshot::channel();
        let task = Task {
            operation,
            run: Box::new(move |work| Ok(Box::new(run(work)?))),
            done,
        };
        if !self.send(Job::Task(task)) {
            return Err(closed());
        }
        let answer = answer.await.map_err(|_| closed())??;
        answer
            .downcast()
            .map(|answer| *answer)
            .map_err(|_| closed())
    }

    /// Merges the journal into the file and cuts it, which removes what was erased from it. False
    /// if a reader keeps it from that; it is then done as soon as nothing else is.
    pub(super) async fn merge(&self) -> Result<bool, StoreError> {
        let closed = || StoreError::new("merge", StoreErrorKind::Closed);
        let (done, answer) = oneshot::channel();
        if !self.send(Job::Merge(done)) {
            return Err(closed());
        }
        answer.await.map_err(|_| closed())
    }

    fn send(&self, job: Job) -> bool {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }

    /// How long the last commit took.
    pub(super) fn last_commit(&self) -> Duration {
        Duration::from_micros(self.shared.last_commit_micros.load(Ordering::Relaxed))
    }

    /// Finishes what is queued and ends the thread. The connection is closed after this.
    pub(super) fn stop(&self) {
        drop(
            self.jobs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // A panic was the end of the thread already; there is nothing left to do about it.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How to open the file again.
#[derive(Clone, Debug)]
pub(super) struct Reopen {
    pub(super) path: PathBuf,
    pub(super) max_pages: Option<u32>,
}

struct Thread {
    /// `None` after a commit failed, until the file is open again.
    conn: Option<Connection>,
    reopen: Reopen,
    hooks: Hooks,
    labels: Labels,
    tally: Tally,
    shared: Arc<Shared>,
}

impl Thread {
    fn run(mut self, inbox: &Receiver<Job>) {
        let mut tidy = true;
        loop {
            let wait = if tidy { Duration::MAX } else { IDLE };
            match inbox.recv_timeout(wait) {
                Ok(Job::Task(first)) => {
                    let merge = self.group(first, inbox);
                    tidy = false;
                    if let Some(done) = merge {
                        self.merge(done);
                    }
                }
                Ok(Job::Merge(done)) => {
                    self.merge(done);
                    tidy = false;
                }
                Err(RecvTimeoutError::Timeout) => tidy = self.tidy(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.tidy();
    }

    fn tidy(&self) -> bool {
        self.conn.as_ref().is_none_or(idle::tidy)
    }

    fn merge(&self, done: oneshot::Sender<bool>) {
        let merged = self.conn.as_ref().map(idle::truncate);
        // Nobody waits any more: it is done all the same.
        let _ = done.send(matches!(merged, Some(Ok(true))));
    }

    /// Runs a task and all that wait with it, in one commit. A merge that came meanwhile is
    /// handed back, to be done after it.
    fn group(&mut self, first: Task, inbox: &Receiver<Job>) -> Option<oneshot::Sender<bool>> {
        let started = Instant::now();
        let mut merge = None;
        if let Err(error) = self.begin() {
            refuse(vec![first], &error);
            return merge;
        }
        let mut tasks = Vec::new();
        let mut answers = Vec::new();
        let mut next = Some(first);
        while let Some(mut task) = next.take() {
            let answer = self.work(&mut task);
            let failed = answer.is_err();
            tasks.push(task);
            answers.push(answer);
            if failed {
                break;
            }
            if tasks.len() < LARGEST_GROUP && started.elapsed() < GATHER {
                match inbox.try_recv() {
                    Ok(Job::Task(task)) => next = Some(task),
                    Ok(Job::Merge(done)) => merge = Some(done),
                    Err(_) => {}
                }
            }
        }
        if answers.iter().any(Result::is_err) {
            self.rollback();
            // One that fails must not take the others with it, now or when they come again.
            if let [_] = answers.as_slice() {
                for (task, answer) in tasks.into_iter().zip(answers) {
                    let operation = task.operation;
                    let answer = answer.map_err(|error| failed(operation, error));
                    let _ = task.done.send(answer);
                }
            } else {
                for task in tasks {
                    self.alone(task);
                }
            }
            return merge;
        }
        match self.commit() {
            Ok(()) => {
                for (task, answer) in tasks.into_iter().zip(answers) {
                    let operation = task.operation;
                    let answer = answer.map_err(|error| failed(operation, error));
                    // Nobody waits any more: the work is done all the same.
                    let _ = task.done.send(answer);
                }
            }
            Err(error) => refuse(tasks, &error),
        }
        merge
    }

    /// Runs one task in a commit of its own.
    fn alone(&mut self, mut task: Task) {
        if let Err(error) = self.begin() {
            return refuse(vec![task], &error);
        }
        let operation = task.operation;
        match self.work(&mut task) {
            Ok(answer) => match self.commit() {
                Ok(()) => {
                    let _ = task.done.send(Ok(answer));
                }
                Err(error) => refuse(vec![task], &error),
            },
            Err(error) => {
                self.rollback();
                let _ = task.done.send(Err(failed(operation, error)));
            }
        }
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        let conn = if let Some(conn) = &self.conn {
            conn
        } else {
            let Reopen { path, max_pages } = &self.reopen;
            let conn = connection::writer(path, *max_pages)?;
            self.conn.insert(conn)
        };
        let begun = conn.execute_batch("BEGIN IMMEDIATE");
        if begun.is_err() && !conn.is_autocommit() {
            self.conn = None;
        }
        begun.map_err(|error| failed("write", error))
    }

    fn work(&mut self, task: &mut Task) -> Sql<Box<dyn Any + Send>> {
        let Some(conn) = &self.conn else {
            return Err(rusqlite::Error::InvalidQuery);
        };
        (task.run)(&mut Work {
            conn,
            labels: &mut self.labels,
            tally: &mut self.tally,
        })
    }

    fn rollback(&mut self) {
        self.labels.clear();
        self.tally.clear();
        let Some(conn) = &self.conn else { return };
        // A full disk has rolled back already.
        if !conn.is_autocommit() && conn.execute_batch("ROLLBACK").is_err() {
            self.conn = None;
        }
    }

    /// Commits. After an error nobody knows whether it happened, so the connection, which might,
    /// is given up.
    fn commit(&mut self) -> Result<(), StoreError> {
        let started = Instant::now();
        let result = self.try_commit();
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.shared
            .last_commit_micros
            .store(micros, Ordering::Relaxed);
        if result.is_err() {
            self.rollback();
            self.conn = None;
        }
        result
    }

    fn try_commit(&mut self) -> Result<(), StoreError> {
        let Some(conn) = &self.conn else {
            return Err(StoreError::new("commit", StoreErrorKind::Closed));
        };
        let flushed = self.tally.flush(conn);
        flushed.map_err(|error| failed("commit", error))?;
        self.hooks.pass(FailPoint::BeforeCommit)?;
        let committed = conn.execute_batch("COMMIT");
        committed.map_err(|error| failed("commit", error))?;
        self.hooks.pass(FailPoint::AfterCommit)
    }
}

fn refuse(tasks: Vec<Task>, error: &StoreError) {
    for task in tasks {
        let _ = task.done.send(Err(StoreError {
            operation: task.operation,
            ..error.clone()
        }));
    }
}
