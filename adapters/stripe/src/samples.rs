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
    "first-order" "invoice.paid",
    "renewal" "invoice.paid",
    "proration" "invoice.paid",
    "subscription-created" "customer.subscription.created",
    "subscription-deleted" "customer.subscription.deleted",
    "refund" "charge.refunded",
}
