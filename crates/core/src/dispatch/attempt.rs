//! One attempt: its start, and what follows its end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, timeout};

use super::decide::{Decision, Facts, Probe, Then, age, decide};
use super::engine::Engine;
use super::ops::Moment;
use crate::store::{
    Attempt, AttemptClass, Claimed, DestinationChange, FirstAttempt, Lane, Millis, OpenBreaker,
    Private, Settlement, Verdict,
};
use crate::{Answer, Cause, FailureKind, Phase, SendError, Sink, Transport};

/// A sink keeps its own time; one that does not is stopped so much later.
const SLACK: Duration = Duration::from_secs(1);

/// What a request came to, and how long it took.
pub(super) type Sent = (Result<Answer, SendError>, Duration);

/// A delivery whose request is under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    lane: Lane,
    claimed: Claimed,
    probe: Option<Probe>,
    started: Moment,
    /// How long the destination had stood still at the start.
    idle: Duration,
}

impl Engine<'_> {
    /// Starts an attempt, which is permitted.
    pub(super) fn start(
        &mut self,
        lane: Lane,
        claimed: Claimed,
        probe: Option<Probe>,
        moment: Moment,
    ) {
        self.gate.started(moment.at);
        self.lanes.started(lane);
        let sink = Arc::clone(&self.dispatcher.sink);
        let limit = self.dispatcher.config.timeout.saturating_add(SLACK);
        let task = self
            .sending
            .spawn(send(sink, Bytes::clone(&claimed.body), limit));
        let under_way = UnderWay {
            lane,
            claimed,
            probe,
            started: moment,
            idle: self.site.state().idle(moment.wall),
        };
        self.under_way.insert(task.id(), under_way);
    }

    /// An attempt has ended.
    pub(super) fn joined(&mut self, joined: Result<(Id, Sent), JoinError>) {
        let (id, (result, took)) = match joined {
            Ok(ended) => ended,
            // A sink that panicked may have sent the event.
            Err(error) => {
                let cut = Err(SendError::transport(Transport::Cut));
                (error.id(), (cut, Duration::ZERO))
            }
        };
        let busy = self.under_way.len() >= self.pilot.limit();
        if let Some(under_way) = self.under_way.remove(&id) {
            self.lanes.ended(under_way.lane);
            self.finish(&under_way, &result, took, busy);
        }
    }

    fn finish(
        &mut self,
        under_way: &UnderWay,
        result: &Result<Answer, SendError>,
        took: Duration,
        busy: bool,
    ) {
        let moment = self.moment();
        let failure = result.as_ref().err();
        let kind = failure.map(|failure| failure.kind);
        let retry = &self.dispatcher.config.retry;
        self.gate.ended(moment.at, failure, retry.schedule.delay(1));
        self.steer(under_way.started.at, moment.at, failure, busy);
        match kind {
            None => self.refusals.taken(moment.at),
            Some(FailureKind::Rejected) => self.refusals.refused(moment.at),
            Some(_) => {}
        }
        let facts = self.facts(under_way, moment);
        let decision = decide(retry, &facts, result);
        let class = kind.map_or(AttemptClass::Delivered, AttemptClass::Failed);
        self.count(under_way, class, took, &decision, moment.wall);
        let status = match result {
            Ok(answer) => Some(answer.status),
            Err(failure) => failure.status(),
        };
        self.log(under_way, class, status, took, &decision);
        let Decision {
            verdict,
            spent,
            then,
        } = decision;
        let attempt = Attempt {
            at: under_way.started.wall,
            duration: took,
            class,
            status,
            answer: Private::new(answer(result)),
            spent,
            idle: under_way.idle,
        };
        self.settle(&under_way.claimed, attempt, verdict, moment);
        self.follow(then, under_way.probe, moment);
    }

    /// Adapts the number of requests that may be under way.
    fn steer(&mut self, started: Duration, now: Duration, failure: Option<&SendError>, busy: bool) {
        match failure.map(|failure| (failure.kind, &failure.cause)) {
            None | Some((FailureKind::Rejected, _)) => self.pilot.answered(started, now, busy),
            Some((FailureKind::Throttled, _) | (_, Cause::Transport(Transport::Timeout))) => {
                self.pilot.pushed_back(started, now);
            }
            Some(_) => {}
        }
    }

    fn facts(&self, under_way: &UnderWay, moment: Moment) -> Facts {
        let first = under_way.claimed.first_attempt.unwrap_or(FirstAttempt {
            at: under_way.started.wall,
            idle: under_way.idle,
        });
        Facts {
            attempts: under_way.claimed.attempts,
            age: age(first, moment.wall, self.site.state().idle(moment.wall)),
            refused: self.refusals.up_to(moment.at),
            probe: under_way.probe,
            now: moment.wall,
            jitter: (self.dispatcher.jitter)(),
        }
    }

    fn settle(&mut self, claimed: &Claimed, attempt: Attempt, verdict: Verdict, moment: Moment) {
        let settlement = Settlement {
            id: claimed.id,
            claim: claimed.claim,
            now: moment.wall,
            attempt: Some(attempt),
            verdict,
        };
        self.settling.push(settlement, moment.at);
    }

    /// What follows for the destination.
    fn follow(&mut self, then: Then, probe: Option<Probe>, moment: Moment) {
        let Moment { at, wall } = moment;
        match then {
            Then::GoOn => {}
            Then::Wait(wait) => {
                let until = wall.plus(wait);
                if self
                    .site
                    .state()
                    .not_before
                    .is_none_or(|known| until > known)
                {
                    let change = DestinationChange::NotBefore(Some(until));
                    self.site.change(change, wall, at);
                }
            }
            Then::Pause(reason) => {
                if !self.site.is_paused() {
                    let destination = self.dispatcher.destination.as_str();
                    tracing::warn!(
                        destination,
                        code = reason.code,
                        "paused: {}",
                        reason.message
                    );
                    self.site.change(DestinationChange::Pause(reason), wall, at);
                }
            }
            Then::Resume => {
                self.refusals.clear();
                let paused = self.site.state().paused.as_ref();
                let code = paused.map(|paused| paused.reason.code.clone());
                // A person may have paused it meanwhile, whether it is known here or not yet.
                if let Some(code) = code.filter(|_| self.site.pause_probe().is_some()) {
                    let destination = self.dispatcher.destination.as_str();
                    tracing::info!(destination, "a probe went through: resumed");
                    let change = DestinationChange::Recovered(code);
                    self.site.change(change, wall, at);
                }
            }
        }
        if probe.is_some() {
            self.site.probe_ended(at);
        }
        self.remember_breaker(moment);
    }

    /// Tells the store when the breaker has opened or closed.
    fn remember_breaker(&mut self, moment: Moment) {
        let known = self.site.state().breaker;
        let open = match self.gate.phase() {
            // The probe's outcome decides.
            Phase::HalfOpen => return,
            Phase::Closed => None,
            Phase::Open { until, pause } => Some(OpenBreaker {
                until: moment.wall.plus(until.saturating_sub(moment.at)),
                pause,
            }),
        };
        let same = match (&known, &open) {
            (None, None) => true,
            // It was open before; only a probe moves its end.
            (Some(known), Some(open)) => known.pause == open.pause && known.until >= open.until,
            _ => false,
        };
        if same {
            return;
        }
        let destination = self.dispatcher.destination.as_str();
        if known.is_some() != open.is_some() {
            let open = open.is_some();
            tracing::warn!(destination, open, "the breaker has changed");
        }
        let change = DestinationChange::Breaker(open);
        self.site.change(change, moment.wall, moment.at);
    }

    /// Cuts what is under way. Nobody knows whether it arrived.
    pub(super) fn abandon(&mut self, moment: Moment) {
        self.sending = JoinSet::new();
        let cut: Vec<UnderWay> = self.under_way.drain().map(|(_, cut)| cut).collect();
        for cut in cut {
            let facts = self.facts(&cut, moment);
            let failure = SendError::transport(Transport::Cut);
            let decision = decide(&self.dispatcher.config.retry, &facts, &Err(failure));
            let took = moment.at.saturating_sub(cut.started.at);
            let class = AttemptClass::Abandoned;
            self.count(&cut, class, took, &decision, moment.wall);
            self.log(&cut, class, None, took, &decision);
            let attempt = Attempt {
                at: cut.started.wall,
                duration: took,
                class,
                status: None,
                answer: Private::new(String::new()),
                spent: decision.spent,
                idle: cut.idle,
            };
            self.settle(&cut.claimed, attempt, decision.verdict, moment);
        }
    }

    fn count(
        &self,
        under_way: &UnderWay,
        class: AttemptClass,
        took: Duration,
        decision: &Decision,
        now: Millis,
    ) {
        let metrics = &self.dispatcher.metrics;
        let claimed = &under_way.claimed;
        // What waited for the destination did not wait for us.
        let could_be_sent = claimed.due_at.max(self.open_since);
        let lag = under_way.started.wall.since(could_be_sent);
        metrics.attempted(class, took, lag);
        match &decision.verdict {
            Verdict::Delivered => {
                metrics
                    .delivery_latency
                    .observe(now.since(claimed.received_at));
                metrics.event_age.observe(now.since(claimed.order_time));
            }
            Verdict::Retry { .. } | Verdict::HeldBack { .. } => metrics.retry_scheduled(),
            Verdict::Parked(reason) => metrics.park(reason),
            Verdict::Released => {}
        }
    }

    /// One line for each attempt, without anything of the event but its ids.
    fn log(
        &self,
        under_way: &UnderWay,
        class: AttemptClass,
        status: Option<u16>,
        took: Duration,
        decision: &Decision,
    ) {
        let claimed = &under_way.claimed;
        let next_attempt = match &decision.verdict {
            Verdict::Retry { not_before } | Verdict::HeldBack { not_before } => {
                Some(not_before.get())
            }
            Verdict::Delivered | Verdict::Parked(_) | Verdict::Released => None,
        };
        let parked = match &decision.verdict {
            Verdict::Parked(reason) => Some(reason.code.as_str()),
            _ => None,
        };
        tracing::info!(
            delivery = %claimed.id,
            event = claimed.event_id,
            name = claimed.event_name,
            source = claimed.source,
            destination = self.dispatcher.destination,
            attempt = claimed.attempts.saturating_add(1),
            probe = under_way.probe.is_some(),
            class = class.as_str(),
            status,
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            next_attempt,
            parked,
            "attempt"
        );
    }
}

async fn send(sink: Arc<dyn Sink>, body: Bytes, limit: Duration) -> Sent {
    let started = Instant::now();
    let result = timeout(limit, sink.send(&body))
        .await
        .unwrap_or(Err(SendError::transport(Transport::Timeout)));
    (result, started.elapsed())
}

/// What is kept of an answer: its start, or else how there came to be none.
fn answer(result: &Result<Answer, SendError>) -> String {
    match result {
        Ok(answer) => answer.excerpt.clone(),
        Err(failure) => match &failure.cause {
            Cause::Answered(answer) => answer.excerpt.clone(),
            Cause::Transport(fault) => fault.to_string(),
        },
    }
}
