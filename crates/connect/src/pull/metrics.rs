//! What is counted of reading an API, for `/metrics`.

use std::sync::Arc;

use super::Account;
use super::tallies::{Counts, Fetched};
use crate::clock;
use crate::exposition::MetricKind::{Counter, Gauge};
use crate::{Exposition, MoreMetrics};

/// The counts of all accounts that are read. The first one writes for all.
#[derive(Clone, Debug)]
pub struct PullMetrics(Vec<(String, Arc<Account>)>);

impl PullMetrics {
    /// The counts of one account.
    pub fn new(source: &str, account: Arc<Account>) -> Self {
        Self(vec![(source.to_owned(), account)])
    }

    /// All of these in one: each metric is written once, with all its sources.
    pub fn all(these: impl IntoIterator<Item = Self>) -> Self {
        Self(these.into_iter().flat_map(|it| it.0).collect())
    }
}

impl MoreMetrics for PullMetrics {
    fn write(&self, out: &mut Exposition) {
        if self.0.is_empty() {
            return;
        }
        let read =
            |(source, account): &(String, Arc<Account>)| (source.clone(), account.tallies().read());
        let counts: Vec<(String, Counts)> = self.0.iter().map(read).collect();
        let help = "Requests to platforms' APIs, by what came of them.";
        out.metric("pull_requests_total", Counter, help);
        for (source, counts) in &counts {
            for ((operation, outcome), count) in &counts.requests {
                let outcome = ("outcome", outcome.as_str());
                out.value(
                    &[("source", source), ("operation", operation), outcome],
                    count,
                );
            }
        }
        let help = "How far back lies the time up to which a list was read.";
        out.metric("source_cursor_lag_seconds", Gauge, help);
        for (source, counts) in &counts {
            for (stream, lag) in counts.lags(clock::now()) {
                out.seconds(&[("source", source), ("stream", stream)], lag);
            }
        }
        let help = "Payloads that wait for something to be fetched.";
        out.metric("pull_fetches_waiting", Gauge, help);
        for (source, counts) in &counts {
            out.value(&[("source", source)], counts.waiting);
        }
        let help = "Payloads that waited for something to be fetched, by what came of it.";
        out.metric("pull_fetches_total", Counter, help);
        for (source, counts) in &counts {
            for (how, count) in &counts.fetches {
                let how = match how {
                    Fetched::Done => "fetched",
                    Fetched::Parked => "parked",
                };
                out.value(&[("source", source), ("outcome", how)], count);
            }
        }
        let help = "1 for what is wrong now with reading an API, by what was being read.";
        out.metric("pull_trouble", Gauge, help);
        for (source, counts) in &counts {
            for (stream, reason) in &counts.trouble {
                out.value(
                    &[("source", source), ("stream", stream), ("reason", reason)],
                    1,
                );
            }
        }
    }
}
