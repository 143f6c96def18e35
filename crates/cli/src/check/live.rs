//! Asks a running connector how it is, for health checks of containers and scripts.

use orderbridge_connect::Caller;

use crate::address::local_url;
use crate::config::Config;
use crate::{Exit, Failed, Global};

/// Done if it can take webhooks in, unavailable if not.
pub(super) fn ask(global: &Global) -> Result<(Exit, String), Failed> {
    let config = Config::find(global)?.unwrap_or_default();
    let url = local_url(&config.server.admin, "/readyz");
    let unavailable = |why: String| (Exit::Unavailable, format!("{url}: {why}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| (Exit::Unexpected, error.to_string()))?;
    let caller = Caller::new(&url).map_err(|error| (Exit::Usage, format!("{url}: {error}")))?;
    let answer = runtime
        .block_on(caller.get())
        .map_err(|error| unavailable(error.to_string()))?;
    match answer.status {
        200 => Ok((Exit::Done, "ready\n".to_owned())),
        status => Err(unavailable(format!("answered {status}, {}", answer.text))),
    }
}
