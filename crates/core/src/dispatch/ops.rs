//! What is asked of the store. The answers come back as values, so that the dispatcher never
//! waits for the disk while there is something to send.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::decide::Probe;
use crate::store::{
    ClaimId, Claimed, DeliveryId, DestinationChange, DestinationState, Due, End, Lane, Millis,
    Settled, Settlement, Store, StoreError,
};

/// A question that is under way.
pub(crate) type Op = BoxFuture<'static, Done>;

/// What came back. A failure may have had its effect.
#[derive(Debug)]
pub(crate) enum Done {
    Claimed {
        lane: Lane,
        asked: usize,
        grant: Grant,
        result: Result<Vec<Claimed>, StoreError>,
    },
    Probe {
        kind: Probe,
        end: End,
        grants: [Grant; 2],
        claimed: [Vec<Claimed>; 2],
        failure: Option<StoreError>,
    },
    Settled {
        group: Vec<Settlement>,
        result: Result<Settled, StoreError>,
    },
    Renewed {
        until: Duration,
        answers: Vec<Renewal>,
        failure: Option<StoreError>,
    },
    Due(Result<Option<Millis>, StoreError>),
    State {
        version: u64,
        result: Result<DestinationState, StoreError>,
    },
    Changed {
        change: (DestinationChange, Millis),
        result: Result<(), StoreError>,
    },
}

/// The fence of a claim, and until when it holds by our own clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant {
    pub(crate) claim: ClaimId,
    pub(crate) until: Duration,
}

/// A prolonged lease: what was asked for, and what of it is still ours.
#[derive(Debug)]
pub(crate) struct Renewal {
    pub(crate) claim: ClaimId,
    pub(crate) asked: Vec<DeliveryId>,
    pub(crate) kept: Vec<DeliveryId>,
}

/// A store as one destination's dispatcher sees it.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) destination: String,
    pub(crate) lease: Duration,
}

/// The moment of a question, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Since the dispatcher began.
    pub(crate) at: Duration,
    /// The time of day.
    pub(crate) wall: Millis,
}

impl Desk {
    fn due(&self, lane: Lane, limit: usize, moment: Moment, probe: Option<End>) -> (Due, Grant) {
        let claim = ClaimId::random();
        let due = Due {
            destination: self.destination.clone(),
            lane,
            limit,
            claim,
            lease_until: moment.wall.plus(self.lease),
            now: moment.wall,
            probe,
        };
        let until = moment.at.saturating_add(self.lease);
        (due, Grant { claim, until })
    }

    pub(crate) fn claim(&self, lane: Lane, asked: usize, moment: Moment) -> Op {
        let (due, grant) = self.due(lane, asked, moment, None);
        let store = Arc::clone(&self.store);
        Box::pin(async move {
            Done::Claimed {
                lane,
                asked,
                grant,
                result: store.claim(due).await,
            }
        })
    }

    /// Claims so many of each lane, from one end.
    pub(crate) fn probe(&self, kind: Probe, end: End, limit: usize, moment: Moment) -> Op {
        let (fresh, fresh_grant) = self.due(Lane::Fresh, limit, moment, Some(end));
        let (retry, retry_grant) = self.due(Lane::Retry, limit, moment, Some(end));
        let store = Arc::clone(&self.store);
        Box::pin(async move {
            let mut failure = None;
            let mut take = |result: Result<Vec<Claimed>, StoreError>| {
                result.unwrap_or_else(|error| {
                    failure = Some(error);
                    Vec::new()
                })
            };
            let claimed = [
                take(store.claim(fresh).await),
                take(store.claim(retry).await),
            ];
            Done::Probe {
                kind,
                end,
                grants: [fresh_grant, retry_grant],
                claimed,
                failure,
            }
        })
    }

    pub(crate) fn settle(&self, group: Vec<Settlement>) -> Op {
        let store = Arc::clone(&self.store);
        Box::pin(async move {
            let result = store.settle(group.clone()).await;
            Done::Settled { group, result }
        })
    }

    pub(crate) fn renew(&self, leases: Vec<(ClaimId, Vec<DeliveryId>)>, moment: Moment) -> Op {
        let store = Arc::clone(&self.store);
        let wall = moment.wall.plus(self.lease);
        let until = moment.at.saturating_add(self.lease);
        Box::pin(async move {
            let (mut answers, mut failure) = (Vec::new(), None);
            for (claim, asked) in leases {
                match store.renew(claim, asked.clone(), wall).await {
                    Ok(kept) => answers.push(Renewal { claim, asked, kept }),
                    Err(error) => failure = Some(error),
                }
            }
            Done::Renewed {
                until,
                answers,
                failure,
            }
        })
    }

    pub(crate) fn next_due(&self) -> Op {
        let desk = self.clone();
        Box::pin(async move { Done::Due(desk.store.next_due(&desk.destination).await) })
    }

    pub(crate) fn state(&self, version: u64) -> Op {
        let desk = self.clone();
        Box::pin(async move {
            let result = desk.store.destination(&desk.destination).await;
            Done::State { version, result }
        })
    }

    pub(crate) fn change(&self, change: (DestinationChange, Millis)) -> Op {
        let desk = self.clone();
        Box::pin(async move {
            let (what, now) = change.clone();
            let result = desk
                .store
                .change_destination(&desk.destination, what, now)
                .await;
            Done::Changed {
                change,
                result: result.map(|_| ()),
            }
        })
    }
}
