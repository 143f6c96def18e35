//! All items of a filter, a page at a time, the oldest first.

use orderbridge_core::store::{Direction, Filter, Item, List, Position, Store};

use super::failed;
use crate::Failed;

/// How many are asked for at a time.
const PAGE: usize = 200;

/// Goes through the items of a filter. What is added behind while it does is seen as well.
#[derive(Debug)]
pub(super) struct Pages {
    filter: Filter,
    after: Option<Position>,
    at_end: bool,
}

impl Pages {
    pub(super) fn new(filter: Filter) -> Self {
        Self {
            filter,
            after: None,
            at_end: false,
        }
    }

    /// The next page; `None` at the end.
    pub(super) async fn next(&mut self, store: &dyn Store) -> Result<Option<Vec<Item>>, Failed> {
        if self.at_end {
            return Ok(None);
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
        Ok(Some(items).filter(|items| !items.is_empty()))
    }
}
