//! A sandbox and a connector in a folder that goes away again.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use orderbridge_connect::Caller;
use orderbridge_core::dispatch::{Clock as _, Stop, SystemClock};
use orderbridge_core::store::{Direction, Filter, Item, List, Position, Store};
use orderbridge_event::{Sample, Secret, Source, Timestamp};
use tempfile::TempDir;

use crate::config::{Config, DEFAULT, DestinationConfig, DoubleCounting, SecretRef, SourceConfig};
use crate::run::Connector;
use crate::sandbox::{Handle, Options, Sandbox};
use crate::setup::examine;
use crate::trigger::{Changes, Parcel, address};
use crate::{Exit, Failed};

/// The name of the destination.
const DESTINATION: &str = "sandbox";
/// Everybody may know it: all of this is loopback.
const SECRET: &str = "demo";
/// How long the connector's end may take.
const GRACE: Duration = Duration::from_secs(5);
/// More events than any sample makes.
const MANY: usize = 1_000;

/// All that is running, and where it lives.
pub(super) struct Stage {
    pub(super) sandbox: Handle,
    pub(super) connector: Connector,
    config: Config,
    folder: TempDir,
}

/// A sample that was posted, and what the store made of it.
pub(super) struct Posted {
    /// Platform and sample.
    pub(super) order: String,
    pub(super) items: Vec<Item>,
}

fn unexpected(error: impl Into<Box<dyn std::error::Error>>) -> Failed {
    (Exit::Unexpected, error.into().to_string())
}

impl Stage {
    /// Starts everything on free ports.
    pub(super) async fn build() -> Result<Self, Failed> {
        let sandbox = Sandbox::start(Options::quiet(), None)
            .await
            .map_err(unexpected)?;
        let folder = tempfile::Builder::new()
            .prefix("orderbridge-demo-")
            .tempdir()
            .map_err(unexpected)?;
        let secret = folder.path().join("secret");
        write_private(&secret, SECRET).map_err(unexpected)?;
        let mut config = Config::default();
        config.path = folder.path().join(DEFAULT);
        config.store.path = folder.path().join("orderbridge.db");
        "127.0.0.1:0".clone_into(&mut config.server.listen);
        "127.0.0.1:0".clone_into(&mut config.server.admin);
        let destination = DestinationConfig::at(&sandbox.url());
        config
            .destinations
            .insert(DESTINATION.to_owned(), destination);
        for platform in orderbridge_registry::ALL {
            let name = platform.adapter.name();
            let mut source = SourceConfig::default();
            name.clone_into(&mut source.platform);
            source.destination = Some(DESTINATION.to_owned());
            // The samples of each platform are of a shop of its own.
            source.intake.double_counting = DoubleCounting::Accept;
            source.webhook_secrets.push(SecretRef::File(secret.clone()));
            config.sources.insert(name.to_owned(), source);
        }
        let setup = examine(&config, Vec::new()).ready();
        let setup = setup.map_err(|mistakes| config.refuse(&mistakes))?;
        let connector = Connector::start(&config, setup).await?;
        config.server.listen = connector.receiver().to_string();
        config.server.admin = connector.admin().to_string();
        Ok(Self {
            sandbox,
            connector,
            config,
            folder,
        })
    }

    /// Posts all samples, one after the other, and looks up what each became.
    pub(super) async fn post_samples(&self) -> Result<Vec<Posted>, Failed> {
        let mut posted = Vec::new();
        let mut after = None;
        for platform in orderbridge_registry::ALL {
            let name = platform.adapter.name();
            let url = format!("http://{}/webhooks/{name}", self.connector.receiver());
            for sample in platform.samples {
                let caller = Caller::new(&address(&url, platform, sample)).map_err(unexpected)?;
                self.post(&caller, platform, sample).await?;
                let items = self.since(after).await?;
                after = items.last().map(|item| item.position).or(after);
                let order = format!("{name} {}", sample.name);
                posted.push(Posted { order, items });
            }
        }
        Ok(posted)
    }

    async fn post(
        &self,
        caller: &Caller,
        platform: &'static Source,
        sample: &Sample,
    ) -> Result<(), Failed> {
        let name = sample.name;
        let as_it_is = Changes {
            set: &[],
            number: None,
        };
        let body = as_it_is.apply(platform, sample)?;
        let delivery = format!("demo-{name}");
        let secret = Secret::new(SECRET);
        let parcel = Timestamp::from_unix(SystemClock.now().get() / 1000)
            .and_then(|now| Parcel::sign(platform, &secret, sample.topic, body, &delivery, now));
        let Some(Parcel { headers, body }) = parcel else {
            return Err(unexpected(format!("{name} could not be signed")));
        };
        let answer = caller.post(&headers, body).await.map_err(unexpected)?;
        match answer.status {
            200 => Ok(()),
            status => Err(unexpected(format!(
                "the receiver answered {status} to {name}: {}",
                answer.text
            ))),
        }
    }

    /// What came into the store after this, the oldest first.
    async fn since(&self, after: Option<Position>) -> Result<Vec<Item>, Failed> {
        let list = List {
            filter: Filter::default(),
            direction: Direction::OldestFirst,
            after,
            limit: MANY,
        };
        let items = self.store().list(list).await;
        items.map_err(unexpected)
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.connector.store()
    }

    /// Writes the configuration down, and tells what can be done with all of this.
    pub(super) fn where_it_is(&self) -> Result<String, Failed> {
        let config = self.config.path.display();
        fs::write(&self.config.path, self.config.shown()).map_err(unexpected)?;
        let url = self.sandbox.url();
        let receiver = self.connector.receiver();
        let admin = self.connector.admin();
        Ok(format!(
            "the sandbox stays at {url} until Ctrl-C,\n\
             the receiver at http://{receiver}/webhooks/…, health and metrics at http://{admin}/status\n\
             send it more, and orders of your own:\n  \
             orderbridge trigger shopify --config {config}\n  \
             orderbridge queue list --config {config}\n  \
             orderbridge map shopify YOUR-ORDER.json --events-only | orderbridge send --to {url}\n"
        ))
    }

    /// Stops everything and takes the folder away.
    pub(super) async fn clear(self) {
        self.connector.stop(Stop::Drain);
        self.connector.end(GRACE).await;
        self.sandbox.shutdown().await;
        // Nobody can do anything about a folder in the system's own that does not go.
        let _ = self.folder.close();
    }
}

/// Writes a file that only its owner may read.
fn write_private(path: &PathBuf, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
