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
    "first-order" "payment_succeeded",
    "renewal" "payment_succeeded",
    "one-off" "payment_succeeded",
    "subscription-created" "subscription_created",
    "subscription-cancelled" "subscription_cancelled",
    "refund" "payment_refunded",
}
