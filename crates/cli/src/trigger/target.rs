//! Whose webhook it is, what signs it, and where it goes.

use std::path::Path;

use orderbridge_event::{Secret, Source};

use super::TriggerArgs;
use crate::address::local_url;
use crate::config::{Config, SecretRef, ServerConfig};
use crate::source::{did_you_mean, platforms};
use crate::{Exit, Failed};

/// Where a webhook goes.
pub(super) struct Target {
    pub(super) platform: &'static Source,
    pub(super) secret: Secret,
    pub(super) url: String,
}

impl Target {
    /// Looks the source up. What the command line says goes before the configuration.
    pub(super) fn find(
        args: &TriggerArgs,
        name: &str,
        config: Option<&Config>,
    ) -> Result<Self, Failed> {
        let usage = |message: String| (Exit::Usage, message);
        let platform = find_platform(name, config)?;
        if platform.verify.is_none() {
            let platform = platform.adapter.name();
            return Err(usage(format!("{platform} sends no signed webhooks")));
        }
        let source = config.and_then(|config| config.sources.get(name));
        let reference = if let Some(text) = &args.secret {
            let parsed = SecretRef::parse(text, Path::new(""));
            parsed.map_err(|what| usage(format!("--secret takes {what}")))?
        } else {
            let first = source.and_then(|source| source.webhook_secrets.first());
            let missing = || usage(no_secret(name, source.is_some()));
            first.cloned().ok_or_else(missing)?
        };
        let secret = reference
            .read()
            .map_err(|why| usage(format!("the secret of {name}: {why}")))?;
        let url = if let Some(to) = &args.to {
            let message = format!("--to: {to:?} is no URL such as http://127.0.0.1:8080");
            with_path(to, name).ok_or_else(|| usage(message))?
        } else {
            let server = config.map_or_else(ServerConfig::default, |it| it.server.clone());
            local_url(&server.listen, &format!("/webhooks/{name}"))
        };
        Ok(Self {
            platform,
            secret,
            url,
        })
    }
}

fn no_secret(name: &str, is_configured: bool) -> String {
    if is_configured {
        format!("sources.{name} has no webhook_secrets to sign with; give one with --secret")
    } else {
        format!("there is no configuration with a source {name:?}; give --secret env:NAME")
    }
}

/// The platform of a source of the configuration, or the platform of that name.
pub(super) fn find_platform(
    name: &str,
    config: Option<&Config>,
) -> Result<&'static Source, Failed> {
    let source = config.and_then(|config| config.sources.get(name));
    let platform = source.map_or(name, |source| source.platform.as_str());
    orderbridge_registry::find(platform).ok_or_else(|| {
        let sources = config.map(|config| config.sources.keys().map(String::as_str));
        let mut known: Vec<&str> = sources.into_iter().flatten().collect();
        for platform in platforms() {
            if !known.contains(&platform) {
                known.push(platform);
            }
        }
        let hint = did_you_mean(name, known.iter().copied());
        let known = known.join(", ");
        let message = format!("there is no source or platform {name:?}{hint}; there are: {known}");
        (Exit::Usage, message)
    })
}

/// A URL that names only a host goes to the source's own path there.
fn with_path(to: &str, name: &str) -> Option<String> {
    let (scheme, rest) = to.split_once("://")?;
    if !matches!(scheme, "http" | "https") || rest.is_empty() {
        return None;
    }
    Some(match rest.split_once('/') {
        None => format!("{to}/webhooks/{name}"),
        Some((_, "")) => format!("{to}webhooks/{name}"),
        Some(_) => to.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_alone_gets_the_path_of_the_source() {
        let path = |to| with_path(to, "shop");
        let own = Some("http://127.0.0.1:1/webhooks/shop".to_owned());
        assert_eq!(path("http://127.0.0.1:1"), own);
        assert_eq!(path("http://127.0.0.1:1/"), own);
        assert_eq!(path("https://a/b").as_deref(), Some("https://a/b"));
        assert_eq!(path("127.0.0.1:1"), None);
        assert_eq!(path("ftp://a"), None);
    }
}
