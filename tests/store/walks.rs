//! Random walks with the model beside the store.

use libtest_mimic::Trial;
use orderbridge_core::store::Lane;
use orderbridge_core::store::suite::{Step, Then, walk};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::run;
use super::sqlite::FileBench;

/// Few orders and few versions, so that steps meet.
const ORDERS: u32 = 5;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("sqlite::walks_as_the_model_does", || {
        let cases = std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|cases| cases.parse().ok())
            .unwrap_or(60);
        let config = ProptestConfig {
            cases,
            failure_persistence: None,
            max_shrink_iters: 400,
            ..ProptestConfig::default()
        };
        let steps = prop::collection::vec(step(), 1..60);
        let result = TestRunner::new(config).run(&steps, |steps| {
            let bench = FileBench::new();
            let walking = std::panic::AssertUnwindSafe(|| run(walk(&bench, &steps)));
            std::panic::catch_unwind(walking).map_err(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
                TestCaseError::fail(text.unwrap_or_default())
            })
        });
        result.map_err(|error| error.to_string().into())
    })]
}

fn step() -> impl Strategy<Value = Step> {
    let order = 0..ORDERS;
    let fails = || prop::option::weighted(0.1, any::<bool>());
    let lane = prop_oneof![Just(Lane::Fresh), Just(Lane::Retry)];
    let then = prop_oneof![
        3 => Just(Then::Delivered),
        3 => (0..90_u8).prop_map(Then::Retry),
        1 => Just(Then::Parked),
        1 => Just(Then::Released),
    ];
    prop_oneof![
        8 => (order.clone(), 1..4_u32, prop::option::of(0..90_u8), fails()).prop_map(
            |(order, version, hold, fails)| Step::Accept { order, version, hold, fails }
        ),
        6 => (lane, 1..4_usize).prop_map(|(lane, limit)| Step::Claim { lane, limit }),
        8 => (0..12_usize, then, fails()).prop_map(
            |(which, then, fails)| Step::Settle { which, then, fails }
        ),
        1 => (0..12_usize).prop_map(|which| Step::Renew { which }),
        4 => (-30..120_i16).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Pause),
        1 => (0..90_u8).prop_map(Step::NotBefore),
        1 => order.clone().prop_map(Step::Retry),
        1 => order.clone().prop_map(Step::Drop),
        1 => order.prop_map(Step::Redact),
        1 => Just(Step::Erase),
        1 => Just(Step::Crash),
    ]
}
