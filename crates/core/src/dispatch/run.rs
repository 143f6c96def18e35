//! The loop: whatever comes next, be it an answer, a reply of the store, a call or a time.

use std::future::pending;

use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::sleep_until;

use super::engine::Engine;
use super::{Dispatcher, Ended, Stop};

/// Results that are taken in one go before anything else.
const AT_ONCE: usize = 256;

impl Dispatcher {
    /// Delivers until it is told to stop, or for ever. Dropping the future is the same as a crash:
    /// nothing is lost, and what was under way is sent again once its lease has run out.
    pub async fn run(&self, mut stop: watch::Receiver<Stop>) -> Ended {
        let mut engine = Engine::new(self);
        let mut asked = *stop.borrow_and_update();
        loop {
            engine.asked_to(asked);
            engine.advance();
            if let Some(ended) = engine.ended() {
                return ended;
            }
            let until = engine.wait_until();
            tokio::select! {
                biased;
                next = changed(&mut stop) => asked = asked.max(next),
                Some(done) = engine.ops.next() => engine.reply(done),
                Some(joined) = engine.sending.join_next_with_id() => {
                    engine.joined(joined);
                    for _ in 1..AT_ONCE {
                        match engine.sending.try_join_next_with_id() {
                            Some(joined) => engine.joined(joined),
                            None => break,
                        }
                    }
                }
                () = self.wake.notified() => engine.woken(),
                () = sleep_until(until) => {}
            }
        }
    }
}

/// The next request to stop; none any more when nobody can ask.
async fn changed(stop: &mut watch::Receiver<Stop>) -> Stop {
    match stop.changed().await {
        Ok(()) => *stop.borrow_and_update(),
        Err(_) => pending().await,
    }
}
