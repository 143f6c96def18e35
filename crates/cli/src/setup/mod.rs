//! What the connector needs of a configuration, and all that keeps it from starting. `run` and
//! `check` both ask here, so that they can't disagree.

mod place;
mod twice;

use std::collections::BTreeMap;
use std::net::ToSocketAddrs as _;
use std::path::Path;
use std::sync::Arc;

use orderbridge_connect::pull::Account;
use orderbridge_core::{Client, ClientConfig};
use orderbridge_event::{PlacedOn, Pull, Secret};

use crate::config::{
    Config, DestinationConfig, Finding, SecretRef, Severity, SourceConfig, SqsConfig,
};
use crate::{pull, sqs};

pub(crate) use place::Place;

/// Secrets and clients: what has to be looked up before the connector can start.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    /// The secrets of each source.
    pub(crate) secrets: BTreeMap<String, Vec<Secret>>,
    /// The client of each destination.
    pub(crate) clients: BTreeMap<String, Client>,
    /// The account of each source whose platform's API is read.
    pub(crate) accounts: BTreeMap<String, Arc<Account>>,
    /// Sources whose notifications come by a queue, and it.
    pub(crate) queues: Vec<(String, sqs::Queue)>,
}

/// All that is to be said about a configuration.
#[derive(Debug)]
pub(crate) struct Examined {
    /// What was found, in the order of the file, mistakes first.
    pub(crate) findings: Vec<Finding>,
    setup: Setup,
}

impl Examined {
    /// What keeps the connector from starting.
    pub(crate) fn mistakes(&self) -> Vec<Finding> {
        let mistakes = self.findings.iter();
        mistakes
            .filter(|it| it.severity == Severity::Mistake)
            .cloned()
            .collect()
    }

    /// What the connector starts with, or all that keeps it from that.
    pub(crate) fn ready(self) -> Result<Setup, Vec<Finding>> {
        let mistakes = self.mistakes();
        if mistakes.is_empty() {
            Ok(self.setup)
        } else {
            Err(mistakes)
        }
    }
}

/// Looks at all of a configuration. `mistakes` are those that were found while it was read.
pub(crate) fn examine(config: &Config, mistakes: Vec<Finding>) -> Examined {
    let unreadable = config.is_empty() && !mistakes.is_empty();
    let mut examiner = Examiner {
        config,
        was_flawed: !mistakes.is_empty(),
        findings: mistakes,
        setup: Setup::default(),
    };
    // Of a file that is no TOML nothing more can be said.
    if !unreadable {
        examiner.sources();
        examiner.destinations();
        examiner.server();
        examiner.store();
    }
    let Examiner {
        mut findings,
        setup,
        ..
    } = examiner;
    findings.sort_by_key(|it| (it.severity, it.place));
    findings.dedup();
    Examined { findings, setup }
}

struct Examiner<'a> {
    config: &'a Config,
    /// Whether reading found mistakes, so that something may be missing only because of them.
    was_flawed: bool,
    findings: Vec<Finding>,
    setup: Setup,
}

impl Examiner<'_> {
    /// Notes something about a key, or about the table that it belongs in.
    fn say(&mut self, severity: Severity, path: &str, message: impl Into<String>) {
        let line = self.config.line(path);
        self.findings.push(Finding {
            severity,
            place: line.map(|line| (line, 0)),
            message: message.into(),
        });
    }

    fn mistake(&mut self, path: &str, message: impl Into<String>) {
        self.say(Severity::Mistake, path, message);
    }

    fn sources(&mut self) {
        let config = self.config;
        if config.sources.is_empty() {
            let message = "the configuration has no source to receive from, as in [sources.shop]";
            self.mistake("sources", message);
        }
        for (name, source) in &config.sources {
            self.source(name, source);
        }
        for (severity, path, message) in twice::counted_twice(config) {
            self.say(severity, &path, message);
        }
    }

    fn source(&mut self, name: &str, source: &SourceConfig) {
        let path = format!("sources.{name}.destination");
        if source.destination.is_none() && !(self.was_flawed && self.config.has(&path)) {
            let message = format!(
                "sources.{name} names no destination to deliver to, as in destination = \"main\""
            );
            self.mistake(&path, message);
        }
        if source.exclude.unpaid() && source.options.placed_on == PlacedOn::Created {
            let message = format!(
                "sources.{name}: an order that is excluded as unpaid does not come back when it is \
                 paid; to send orders once they are paid, say placed_on = \"paid\" instead"
            );
            let path = format!("sources.{name}.exclude.unpaid");
            self.say(Severity::Warning, &path, message);
        }
        match pull::account(name, source) {
            Ok(account) => {
                let account = account.map(|account| (name.to_owned(), account));
                self.setup.accounts.extend(account);
            }
            // What was found wrong while reading is told already.
            Err(_) if self.was_flawed => {}
            Err((_, why)) => self.mistake(&format!("sources.{name}"), why),
        }
        if let Some(queue) = &source.sqs {
            self.queue(name, queue, source.pull.is_given());
        }
        let platform = orderbridge_registry::find(&source.platform);
        let pull = platform.and_then(|platform| platform.pull);
        if !source.pull.is_given()
            && let Some(without) = pull.and_then(Pull::without)
        {
            let message = format!("sources.{name} {without}");
            self.say(Severity::Note, &format!("sources.{name}"), message);
        }
        if platform.is_some_and(|platform| platform.verify.is_none()) {
            let message = format!(
                "sources.{name}: {} sends no signed webhooks, so nothing is received from it",
                source.platform
            );
            self.say(Severity::Note, &format!("sources.{name}.platform"), message);
            return;
        }
        let path = format!("sources.{name}.webhook_secrets");
        // What only comes from the API is not received.
        let is_needed = !source.pull.is_given();
        if source.webhook_secrets.is_empty()
            && is_needed
            && !(self.was_flawed && self.config.has(&path))
        {
            let message = format!(
                "sources.{name}: webhook_secrets is missing: without one nobody could tell a \
                 webhook from a fake"
            );
            self.mistake(&path, message);
        }
        let mut secrets = Vec::new();
        for reference in &source.webhook_secrets {
            let what = format!("sources.{name}: webhook_secrets");
            secrets.extend(self.secret(&path, &what, reference));
        }
        self.setup.secrets.insert(name.to_owned(), secrets);
    }

    fn queue(&mut self, name: &str, queue: &SqsConfig, can_fetch: bool) {
        let path = format!("sources.{name}.sqs");
        if let Some(lacks) = sqs::LACKS {
            return self.mistake(&path, format!("{path}: {lacks}"));
        }
        if !can_fetch {
            let message = format!(
                "{path}: a notification only names an order; to fetch it, the source needs the \
                 keys of the API as well"
            );
            self.mistake(&path, message);
        }
        let mut secret = |key: &str, reference: &SecretRef| {
            self.secret(&path, &format!("{path}: {key}"), reference)
        };
        let id = secret("access_key_id", &queue.access_key_id);
        let key = secret("secret_access_key", &queue.secret_access_key);
        let token = queue.session_token.as_ref();
        let token = token.map(|token| secret("session_token", token));
        let (Some(id), Some(key)) = (id, key) else {
            return;
        };
        match sqs::open(queue, id, key, token.flatten()) {
            Some(queue) => {
                self.setup.queues.push((name.to_owned(), queue));
            }
            None => self.mistake(&path, format!("{path}: queue_url is not a URL")),
        }
    }

    fn destinations(&mut self) {
        let config = self.config;
        // By URL and token, which are what Converge knows a source by.
        let mut seen: Vec<(&str, String, &str)> = Vec::new();
        for (name, destination) in &config.destinations {
            let mut sources = config.sources.values();
            let is_used = sources.any(|it| it.destination.as_ref() == Some(name));
            if !is_used {
                let message = format!("destinations.{name} is not used by any source");
                self.say(Severity::Note, &format!("destinations.{name}"), message);
            }
            let path = format!("destinations.{name}.token");
            let what = format!("destinations.{name}: token");
            let token = match &destination.token {
                Some(reference) => match self.secret(&path, &what, reference) {
                    Some(token) => Some(token),
                    None => continue,
                },
                None => None,
            };
            if let Some(token) = &token {
                let url = destination.url.as_str();
                let same = seen
                    .iter()
                    .find(|(other, known, _)| *other == url && known == token.expose());
                if let Some((.., other)) = same {
                    let message = format!(
                        "destinations.{name} and destinations.{other} have the same token: they \
                         are one source at Converge, which drops what it has seen, while each is \
                         a destination of its own here"
                    );
                    self.say(Severity::Warning, &path, message);
                }
                seen.push((url, token.expose().to_owned(), name));
            }
            self.client(name, destination, token);
        }
    }

    fn client(&mut self, name: &str, destination: &DestinationConfig, token: Option<Secret>) {
        let path = format!("destinations.{name}.url");
        let has_token = token.is_some();
        match Client::new(&client_config(destination, token)) {
            Err(error) => self.mistake(&path, format!("destinations.{name}: {error}")),
            Ok(client) => {
                if has_token && client.is_plain_text() {
                    let message = format!(
                        "destinations.{name}: the token travels unencrypted, since the URL is http"
                    );
                    self.say(Severity::Warning, &path, message);
                }
                self.setup.clients.insert(name.to_owned(), client);
            }
        }
    }

    fn server(&mut self) {
        let server = &self.config.server;
        for (key, address) in [("listen", &server.listen), ("admin", &server.admin)] {
            if let Err(why) = resolves(address) {
                let message = format!(
                    "server: {key}: {address} is not an address such as 127.0.0.1:8080: {why}"
                );
                self.mistake(&format!("server.{key}"), message);
            }
        }
        if server.listen == server.admin && !server.listen.ends_with(":0") {
            let message = "server: admin must have another address than listen";
            self.mistake("server.admin", message);
        }
    }

    fn store(&mut self) {
        let place = Place::of(&self.config.store.path);
        for (severity, message) in place.findings() {
            self.say(severity, "store.url", format!("store: {message}"));
        }
    }

    /// Looks a secret up.
    fn secret(&mut self, path: &str, what: &str, reference: &SecretRef) -> Option<Secret> {
        if let SecretRef::File(file) = reference
            && is_open_to_all(file)
        {
            let message = format!("{what}: everybody may read {}", file.display());
            self.say(Severity::Warning, path, message);
        }
        match reference.read() {
            Ok(secret) => Some(secret),
            Err(why) => {
                self.mistake(path, format!("{what}: {why}"));
                None
            }
        }
    }
}

/// What the client of a destination needs to know.
pub(crate) fn client_config(
    destination: &DestinationConfig,
    token: Option<Secret>,
) -> ClientConfig {
    ClientConfig {
        url: destination.url.clone(),
        token,
        concurrency: destination.delivery.concurrency,
        timeout: destination.delivery.timeout,
    }
}

fn resolves(address: &str) -> Result<(), String> {
    match address.to_socket_addrs() {
        Ok(found) if found.len() > 0 => Ok(()),
        Ok(_) => Err("the name has no address".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(unix)]
fn is_open_to_all(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|data| data.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Path) -> bool {
    false
}
