//! What the dispatchers count, for `/metrics`.

use std::sync::Arc;

use orderbridge_connect::{Exposition, MetricKind, MoreMetrics};
use orderbridge_core::dispatch::{Histogram, Metrics};
use orderbridge_core::store::AttemptClass;

/// The metrics of all destinations.
#[derive(Debug, Default)]
pub(super) struct Deliveries(Vec<(String, Arc<Metrics>)>);

/// A name, what it tells, and where it is kept.
type Timing = (&'static str, &'static str, fn(&Metrics) -> &Histogram);

const TIMINGS: &[Timing] = &[
    (
        "delivery_attempt_duration_seconds",
        "How long requests took.",
        |it| &it.attempt_duration,
    ),
    (
        "queue_lag_seconds",
        "From when an event could be sent to its attempt.",
        |it| &it.queue_lag,
    ),
    (
        "delivery_latency_seconds",
        "From its arrival until it was delivered.",
        |it| &it.delivery_latency,
    ),
    (
        "event_age_seconds",
        "From the time of the order until it was delivered.",
        |it| &it.event_age,
    ),
];

type Number = (&'static str, MetricKind, &'static str, fn(&Metrics) -> u64);

/// Pauses and breakers are not among them: `/metrics` reads those from the store.
const NUMBERS: &[Number] = &[
    (
        "retries_scheduled_total",
        MetricKind::Counter,
        "Attempts that will be repeated.",
        Metrics::retries_scheduled,
    ),
    (
        "http_connections_opened_total",
        MetricKind::Counter,
        "Connections opened to the destination.",
        Metrics::connections_opened,
    ),
];

impl Deliveries {
    /// Adds a destination.
    pub(super) fn add(&mut self, destination: &str, metrics: &Arc<Metrics>) {
        self.0.push((destination.to_owned(), Arc::clone(metrics)));
    }

    fn labelled(
        &self,
        out: &mut Exposition,
        label: &str,
        values: impl Fn(&Metrics) -> Vec<(&'static str, u64)>,
    ) {
        for (destination, metrics) in &self.0 {
            for (name, value) in values(metrics) {
                out.value(&[("destination", destination), (label, name)], value);
            }
        }
    }
}

impl MoreMetrics for Deliveries {
    fn write(&self, out: &mut Exposition) {
        out.metric(
            "delivery_attempts_total",
            MetricKind::Counter,
            "Requests, by what came of them.",
        );
        self.labelled(out, "class", |metrics| {
            let class = |class: &AttemptClass| (class.as_str(), metrics.attempts(*class));
            AttemptClass::ALL.iter().map(class).collect()
        });
        out.metric(
            "parked_total",
            MetricKind::Counter,
            "Events put aside while being delivered.",
        );
        self.labelled(out, "reason", |metrics| metrics.parked().to_vec());
        let help = "Events that may have arrived twice, by why.";
        out.metric("delivery_repeats_total", MetricKind::Counter, help);
        self.labelled(out, "kind", |metrics| metrics.duplicates().to_vec());
        for (name, kind, help, value) in NUMBERS {
            out.metric(name, *kind, help);
            for (destination, metrics) in &self.0 {
                out.value(&[("destination", destination)], value(metrics));
            }
        }
        for (name, help, histogram) in TIMINGS {
            out.metric(name, MetricKind::Histogram, help);
            for (destination, metrics) in &self.0 {
                out.histogram(&[("destination", destination)], histogram(metrics));
            }
        }
    }
}
