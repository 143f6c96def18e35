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
    "us-order" "GET /orders/2026-01-01/orders/{orderId}",
    "de-order" "GET /orders/2026-01-01/orders/{orderId}",
    "jp-gift-cod-points" "GET /orders/2026-01-01/orders/{orderId}",
    "non-amazon" "GET /orders/2026-01-01/orders/{orderId}",
    "order-change" "ORDER_CHANGE",
}
