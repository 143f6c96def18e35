//! The one place that looks at the clock of the day.

use std::time::{SystemTime, UNIX_EPOCH};

use orderbridge_core::store::Millis;
use orderbridge_event::Timestamp;

/// The time now; 1970 on a machine whose clock is set before it.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Millis::new(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The time now, as adapters take it.
pub(crate) fn timestamp() -> Timestamp {
    Timestamp::from_unix_millis(now().get())
}
