//! Where events go.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Answer, SendError};

/// Takes one event at a time: Converge over HTTP, or a script in tests.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Sends exactly these bytes once. The answer says delivered; all else is an error.
    async fn send(&self, body: &Bytes) -> Result<Answer, SendError>;

    /// How many connections were opened so far, where there is such a thing.
    fn connections_opened(&self) -> u64 {
        0
    }
}
