//! The store, and whoever delivers from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use orderbridge_core::Client;
use orderbridge_core::dispatch::{Dispatcher, Ended, Metrics, Pace, Stop, SystemClock};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{AttemptClass, State, Store, StoreError, StoreErrorKind};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::SOURCE;
use crate::send::destination::Destination;
use crate::{Exit, Failed};

/// A store that events are put into.
pub(super) struct Outbox {
    path: PathBuf,
    pub(super) store: Arc<dyn Store>,
    pub(super) name: String,
    /// How it is delivered to; nothing when that is left to somebody else.
    destination: Option<Destination>,
    pub(super) own: Option<Own>,
}

/// The dispatcher of this command.
pub(super) struct Own {
    pub(super) metrics: Arc<Metrics>,
    pub(super) wake: Arc<Notify>,
    stop: watch::Sender<Stop>,
    task: JoinHandle<Ended>,
}

/// How many events of ours are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Still to be sent.
    pub(super) open: u64,
    pub(super) delivered: u64,
    pub(super) parked: u64,
}

pub(super) fn failed(error: &StoreError) -> Failed {
    (Exit::Unexpected, error.to_string())
}

impl Outbox {
    /// Opens the store, and makes it if there is none; beside whoever runs on it.
    pub(super) async fn open(
        path: PathBuf,
        name: String,
        destination: Option<Destination>,
    ) -> Result<Self, Failed> {
        let told = |error: StoreError| {
            let why = std::error::Error::source(&error).map(|why| format!(" ({why})"));
            let why = why.unwrap_or_default();
            (
                Exit::Unexpected,
                format!("{}: {error}{why}", path.display()),
            )
        };
        let (store, is_ours) = match SqliteStore::open(&path, SqliteOptions::default()).await {
            Ok(store) => (store, true),
            Err(error) if error.kind == StoreErrorKind::Locked => {
                (SqliteStore::beside(&path).await.map_err(told)?, false)
            }
            Err(error) => return Err(told(error)),
        };
        let mut outbox = Self {
            path,
            store: Arc::new(store),
            name,
            destination,
            own: None,
        };
        if is_ours {
            outbox.deliver()?;
        }
        Ok(outbox)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes over from somebody who is gone.
    pub(super) async fn take_over(&mut self) -> Result<(), Failed> {
        if self.own.is_none()
            && let Ok(store) = SqliteStore::open(&self.path, SqliteOptions::default()).await
        {
            self.store = Arc::new(store);
            self.deliver()?;
        }
        Ok(())
    }

    /// Begins to deliver, if that is this command's business.
    fn deliver(&mut self) -> Result<(), Failed> {
        let Some(destination) = &self.destination else {
            return Ok(());
        };
        let client = Client::new(&destination.client());
        let client = client.map_err(|error| (Exit::Usage, format!("--to: {error}")))?;
        let metrics = Arc::new(Metrics::default());
        let wake = Arc::new(Notify::new());
        let dispatcher = Dispatcher {
            store: Arc::clone(&self.store),
            sink: Arc::new(client),
            destination: self.name.clone(),
            config: destination.delivery.clone(),
            pace: Pace::default(),
            clock: Arc::new(SystemClock),
            jitter: Arc::new(fastrand::f32),
            metrics: Arc::clone(&metrics),
            wake: Arc::clone(&wake),
        };
        let (stop, asked) = watch::channel(Stop::No);
        let task = tokio::spawn(async move { dispatcher.run(asked).await });
        self.own = Some(Own {
            metrics,
            wake,
            stop,
            task,
        });
        Ok(())
    }

    /// What there is of ours for the destination. Cheap at any size.
    pub(super) async fn waiting(&self) -> Result<Waiting, Failed> {
        let counts = self.store.counts().await.map_err(|error| failed(&error))?;
        let mut sum = Waiting::default();
        for count in counts {
            if count.source != SOURCE || count.destination.as_ref() != Some(&self.name) {
                continue;
            }
            match count.state {
                State::Held | State::Pending | State::Sending => sum.open += count.count,
                State::Delivered => sum.delivered += count.count,
                State::Parked => sum.parked += count.count,
                State::Dropped => {}
            }
        }
        Ok(sum)
    }

    /// Finishes what is under way, and closes the store.
    pub(super) async fn close(self) {
        if let Some(own) = self.own {
            let _ = own.stop.send(Stop::Drain);
            // However it ended, nothing is lost.
            let _ = own.task.await;
        }
        let _ = self.store.close().await;
    }
}

impl Own {
    /// Attempts that were made.
    pub(super) fn attempts(&self) -> u64 {
        let classes = AttemptClass::ALL.iter();
        classes.map(|class| self.metrics.attempts(*class)).sum()
    }
}
