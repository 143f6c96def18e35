//! The sources of one configuration, each looked up once.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::source::{Chosen, SourceArgs, did_you_mean, platforms};
use crate::{Exit, Failed, Global};

/// Finds sources by their names, and platforms by theirs where no source has the name.
pub(crate) struct Sources<'a> {
    global: &'a Global,
    config: Option<Config>,
    chosen: BTreeMap<String, Chosen>,
}

impl<'a> Sources<'a> {
    /// Of the configuration that is named, or of the one in the working folder.
    pub(crate) fn new(global: &'a Global) -> Result<Self, Failed> {
        Ok(Self {
            global,
            config: Config::find(global)?,
            chosen: BTreeMap::new(),
        })
    }

    /// The configuration, if there is one.
    pub(crate) const fn config(&self) -> Option<&Config> {
        self.config.as_ref()
    }

    /// Whether a source has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let config = self.config.as_ref();
        config.is_some_and(|config| config.sources.contains_key(name))
    }

    /// The only source that there is.
    pub(crate) fn only(&self, flag: &str) -> Result<String, Failed> {
        let sources = self.config.as_ref().map(|config| &config.sources);
        let mut names = sources.into_iter().flat_map(|sources| sources.keys());
        if let (Some(only), None) = (names.next(), names.next()) {
            return Ok(only.clone());
        }
        let message = format!("say with {flag} which source or platform the payloads are of");
        Err((Exit::Usage, message))
    }

    /// The source with this name, or else the platform. `place` is where the name stands.
    pub(crate) fn named(&mut self, name: &str, place: &str) -> Result<&Chosen, Failed> {
        if !self.chosen.contains_key(name) {
            let chosen = self.arguments(name, place)?.choose(self.global)?;
            self.chosen.insert(name.to_owned(), chosen);
        }
        let unexpected = || (Exit::Unexpected, format!("there is no source {name}"));
        self.chosen.get(name).ok_or_else(unexpected)
    }

    fn arguments(&self, name: &str, place: &str) -> Result<SourceArgs, Failed> {
        let sources = self.config.iter().flat_map(|config| &config.sources);
        let of_platform: Vec<&str> = sources
            .clone()
            .filter(|(_, source)| source.platform == name)
            .map(|(name, _)| name.as_str())
            .collect();
        let configured = self
            .config
            .as_ref()
            .and_then(|config| config.sources.get(name));
        let (platform, source) = match (configured, of_platform.as_slice()) {
            (Some(source), _) => (source.platform.as_str(), Some(name)),
            (None, [_, _, ..]) => {
                let names = of_platform.join(", ");
                let message = format!(
                    "{place}: there are several sources of {name}: {names}; use the name of one \
                     of them"
                );
                return Err((Exit::Usage, message));
            }
            (None, _) if platforms().contains(&name) => (name, None),
            (None, _) => {
                let known = sources.map(|(name, _)| name.as_str()).chain(platforms());
                let hint = did_you_mean(name, known);
                let message =
                    format!("{place}: there is neither a source nor a platform {name:?}{hint}");
                return Err((Exit::Usage, message));
            }
        };
        Ok(SourceArgs {
            platform: platform.to_owned(),
            topic: None,
            source: source.map(str::to_owned),
            options: Vec::new(),
            received_at: None,
        })
    }
}
