//! Which platform, and with which options of which configured source.

use std::path::Path;

use orderbridge_event::{Context, Options, Setting, SettingError, Source, Timestamp};
use orderbridge_rules::{Exclude, Rules};
pub(crate) use orderbridge_rules::{did_you_mean, nearest};

use crate::config::Config;
use crate::{Exit, Failed, Global};

/// What `map` and `explain` have in common.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct SourceArgs {
    /// The platform; `orderbridge adapters` lists them
    #[arg(value_name = "PLATFORM")]
    pub(crate) platform: String,
    /// The topic of bare bodies [default: the platform's own, as in orders/create]
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Option<String>,
    /// The source of the configuration whose options count
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// An option of the source, such as `placed_on=paid` or `channels.16818700289=mobile_app`
    #[arg(long = "option", short = 'o', value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
    /// When the messages were sent, for those that have no time of their own (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) received_at: Option<String>,
}

/// A platform and all that its mapping may know.
pub(crate) struct Chosen {
    pub(crate) source: &'static Source,
    pub(crate) topic: String,
    pub(crate) context: Context,
    /// The user's own rules.
    pub(crate) rules: Rules,
}

impl SourceArgs {
    /// Looks everything up; what is wrong is wrong usage.
    pub(crate) fn choose(&self, global: &Global) -> Result<Chosen, Failed> {
        let source = platform(&self.platform)?;
        let config = Config::find(global)?;
        let (mut options, rules) = match &config {
            Some(config) => self.configured(config)?,
            None => match &self.source {
                Some(name) => {
                    let message = format!(
                        "--source {name}: there is no configuration; give one with --config"
                    );
                    return Err((Exit::Usage, message));
                }
                None => (Options::default(), Rules::none()),
            },
        };
        for text in &self.options {
            set(&mut options, text)?;
        }
        let received_at = self.received_at.as_deref().map(|text| {
            let message = "--received-at: not a time with an offset, such as 2026-11-02T10:15:30Z";
            Timestamp::parse(text).ok_or((Exit::Usage, message.to_owned()))
        });
        let topic = self
            .topic
            .as_deref()
            .unwrap_or(source.adapter.profile().default_topic);
        Ok(Chosen {
            source,
            topic: topic.to_owned(),
            context: Context {
                options,
                received_at: received_at.transpose()?,
                wants_facts: rules.needs_facts(),
                ..Context::default()
            },
            rules,
        })
    }

    /// The options and rules of the source that is named, or of the only one of the platform.
    fn configured(&self, config: &Config) -> Result<(Options, Rules), Failed> {
        let of_platform = || {
            config
                .sources
                .iter()
                .filter(|(_, source)| source.platform == self.platform)
        };
        let names: Vec<&str> = of_platform().map(|(name, _)| name.as_str()).collect();
        let file = config.path.display();
        let name = match (&self.source, names.as_slice()) {
            (Some(name), _) => name.as_str(),
            (None, []) => {
                let for_all = config.rules.of(&self.platform, None, Exclude::default());
                return Ok((Options::default(), for_all));
            }
            (None, [only]) => only,
            (None, several) => {
                let several = several.join(", ");
                let message = format!(
                    "{file} has several sources of {}: {several}; choose one with --source",
                    self.platform
                );
                return Err((Exit::Usage, message));
            }
        };
        let Some(source) = config.sources.get(name) else {
            let hint = did_you_mean(name, config.sources.keys().map(String::as_str));
            return Err((
                Exit::Usage,
                format!("--source: {file} has no source {name:?}{hint}"),
            ));
        };
        if source.platform != self.platform {
            let message = format!(
                "--source: {name} is a source of {}, not of {}",
                source.platform, self.platform
            );
            return Err((Exit::Usage, message));
        }
        Ok((source.options.clone(), config.rules_of(name)))
    }
}

/// Finds a platform, or says which there are.
pub(crate) fn platform(name: &str) -> Result<&'static Source, Failed> {
    orderbridge_registry::find(name).ok_or_else(|| {
        let names = platforms();
        let hint = did_you_mean(name, names.iter().copied());
        // The file stands first for many other programs.
        let order = if hint.is_empty() && (name == "-" || Path::new(name).exists()) {
            "; the platform comes before the files"
        } else {
            ""
        };
        let names = names.join(", ");
        let message = format!("there is no platform {name:?}{hint}; there are: {names}{order}");
        (Exit::Usage, message)
    })
}

/// The names of all platforms.
pub(crate) fn platforms() -> Vec<&'static str> {
    orderbridge_registry::ALL
        .iter()
        .map(|source| source.adapter.name())
        .collect()
}

/// Sets an option given as `key=value`; `key.name=value` adds to a table, commas part a list.
fn set(options: &mut Options, text: &str) -> Result<(), Failed> {
    let usage = |message: String| Err((Exit::Usage, format!("--option {text}: {message}")));
    let Some((key, value)) = text.split_once('=') else {
        return usage("write KEY=VALUE".to_owned());
    };
    let (key, setting) = match key.split_once('.') {
        Some((key, name)) => {
            let mut table = match key {
                "channels" => options
                    .channels
                    .iter()
                    .map(|(k, v)| (k.clone(), v.to_string()))
                    .collect(),
                "tax_in_price" => {
                    let answer = |is: &bool| if *is { "yes" } else { "no" }.to_owned();
                    let known = options.tax_in_price.iter();
                    known.map(|(k, v)| (k.clone(), answer(v))).collect()
                }
                _ => options.alias_prefixes.clone(),
            };
            table.insert(name.to_owned(), value.to_owned());
            (key, Setting::Map(table))
        }
        None if key == "shared_emails" => (
            key,
            Setting::List(
                value
                    .split(',')
                    .map(|part| part.trim().to_owned())
                    .collect(),
            ),
        ),
        None => (key, Setting::Text(value.to_owned())),
    };
    match options.set(key, setting) {
        Ok(()) => Ok(()),
        Err(SettingError::Expected(what)) => usage(format!("expected {what}")),
        Err(SettingError::Unknown) => {
            let hint = did_you_mean(key, Options::KEYS.iter().copied());
            usage(format!(
                "there is no such option{hint}; there are: {}",
                Options::KEYS.join(", ")
            ))
        }
    }
}
