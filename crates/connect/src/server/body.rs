//! Reading a body: bounded in size, in time, and together with all others in memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use crate::Reply;

/// How much more than its limit is read of a body, so that its sender gets to see the answer: a
/// socket that is closed with bytes unread takes the answer along.
const DRAINED: usize = 4;

/// As much is read of a body that came to the wrong place.
const UNWANTED: usize = 64 << 10;

/// And for as long.
const UNWANTED_TIME: Duration = Duration::from_secs(2);

/// Memory that the bodies of all requests share.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicUsize,
    most: usize,
}

impl Budget {
    pub(crate) const fn new(most: usize) -> Self {
        Self {
            used: AtomicUsize::new(0),
            most,
        }
    }

    fn share(&self) -> Share<'_> {
        Share {
            budget: self,
            size: 0,
        }
    }
}

/// What one body takes of the budget; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share<'a> {
    budget: &'a Budget,
    size: usize,
}

impl Share<'_> {
    /// Takes more, if there is as much left.
    fn take(&mut self, size: usize) -> bool {
        let before = self.budget.used.fetch_add(size, Ordering::Relaxed);
        self.size += size;
        before.saturating_add(size) <= self.budget.most
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// Reads a whole body, or gives the answer to one that does not keep to the limits; `None` when
/// the sender went away.
pub(crate) async fn read(
    body: Incoming,
    limit: usize,
    time: Duration,
    budget: &Budget,
) -> Result<(Bytes, Share<'_>), Option<Reply>> {
    let declared = body.size_hint().exact();
    let declared = declared.and_then(|size| usize::try_from(size).ok());
    if declared.is_some_and(|size| size > limit.saturating_mul(DRAINED)) {
        return Err(Some(Reply::TOO_LARGE));
    }
    match timeout(time, collect(body, declared, limit, budget)).await {
        Ok(read) => read,
        Err(_) => Err(Some(Reply::TOO_SLOW)),
    }
}

/// Reads what is left of a body that nobody wants, within reason.
pub(crate) async fn drain(body: Incoming) {
    let nothing = Budget::new(usize::MAX);
    let _ = read(body, UNWANTED, UNWANTED_TIME, &nothing).await;
}

async fn collect(
    mut body: Incoming,
    declared: Option<usize>,
    limit: usize,
    budget: &Budget,
) -> Result<(Bytes, Share<'_>), Option<Reply>> {
    let mut share = budget.share();
    let mut size = 0;
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut refusal = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| None)?.into_data() else {
            continue;
        };
        size += data.len();
        if size > limit {
            refusal = Some(Reply::TOO_LARGE);
        } else if refusal.is_none() && !share.take(data.len()) {
            refusal = Some(Reply::BUSY);
        }
        if refusal.is_some() {
            first = Bytes::new();
            whole = BytesMut::new();
            if size > limit.saturating_mul(DRAINED) {
                break;
            }
            continue;
        }
        // A small body comes in one piece, which then needs no copy.
        if size == data.len() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            let whole_size = declared.unwrap_or_default().clamp(size, limit.max(size));
            whole.reserve(whole_size);
            whole.extend_from_slice(&first);
            first = Bytes::new();
        }
        whole.extend_from_slice(&data);
    }
    match refusal {
        Some(reply) => Err(Some(reply)),
        None if whole.is_empty() => Ok((first, share)),
        None => Ok((whole.freeze(), share)),
    }
}
