//! One commit, and whoever has to know of it. All that comes in goes through here.

use std::time::Instant;

use orderbridge_core::store::{Accepted, Page, Reason, Store, StoreError};

use crate::counters::Remark;
use crate::routes::{Route, Routes};

/// Stores a page. When this returns, it is on the disk.
pub(crate) async fn commit(
    routes: &Routes,
    store: &dyn Store,
    route: &Route,
    page: Page,
) -> Result<Vec<Accepted>, StoreError> {
    let remarks: Vec<Remark> = page.intakes.iter().map(Remark::of).collect();

    let started = Instant::now();
    let accepted = store.accept(page).await?;
    route.counters.commits.observe(started.elapsed());

    for (remark, accepted) in remarks.iter().zip(&accepted) {
        route.counters.stored(remark, accepted);
    }
    for delivery in accepted.iter().flat_map(Accepted::same_id) {
        let source = route.source.name.as_str();
        tracing::warn!(
            source,
            %delivery,
            code = Reason::SAME_ID,
            "an event_id is known under another name; Converge may take the two for one"
        );
    }
    if !remarks.is_empty() {
        route.source.wake.notify_one();
    }
    let any = |wanted: fn(&Remark) -> bool| remarks.iter().any(wanted);
    if let Some(fetch) = &route.source.fetch
        && any(|remark| matches!(remark, Remark::Fetch))
    {
        fetch.notify_one();
    }
    if any(|remark| matches!(remark, Remark::Erasure)) {
        // Whoever is to be forgotten may be among them.
        route.source.answers.clear();
        routes.erasure.notify_one();
    }
    Ok(accepted)
}
