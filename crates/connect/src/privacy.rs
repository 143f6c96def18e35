//! Erasures that platforms have asked for.

use std::time::Duration;

use orderbridge_core::store::{Command, Millis, PrivacyRequest, RedactTarget, Store, StoreError};

use crate::{Routes, clock};

/// One round is bounded, so that a store that never gets done does not keep us busy for ever.
const MOST_CALLS: usize = 10_000;

/// How soon an erasure is taken up that could not be finished.
const PAUSE: Duration = Duration::from_secs(60);

/// Carries out all erasures that are open, and tells how many items were changed. What cannot be
/// erased yet, because it is being sent, stays open for the next call.
pub async fn carry_out(store: &dyn Store, now: Millis) -> Result<u64, StoreError> {
    let mut changed = 0;
    for open in store.open_requests().await? {
        let target = match open.request {
            PrivacyRequest::Data => continue,
            PrivacyRequest::RedactSubjects => RedactTarget::Subjects(open.subjects),
            PrivacyRequest::RedactSource => RedactTarget::Source(open.source),
        };
        for _ in 0..MOST_CALLS {
            let command = Command::Redact {
                target: target.clone(),
                request: Some(open.payload),
            };
            let applied = store.apply(command, now).await?;
            changed += applied.changed;
            if applied.next.is_none() || applied.changed == 0 {
                break;
            }
        }
    }
    Ok(changed)
}

/// Carries erasures out as they come in, and at the start those that were left open. Never ends.
pub(crate) async fn work(routes: &Routes, store: &dyn Store) {
    loop {
        match carry_out(store, clock::now()).await {
            Ok(0) => {}
            Ok(changed) => tracing::info!(changed, "erased on a platform's request"),
            Err(error) => tracing::warn!(%error, "an erasure is not done yet"),
        }
        let _ = tokio::time::timeout(PAUSE, routes.erasure.notified()).await;
    }
}
