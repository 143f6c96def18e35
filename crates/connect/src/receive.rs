//! The path of a webhook: signature → mapping → one commit → answer.

use std::time::Instant;

use bytes::Bytes;
use orderbridge_core::store::{Accepted, Intake, Millis, Outcome, Store, StoreError};
use orderbridge_event::{Delivery, VerifyError};

use crate::commit::commit;
use crate::intake::Work;
use crate::request::{Request, Verified};
use crate::routes::{Route, Routes, Target};
use crate::{Reply, throttle::Throttle};

/// No platform's topics are longer.
const LONGEST_TOPIC: usize = 256;

static REFUSALS: Throttle = Throttle::new();
static FAILURES: Throttle = Throttle::new();

/// Takes a request in. The answer is 200 only when all of it is on the disk: stored, ignored on
/// purpose, parked because it could not be mapped, or known already.
pub async fn receive(routes: &Routes, store: &dyn Store, request: Request<'_>) -> Reply {
    let started = Instant::now();
    let Target { route, topic } = match routes.target(request.method(), request.path()) {
        Ok(target) => target,
        Err(reply) => return reply,
    };
    let now = request.received_at();
    let reply = if request.size() > route.source.largest_body {
        Reply::TOO_LARGE
    } else {
        match verify(route, request) {
            Err(error) => {
                refuse(route, error, now);
                Reply::UNSIGNED
            }
            Ok(verified) => take_in(routes, store, route, topic.as_deref(), &verified).await,
        }
    };
    route.counters.answered(&reply);
    route.counters.requests.observe(started.elapsed());
    reply
}

fn verify<'a>(route: &Route, request: Request<'a>) -> Result<Request<'a, Verified>, VerifyError> {
    let source = &route.source;
    match source.platform.verify {
        Some(verify) => request.verify(verify, &source.secrets, source.signature_tolerance),
        None => Err(VerifyError::NoSecret),
    }
}

async fn take_in(
    routes: &Routes,
    store: &dyn Store,
    route: &Route,
    topic_of_path: Option<&str>,
    request: &Request<'_, Verified>,
) -> Reply {
    let platform = route.source.platform;
    let delivery = platform.webhook.map_or_else(Delivery::default, |webhook| {
        webhook.delivery(request.headers())
    });
    let topic = delivery.topic.or(topic_of_path);
    let topic = topic.unwrap_or(platform.adapter.profile().default_topic);
    let topic = topic.trim().get(..LONGEST_TOPIC).unwrap_or(topic.trim());
    route.counters.received(topic, request.received_at());
    let work = Parcel {
        topic,
        delivery,
        body: request.payload(),
        received_at: request.received_at(),
    };
    let source = route.source.name.as_str();
    match work.store(routes, store, route).await {
        Ok(reply) => {
            tracing::debug!(source, topic, outcome = reply.text, "webhook");
            reply
        }
        Err(error) => {
            if let Some(left_out) = FAILURES.pass(request.received_at()) {
                tracing::warn!(source, topic, %error, left_out, "webhook not stored");
            }
            Reply::store_failed(&error)
        }
    }
}

/// A verified delivery.
struct Parcel<'a> {
    topic: &'a str,
    delivery: Delivery<'a>,
    body: &'a Bytes,
    received_at: Millis,
}

impl Parcel<'_> {
    async fn store(
        &self,
        routes: &Routes,
        store: &dyn Store,
        route: &Route,
    ) -> Result<Reply, StoreError> {
        let work = Work {
            route,
            store,
            key: routes.key(store).await?,
            topic: self.topic,
            delivery: self.delivery,
            received_at: self.received_at,
            completes: true,
        };
        let _turn = route.turn(self.topic).await;
        let page = work.page(self.body).await?;
        let reply = answer(&page.intakes);
        let accepted = commit(routes, store, route, page).await?;
        let is_duplicate = |it: &Accepted| matches!(it, Accepted::Duplicate { .. });
        let all_known = accepted.iter().all(is_duplicate);
        Ok(if all_known { Reply::DUPLICATE } else { reply })
    }
}

/// The answer to payloads that are stored, the one that concerns a person first.
fn answer(intakes: &[Intake]) -> Reply {
    let any = |wanted: fn(&Outcome) -> bool| intakes.iter().any(|it| wanted(&it.outcome));
    if any(|outcome| matches!(outcome, Outcome::Unmappable(_))) {
        Reply::PARKED
    } else if any(|outcome| !matches!(outcome, Outcome::Ignored(_))) {
        Reply::STORED
    } else {
        Reply::IGNORED
    }
}

fn refuse(route: &Route, error: VerifyError, now: Millis) {
    let failures = &route.counters.signature_failures;
    failures.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if let Some(left_out) = REFUSALS.pass(now) {
        let source = route.source.name.as_str();
        tracing::warn!(source, %error, left_out, "webhook refused");
    }
}
