//! Payloads with invented people, for the demonstration and for trying things out.

use orderbridge_event::Sample;

macro_rules! samples {
    ($($name:literal $topic:literal,)*) => {
        /// Each is one of the adapter's own fixtures.
        pub(crate) static SAMPLES: &[Sample] = &[$(Sample {
            name: $name,
            topic: $topic,
            body: include_bytes!(concat!("../fixtures/", $name, ".json")),
        },)*];
    };
}

samples! {
    "renewal" "charge/paid",
    "refund" "charge/refunded",
    "started" "subscription/created",
    "cancelled" "subscription/cancelled",
    "paused" "subscription/paused",
    "max-retries" "charge/max_retries_reached",
}
