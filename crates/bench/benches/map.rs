//! One order's way, step by step: `cargo bench -p orderbridge-bench`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use orderbridge_bench::generate::Orders;
use orderbridge_event::check::check;
use orderbridge_event::{Context, Headers, Mapped, Payload, Secret, Timestamp};

fn steps(criterion: &mut Criterion) {
    for source in orderbridge_registry::ALL {
        let adapter = source.adapter;
        let Ok(orders) = Orders::of(adapter.name()) else {
            continue;
        };
        let body = orders.some(1).next().unwrap_or_default().to_string();
        let topic = adapter.profile().default_topic;
        let payload = Payload {
            topic,
            body: body.as_bytes(),
        };
        let context = Context::default();
        let mut group = criterion.benchmark_group(adapter.name());
        group.throughput(Throughput::Bytes(
            u64::try_from(body.len()).unwrap_or_default(),
        ));
        group.bench_function("parse", |bench| {
            bench.iter(|| adapter.parse(black_box(payload)));
        });
        group.bench_function("map", |bench| {
            bench.iter(|| adapter.map(black_box(payload), &context));
        });
        if let Some(webhook) = source.webhook {
            group.bench_function("about", |bench| {
                bench.iter(|| webhook.about(black_box(payload)));
            });
        }
        let now = Timestamp::from_unix(1_790_000_000);
        if let (Some(verify), Some(now)) = (source.verify, now) {
            let secret = [Secret::new("hush")];
            let signed = verify.sign(&Secret::new("hush"), topic, payload.body, now);
            let pairs = signed.iter().map(|(name, value)| (*name, value.as_str()));
            let pairs: Vec<(&str, &str)> = pairs.collect();
            group.bench_function("verify", |bench| {
                bench.iter(|| {
                    verify.verify(
                        &secret,
                        &Headers::new(&pairs),
                        black_box(payload.body),
                        now.into(),
                    )
                });
            });
        }
        if let Ok(Mapped::Events(events)) = adapter.map(payload, &context) {
            let mut out = Vec::new();
            group.bench_function("write", |bench| {
                bench.iter(|| {
                    out.clear();
                    events
                        .iter()
                        .for_each(|event| event.write_json(black_box(&mut out)));
                });
            });
            group.bench_function("check", |bench| bench.iter(|| check(black_box(&out))));
        }
        group.finish();
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
