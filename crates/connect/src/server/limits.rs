//! What a listener puts up with.

use std::time::Duration;

/// Bounds on connections and requests. The size of a body is the source's own.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time; further ones wait in the system's queue.
    pub connections: usize,
    /// Requests that are being worked on at a time; further ones are answered with 503.
    pub requests: usize,
    /// Bytes of bodies in memory at a time; what goes beyond is answered with 503.
    pub memory: usize,
    /// From the first byte of a request to the end of its headers.
    pub headers: Duration,
    /// From the end of the headers to the end of the body.
    pub body: Duration,
    /// How long a connection may rest between two requests. Longer than the minute that load
    /// balancers keep theirs, so that none of them sends into a connection that is closing.
    pub idle: Duration,
    /// From the end of the body to the answer. Shopify leaves five seconds in all.
    pub answer: Duration,
    /// How many headers a request may have.
    pub header_count: usize,
    /// How many bytes the headers of a request may have, with the path.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            requests: 1_024,
            memory: 256 << 20,
            headers: Duration::from_secs(10),
            body: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            answer: Duration::from_millis(4_500),
            header_count: 100,
            header_bytes: 64 << 10,
        }
    }
}
