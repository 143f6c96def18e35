//! What platforms' APIs told of the things that payloads name, kept for a while: the customer of a
//! subscription is asked for once, not with each of its messages.
//!
//! Kept in memory only. What is lost with it is asked for again.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use orderbridge_event::{Context, Lookup, Payload};

use crate::routes::Route;

/// Somebody who changes their address should not be known by the old one for long.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// Thousands of customers.
const MOST_BYTES: usize = 16 << 20;

/// Answers by their requests.
#[derive(Default)]
pub struct Answers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_request: HashMap<String, (Instant, Bytes)>,
    /// The oldest first. One that was asked for again stands here twice.
    order: VecDeque<(Instant, String)>,
    bytes: usize,
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.lock();
        f.debug_struct("Answers")
            .field("kept", &kept.by_request.len())
            .finish_non_exhaustive()
    }
}

impl Answers {
    /// Keeps an answer.
    pub(crate) fn keep(&self, request: &str, answer: Bytes) {
        self.lock().keep(request, answer, Instant::now());
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.lock() = Kept::default();
    }

    /// Whether an answer is at hand.
    pub(crate) fn has(&self, request: &str) -> bool {
        self.lock().get(request, Instant::now()).is_some()
    }

    /// A payload with all that it lacked; `None` when not all of it is at hand.
    pub(crate) fn put(&self, lookups: &[Lookup], body: &[u8]) -> Option<Vec<u8>> {
        let now = Instant::now();
        let kept = self.lock();
        let mut whole = body.to_vec();
        for lookup in lookups {
            let answer = kept.get(&lookup.request, now)?;
            // A payload without the place for it is mapped as it is.
            if let Some(more) = lookup.put(&whole, &answer) {
                whole = more;
            }
        }
        Some(whole)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn get(&self, request: &str, now: Instant) -> Option<Bytes> {
        let (since, answer) = self.by_request.get(request)?;
        (now.duration_since(*since) < LIFE).then(|| answer.clone())
    }

    fn keep(&mut self, request: &str, answer: Bytes, now: Instant) {
        self.bytes += answer.len();
        let before = self
            .by_request
            .insert(request.to_owned(), (now, answer))
            .map_or(0, |(_, before)| before.len());
        self.bytes = self.bytes.saturating_sub(before);
        self.order.push_back((now, request.to_owned()));
        while let Some((since, oldest)) = self.order.front() {
            if now.duration_since(*since) < LIFE && self.bytes <= MOST_BYTES {
                break;
            }
            if self.by_request.get(oldest).is_some_and(|it| it.0 == *since)
                && let Some((_, answer)) = self.by_request.remove(oldest)
            {
                self.bytes = self.bytes.saturating_sub(answer.len());
            }
            self.order.pop_front();
        }
    }
}

/// What a payload lacks that the API of its platform tells, where somebody is there to ask it.
pub(crate) fn lacking(route: &Route, payload: Payload<'_>) -> Vec<Lookup> {
    let source = &route.source;
    if source.fetch.is_none() {
        return Vec::new();
    }
    let context = Context {
        options: source.options.clone(),
        ..Context::default()
    };
    source.platform.adapter.needs(payload, &context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_a_while_and_the_memory_has_an_end() {
        let mut kept = Kept::default();
        let start = Instant::now();
        kept.keep("a", Bytes::from_static(b"1"), start);
        kept.keep("a", Bytes::from_static(b"23"), start + LIFE / 2);
        assert_eq!(kept.bytes, 2);
        assert_eq!(kept.get("a", start + LIFE).as_deref(), Some(&b"23"[..]));
        assert_eq!(kept.get("a", start + LIFE * 2), None);
        kept.keep("b", Bytes::from(vec![0; MOST_BYTES]), start + LIFE);
        assert_eq!((kept.by_request.len(), kept.bytes), (1, MOST_BYTES));
        kept.keep("c", Bytes::from_static(b"4"), start + LIFE * 3);
        assert_eq!((kept.by_request.len(), kept.order.len()), (1, 1));
        assert_eq!(kept.bytes, 1);
    }
}
