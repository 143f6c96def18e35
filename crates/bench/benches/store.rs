//! The store in a file, with its commits: `cargo bench -p orderbridge-bench --bench store`.

use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use orderbridge_bench::fill::{DESTINATION, filler, intake, now};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{ClaimId, Due, Lane, Page, Settlement, Store, Verdict};

/// As many webhooks share a commit when many come in at once.
const GROUP: u32 = 32;

const PAYLOAD: usize = 10_900;
const EVENT: usize = 2_500;

fn store(criterion: &mut Criterion) {
    let (Ok(folder), Ok(runtime)) = (
        tempfile::tempdir(),
        tokio::runtime::Builder::new_current_thread().build(),
    ) else {
        return;
    };
    let path = folder.path().join("bench.db");
    let Ok(store) = runtime.block_on(SqliteStore::open(&path, SqliteOptions::default())) else {
        return;
    };
    let (payload, event) = (filler(PAYLOAD), filler(EVENT));
    let next = Cell::new(0);
    let accept = || {
        let first = next.replace(next.get() + GROUP);
        let orders = first..first + GROUP;
        let page = Page {
            intakes: orders.map(|it| intake(it, &payload, &event)).collect(),
            cursor: None,
        };
        runtime.block_on(store.accept(black_box(page))).map(|_| ())
    };
    let deliver = || {
        let due = Due {
            destination: DESTINATION.to_owned(),
            lane: Lane::Fresh,
            limit: GROUP as usize,
            claim: ClaimId::random(),
            lease_until: now().plus(Duration::from_secs(60)),
            now: now(),
            probe: None,
        };
        let claimed = runtime.block_on(store.claim(due)).unwrap_or_default();
        let released = |it: &orderbridge_core::store::Claimed| Settlement {
            id: it.id,
            claim: it.claim,
            now: now(),
            attempt: None,
            verdict: Verdict::Released,
        };
        let settlements = claimed.iter().map(released).collect();
        runtime.block_on(store.settle(settlements)).map(|_| ())
    };
    let mut group = criterion.benchmark_group("store");
    group.throughput(Throughput::Elements(GROUP.into()));
    group.bench_function("accept", |bench| bench.iter(accept));
    group.bench_function("claim and settle", |bench| bench.iter(deliver));
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
