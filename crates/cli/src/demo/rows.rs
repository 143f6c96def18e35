//! What arrived, read from the store and from the sandbox.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use orderbridge_core::store::{Detail, Item, ItemId, State};
use orderbridge_event::{Event, Kind};
use tokio::time::{Instant, sleep};

use super::stage::{Posted, Stage};
use crate::{Exit, Failed};

/// How often the store is looked at.
const BEAT: Duration = Duration::from_millis(5);
/// A machine that is this slow has other troubles.
const PATIENCE: Duration = Duration::from_secs(60);

/// One line of the table.
pub(super) struct Row {
    pub(super) order: String,
    pub(super) event: String,
    pub(super) channel: String,
    pub(super) why: String,
    pub(super) total: String,
    pub(super) status: String,
}

impl Row {
    /// Whether the sandbox took it.
    pub(super) fn has_arrived(&self) -> bool {
        self.status.starts_with("200")
    }

    /// Whether nothing is wrong with it.
    pub(super) fn is_well(&self) -> bool {
        self.has_arrived() || self.status == "ignored"
    }
}

/// Waits until nothing is on its way any more, and gives a row for each event, or for what became
/// of a sample instead.
pub(super) async fn gather(stage: &Stage, posted: &[Posted]) -> Result<Vec<Row>, Failed> {
    let mut details = Vec::new();
    for Posted { order, items } in posted {
        for item in items {
            details.push((order, settled(stage, item).await?));
        }
    }
    let answers = answers(stage);
    let rows = details.iter();
    Ok(rows
        .map(|(order, detail)| row(order, detail, &answers))
        .collect())
}

/// What each body was answered at its first arrival.
fn answers(stage: &Stage) -> HashMap<Bytes, String> {
    let mut answers = HashMap::new();
    for received in stage.sandbox.received() {
        let what = match (received.status, received.duplicate) {
            (200, false) => "ok",
            (200, true) => "duplicate",
            _ => "rejected",
        };
        let answer = format!("{} {what}", received.status);
        answers.entry(received.body).or_insert(answer);
    }
    answers
}

/// An item once it is where it stays.
async fn settled(stage: &Stage, item: &Item) -> Result<Detail, Failed> {
    let started = Instant::now();
    loop {
        let detail = show(stage, item.id).await?;
        let is_moving = matches!(
            detail.item.state,
            State::Held | State::Pending | State::Sending
        );
        if !is_moving {
            return Ok(detail);
        }
        if started.elapsed() > PATIENCE {
            let message = "the events were not delivered in time";
            return Err((Exit::Unexpected, message.to_owned()));
        }
        sleep(BEAT).await;
    }
}

async fn show(stage: &Stage, id: ItemId) -> Result<Detail, Failed> {
    let found = stage.store().show(id).await;
    let found = found.map_err(|error| (Exit::Unexpected, error.to_string()))?;
    found.ok_or_else(|| (Exit::Unexpected, format!("{id} is gone from the store")))
}

fn row(order: &str, detail: &Detail, answers: &HashMap<Bytes, String>) -> Row {
    let item = &detail.item;
    let reason = item.reason.as_ref();
    let reason = reason.map_or_else(String::new, |it| format!("{}: {}", it.code, it.message));
    let mut row = Row {
        order: order.to_owned(),
        event: item
            .event
            .as_ref()
            .map_or_else(String::new, |it| it.name.clone()),
        channel: String::new(),
        why: reason,
        total: String::new(),
        status: match item.state {
            State::Dropped => "ignored".to_owned(),
            state => state.as_str().to_owned(),
        },
    };
    if let Some(event) = &detail.event {
        let body: &Bytes = &event.body;
        row.channel.clone_from(&event.channel);
        if row.why.is_empty() {
            row.why.clone_from(&event.because);
        }
        row.total = Event::from_json(body).map_or_else(|_| String::new(), |event| total(&event));
        if let Some(answer) = answers.get(body) {
            row.status.clone_from(answer);
        }
    }
    row
}

fn total(event: &Event) -> String {
    let (amount, currency) = match (&event.kind, event.kind.order()) {
        (_, Some(order)) => (Some(order.total_price), order.currency),
        (Kind::ReceivedRefund(refund), None) => (refund.amount, refund.currency),
        _ => return String::new(),
    };
    let amount = amount.map(|amount| amount.with_minor_digits(currency).to_string());
    amount.map_or_else(String::new, |amount| format!("{amount} {currency}"))
}
