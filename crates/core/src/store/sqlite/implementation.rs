//! The trait, as calls of the writer and of the readers.

use async_trait::async_trait;
use orderbridge_event::{KnownOrder, Refunded};

use super::super::{
    Accepted, Accounts, Applied, Backlog, ClaimId, Claimed, Command, Count, Cursor, Customer,
    DeliveryId, DestinationChange, DestinationState, Detail, Due, Erased, Health, Item, ItemId,
    List, Millis, OpenFetch, OpenRequest, Page, PayloadId, Private, Raw, RedactTarget, Remap,
    Remapped, Retention, Seen, Settled, Settlement, Store, StoreError, SubjectKey,
};
use super::pack::{Packed, pack};
use super::{
    SqliteStore, accept, claim, command, destination, erase, health, list, orders, redact, remap,
    settle, show,
};

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, page: Page) -> Result<Vec<Accepted>, StoreError> {
        let bodies: Vec<Packed> = page.intakes.iter().map(|it| pack(&it.body)).collect();
        self.writer
            .run("accept", move |work| accept::page(work, &page, &bodies))
            .await
    }

    async fn cursor(&self, source: &str, stream: &str) -> Result<Option<Cursor>, StoreError> {
        let (source, stream) = (source.to_owned(), stream.to_owned());
        self.readers
            .run("read a cursor", move |view| {
                orders::cursor(view, &source, &stream)
            })
            .await
    }

    async fn known_order(
        &self,
        source: &str,
        order_key: &str,
    ) -> Result<Option<Private<KnownOrder>>, StoreError> {
        let (source, key) = (source.to_owned(), order_key.to_owned());
        self.readers
            .run("look up an order", move |view| {
                orders::known(view, &source, &key)
            })
            .await
    }

    async fn refunded(&self, source: &str, order_key: &str) -> Result<Refunded, StoreError> {
        let (source, key) = (source.to_owned(), order_key.to_owned());
        self.readers
            .run("look up refunds", move |view| {
                orders::refunded(view, &source, &key)
            })
            .await
    }

    async fn seen(&self, customer: Customer) -> Result<Seen, StoreError> {
        self.writer
            .run("look up a customer", move |work| {
                orders::seen(work, &customer)
            })
            .await
    }

    async fn subject_key(&self) -> Result<SubjectKey, StoreError> {
        self.readers
            .run("read its key", |view| {
                view.conn.query_row(
                    "SELECT value FROM meta WHERE name = 'subject_key'",
                    (),
                    |row| row.get(0).map(SubjectKey::new),
                )
            })
            .await
    }

    async fn claim(&self, due: Due) -> Result<Vec<Claimed>, StoreError> {
        self.writer
            .run("claim", move |work| claim::claim(work, &due))
            .await
    }

    async fn renew(
        &self,
        claim: ClaimId,
        deliveries: Vec<DeliveryId>,
        until: Millis,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        self.writer
            .run("renew", move |work| {
                claim::renew(work, &claim, &deliveries, until)
            })
            .await
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<Settled, StoreError> {
        self.writer
            .run("settle", move |work| settle::settle(work, &settlements))
            .await
    }

    async fn next_due(&self, destination: &str) -> Result<Option<Millis>, StoreError> {
        let destination = destination.to_owned();
        self.readers
            .run("look for work", move |view| {
                claim::next_due(view, &destination)
            })
            .await
    }

    async fn destination(&self, destination: &str) -> Result<DestinationState, StoreError> {
        let destination = destination.to_owned();
        self.readers
            .run("read a destination", move |view| {
                destination::state(view, &destination)
            })
            .await
    }

    async fn change_destination(
        &self,
        destination: &str,
        change: DestinationChange,
        now: Millis,
    ) -> Result<DestinationState, StoreError> {
        let destination = destination.to_owned();
        self.writer
            .run("change a destination", move |work| {
                destination::change(work, &destination, &change, now)
            })
            .await
    }

    async fn list(&self, list: List) -> Result<Vec<Item>, StoreError> {
        self.readers
            .run("list", move |view| list::list(view, &list))
            .await
    }

    async fn show(&self, id: ItemId) -> Result<Option<Detail>, StoreError> {
        self.readers
            .run("show", move |view| show::show(view, id))
            .await
    }

    async fn raw(&self, payload: PayloadId) -> Result<Option<Raw>, StoreError> {
        self.readers
            .run("read a payload", move |view| show::raw(view, payload))
            .await
    }

    async fn find(&self, target: RedactTarget) -> Result<Vec<PayloadId>, StoreError> {
        let found = self
            .readers
            .run("search", move |view| redact::find(view, &target))
            .await?;
        Ok(found.into_iter().map(PayloadId::new).collect())
    }

    async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        self.readers.run("count", list::counts).await
    }

    async fn backlog(&self, destination: &str) -> Result<Backlog, StoreError> {
        let destination = destination.to_owned();
        self.readers
            .run("look for the oldest", move |view| {
                destination::backlog(view, &destination)
            })
            .await
    }

    async fn open_requests(&self) -> Result<Vec<OpenRequest>, StoreError> {
        self.readers
            .run("look for requests", show::open_requests)
            .await
    }

    async fn health(&self) -> Result<Health, StoreError> {
        let pulse = self.writer.run("write", health::pulse).await;
        let writable = pulse.map_err(|error| error.kind);
        let commit = self.writer.last_commit();
        let path = self.path.clone();
        self.readers
            .run("read its state", move |view| {
                health::health(view, &path, writable, commit)
            })
            .await
    }

    async fn open_fetches(
        &self,
        source: &str,
        after: Option<PayloadId>,
        limit: usize,
    ) -> Result<Vec<OpenFetch>, StoreError> {
        let source = source.to_owned();
        self.readers
            .run("look for what is to be fetched", move |view| {
                show::open_fetches(view, &source, after, limit)
            })
            .await
    }

    async fn accounts(&self) -> Result<Accounts, StoreError> {
        self.readers.run("add up", health::accounts).await
    }

    async fn apply(&self, command: Command, now: Millis) -> Result<Applied, StoreError> {
        match command {
            Command::Retry { items, delivered } => {
                self.writer
                    .run("retry", move |work| command::retry(work, &items, delivered))
                    .await
            }
            Command::Drop { items, reason } => {
                self.writer
                    .run("drop", move |work| {
                        command::drop(work, &items, &reason, now)
                    })
                    .await
            }
            Command::Redact { target, request } => self.redact(target, request, now).await,
        }
    }

    async fn remap(&self, remap: Remap) -> Result<Remapped, StoreError> {
        self.writer
            .run("remap", move |work| remap::remap(work, &remap))
            .await
    }

    async fn erase(&self, retention: Retention) -> Result<Erased, StoreError> {
        self.writer
            .run("erase", move |work| erase::erase(work, &retention))
            .await
    }

    async fn close(&self) -> Result<(), StoreError> {
        // What waits for the disk is short: the rest of the queue and one merge of the journal.
        self.stop();
        Ok(())
    }
}

impl SqliteStore {
    /// Erases batch by batch, then cuts the journal, which still has what was erased.
    async fn redact(
        &self,
        target: RedactTarget,
        request: Option<PayloadId>,
        now: Millis,
    ) -> Result<Applied, StoreError> {
        const OPERATION: &str = "redact";
        let mut applied = Applied::default();
        let wanted = target.clone();
        let found = self
            .readers
            .run(OPERATION, move |view| redact::find(view, &wanted))
            .await?;
        for batch in found.chunks(redact::BATCH) {
            let batch = batch.to_vec();
            applied.changed += self
                .writer
                .run(OPERATION, move |work| redact::erase(work, &batch, now))
                .await?;
        }
        self.writer
            .run(OPERATION, move |work| {
                redact::finish(work, &target, request)
            })
            .await?;
        applied.journal_pending = !self.writer.merge().await?;
        Ok(applied)
    }
}
