//! A source of the configuration, as the receiver and a later mapping know it.

use std::sync::Arc;

use orderbridge_connect::{Routes, SourceRoute};
use orderbridge_event::Secret;
use tokio::sync::Notify;

use crate::config::{Config, SourceConfig};
use crate::{Exit, Failed};

/// What the mapping of a source needs. Nobody has to know its secrets for that.
pub(crate) fn mapping(
    config: &Config,
    name: &str,
    source: &SourceConfig,
) -> Result<SourceRoute, Failed> {
    let platform = orderbridge_registry::find(&source.platform)
        .ok_or_else(|| usage(name, &format!("there is no platform {:?}", source.platform)))?;
    let destination = source.destination.as_deref().unwrap_or_default();
    let mut route = SourceRoute::new(name, platform, destination);
    route.options = source.options.clone();
    route.rules = config.rules_of(name);
    route.hold = source.hold;
    route.signature_tolerance = source.intake.signature_tolerance;
    route.fetch = source.pull.is_given().then(Arc::default);
    route.new_customer = source.intake.new_customer;
    route.conflict = source.intake.conflict;
    route.largest_body = source.intake.largest_body;
    Ok(route)
}

/// What the receiver needs.
pub(super) fn receiving(
    config: &Config,
    name: &str,
    source: &SourceConfig,
    secrets: Vec<Secret>,
    wake: Arc<Notify>,
) -> Result<SourceRoute, Failed> {
    let mut route = mapping(config, name, source)?;
    route.secrets = secrets;
    route.wake = wake;
    Ok(route)
}

/// The sources that have somewhere to deliver to, for mapping what is stored of them.
pub(crate) fn for_mapping(config: &Config) -> Result<Routes, Failed> {
    let sources = config.sources.iter();
    let routes: Result<Vec<_>, Failed> = sources
        .filter(|(_, source)| source.destination.is_some())
        .map(|(name, source)| mapping(config, name, source))
        .collect();
    Ok(Routes::new(routes?))
}

fn usage(name: &str, why: &str) -> Failed {
    (Exit::Usage, format!("sources.{name}: {why}"))
}
