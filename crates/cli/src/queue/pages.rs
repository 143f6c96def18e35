//! All items of a filter, a page at a time, the oldest first.

use orderbridge_core::store::{Direction, Filter, Item, ItemId, List, PayloadId, Position, Store};

use super::failed;
use crate::Failed;

/// How many are asked for at a time.
const PAGE: usize = 200;

/// Goes through the items of a filter. What is added behind while it does is seen as well.
#[derive(Debug)]
pub(crate) struct Pages {
    filter: Filter,
    /// What comes after it.
    rest: Option<Filter>,
    after: Option<Position>,
    at_end: bool,
}

impl Pages {
    /// The id of a payload stands for the payload with all that it became.
    pub(crate) fn new(filter: Filter) -> Self {
        let (filter, rest) = spread(filter);
        Self {
            filter,
            rest,
            after: None,
            at_end: false,
        }
    }

    /// The next page; `None` at the end.
    pub(crate) async fn next(&mut self, store: &dyn Store) -> Result<Option<Vec<Item>>, Failed> {
        if self.at_end {
            let Some(rest) = self.rest.take() else {
                return Ok(None);
            };
            (self.filter, self.after) = (rest, None);
        }
        let list = List {
            filter: self.filter.clone(),
            direction: Direction::OldestFirst,
            after: self.after,
            limit: PAGE,
        };
        let items = store.list(list).await.map_err(|error| failed(&error))?;
        self.after = items.last().map(|item| item.position);
        self.at_end = items.len() < PAGE;
        let is_over = items.is_empty() && self.rest.is_none();
        Ok((!is_over).then_some(items))
    }
}

/// Deliveries by their ids, and payloads by theirs.
fn spread(filter: Filter) -> (Filter, Option<Filter>) {
    let ids = filter.ids.iter().flatten();
    let payloads: Vec<PayloadId> = ids
        .filter_map(|id| match id {
            ItemId::Payload(payload) => Some(*payload),
            ItemId::Delivery(_) => None,
        })
        .collect();
    if payloads.is_empty() {
        return (filter, None);
    }
    let rest = Filter {
        ids: None,
        payloads: Some(payloads),
        ..filter.clone()
    };
    let mut deliveries = filter;
    if let Some(ids) = &mut deliveries.ids {
        ids.retain(|id| matches!(id, ItemId::Delivery(_)));
    }
    (deliveries, Some(rest))
}
