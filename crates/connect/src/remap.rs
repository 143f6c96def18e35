//! A stored payload is mapped again, with today's adapter and today's options.

use bytes::Bytes;
use orderbridge_core::store::{
    Accepted, EventOutcome, Intake, Millis, Outcome, PayloadId, Raw, Reason, Remap, Remapped,
    Store, StoreError,
};
use orderbridge_event::{Delivery, Payload, Pieces};

use crate::Routes;
use crate::intake::Work;

/// What a payload became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Events, with what became of each. Those that are known with other bytes stay as they are,
    /// unless the source says otherwise.
    Events(Vec<EventOutcome>),
    /// No event, on purpose.
    Ignored(Reason),
    /// Something has to be fetched from the platform first. Events that were made before stay.
    Waits,
    /// It still cannot be mapped.
    Failed(Reason),
    /// It was left alone.
    Left(NotMapped),
}

/// Why a payload was not mapped again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMapped {
    /// Its bytes are not kept any more, or it was erased on request.
    Gone,
    /// It is no order but a platform's request on behalf of a person or a shop.
    Request,
    /// Its source is not configured any more.
    NoSource(String),
}

/// Maps a stored payload again and gives it the new outcome. The same code as for a webhook that
/// comes in: the order that a refund belongs to, the hold, the people, the time of sending.
pub async fn remap(
    routes: &Routes,
    store: &dyn Store,
    payload: PayloadId,
    now: Millis,
) -> Result<Again, StoreError> {
    let Some(raw) = store.raw(payload).await? else {
        return Ok(Again::Left(NotMapped::Gone));
    };
    let Some(route) = routes.named(&raw.source) else {
        return Ok(Again::Left(NotMapped::NoSource(raw.source)));
    };
    let work = Work {
        route,
        store,
        key: routes.key(store).await?,
        topic: &raw.topic,
        delivery: Delivery {
            topic: None,
            id: None,
            sent_at: raw.sent_at,
            is_test: raw.is_test,
        },
        received_at: raw.received_at,
        completes: true,
    };
    let again = match again(&work, &raw).await? {
        Parts::One(intake) => take(store, payload, *intake, now).await,
        Parts::Many(page) => {
            // Stored as what it would have been, had it been understood when it came in.
            let count = page.intakes.len();
            let accepted = store.accept(page).await?;
            let outcomes = accepted.into_iter().flat_map(|it| match it {
                Accepted::Stored { events, .. } => events,
                Accepted::Duplicate { .. } => Vec::new(),
            });
            let outcomes: Vec<EventOutcome> = outcomes.collect();
            let why = Reason::new("payload.split", format!("split into {count} payloads"));
            let whole = Remap {
                payload,
                now,
                mapping: route.mapping.clone(),
                order: None,
                hold_until: None,
                conflict: route.source.conflict,
                subjects: Vec::new(),
                outcome: Outcome::Ignored(why),
            };
            store.remap(whole).await?;
            Ok(Again::Events(outcomes))
        }
    };
    if matches!(again, Ok(Again::Events(_))) {
        route.source.wake.notify_one();
    }
    again
}

enum Parts {
    One(Box<Intake>),
    Many(orderbridge_core::store::Page),
}

/// The payload as it would come in today.
async fn again(work: &Work<'_>, raw: &Raw) -> Result<Parts, StoreError> {
    let body: &Bytes = &raw.body;
    let payload = Payload {
        topic: &raw.topic,
        body,
    };
    let pieces = work.route.source.platform.adapter.split(payload);
    // One that came out of a list is not split further.
    if let Ok(Pieces::Many(pieces)) = &pieces
        && pieces.len() > 1
    {
        return Ok(Parts::Many(work.page(body).await?));
    }
    let mut page = work.page(body).await?;
    match page.intakes.pop() {
        Some(intake) => Ok(Parts::One(Box::new(intake))),
        None => Ok(Parts::Many(page)),
    }
}

async fn take(
    store: &dyn Store,
    payload: PayloadId,
    intake: Intake,
    now: Millis,
) -> Result<Again, StoreError> {
    let told = match &intake.outcome {
        Outcome::Events(_) => None,
        Outcome::Ignored(reason) => Some(Again::Ignored(reason.clone())),
        Outcome::Unmappable(reason) => Some(Again::Failed(reason.clone())),
        Outcome::Fetch => Some(Again::Waits),
        Outcome::Privacy(_) => return Ok(Again::Left(NotMapped::Request)),
    };
    let remap = Remap {
        payload,
        now,
        mapping: intake.mapping,
        order: intake.order,
        hold_until: intake.hold_until,
        conflict: intake.conflict,
        subjects: intake.subjects,
        outcome: intake.outcome,
    };
    Ok(match (store.remap(remap).await?, told) {
        (Remapped::NotPossible, _) => Again::Left(NotMapped::Gone),
        (Remapped::Done(_), Some(told)) => told,
        (Remapped::Done(Accepted::Stored { events, .. }), None) => Again::Events(events),
        (Remapped::Done(Accepted::Duplicate { .. }), None) => Again::Events(Vec::new()),
    })
}
