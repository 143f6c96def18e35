//! Waiting until all is final.

use std::time::{Duration, Instant};

use orderbridge_core::dispatch::{PAUSED_NO_ACCESS, PAUSED_REJECTS_ALL};
use orderbridge_core::show_duration;
use orderbridge_core::store::{DeliveryId, Reason, State};
use tokio::time::sleep;

use super::enqueue::states;
use super::outbox::{Outbox, failed};
use crate::Failed;

/// How often the store is asked.
const POLL: Duration = Duration::from_millis(50);

/// Deliveries that are looked at in one round.
const ASKED: usize = 500;

/// After this time without news it is seen whether anybody delivers at all.
const NO_NEWS: Duration = Duration::from_secs(5);

/// How the waiting ended.
#[derive(Debug)]
pub(super) enum Waited {
    /// All is final.
    Done,
    /// A signal.
    Signal(u8),
    /// The destination is paused, for this reason.
    Paused(Reason),
    /// Nothing moved for so long.
    NothingMoves(Duration),
}

impl Outbox {
    /// Waits until these deliveries, and all others that `send` has put here for the destination,
    /// are delivered, parked or dropped.
    pub(super) async fn wait(
        &mut self,
        mut open: Vec<DeliveryId>,
        patience: Duration,
    ) -> Result<Waited, Failed> {
        let mut last = None;
        let mut moved = Instant::now();
        let mut looked = Instant::now();
        loop {
            let now = self.waiting().await?;
            if now.open == 0 {
                self.drop_final(&mut open).await?;
                if open.is_empty() {
                    return Ok(Waited::Done);
                }
            }
            let news = (now, open.len());
            if last.replace(news) != Some(news) {
                moved = Instant::now();
            }
            if let Some(reason) = self.pause().await? {
                return Ok(Waited::Paused(reason));
            }
            if moved.elapsed() >= patience {
                return Ok(Waited::NothingMoves(patience));
            }
            if moved.elapsed() >= NO_NEWS && looked.elapsed() >= NO_NEWS {
                looked = Instant::now();
                self.take_over().await?;
            }
            if let Some(own) = &self.own {
                own.wake.notify_one();
            }
            sleep(POLL).await;
        }
    }

    /// Forgets the deliveries that are final.
    async fn drop_final(&self, open: &mut Vec<DeliveryId>) -> Result<(), Failed> {
        while !open.is_empty() {
            let chunk = open.split_off(open.len().saturating_sub(ASKED));
            let waits = |state| matches!(state, State::Held | State::Pending | State::Sending);
            let items = states(&*self.store, &chunk).await?;
            let left = items.iter().filter(|item| waits(item.state));
            let left: Vec<DeliveryId> = left
                .map(|item| DeliveryId::new(item.position.delivery))
                .collect();
            if !left.is_empty() {
                open.extend(left);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Why the destination is paused, as far as that is the end of it.
    async fn pause(&self) -> Result<Option<Reason>, Failed> {
        let state = self.store.destination(&self.name).await;
        let paused = state.map_err(|error| failed(&error))?.paused;
        let Some(paused) = paused else {
            return Ok(None);
        };
        let may_end = [PAUSED_NO_ACCESS, PAUSED_REJECTS_ALL].contains(&paused.reason.code.as_str());
        // A pause of an earlier run is probed first: the token may have been put right.
        let is_tried = self
            .own
            .as_ref()
            .is_none_or(|own| own.attempts() > 0 && own.metrics.is_paused());
        Ok((!may_end || is_tried).then_some(paused.reason))
    }
}

impl Waited {
    /// Why it ended before all was final, and what to do.
    pub(super) fn reason(&self) -> Option<String> {
        Some(match self {
            Self::Done => return None,
            Self::Signal(_) => "stopped; what was not read is not in the store".to_owned(),
            Self::Paused(reason) => format!(
                "the destination is paused ({}: {}); run again later",
                reason.code, reason.message
            ),
            Self::NothingMoves(patience) => format!(
                "gave up: nothing was delivered for {} (--give-up-after); run again later",
                show_duration(*patience)
            ),
        })
    }
}
