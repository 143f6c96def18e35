//! What is told of input and store. Labels are names of the configuration and words of our own,
//! never ids.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use orderbridge_core::store::{
    Backlog, Count, DestinationState, Health, Millis, State, Store, StoreError,
};

use super::Build;
use crate::counters::Counters;
use crate::exposition::MetricKind::{Counter, Gauge, Histogram};
use crate::{Exposition, Routes};

pub(super) fn build(out: &mut Exposition, build: &Build) {
    out.metric("build_info", Gauge, "What is running.");
    let labels = [
        ("version", build.version.as_str()),
        ("mapping_version", env!("CARGO_PKG_VERSION")),
        (
            "rules_hash",
            build.rules_hash.as_deref().unwrap_or_default(),
        ),
    ];
    out.value(&labels, 1);
}

/// A counter of each source.
type Of = fn(&Counters) -> &AtomicU64;

/// What was received since the process started.
pub(super) fn input(out: &mut Exposition, routes: &Routes) {
    let sources: Vec<(&str, &Counters)> = routes
        .sorted()
        .into_iter()
        .map(|route| (route.source.name.as_str(), &route.counters))
        .collect();

    let help = "Verified deliveries of platforms.";
    out.metric("events_received_total", Counter, help);
    for (source, counters) in &sources {
        for (topic, count) in counters.by_topic() {
            out.value(&[("source", source), ("topic", topic)], count);
        }
    }
    out.metric("webhook_requests_total", Counter, "Answers to requests.");
    for (source, counters) in &sources {
        for (status, count) in counters.by_status() {
            let status = status.to_string();
            out.value(&[("source", source), ("status", &status)], count);
        }
    }
    let help = "Payloads that could not be mapped and were parked.";
    out.metric("mapping_failures_total", Counter, help);
    for (source, counters) in &sources {
        for (reason, count) in counters.by_failure() {
            out.value(&[("source", source), ("reason", reason)], count);
        }
    }
    out.metric("duplicates_total", Counter, "What had come before.");
    let kinds: [(&str, Of); 2] = [
        ("delivery", |it| &it.duplicate_deliveries),
        ("event", |it| &it.duplicate_events),
    ];
    for (source, counters) in &sources {
        for (kind, of) in kinds {
            let count = of(counters).load(Ordering::Relaxed);
            out.value(&[("source", source), ("kind", kind)], count);
        }
    }
    let single: [(&str, &str, Of); 4] = [
        (
            "source_signature_failures_total",
            "Deliveries refused for their signature.",
            |it| &it.signature_failures,
        ),
        (
            "conflicts_total",
            "Events whose key was known with other bytes.",
            |it| &it.conflicts,
        ),
        (
            "same_event_id_total",
            "Events whose id the destination knows under another name.",
            |it| &it.same_ids,
        ),
        (
            "replaced_total",
            "Held events that a newer version of the order replaced.",
            |it| &it.replaced,
        ),
    ];
    for (name, help, of) in single {
        out.metric(name, Counter, help);
        for (source, counters) in &sources {
            out.value(&[("source", source)], of(counters).load(Ordering::Relaxed));
        }
    }
    rules(out, routes);
    let help = "When the last verified delivery came in; 0 if none has.";
    out.metric("source_last_received_timestamp_seconds", Gauge, help);
    for (source, counters) in &sources {
        let at = counters.last_received.load(Ordering::Relaxed) / 1000;
        out.value(&[("source", source)], at);
    }
    let help = "From the whole request to its answer.";
    out.metric("webhook_request_duration_seconds", Histogram, help);
    for (source, counters) in &sources {
        out.histogram(&[("source", source)], &counters.requests);
    }
    let help = "How long a webhook waited for the store's commit.";
    out.metric("outbox_commit_duration_seconds", Histogram, help);
    for (source, counters) in &sources {
        out.histogram(&[("source", source)], &counters.commits);
    }
}

/// What rules and exclusions did.
fn rules(out: &mut Exposition, routes: &Routes) {
    let routes = routes.sorted();
    let rules = || {
        routes.iter().flat_map(|route| {
            let ids = route.source.rules.ids().enumerate();
            ids.map(|(place, id)| (route.source.name.as_str(), id, route.ruled.of_rule(place)))
        })
    };
    let help = "What rules decided.";
    out.metric("rule_hits_total", Counter, help);
    for (source, id, (hits, _)) in rules() {
        out.value(&[("source", source), ("rule", id.as_str())], hits);
    }
    let help = "Rules that could not be evaluated, and so did nothing.";
    out.metric("rule_failures_total", Counter, help);
    for (source, id, (_, failures)) in rules() {
        out.value(&[("source", source), ("rule", id.as_str())], failures);
    }
    let help = "Events that a source's exclude left out, by its key.";
    out.metric("excluded_total", Counter, help);
    for route in &routes {
        let source = route.source.name.as_str();
        for (by, count) in route.ruled.excluded() {
            out.value(&[("source", source), ("by", by)], count);
        }
    }
    let help = "Orders whose source is in no table of channels.";
    out.metric("unmapped_sources_total", Counter, help);
    for route in &routes {
        let unknown = route.counters.unknown_channels();
        let count: u64 = unknown.iter().map(|(_, count)| count).sum();
        out.value(&[("source", &route.source.name)], count);
    }
}

/// What the store says of itself, asked for at each scrape.
pub(super) struct Figures {
    counts: Vec<Count>,
    health: Health,
    destinations: Vec<(String, Backlog, DestinationState)>,
    open_requests: usize,
}

impl Figures {
    pub(super) async fn gather(
        store: &dyn Store,
        destinations: &[String],
    ) -> Result<Self, StoreError> {
        let counts = store.counts().await?;
        let health = store.health().await?;
        let mut all = Vec::with_capacity(destinations.len());
        for name in destinations {
            let backlog = store.backlog(name).await?;
            all.push((name.clone(), backlog, store.destination(name).await?));
        }
        Ok(Self {
            counts,
            health,
            destinations: all,
            open_requests: store.open_requests().await?.len(),
        })
    }

    pub(super) fn write(&self, out: &mut Exposition, now: Millis) {
        self.write_counts(out);
        self.write_destinations(out, now);
        let help = "Requests of platforms to tell or erase what is stored, not done yet.";
        out.metric("privacy_requests_open", Gauge, help);
        out.value(&[], self.open_requests);
        let help = "Whether a small write went through to the disk just now.";
        out.metric("store_writable", Gauge, help);
        out.value(&[], u8::from(self.health.writable.is_ok()));
        let sizes = [
            (
                "store_bytes",
                "The size of the store.",
                Some(self.health.bytes),
            ),
            (
                "store_free_bytes",
                "Free space of the store's disk.",
                self.health.disk_free_bytes,
            ),
            (
                "wal_bytes",
                "What is not merged into the store's main file yet.",
                Some(self.health.wal_bytes),
            ),
        ];
        for (name, help, bytes) in sizes {
            if let Some(bytes) = bytes {
                out.metric(name, Gauge, help);
                out.value(&[], bytes);
            }
        }
    }

    fn write_counts(&self, out: &mut Exposition) {
        let mut states: BTreeMap<State, u64> = State::ALL.iter().map(|it| (*it, 0)).collect();
        let mut parked: BTreeMap<&str, u64> = BTreeMap::new();
        for count in &self.counts {
            *states.entry(count.state).or_default() += count.count;
            if count.state == State::Parked {
                let reason = count.reason.as_deref().unwrap_or_default();
                *parked.entry(reason).or_default() += count.count;
            }
        }
        let help = "Deliveries, and payloads without one, by state.";
        out.metric("outbox_events", Gauge, help);
        for (state, count) in states {
            out.value(&[("state", state.as_str())], count);
        }
        let help = "What waits for a person's decision, by reason.";
        out.metric("outbox_parked", Gauge, help);
        for (reason, count) in parked {
            out.value(&[("reason", reason)], count);
        }
    }

    fn write_destinations(&self, out: &mut Exposition, now: Millis) {
        let help = "How long the oldest event has waited to be sent; 0 if none waits.";
        out.metric("outbox_oldest_pending_age_seconds", Gauge, help);
        for (name, backlog, _) in &self.destinations {
            let age = backlog.oldest_pending.map(|at| now.since(at));
            out.seconds(&[("destination", name)], age.unwrap_or_default());
        }
        out.metric(
            "destination_paused",
            Gauge,
            "1 while nothing is sent there.",
        );
        for (name, _, state) in &self.destinations {
            out.value(&[("destination", name)], u8::from(state.paused.is_some()));
        }
        out.metric("breaker_state", Gauge, "1 while the breaker is open.");
        for (name, _, state) in &self.destinations {
            out.value(&[("destination", name)], u8::from(state.breaker.is_some()));
        }
    }
}
