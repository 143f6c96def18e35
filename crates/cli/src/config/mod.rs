//! The configuration file: read whole, and every mistake in it told with its line.

mod destination;
mod finding;
mod intake;
mod native;
mod pull;
mod reader;
mod secret;
mod sections;
mod show;
mod sqs;
mod template;

pub(crate) use destination::DestinationConfig;
pub(crate) use finding::{Finding, Severity};
pub(crate) use intake::IntakeConfig;
pub(crate) use native::{DoubleCounting, Native};
pub(crate) use pull::PullConfig;
pub(crate) use secret::SecretRef;
pub(crate) use sections::sqlite_path;
pub(crate) use sqs::SqsConfig;
pub(crate) use template::{secret_variables, template};

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use orderbridge_event::Options;
use orderbridge_rules::{Exclude, RuleSet, Rules};

use crate::{Exit, Failed, Global};
use reader::Reader;

/// The name that is looked for in the working folder.
pub(crate) const DEFAULT: &str = "orderbridge.toml";

/// What is said where a command needs a configuration and there is none.
pub(crate) fn none_here() -> Failed {
    let message = format!(
        "there is no {DEFAULT} here; write one with `orderbridge init`, or name a configuration \
         with --config"
    );
    (Exit::Usage, message)
}

/// A configuration without mistakes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    /// The file.
    pub(crate) path: PathBuf,
    /// `[destinations.…]`
    pub(crate) destinations: BTreeMap<String, DestinationConfig>,
    /// `[sources.…]`
    pub(crate) sources: BTreeMap<String, SourceConfig>,
    /// `[store]`
    pub(crate) store: StoreConfig,
    /// `[server]`
    pub(crate) server: ServerConfig,
    /// `[[rules]]`
    pub(crate) rules: RuleSet,
    /// The line of each key, by its path: `sources.us-store.hold`.
    lines: BTreeMap<String, usize>,
}

/// A configuration as far as it could be read, and all that is wrong in it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) mistakes: Vec<Finding>,
}

/// `[store]`
#[derive(Clone, Debug)]
pub(crate) struct StoreConfig {
    /// The file; relative ones are taken from the folder of the configuration.
    pub(crate) path: PathBuf,
    /// Bodies of delivered events are erased after this time.
    pub(crate) retention: Duration,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            path: PathBuf::from("orderbridge.db"),
            retention: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

/// `[server]`
#[derive(Clone, Debug)]
pub(crate) struct ServerConfig {
    /// Where webhooks are received.
    pub(crate) listen: String,
    /// Where health and metrics are shown.
    pub(crate) admin: String,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "0.0.0.0:8080".to_owned(),
            admin: "127.0.0.1:4040".to_owned(),
        }
    }
}

/// `[sources.…]`
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceConfig {
    /// `platform`
    pub(crate) platform: String,
    /// `destination`: the name of one of the destinations.
    pub(crate) destination: Option<String>,
    /// Where the secrets are that sign its webhooks.
    pub(crate) webhook_secrets: Vec<SecretRef>,
    /// How long orders wait for a newer version of themselves.
    pub(crate) hold: Option<Duration>,
    /// How the connector takes its payloads in.
    pub(crate) intake: IntakeConfig,
    /// How its platform's API is read.
    pub(crate) pull: PullConfig,
    /// The queue that its notifications are taken from.
    pub(crate) sqs: Option<SqsConfig>,
    /// What the mapping is told.
    pub(crate) options: Options,
    /// What is not sent of it.
    pub(crate) exclude: Exclude,
}

impl Config {
    /// The configuration that is named, or the one in the working folder, or none.
    pub(crate) fn find(global: &Global) -> Result<Option<Self>, Failed> {
        Self::load(global)?.map(Loaded::whole).transpose()
    }

    /// The same with its mistakes, for whoever has more to say about it.
    pub(crate) fn load(global: &Global) -> Result<Option<Loaded>, Failed> {
        let (path, is_named) = match &global.config {
            Some(path) => (path.as_path(), true),
            None => (Path::new(DEFAULT), false),
        };
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self::read(path, &text))),
            Err(error) if error.kind() == ErrorKind::NotFound && !is_named => Ok(None),
            Err(error) => Err((
                Exit::Usage,
                format!("cannot read the configuration {}: {error}", path.display()),
            )),
        }
    }

    /// Reads a configuration and all that is wrong with it.
    fn read(path: &Path, text: &str) -> Loaded {
        let mut reader = Reader::new(text);
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut config = sections::read(&mut reader, folder);
        path.clone_into(&mut config.path);
        let mistakes = reader.mistakes();
        Loaded { config, mistakes }
    }

    /// The line of a key, by its path; that of the table around it where the key is not there.
    pub(crate) fn line(&self, path: &str) -> Option<usize> {
        let above = path.rsplit_once('.').map(|(above, _)| above);
        let line = self.lines.get(path).copied();
        line.or_else(|| self.lines.get(above?).copied())
    }

    /// Whether a key stands in the file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.lines.contains_key(path)
    }

    /// Whether anything could be read of the file, if only that it is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Tells all mistakes as the end of a command.
    pub(crate) fn refuse(&self, mistakes: &[Finding]) -> Failed {
        let count = match mistakes.len() {
            1 => "a mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        let mut message = format!("the configuration has {count}");
        for mistake in mistakes {
            message.push_str("\n  ");
            message.push_str(&mistake.shown(&self.path));
        }
        (Exit::Usage, message)
    }

    /// The rules and exclusions of one of the sources.
    pub(crate) fn rules_of(&self, source: &str) -> Rules {
        match self.sources.get(source) {
            Some(it) => self
                .rules
                .of(&it.platform, Some(source), it.exclude.clone()),
            None => Rules::none(),
        }
    }

    /// A short hash of all rules and exclusions; `None` when there are none.
    pub(crate) fn rules_hash(&self) -> Option<String> {
        let mut all = String::new();
        for name in self.sources.keys() {
            if let Some(hash) = self.rules_of(name).hash() {
                all.extend([name.as_str(), " ", &hash, "\n"]);
            }
        }
        (!all.is_empty()).then(|| orderbridge_rules::short_hash(&all))
    }
}

impl Loaded {
    /// The configuration if nothing is wrong with it.
    pub(crate) fn whole(self) -> Result<Config, Failed> {
        match self.mistakes.as_slice() {
            [] => Ok(self.config),
            mistakes => Err(self.config.refuse(mistakes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderbridge_connect::NewCustomer;
    use orderbridge_core::store::{ConflictPolicy, Millis};

    fn parse(text: &str) -> Result<Config, Failed> {
        Config::read(Path::new("shop/orderbridge.toml"), text).whole()
    }

    fn mistakes(text: &str) -> Vec<String> {
        let (exit, message) = parse(text).unwrap_err();
        assert_eq!(exit, Exit::Usage);
        message
            .lines()
            .skip(1)
            .map(|line| line.trim().to_owned())
            .collect()
    }

    const WHOLE: &str = r#"
        [store]
        url = "sqlite:orderbridge.db"
        retention = "30d"
        [server]
        listen = "0.0.0.0:8080"
        admin = "127.0.0.1:4040"
        [destinations.main]
        token = "env:CONVERGE_WEBHOOK_TOKEN"
        url = "https://app.runconverge.com/api/webhooks"
        concurrency = 16
        rate_limit = "100/s"
        timeout = "30s"
        retry = { schedule = ["5s", "30s"], max_age = "7d" }
        breaker = { failures = 0.5, window = "1m", minimum = 20, probe = "30s" }
        refusals = { in_a_row = 30, share = 0.25, window = "10m", minimum = 99 }
        [sources.us-store]
        platform = "shopify"
        destination = "main"
        webhook_secrets = ["env:SHOPIFY_CLIENT_SECRET"]
        hold = "10m"
        new_customer = "store"
        history_complete_from = 2026-01-01
        conflict = "park"
        largest_body = "8MiB"
        exclude = { tags = ["Exclude"], channels = ["pos"], countries = [] }
        channels = { "16818700289" = "mobile_app" }
        placed_on = "paid"
        mode = "both_through_us"
        [[rules]]
        id = "wholesale"
        if = { tags = { has = "wholesale" } }
        then = { channel = "offline" }
    "#;

    #[test]
    fn reads_a_whole_configuration() {
        let config = parse(WHOLE).unwrap();
        let source = &config.sources["us-store"];
        assert_eq!(
            source.options.channels["16818700289"].as_str(),
            "mobile_app"
        );
        assert_eq!(source.options.placed_on, orderbridge_event::PlacedOn::Paid);
        assert_eq!(
            source.options.mode,
            Some(orderbridge_event::Mode::BothThroughUs)
        );
        let main = &config.destinations["main"];
        assert_eq!(main.delivery.rate_limit.unwrap().to_string(), "100/s");
        let refusals = main.delivery.retry.refusals;
        assert_eq!((refusals.in_a_row, refusals.minimum), (30, 99));
        let midnight = Millis::new(1_767_225_600_000);
        let store = NewCustomer::Store {
            complete_from: Some(midnight),
        };
        assert_eq!(source.intake.new_customer, store);
        assert_eq!(source.intake.conflict, ConflictPolicy::Park);
        assert_eq!(source.intake.largest_body, 8 << 20);
        let rules = config.rules_of("us-store");
        assert_eq!(rules.ids().len(), 1);
        assert!(rules.needs_facts());
        assert_eq!(
            source.exclude.as_toml(),
            "{ channels = [\"pos\"], countries = [], tags = [\"Exclude\"] }"
        );
    }

    #[test]
    fn every_mistake_has_its_line_and_a_hint() {
        let found = mistakes(
            "[destinations.main]\ntokn = \"env:A\"\nconcurrency = 0\ntoken = \"eyJsecret\"\n\
             [sources.us]\nplatform = \"shopfy\"\ndestination = \"mian\"\nplaced_on = \"never\"\n\
             mode = \"alone\"\nchannels = { \"1\" = \"webb\" }\n[server]\nlisten = 8080\n[strore]\n",
        );
        let expected = [
            "2:1: destinations.main has no key \"tokn\" (did you mean \"token\"?)",
            "3:15: concurrency must be a number from 1 to 1024",
            "4:9: token must be a reference to the secret, not the secret itself: env:NAME or file:PATH",
            "6:12: there is no platform \"shopfy\" (did you mean \"shopify\"?)",
            "7:15: there is no destination \"mian\" (did you mean \"main\"?)",
            "8:13: placed_on must be one of created, paid",
            "9:8: mode must be one of beside_store, standalone, both_through_us",
            "10:12: channels must be a sales channel for \"1\": one of web,",
            "12:10: listen must be text",
            "13:2: the configuration has no section \"strore\" (did you mean \"store\"?)",
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            let start = format!("shop/orderbridge.toml:{expected}");
            assert!(found.starts_with(&start), "{found}\n{start}");
        }
        assert!(!found.iter().any(|line| line.contains("eyJ")), "{found:?}");
    }

    #[test]
    fn what_the_connector_is_told_of_a_source_is_checked() {
        let found = mistakes(
            "[sources.us]\nplatform = \"shopify\"\nnew_customer = \"stor\"\nconflict = 3\n\
             largest_body = \"1TB\"\n[sources.eu]\nplatform = \"shopify\"\n\
             history_complete_from = \"2026-01-01\"\n[sources.uk]\nplatform = \"shopify\"\n\
             new_customer = \"store\"\nhistory_complete_from = \"last year\"\n\
             [sources.a]\nplatform = \"shopify\"\nsignature_tolerance = \"1h\"\n\
             [sources.b]\nplatform = \"recharge\"\nsignature_tolerance = \"ever\"\n\
             [sources.c]\nplatform = \"recharge\"\nsignature_tolerance = \"96h\"\n",
        );
        let expected = [
            "3:16: new_customer is one of payload, store, not \"stor\" (did you mean \"store\"?)",
            "4:12: conflict must be text",
            "5:16: largest_body must be a size up to 64MiB, such as 2MiB",
            "8:25: history_complete_from says something only with new_customer = \"store\"",
            "12:25: history_complete_from must be a day such as \"2026-01-31\"",
            "15:23: signature_tolerance says something only where the platform signs the time",
            "18:23: signature_tolerance is not a duration; write a number with its unit, such as \
             250ms, 30s, 10m, 6h or 7d",
        ];
        let expected: Vec<String> = expected
            .iter()
            .map(|it| format!("shop/orderbridge.toml:{it}"))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_toml_has_its_line_too() {
        let found = mistakes("[store]\nurl = \n");
        assert!(
            found[0].starts_with("shop/orderbridge.toml:2:"),
            "{found:?}"
        );
        let missing = mistakes("[sources.a]\n");
        assert!(missing[0].contains("platform is missing"), "{missing:?}");
    }
}
