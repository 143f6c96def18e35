//! The way in. It bounds memory by bytes, whatever the number of events and their size.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// What an event takes beside its bytes, roughly.
const OVERHEAD: usize = 512;

/// Where an event came from. Events are ordered as they came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of its file, from 0.
    pub file: usize,
    /// The number of its line, from 1.
    pub line: u64,
}

/// An event to deliver.
#[derive(Debug)]
pub struct Job {
    /// Where it came from.
    pub place: Place,
    /// Exactly what is sent, at each attempt.
    pub body: Bytes,
    // Given back when the event is settled.
    _room: OwnedSemaphorePermit,
}

/// The other end of a [`Queue`] is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing takes events any more")]
pub struct Closed;

/// The end of the queue that takes events in. The queue ends when it is dropped.
#[derive(Debug)]
pub struct Intake {
    jobs: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
    size: u32,
}

/// The end of the queue that the engine reads.
#[derive(Debug)]
pub struct Queue {
    jobs: mpsc::UnboundedReceiver<Job>,
    room: Arc<Semaphore>,
}

/// A queue that holds about so many bytes, counting events that are under way or wait for another
/// attempt. A single event that is larger passes when it is alone.
pub fn queue(bytes: usize) -> (Intake, Queue) {
    let size = u32::try_from(bytes.max(1)).unwrap_or(u32::MAX).min(1 << 28);
    let room = Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1)));
    let (sender, receiver) = mpsc::unbounded_channel();
    (
        Intake {
            jobs: sender,
            room: Arc::clone(&room),
            size,
        },
        Queue {
            jobs: receiver,
            room,
        },
    )
}

impl Intake {
    /// Puts an event in, waiting until there is room for it.
    pub async fn push(&self, place: Place, body: Bytes) -> Result<(), Closed> {
        let bytes = u32::try_from(body.len().saturating_add(OVERHEAD)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room);
        let permit = room
            .acquire_many_owned(bytes.min(self.size))
            .await
            .map_err(|_| Closed)?;
        self.jobs
            .send(Job {
                place,
                body,
                _room: permit,
            })
            .map_err(|_| Closed)
    }
}

impl Queue {
    /// The next event; `None` after the last one.
    pub async fn next(&mut self) -> Option<Job> {
        self.jobs.recv().await
    }
}

impl Drop for Queue {
    // Whoever waits for room would wait for ever.
    fn drop(&mut self) {
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const PLACE: Place = Place { file: 0, line: 1 };

    #[tokio::test]
    async fn holds_no_more_than_its_size_until_an_event_is_settled() {
        let (intake, mut queue) = queue(4_000);
        let body = Bytes::from(vec![b'x'; 1_400]);
        intake.push(PLACE, body.clone()).await.unwrap();
        intake.push(PLACE, body.clone()).await.unwrap();
        assert!(intake.push(PLACE, body.clone()).now_or_never().is_none());
        let under_way = queue.next().await.unwrap();
        assert!(intake.push(PLACE, body.clone()).now_or_never().is_none());
        drop(under_way);
        intake.push(PLACE, body).await.unwrap();
    }

    #[tokio::test]
    async fn a_larger_event_passes_alone_and_the_end_is_seen_on_both_sides() {
        let (intake, mut queue) = queue(10);
        intake
            .push(PLACE, Bytes::from(vec![b'x'; 5_000]))
            .await
            .unwrap();
        assert_eq!(queue.next().await.unwrap().body.len(), 5_000);
        drop(queue);
        assert_eq!(intake.push(PLACE, Bytes::new()).await, Err(Closed));
    }
}
