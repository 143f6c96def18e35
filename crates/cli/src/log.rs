//! Log lines, on stderr.

use tracing_subscriber::EnvFilter;

use crate::{Global, LogFormat};

/// Starts the log. Only the first command of a process can; tests run many.
pub(crate) fn start(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, _) => "debug",
    };
    let filter = EnvFilter::try_from_env("ORDERBRIDGE_LOG").unwrap_or_else(|_| {
        EnvFilter::new(format!(
            "warn,orderbridge={level},orderbridge_core={level},orderbridge_cli={level}"
        ))
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let _ = match global.log_format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
