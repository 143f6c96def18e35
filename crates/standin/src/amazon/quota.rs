//! Quotas: a bucket for each operation, with the rates that Amazon documents.

use std::collections::BTreeMap;
use std::time::Instant;

/// The rate in requests a second, and the burst.
const RATES: &[(&str, f64, f64)] = &[
    ("searchOrders", 0.0056, 20.0),
    ("getOrder", 0.5, 30.0),
    ("getOrders", 0.0167, 20.0),
    ("getOrderItems", 0.5, 30.0),
    ("createRestrictedDataToken", 1.0, 10.0),
    ("createReport", 0.0167, 15.0),
    ("getReport", 2.0, 15.0),
    ("getReportDocument", 0.0167, 15.0),
    ("listTransactions", 0.5, 10.0),
];

#[derive(Debug)]
pub(super) struct Quotas {
    speed: f64,
    buckets: BTreeMap<&'static str, (f64, Instant)>,
}

impl Quotas {
    pub(super) fn new(speed: f64) -> Self {
        let now = Instant::now();
        let full = RATES.iter().map(|(name, _, burst)| (*name, (*burst, now)));
        Self {
            speed,
            buckets: full.collect(),
        }
    }

    /// Takes a request's share, and tells the rate.
    pub(super) fn take(&mut self, operation: &str) -> Result<String, ()> {
        let known = RATES.iter().find(|(name, ..)| *name == operation);
        let (Some((_, rate, burst)), Some((tokens, at))) = (known, self.buckets.get_mut(operation))
        else {
            return Ok(String::from("1"));
        };
        let rate = rate * self.speed;
        *tokens = (*tokens + at.elapsed().as_secs_f64() * rate).min(*burst);
        *at = Instant::now();
        if *tokens < 1.0 {
            return Err(());
        }
        *tokens -= 1.0;
        Ok(rate.to_string())
    }
}
