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
    "web-order" "orders/create",
    "tax-inclusive-discount" "orders/create",
    "multi-currency" "orders/create",
    "subscription-first-order" "orders/create",
    "renewal" "orders/create",
    "pos-with-customer" "orders/create",
    "draft-order" "orders/create",
    "tiktok-shop" "orders/create",
    "amazon-connector" "orders/create",
    "refund" "refunds/create",
}
