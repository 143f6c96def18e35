//! Where to, how, and with which token.

use std::path::Path;
use std::time::Duration;

use orderbridge_core::{ClientConfig, DeliveryConfig};
use orderbridge_event::Secret;

use super::SendArgs;
use crate::config::{Config, DestinationConfig, SecretRef};
use crate::source::did_you_mean;
use crate::{Exit, Failed, Global};

/// No wait between two attempts is longer: events that live in memory only should not wait for
/// hours, and `--give-up-after` is the limit.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A destination, ready to use.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// Where events are posted.
    pub(crate) url: String,
    /// Sent along, if there is one.
    pub(crate) token: Option<Secret>,
    /// How events are sent.
    pub(crate) delivery: DeliveryConfig,
}

impl Destination {
    /// What the client needs of it.
    pub(crate) fn client(&self) -> ClientConfig {
        ClientConfig {
            url: self.url.clone(),
            token: self.token.clone(),
            concurrency: self.delivery.concurrency,
            timeout: self.delivery.timeout,
        }
    }

    /// Finds the destination that the command line names. What the command line says goes before
    /// what the configuration says.
    pub(crate) fn resolve(args: &SendArgs, global: &Global) -> Result<Self, Failed> {
        let usage = |message: String| (Exit::Usage, message);
        let DestinationConfig {
            url,
            token,
            mut delivery,
            natives: _,
        } = known(args, global)?;
        let token = match &args.token {
            Some(text) => {
                let reference = SecretRef::parse(text, Path::new(""));
                Some(reference.map_err(|what| usage(format!("--token takes {what}")))?)
            }
            None => token,
        };
        let token = token.map(|reference| reference.read()).transpose();
        let token = token.map_err(|why| usage(format!("the token of {}: {why}", args.to)))?;
        delivery.concurrency = args.concurrency.unwrap_or(delivery.concurrency).max(1);
        delivery.rate_limit = args.rate_limit.or(delivery.rate_limit);
        delivery.timeout = args.timeout.unwrap_or(delivery.timeout);
        delivery.retry.schedule = delivery.retry.schedule.capped(LONGEST_WAIT);
        Ok(Self {
            url,
            token,
            delivery,
        })
    }
}

/// The destination without its token, which only delivering needs.
pub(super) fn known(args: &SendArgs, global: &Global) -> Result<DestinationConfig, Failed> {
    let to = &args.to;
    if to.contains("://") {
        return Ok(DestinationConfig::at(to));
    }
    let Some(config) = Config::find(global)? else {
        let message = format!(
            "--to: {to:?} is no URL, and there is no configuration to look it up in; \
             give one with --config"
        );
        return Err((Exit::Usage, message));
    };
    config.destinations.get(to).cloned().ok_or_else(|| {
        let hint = did_you_mean(to, config.destinations.keys().map(String::as_str));
        let file = config.path.display();
        (
            Exit::Usage,
            format!("--to: {file} has no destination {to:?}{hint}"),
        )
    })
}
