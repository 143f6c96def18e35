//! Which items a command is about.

use clap::Args;
use orderbridge_core::parse_duration;
use orderbridge_core::store::{Filter, ItemId, Millis, State};

use crate::source::did_you_mean;
use crate::{Exit, Failed};

/// Ids, or conditions that all have to hold.
#[derive(Args, Clone, Debug)]
pub(crate) struct FilterArgs {
    /// Ids, as in d12 or p7
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Only in this state: held, pending, sending, delivered, parked, dropped
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
    /// Only of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only for this destination
    #[arg(long, value_name = "NAME")]
    destination: Option<String>,
    /// Only with this code as the reason, as in rejected
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
    /// Only what came in since: 7d, 2h, or a time such as 2026-11-02T10:15:30Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only of this order, by the platform's number
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// Everything: no condition at all
    #[arg(long)]
    #[arg(conflicts_with_all = ["ids", "state", "source", "destination", "reason", "since", "order"])]
    all: bool,
}

impl FilterArgs {
    /// Reads the conditions; none is everything.
    pub(super) fn read(&self, now: Millis) -> Result<Filter, Failed> {
        let usage = |message: String| (Exit::Usage, message);
        let ids: Result<Vec<ItemId>, Failed> = self
            .ids
            .iter()
            .map(|text| {
                ItemId::parse(text)
                    .ok_or_else(|| usage(format!("{text:?} is no id; ids look like d12 or p7")))
            })
            .collect();
        let states: Result<Vec<State>, Failed> = self
            .state
            .iter()
            .map(|word| {
                State::parse(word).ok_or_else(|| {
                    let hint = did_you_mean(word, State::ALL.iter().map(|it| it.as_str()));
                    usage(format!("--state: there is no state {word:?}{hint}"))
                })
            })
            .collect();
        let since = self
            .since
            .as_deref()
            .map(|text| since(text, now))
            .transpose();
        Ok(Filter {
            ids: Some(ids?).filter(|ids| !ids.is_empty()),
            states: Some(states?).filter(|states| !states.is_empty()),
            source: self.source.clone(),
            destination: self.destination.clone(),
            reason: self.reason.clone(),
            order_key: self.order.clone(),
            since: since.map_err(usage)?,
            ..Filter::default()
        })
    }

    /// Whether everything is meant.
    pub(super) const fn all(&self) -> bool {
        self.all
    }

    /// Reads the conditions; that everything is meant has to be said.
    pub(super) fn need(&self, now: Millis) -> Result<Filter, Failed> {
        let filter = self.read(now)?;
        if filter == Filter::default() && !self.all {
            let message = "name ids or a condition such as --state parked, or say --all";
            return Err((Exit::Usage, message.to_owned()));
        }
        Ok(filter)
    }
}

/// A time: an age such as 7d, or a time with its offset.
pub(crate) fn since(text: &str, now: Millis) -> Result<Millis, String> {
    if let Ok(age) = parse_duration(text) {
        return Ok(now.minus(age));
    }
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|time| Millis::new(time.timestamp_millis()))
        .map_err(|_| format!("--since: {text:?} is neither an age such as 7d nor a time"))
}
