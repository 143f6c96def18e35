//! Changes that people make.

use orderbridge_core::store::{
    Applied, Command, DestinationChange, Filter, Millis, Reason, Selection, Store,
};

use super::{Told, failed};
use crate::Failed;

/// How many items one commit changes, so that a running connector is not held up.
const AT_ONCE: usize = 500;

pub(super) async fn retry(
    store: &dyn Store,
    filter: Filter,
    delivered: bool,
    now: Millis,
) -> Result<Told, Failed> {
    let command = |items| Command::Retry { items, delivered };
    let applied = all(store, filter, command, now).await?;
    Ok(told(applied, "will be sent"))
}

pub(super) async fn give_up(
    store: &dyn Store,
    filter: Filter,
    because: &str,
    now: Millis,
) -> Result<Told, Failed> {
    let command = |items| Command::Drop {
        items,
        reason: Reason::new("dropped.by_hand", because),
    };
    let applied = all(store, filter, command, now).await?;
    Ok(told(applied, "dropped"))
}

async fn all(
    store: &dyn Store,
    filter: Filter,
    command: impl Fn(Selection) -> Command,
    now: Millis,
) -> Result<Applied, Failed> {
    let mut sum = Applied::default();
    let mut after = None;
    loop {
        let items = Selection {
            filter: filter.clone(),
            after,
            limit: AT_ONCE,
        };
        let applied = store
            .apply(command(items), now)
            .await
            .map_err(|error| failed(&error))?;
        sum.changed += applied.changed;
        sum.skipped += applied.skipped;
        after = applied.next;
        if after.is_none() {
            return Ok(sum);
        }
    }
}

fn told(applied: Applied, what: &str) -> Told {
    let skipped = match applied.skipped {
        0 => String::new(),
        count => format!(", {count} left as they are"),
    };
    Told {
        stderr: format!("{} {what}{skipped}\n", applied.changed),
        ..Told::default()
    }
}

pub(super) async fn pause(
    store: &dyn Store,
    destination: &str,
    now: Millis,
) -> Result<Told, Failed> {
    let change = DestinationChange::PauseByHand(Reason::new("paused.by_hand", "paused by hand"));
    set(store, destination, change, now, "is paused").await
}

pub(super) async fn resume(
    store: &dyn Store,
    destination: &str,
    now: Millis,
) -> Result<Told, Failed> {
    set(
        store,
        destination,
        DestinationChange::Resume,
        now,
        "is resumed",
    )
    .await
}

async fn set(
    store: &dyn Store,
    destination: &str,
    change: DestinationChange,
    now: Millis,
    what: &str,
) -> Result<Told, Failed> {
    let changed = store.change_destination(destination, change, now).await;
    changed.map_err(|error| failed(&error))?;
    Ok(Told {
        stderr: format!("{destination} {what}\n"),
        ..Told::default()
    })
}
