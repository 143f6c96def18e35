//! `/status`: the connector at a glance, as JSON. No personal data, and no secrets.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use orderbridge_core::store::{Count, Health, Millis, Store, StoreError, StoreErrorKind};
use serde::Serialize;

use super::AdminConfig;
use crate::Routes;
use crate::routes::Route;

#[derive(Serialize)]
struct Status<'a> {
    version: &'a str,
    rules_hash: Option<&'a str>,
    sources: Vec<SourceStatus<'a>>,
    destinations: Vec<DestinationStatus<'a>>,
    counts: Vec<CountStatus>,
    open_privacy_requests: usize,
    store: StoreStatus,
}

#[derive(Serialize)]
struct SourceStatus<'a> {
    name: &'a str,
    platform: &'static str,
    destination: &'a str,
    /// Milliseconds since 1970; `null` if nothing came since the process started.
    last_received_at: Option<i64>,
    signature_failures: u64,
    duplicates: u64,
    conflicts: u64,
    /// Remarks on sources and apps that no table of channels has.
    unmapped: Vec<Unmapped>,
    /// What the rules of the source did since the process started, in their order.
    rules: Vec<RuleStatus<'a>>,
    /// How often the source's `exclude` left something out, by its key.
    excluded: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct RuleStatus<'a> {
    id: &'a str,
    hits: u64,
    /// How often it could not be evaluated.
    failures: u64,
}

#[derive(Serialize)]
struct Unmapped {
    message: String,
    count: u64,
}

#[derive(Serialize)]
struct DestinationStatus<'a> {
    name: &'a str,
    oldest_pending_age_seconds: Option<u64>,
    paused: Option<PausedStatus>,
    breaker_open_until: Option<i64>,
    not_before: Option<i64>,
}

#[derive(Serialize)]
struct PausedStatus {
    since: i64,
    code: String,
    message: String,
}

#[derive(Serialize)]
struct CountStatus {
    source: String,
    destination: Option<String>,
    state: &'static str,
    reason: Option<String>,
    count: u64,
}

#[derive(Serialize)]
struct StoreStatus {
    writable: bool,
    trouble: Option<&'static str>,
    commit_micros: u64,
    bytes: u64,
    wal_bytes: u64,
    disk_free_bytes: Option<u64>,
}

/// Gathers the status.
pub(super) async fn json(
    routes: &Routes,
    store: &dyn Store,
    config: &AdminConfig,
    now: Millis,
) -> Result<String, StoreError> {
    let mut destinations = Vec::with_capacity(config.destinations.len());
    for name in &config.destinations {
        destinations.push(destination(store, name, now).await?);
    }
    let counts = store.counts().await?;
    let status = Status {
        version: &config.build.version,
        rules_hash: config.build.rules_hash.as_deref(),
        sources: routes.sorted().into_iter().map(source).collect(),
        destinations,
        counts: counts.into_iter().map(count).collect(),
        open_privacy_requests: store.open_requests().await?.len(),
        store: health(&store.health().await?),
    };
    // Nothing in it can fail to become JSON: no maps with odd keys, no floats.
    Ok(serde_json::to_string(&status).unwrap_or_default())
}

fn source(route: &Route) -> SourceStatus<'_> {
    let counters = &route.counters;
    let of = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let last = counters.last_received.load(Ordering::Relaxed);
    let unmapped = counters.unknown_channels().into_iter();
    SourceStatus {
        name: &route.source.name,
        platform: route.source.platform.adapter.name(),
        destination: &route.source.destination,
        last_received_at: (last > 0).then_some(last),
        signature_failures: of(&counters.signature_failures),
        duplicates: of(&counters.duplicate_deliveries) + of(&counters.duplicate_events),
        conflicts: of(&counters.conflicts),
        unmapped: unmapped
            .map(|(message, count)| Unmapped { message, count })
            .collect(),
        rules: rules(route),
        excluded: route.ruled.excluded().collect(),
    }
}

fn rules(route: &Route) -> Vec<RuleStatus<'_>> {
    let ids = route.source.rules.ids().enumerate();
    ids.map(|(place, id)| {
        let (hits, failures) = route.ruled.of_rule(place);
        RuleStatus {
            id: id.as_str(),
            hits,
            failures,
        }
    })
    .collect()
}

async fn destination<'a>(
    store: &dyn Store,
    name: &'a str,
    now: Millis,
) -> Result<DestinationStatus<'a>, StoreError> {
    let backlog = store.backlog(name).await?;
    let state = store.destination(name).await?;
    Ok(DestinationStatus {
        name,
        oldest_pending_age_seconds: backlog.oldest_pending.map(|at| now.since(at).as_secs()),
        paused: state.paused.map(|paused| PausedStatus {
            since: paused.since.get(),
            code: paused.reason.code,
            message: paused.reason.message,
        }),
        breaker_open_until: state.breaker.map(|breaker| breaker.until.get()),
        not_before: state.not_before.map(Millis::get),
    })
}

fn count(count: Count) -> CountStatus {
    CountStatus {
        source: count.source,
        destination: count.destination,
        state: count.state.as_str(),
        reason: count.reason,
        count: count.count,
    }
}

fn health(health: &Health) -> StoreStatus {
    StoreStatus {
        writable: health.writable.is_ok(),
        trouble: health.writable.err().map(StoreErrorKind::as_str),
        commit_micros: u64::try_from(health.commit.as_micros()).unwrap_or(u64::MAX),
        bytes: health.bytes,
        wal_bytes: health.wal_bytes,
        disk_free_bytes: health.disk_free_bytes,
    }
}
