//! The parts of the connector, started in order and ended in the reverse.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use orderbridge_connect::pull::{Account, PullMetrics, Puller};
use orderbridge_connect::{
    Admin, AdminConfig, Build, Limits, MoreMetrics, Receiver, Routes, Running, SourceRoute,
};
use orderbridge_core::dispatch::{Dispatcher, Ended, Metrics, Pace, Stop, SystemClock};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{State, Store};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};

use super::house;
use super::metrics::Deliveries;
use super::route;
use crate::config::{Config, PullConfig};
use crate::setup::Setup;
use crate::sqs::Pollers;
use crate::{Exit, Failed};

/// A connector that is up.
pub(crate) struct Connector {
    store: Arc<dyn Store>,
    receiver: Running,
    admin: Running,
    /// Who reads APIs and queues.
    pullers: Vec<JoinHandle<()>>,
    /// Sources whose APIs are read.
    pulled: Vec<String>,
    /// Sources whose queues are read.
    queued: Vec<String>,
    dispatchers: JoinSet<(String, Ended)>,
    house: JoinHandle<()>,
    stop: watch::Sender<Stop>,
    warnings: Vec<String>,
    sources: Vec<String>,
}

impl Connector {
    /// Starts everything. What is wrong is known before the first webhook is answered.
    pub(crate) async fn start(config: &Config, setup: Setup) -> Result<Self, Failed> {
        let wakes = wakes(config);
        let Setup {
            secrets,
            clients,
            accounts,
            queues,
        } = setup;
        let routes: Result<Vec<SourceRoute>, Failed> = config
            .sources
            .iter()
            .map(|(name, source)| {
                let destination = source.destination.as_deref().unwrap_or_default();
                let wake = wakes.get(destination).cloned().unwrap_or_default();
                let secrets = secrets.get(name).cloned().unwrap_or_default();
                route::receiving(config, name, source, secrets, wake)
            })
            .collect();
        let routes = Arc::new(Routes::new(routes?));

        let path = &config.store.path;
        let store = SqliteStore::open(path, SqliteOptions::default()).await;
        let store =
            store.map_err(|error| (Exit::Unexpected, format!("{}: {error}", path.display())))?;
        let store: Arc<dyn Store> = Arc::new(store);
        let (stop, asked) = watch::channel(Stop::No);
        let mut deliveries = Deliveries::default();
        let mut dispatchers = JoinSet::new();
        for (name, client) in clients {
            let (Some(destination), Some(wake)) =
                (config.destinations.get(&name), wakes.get(&name))
            else {
                continue;
            };
            let metrics = Arc::new(Metrics::default());
            deliveries.add(&name, &metrics);
            let dispatcher = Dispatcher {
                store: Arc::clone(&store),
                sink: Arc::new(client),
                destination: name.clone(),
                config: destination.delivery.clone(),
                pace: Pace::default(),
                clock: Arc::new(SystemClock),
                jitter: Arc::new(fastrand::f32),
                metrics,
                wake: Arc::clone(wake),
            };
            let asked = asked.clone();
            dispatchers.spawn(async move { (name, dispatcher.run(asked).await) });
        }

        let admin_config = AdminConfig::new(wakes.keys().cloned().collect(), build(config));
        let pullers = pullers(config, accounts, &routes, &store);
        let read = PullMetrics::all(pullers.iter().map(Puller::metrics));
        let mut more: Vec<Arc<dyn MoreMetrics>> = vec![Arc::new(deliveries), Arc::new(read)];
        let queued = queues.iter().map(|(name, _)| name.clone()).collect();
        let readers = Pollers::new(queues, &routes, &store);
        more.extend(readers.metrics());
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
        let pulled = pullers.iter().map(|puller| puller.source.clone()).collect();
        let pullers = pullers.into_iter();
        let pullers = pullers.map(|puller| tokio::spawn(async move { puller.run().await }));
        let pullers = pullers.chain(readers.start()).collect();
        let retention = config.store.retention;
        let house = tokio::spawn(house::keep(Arc::clone(&store), retention));
        let warnings = nobody_delivers(&*store, config).await?;
        Ok(Self {
            store,
            receiver,
            admin,
            pullers,
            pulled,
            queued,
            dispatchers,
            house,
            stop,
            warnings,
            sources: received(config),
        })
    }

    /// What waits and nobody delivers.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Where webhooks are received, with the real port.
    pub(crate) fn receiver(&self) -> SocketAddr {
        self.receiver.addr()
    }

    /// Where health and metrics are, with the real port.
    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.addr()
    }

    /// What is stored.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Where what can be reached.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let receiver = self.receiver.addr();
        let sources = self.sources.iter();
        let mut lines: Vec<String> = sources
            .map(|name| format!("receiving at http://{receiver}/webhooks/{name}"))
            .collect();
        let read = self.pulled.iter();
        lines.extend(read.map(|name| format!("reading the API of {name}")));
        let queued = self.queued.iter();
        lines.extend(queued.map(|name| format!("reading the queue of {name}")));
        let admin = self.admin.addr();
        lines.push(format!(
            "health and metrics at http://{admin} (/livez /readyz /metrics /status)"
        ));
        lines
    }

    /// Asks the dispatchers to stop.
    pub(crate) fn stop(&self, how: Stop) {
        let _ = self.stop.send(how);
    }

    /// Waits until a destination is delivered to no longer although nobody asked for that, and
    /// tells why. To go on taking orders would be a promise that nobody keeps.
    pub(super) async fn broken(&mut self) -> String {
        loop {
            match self.dispatchers.join_next().await {
                Some(ended) => {
                    if let Some(line) = told(ended) {
                        return line;
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// Ends everything: first what takes in, then what sends, then the store.
    pub(crate) async fn end(mut self, grace: Duration) -> Vec<String> {
        let mut lines = Vec::new();
        // Reading can be ended at any moment.
        for puller in &self.pullers {
            puller.abort();
        }
        let cut = self.receiver.shutdown(grace).await.cut;
        if cut > 0 {
            lines.push(format!(
                "{cut} connections were cut; their webhooks come again"
            ));
        }
        while let Some(ended) = self.dispatchers.join_next().await {
            lines.extend(told(ended));
        }
        self.house.abort();
        self.admin.shutdown(Duration::from_secs(1)).await;
        if let Err(error) = self.store.close().await {
            lines.push(format!("the store: {error}"));
        }
        lines
    }
}

/// What there is to say about the end of a dispatcher.
fn told(ended: Result<(String, Ended), JoinError>) -> Option<String> {
    match ended {
        Ok((_, Ended::Drained)) => None,
        Ok((name, Ended::GraceOver { unfinished })) => Some(format!(
            "{name}: {unfinished} requests had no answer in time; they are sent again"
        )),
        Ok((name, Ended::Aborted)) => Some(format!("{name}: stopped at once")),
        Ok((name, Ended::StoreFailed(error))) => Some(format!("{name}: {error}")),
        Err(error) => Some(format!("delivery failed unexpectedly: {error}")),
    }
}

/// The sources whose webhooks are received.
fn received(config: &Config) -> Vec<String> {
    let sources = config.sources.iter();
    let received = sources.filter(|(_, source)| !source.webhook_secrets.is_empty());
    received.map(|(name, _)| name.clone()).collect()
}

/// Who reads the APIs of platforms.
fn pullers(
    config: &Config,
    accounts: BTreeMap<String, Arc<Account>>,
    routes: &Arc<Routes>,
    store: &Arc<dyn Store>,
) -> Vec<Puller> {
    let puller = |(source, account): (String, Arc<Account>)| {
        let of_source = config.sources.get(&source);
        let every = of_source.map_or(PullConfig::DEFAULT_POLL, |source| source.pull.poll());
        Puller {
            routes: Arc::clone(routes),
            source,
            store: Arc::clone(store),
            account,
            every,
        }
    };
    accounts.into_iter().map(puller).collect()
}

/// One alarm clock for each destination: also one that no source names may have events that wait,
/// put there by `send --store` or by a source that is gone.
fn wakes(config: &Config) -> BTreeMap<String, Arc<Notify>> {
    let names = config.destinations.keys();
    names.map(|name| (name.clone(), Arc::default())).collect()
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

fn build(config: &Config) -> Build {
    Build {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules_hash: config.rules_hash(),
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
