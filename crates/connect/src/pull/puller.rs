//! Everything that is read from the API of one source, for as long as the connector runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use orderbridge_core::store::{Millis, Store};
use orderbridge_event::Trouble;
use tokio::time::{sleep, timeout};

use super::fetch::{LONGEST_SLEEP, Postponed, Round};
use super::trip::Trip;
use super::walk::{Reader, Turn, WalkError};
use super::{Account, PullMetrics};
use crate::{Routes, clock};

/// The trouble of fetching is kept under this name.
const FETCH: &str = "fetch";

/// Reads the API of one source.
pub struct Puller {
    /// All sources; this one is among them.
    pub routes: Arc<Routes>,
    /// The source.
    pub source: String,
    /// Where everything is stored.
    pub store: Arc<dyn Store>,
    /// The account.
    pub account: Arc<Account>,
    /// From the end of one round through a stream to the beginning of the next.
    pub every: Duration,
}

impl fmt::Debug for Puller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Puller")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Puller {
    /// What it counts, for `/metrics`.
    pub fn metrics(&self) -> PullMetrics {
        PullMetrics::new(&self.source, Arc::clone(&self.account))
    }

    /// Reads until it is dropped, at any moment.
    pub async fn run(&self) {
        let reader = Reader::new(&self.routes, &self.source, &*self.store, &self.account);
        let Some(reader) = reader else { return };
        let streams = self.account.api().streams();
        let streams = join_all(streams.iter().map(|stream| self.follow(reader, stream)));
        tokio::join!(streams, self.fetch(reader));
    }

    /// Goes through a stream again and again.
    async fn follow(&self, reader: Reader<'_>, stream: &str) {
        let mut failures = 0;
        loop {
            match self.round(reader, stream).await {
                Ok(()) => {
                    failures = 0;
                    self.fine(stream);
                    sleep(self.every).await;
                }
                Err(error) => {
                    self.trouble(stream, &error);
                    sleep(self.pause(&error, failures)).await;
                    failures += 1;
                }
            }
        }
    }

    async fn round(&self, reader: Reader<'_>, stream: &str) -> Result<(), WalkError> {
        let api = self.account.api();
        let cursor = self.store.cursor(&self.source, stream).await?;
        let last = cursor.as_ref().map(|cursor| cursor.position.as_str());
        let position = api.round(stream, last, clock::timestamp())?;
        let mut trip = Trip::round(stream, position);
        if cursor.is_none() {
            // So that the next start knows since when it is read.
            reader.keep(&trip).await?;
        }
        let mut found = 0;
        while let Turn::Went { stored, .. } = reader.turn(&mut trip).await? {
            found += stored;
        }
        if let Some(read) = api.read_up_to(stream, trip.position()) {
            let read = Millis::new(read.unix_millis());
            self.account.tallies().read_up_to(stream, read);
        }
        let source = self.source.as_str();
        tracing::debug!(source, stream, found, "read a round");
        Ok(())
    }

    /// Fetches what notifications name.
    async fn fetch(&self, reader: Reader<'_>) {
        let Some(named) = &reader.route.source.fetch else {
            return;
        };
        let mut postponed = Postponed::default();
        let mut failures = 0;
        loop {
            let wait = match reader.fetch_open(&mut postponed).await {
                Ok(Round::More) => continue,
                Ok(Round::Idle(next)) => {
                    failures = 0;
                    self.fine(FETCH);
                    let wait = next.map(|next| next.since(clock::now()));
                    let longest = LONGEST_SLEEP.min(self.every.max(Duration::from_millis(1)));
                    wait.unwrap_or(longest)
                        .clamp(Duration::from_millis(1), longest)
                }
                Err(error) => {
                    self.trouble(FETCH, &error);
                    failures += 1;
                    sleep(self.pause(&error, failures - 1)).await;
                    continue;
                }
            };
            let _ = timeout(wait, named.notified()).await;
        }
    }

    fn pause(&self, error: &WalkError, failures: u32) -> Duration {
        let patience = self.account.patience();
        match error {
            WalkError::Pull(error) if error.trouble == Trouble::Credentials => patience.credentials,
            WalkError::Pull(_) | WalkError::Store(_) => patience.pause(failures),
        }
    }

    fn trouble(&self, with: &str, error: &WalkError) {
        let code = match error {
            WalkError::Pull(error) => error.trouble.code().as_str(),
            WalkError::Store(_) => "store",
        };
        let source = self.source.as_str();
        if self.account.tallies().trouble(with, Some(code)) {
            tracing::warn!(source, stream = with, %error, "cannot read the platform's API");
        } else {
            tracing::debug!(source, stream = with, %error, "still cannot read the platform's API");
        }
    }

    fn fine(&self, with: &str) {
        if self.account.tallies().trouble(with, None) {
            let source = self.source.as_str();
            tracing::info!(source, stream = with, "reading the platform's API again");
        }
    }
}
