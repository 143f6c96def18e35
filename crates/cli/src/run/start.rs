//! The parts of the connector, started in order and ended in the reverse.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use orderbridge_connect::{
    Admin, AdminConfig, Build, Limits, MoreMetrics, Receiver, Routes, Running, SourceRoute,
};
use orderbridge_core::dispatch::{Dispatcher, Ended, Metrics, Pace, Stop, SystemClock};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{State, Store};
use orderbridge_core::{Client, ClientConfig};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::house;
use super::metrics::Deliveries;
use super::route;
use crate::config::{Config, DestinationConfig};
use crate::{Exit, Failed};

/// A connector that is up.
pub(super) struct Connector {
    store: Arc<dyn Store>,
    receiver: Running,
    admin: Running,
    dispatchers: Vec<(String, JoinHandle<Ended>)>,
    house: JoinHandle<()>,
    stop: watch::Sender<Stop>,
    warnings: Vec<String>,
    sources: Vec<String>,
}

impl Connector {
    /// Starts everything. What is wrong is known before the first webhook is answered.
    pub(super) async fn start(config: &Config) -> Result<Self, Failed> {
        let wakes = wakes(config)?;
        let routes: Result<Vec<SourceRoute>, Failed> = config
            .sources
            .iter()
            .map(|(name, source)| {
                let destination = source.destination.as_deref().unwrap_or_default();
                let wake = wakes.get(destination).cloned().unwrap_or_default();
                route::receiving(name, source, wake)
            })
            .collect();
        let routes = Arc::new(Routes::new(routes?, None));
        let clients: Result<Vec<_>, Failed> = config
            .destinations
            .iter()
            .map(|(name, destination)| Ok((name.clone(), client(name, destination)?)))
            .collect();
        let clients = clients?;

        let path = &config.store.path;
        let store = SqliteStore::open(path, SqliteOptions::default()).await;
        let store =
            store.map_err(|error| (Exit::Unexpected, format!("{}: {error}", path.display())))?;
        let store: Arc<dyn Store> = Arc::new(store);
        let (stop, asked) = watch::channel(Stop::No);
        let mut deliveries = Deliveries::default();
        let mut dispatchers = Vec::new();
        for (name, client) in clients {
            let metrics = Arc::new(Metrics::default());
            deliveries.add(&name, &metrics);
            let Some(destination) = config.destinations.get(&name) else {
                continue;
            };
            let dispatcher = Dispatcher {
                store: Arc::clone(&store),
                sink: Arc::new(client),
                destination: name.clone(),
                config: destination.delivery.clone(),
                pace: Pace::default(),
                clock: Arc::new(SystemClock),
                jitter: Arc::new(fastrand::f32),
                metrics,
                wake: wakes.get(&name).cloned().unwrap_or_default(),
            };
            let asked = asked.clone();
            let task = tokio::spawn(async move { dispatcher.run(asked).await });
            dispatchers.push((name, task));
        }

        let admin_config = AdminConfig::new(wakes.keys().cloned().collect(), build());
        let more: Vec<Arc<dyn MoreMetrics>> = vec![Arc::new(deliveries)];
        let address = &config.server.admin;
        let admin = Admin::start(
            address,
            Arc::clone(&routes),
            Arc::clone(&store),
            admin_config,
            more,
        );
        let admin = admin
            .await
            .map_err(|error| cannot_listen(address, &error))?;
        // Last, so that all is ready when the first webhook comes.
        let address = &config.server.listen;
        let receiver = Receiver::start(address, routes, Arc::clone(&store), Limits::default());
        let receiver = receiver
            .await
            .map_err(|error| cannot_listen(address, &error))?;
        let retention = config.store.retention;
        let house = tokio::spawn(house::keep(Arc::clone(&store), retention));
        let mut warnings: Vec<String> = config
            .sources
            .keys()
            .flat_map(|name| config.without_effect(name))
            .collect();
        warnings.extend(nobody_delivers(&*store, config).await?);
        Ok(Self {
            store,
            receiver,
            admin,
            dispatchers,
            house,
            stop,
            warnings,
            sources: config.sources.keys().cloned().collect(),
        })
    }

    /// What of the configuration has no effect.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Where what can be reached.
    pub(super) fn addresses(&self) -> Vec<String> {
        let receiver = self.receiver.addr();
        let sources = self.sources.iter();
        let mut lines: Vec<String> = sources
            .map(|name| format!("receiving at http://{receiver}/webhooks/{name}"))
            .collect();
        let admin = self.admin.addr();
        lines.push(format!(
            "health and metrics at http://{admin} (/livez /readyz /metrics /status)"
        ));
        lines
    }

    /// Asks the dispatchers to stop.
    pub(super) fn stop(&self, how: Stop) {
        let _ = self.stop.send(how);
    }

    /// Ends everything: first what takes in, then what sends, then the store.
    pub(super) async fn end(self, grace: Duration) -> Vec<String> {
        let mut lines = Vec::new();
        let cut = self.receiver.shutdown(grace).await.cut;
        if cut > 0 {
            lines.push(format!(
                "{cut} connections were cut; their webhooks come again"
            ));
        }
        for (name, task) in self.dispatchers {
            match task.await {
                Ok(Ended::Drained) | Err(_) => {}
                Ok(Ended::GraceOver { unfinished }) => lines.push(format!(
                    "{name}: {unfinished} requests had no answer in time; they are sent again"
                )),
                Ok(Ended::Aborted) => lines.push(format!("{name}: stopped at once")),
                Ok(Ended::StoreFailed(error)) => lines.push(format!("{name}: {error}")),
            }
        }
        self.house.abort();
        self.admin.shutdown(Duration::from_secs(1)).await;
        if let Err(error) = self.store.close().await {
            lines.push(format!("the store: {error}"));
        }
        lines
    }
}

/// One alarm clock for each destination: also one that no source names may have events that wait,
/// put there by `send --store` or by a source that is gone.
fn wakes(config: &Config) -> Result<BTreeMap<String, Arc<Notify>>, Failed> {
    for (name, source) in &config.sources {
        if source.destination.is_none() {
            let file = config.path.display();
            let message = format!("{file}: sources.{name} names no destination to deliver to");
            return Err((Exit::Usage, message));
        }
    }
    let names = config.destinations.keys();
    let wakes = names.map(|name| (name.clone(), Arc::default())).collect();
    if config.sources.is_empty() {
        let file = config.path.display();
        return Err((Exit::Usage, format!("{file} has no source to receive from")));
    }
    Ok(wakes)
}

/// What waits for destinations that the configuration does not have any more.
async fn nobody_delivers(store: &dyn Store, config: &Config) -> Result<Vec<String>, Failed> {
    let counts = store.counts().await;
    let counts = counts.map_err(|error| (Exit::Unexpected, error.to_string()))?;
    let mut waiting: BTreeMap<String, u64> = BTreeMap::new();
    for count in counts {
        let waits = matches!(count.state, State::Held | State::Pending | State::Sending);
        if let Some(name) = count.destination
            && waits
            && !config.destinations.contains_key(&name)
        {
            *waiting.entry(name).or_default() += count.count;
        }
    }
    let warning = |(name, count)| {
        format!("{count} events wait for the destination {name:?}, which is not configured")
    };
    Ok(waiting.into_iter().map(warning).collect())
}

fn client(name: &str, destination: &DestinationConfig) -> Result<Client, Failed> {
    let usage = |why: String| (Exit::Usage, format!("destinations.{name}: {why}"));
    let token = destination
        .token
        .as_ref()
        .map(crate::config::SecretRef::read);
    let token = token
        .transpose()
        .map_err(|why| usage(format!("token: {why}")))?;
    let config = ClientConfig {
        url: destination.url.clone(),
        token,
        concurrency: destination.delivery.concurrency,
        timeout: destination.delivery.timeout,
    };
    Client::new(&config).map_err(|error| usage(error.to_string()))
}

fn build() -> Build {
    Build {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules_hash: None,
    }
}

fn cannot_listen(address: &str, error: &io::Error) -> Failed {
    let message = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("{address} is in use: another program listens there")
        }
        _ => format!("cannot listen on {address}: {error}"),
    };
    (Exit::Unexpected, message)
}
