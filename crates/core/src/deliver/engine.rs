//! The loop: start what may start, settle what came back, wait for whatever is next.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fmt;
use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use super::input::{Job, Queue};
use crate::gate::Gate;
use crate::refusals::Refusals;
use crate::{
    Answer, DeliveryConfig, FailureKind, Next, ParkReason, Permission, SendError, Sink, Tried, next,
};

/// Delivers events to one destination, with retries in memory.
pub struct Delivery<'a> {
    /// Where events go.
    pub sink: &'a dyn Sink,
    /// How.
    pub config: &'a DeliveryConfig,
    /// How long the destination may answer nothing useful before the delivery ends.
    pub give_up_after: Duration,
    /// Gives the jitter of each delay, between 0 and 1.
    pub jitter: &'a (dyn Fn() -> f32 + Sync),
}

impl fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("config", self.config)
            .finish_non_exhaustive()
    }
}

/// What became of an event, or what holds it up.
#[derive(Debug)]
pub enum Progress<'a> {
    /// Delivered; an answer that says "duplicate" counts.
    Delivered(&'a Job),
    /// Tried in vain; it is tried again after this time.
    Retrying(&'a Job, &'a SendError, Duration),
    /// Put aside for good.
    Parked(&'a Job, ParkReason, &'a SendError),
    /// Not delivered when the delivery ended.
    Undelivered(&'a Job),
}

/// How a delivery ended. What the queue still holds was not touched, unless it finished.
#[derive(Debug)]
pub enum Ended {
    /// Each event is delivered or parked.
    Finished,
    /// The destination refuses everything, for this reason.
    Paused(SendError),
    /// The destination did not work for too long; this was its last failure.
    Unavailable(SendError),
    /// Asked to stop.
    Stopped,
}

impl Delivery<'_> {
    /// Delivers all events of the queue, or until `stop` is done; requests under way are finished
    /// in any case. Each event that was taken from the queue is reported exactly once as
    /// delivered, parked or undelivered.
    pub async fn run(
        &self,
        queue: &mut Queue,
        stop: impl Future<Output = ()>,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Ended {
        let started = Instant::now();
        let mut stop = pin!(stop);
        let mut engine = Engine::new(self, report);
        let mut under_way = FuturesUnordered::new();
        loop {
            let now = started.elapsed();
            match engine.step(now, under_way.len()) {
                Step::Start(event) => {
                    engine.gate.started(now);
                    under_way.push(attempt(self.sink, event));
                }
                Step::End => return engine.end(),
                Step::Wait { fresh, until } => tokio::select! {
                    biased;
                    () = &mut stop, if !engine.stopping => engine.stopping = true,
                    Some((event, result)) = under_way.next(), if !under_way.is_empty() => {
                        engine.settle(event, result, started.elapsed());
                    }
                    job = queue.next(), if fresh => match job {
                        Some(job) => engine.take(job, started.elapsed()),
                        None => engine.input_open = false,
                    },
                    () = wait_until(until.map(|until| started + until)) => {}
                },
            }
        }
    }
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

async fn attempt(sink: &dyn Sink, event: Event) -> (Event, Result<Answer, SendError>) {
    let result = sink.send(&event.job.body).await;
    (event, result)
}

/// An event and its history.
struct Event {
    job: Job,
    due: Duration,
    attempts: u32,
    /// When it was taken, on a clock that stands still while the breaker is open.
    taken_at: Duration,
}

// Ordered by due time, then as they came in.
impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due, self.job.place).cmp(&(other.due, other.job.place))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

enum Step {
    Start(Event),
    Wait {
        fresh: bool,
        until: Option<Duration>,
    },
    End,
}

/// A destination that has not answered anything useful since a moment.
struct Trouble {
    since: Duration,
    last: SendError,
}

struct Engine<'a, 'r> {
    delivery: &'a Delivery<'a>,
    report: &'r mut dyn FnMut(Progress<'_>),
    gate: Gate,
    waiting: BinaryHeap<Reverse<Event>>,
    refusals: Refusals,
    trouble: Option<Trouble>,
    paused: Option<SendError>,
    stopping: bool,
    input_open: bool,
}

impl<'a, 'r> Engine<'a, 'r> {
    fn new(delivery: &'a Delivery<'a>, report: &'r mut dyn FnMut(Progress<'_>)) -> Self {
        Self {
            delivery,
            report,
            gate: Gate::new(delivery.config),
            waiting: BinaryHeap::new(),
            refusals: Refusals::new(&delivery.config.retry.refusals),
            trouble: None,
            paused: None,
            stopping: false,
            input_open: true,
        }
    }

    /// Decides what to do next.
    fn step(&mut self, now: Duration, under_way: usize) -> Step {
        let idle = under_way == 0;
        let deadline = self
            .trouble
            .as_ref()
            .map(|trouble| trouble.since + self.delivery.give_up_after);
        let too_late = |time: Duration| deadline.is_some_and(|deadline| time >= deadline);
        let finished = self.waiting.is_empty() && !self.input_open;
        if self.stopping || self.paused.is_some() || finished || too_late(now) {
            return if idle {
                Step::End
            } else {
                Step::Wait {
                    fresh: false,
                    until: None,
                }
            };
        }
        if under_way >= self.delivery.config.concurrency.max(1) {
            return Step::Wait {
                fresh: false,
                until: None,
            };
        }
        let probe = match self.gate.permission(now) {
            Permission::Yes => false,
            Permission::Probe => true,
            Permission::Probing => {
                return Step::Wait {
                    fresh: false,
                    until: None,
                };
            }
            // There is no point in waiting for something that comes after the deadline.
            Permission::NotBefore(until) if idle && too_late(until) => return Step::End,
            Permission::NotBefore(until) => {
                return Step::Wait {
                    fresh: false,
                    until: Some(until),
                };
            }
        };
        let due = self.waiting.peek().map(|Reverse(event)| event.due);
        if due.is_some_and(|due| due <= now || probe)
            && let Some(Reverse(event)) = self.waiting.pop()
        {
            return Step::Start(event);
        }
        if idle && !self.input_open && due.is_some_and(too_late) {
            return Step::End;
        }
        let until = [due, deadline].into_iter().flatten().min();
        Step::Wait {
            fresh: self.input_open,
            until,
        }
    }

    /// Takes a new event, due at once.
    fn take(&mut self, job: Job, now: Duration) {
        let taken_at = now.saturating_sub(self.gate.open_time(now));
        self.waiting.push(Reverse(Event {
            job,
            due: Duration::ZERO,
            attempts: 0,
            taken_at,
        }));
    }

    fn settle(&mut self, mut event: Event, result: Result<Answer, SendError>, now: Duration) {
        let retry = &self.delivery.config.retry;
        self.gate
            .ended(now, result.as_ref().err(), retry.schedule.delay(1));
        let failure = match result {
            Ok(answer) => {
                log_attempt(&event, "delivered", Some(answer.status));
                self.trouble = None;
                self.refusals.taken(now);
                return (self.report)(Progress::Delivered(&event.job));
            }
            Err(failure) => failure,
        };
        log_attempt(&event, failure.kind.as_str(), failure.status());
        if failure.kind == FailureKind::Rejected {
            self.refusals.refused(now);
        }
        event.attempts += u32::from(failure.kind.spends_attempt());
        let clock = now.saturating_sub(self.gate.open_time(now));
        let tried = Tried {
            attempts: event.attempts,
            age: clock.saturating_sub(event.taken_at),
            refused: self.refusals.up_to(now),
        };
        match next(retry, &tried, &failure, (self.delivery.jitter)()) {
            Next::Retry(wait) => {
                (self.report)(Progress::Retrying(&event.job, &failure, wait));
                event.due = now.saturating_add(wait);
                self.waiting.push(Reverse(event));
                let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
                self.trouble = Some(Trouble {
                    since,
                    last: failure,
                });
            }
            Next::Park(reason) => {
                if reason == ParkReason::Rejected {
                    self.trouble = None;
                }
                (self.report)(Progress::Parked(&event.job, reason, &failure));
            }
            Next::PauseDestination => {
                event.due = now;
                self.waiting.push(Reverse(event));
                self.paused = Some(failure);
            }
        }
    }

    /// Hands back what was not delivered, in the order it came in.
    fn end(self) -> Ended {
        let mut left: Vec<Job> = self
            .waiting
            .into_iter()
            .map(|Reverse(event)| event.job)
            .collect();
        left.sort_by_key(|job| job.place);
        for job in &left {
            (self.report)(Progress::Undelivered(job));
        }
        match (self.paused, self.trouble) {
            _ if self.stopping => Ended::Stopped,
            (Some(failure), _) => Ended::Paused(failure),
            (None, Some(trouble)) if !left.is_empty() || self.input_open => {
                Ended::Unavailable(trouble.last)
            }
            _ => Ended::Finished,
        }
    }
}

fn log_attempt(event: &Event, class: &'static str, status: Option<u16>) {
    let place = event.job.place;
    tracing::debug!(
        file = place.file,
        line = place.line,
        attempt = event.attempts + 1,
        class,
        status,
        "attempt"
    );
}
