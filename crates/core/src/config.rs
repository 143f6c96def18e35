//! The settings of a delivery.

use std::time::Duration;

use crate::{BreakerConfig, RateLimit, RefusalLimit, Retry, Schedule};

/// How events are delivered to one destination.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryConfig {
    /// How many requests are under way at the same time; at least one.
    pub concurrency: usize,
    /// How many requests start in a time, if that is limited.
    pub rate_limit: Option<RateLimit>,
    /// How long one request may take in all.
    pub timeout: Duration,
    /// When to try again.
    pub retry: Retry,
    /// When to stop trying for a while.
    pub breaker: BreakerConfig,
}

/// The settings for whoever gives none: 16 at a time, no rate limit, 30 s for a request, the
/// standard schedule up to 7 days, a pause after more than 20 refusals in a row or when more than
/// half of at least 50 answers in 5 minutes were one, and a breaker that opens when half of at least 20 requests in
/// a minute failed and probes every 30 s.
pub fn default_delivery() -> DeliveryConfig {
    DeliveryConfig {
        concurrency: 16,
        rate_limit: None,
        timeout: Duration::from_secs(30),
        retry: Retry {
            schedule: Schedule::standard(),
            max_age: Duration::from_secs(7 * 24 * 60 * 60),
            refusals: RefusalLimit {
                in_a_row: 20,
                share: 0.5,
                window: Duration::from_secs(5 * 60),
                minimum: 50,
            },
        },
        breaker: BreakerConfig {
            failures: 0.5,
            window: Duration::from_secs(60),
            minimum: 20,
            probe: Duration::from_secs(30),
        },
    }
}
