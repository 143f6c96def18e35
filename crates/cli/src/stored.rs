//! Payloads out of the store, as they would be mapped today.

use std::collections::BTreeSet;

use orderbridge_core::dispatch::{Clock as _, SystemClock};
use orderbridge_core::store::sqlite::SqliteStore;
use orderbridge_core::store::{Filter, Millis, PayloadId, Private, Raw, Store};
use orderbridge_event::{Context, Payload, Timestamp};

use crate::config::{Config, StoreConfig};
use crate::map::{Each, Mapper};
use crate::queue::{Pages, since};
use crate::source::Chosen;
use crate::{Exit, Failed};

/// A payload of the store.
pub(crate) struct Stored {
    pub(crate) id: PayloadId,
    /// The order's number, or else the payload's id.
    pub(crate) order: String,
    pub(crate) raw: Raw,
}

impl Stored {
    /// When it was sent, or when it came in.
    pub(crate) fn sent_at(&self) -> Option<Timestamp> {
        let came_in = || Timestamp::from_unix(self.raw.received_at.get() / 1_000);
        self.raw.sent_at.or_else(came_in)
    }
}

/// An open store and which of its payloads are wanted.
pub(crate) struct Shelf {
    store: SqliteStore,
    ids: Vec<(PayloadId, Option<String>)>,
}

impl Shelf {
    /// Opens the store of a configuration and looks up what is wanted: of one source, since a time,
    /// the last so many.
    pub(crate) async fn open(
        config: Option<&Config>,
        source: Option<&str>,
        since_text: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Self, Failed> {
        let path = config.map_or_else(StoreConfig::default, |config| config.store.clone());
        let path = path.path;
        if !path.exists() {
            let message = format!("there is no store at {} yet", path.display());
            return Err((Exit::Usage, message));
        }
        let store = SqliteStore::beside(&path)
            .await
            .map_err(|error| (Exit::Unexpected, format!("{}: {error}", path.display())))?;
        let now: Millis = SystemClock.now();
        let since = since_text.map(|text| since(text, now)).transpose();
        let filter = Filter {
            source: source.map(str::to_owned),
            since: since.map_err(|message| (Exit::Usage, message))?,
            ..Filter::default()
        };
        let mut seen = BTreeSet::new();
        let mut ids = Vec::new();
        let mut pages = Pages::new(filter);
        while let Some(items) = pages.next(&store).await? {
            for item in items {
                // A payload has an item for each delivery.
                if seen.insert(item.position.payload) {
                    ids.push((PayloadId::new(item.position.payload), item.order_key));
                }
            }
        }
        if let Some(limit) = limit {
            ids.drain(..ids.len().saturating_sub(limit));
        }
        Ok(Self { store, ids })
    }

    /// Only these.
    pub(crate) fn keep(&mut self, wanted: &BTreeSet<PayloadId>) {
        self.ids.retain(|(id, _)| wanted.contains(id));
    }

    /// Gives each payload whose bytes are there and that is no test, the oldest first.
    pub(crate) async fn each(
        &self,
        mut give: impl AsyncFnMut(&Self, Stored) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        for (id, order) in &self.ids {
            let raw = self.store.raw(*id).await.map_err(unreadable)?;
            let Some(raw) = raw.filter(|raw| !raw.is_test) else {
                continue;
            };
            let order = order.clone().unwrap_or_else(|| format!("p{}", id.get()));
            give(
                self,
                Stored {
                    id: *id,
                    order,
                    raw,
                },
            )
            .await?;
        }
        Ok(())
    }

    /// Maps a payload with a source, and with what the store knows of the order that it belongs to.
    pub(crate) async fn map(
        &self,
        stored: &Stored,
        chosen: &Chosen,
        each: &mut dyn Each,
    ) -> Result<(), Failed> {
        let raw = &stored.raw;
        let payload = Payload {
            topic: &raw.topic,
            body: &raw.body,
        };
        let about = chosen.source.webhook.map(|webhook| webhook.about(payload));
        let part_of = about.and_then(|about| about.order);
        let order = match part_of.filter(|order| !order.is_whole) {
            Some(order) => {
                let known = self
                    .store
                    .known_order(&raw.source, order.key.as_str())
                    .await;
                known.map_err(unreadable)?.map(Private::into_inner)
            }
            None => None,
        };
        let context = Context {
            received_at: stored.sent_at(),
            order,
            ..chosen.context.clone()
        };
        let names = [stored.order.clone()];
        let mapper = Mapper {
            source: chosen.source,
            topic: &raw.topic,
            context: &context,
            rules: &chosen.rules,
            names: &names,
            parse_only: false,
        };
        mapper.text(0, 1, &raw.body, None, each);
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn unreadable(error: orderbridge_core::store::StoreError) -> Failed {
    (Exit::Unexpected, error.to_string())
}

/// Runs what reads the store.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| (Exit::Unexpected, error.to_string()))?;
    runtime.block_on(work)
}
