//! Searches, page by page. A token is good for a page of the same filters, for a day.

use serde_json::json;

use super::orders::{now, read_time, time};
use super::{Fault, State, refused};
use crate::{Answer, Asked};

/// Amazon refuses a search that ends less than two minutes ago.
const BOUND: i64 = 2 * 60;
const TOKEN_LIFE: i64 = 24 * 60 * 60;

impl State {
    pub(super) fn search(&self, asked: &Asked, fault: Option<Fault>) -> Answer {
        let given = |name: &str| asked.parameter(name).and_then(read_time);
        let (Some(after), Some(before)) = (given("lastUpdatedAfter"), given("lastUpdatedBefore"))
        else {
            return refused(400, "InvalidInput");
        };
        if before > now() - BOUND || after >= before {
            return refused(400, "InvalidInput");
        }
        // Page size and included data may differ from page to page, everything else may not.
        let filters: Vec<String> = asked
            .query
            .iter()
            .filter(|(name, _)| {
                !matches!(
                    name.as_str(),
                    "paginationToken" | "maxResultsPerPage" | "includedData"
                )
            })
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let filters = filters.join("&");
        let start = match asked.parameter("paginationToken") {
            None => 0,
            Some(_) if fault == Some(Fault::TokenExpired) => return refused(400, "InvalidInput"),
            Some(token) => match open(token, &filters) {
                Some(start) => start,
                None => return refused(400, "InvalidInput"),
            },
        };
        let mut found: Vec<_> = self
            .orders
            .iter()
            .filter(|order| order.updated >= after && order.updated < before)
            .filter(|order| !self.hidden.contains(&order.id))
            .collect();
        found.sort_by_key(|order| (order.updated, &order.id));
        let asked_for = asked
            .parameter("maxResultsPerPage")
            .and_then(|it| it.parse().ok());
        let page = self.setup.page.min(asked_for.unwrap_or(100));
        let orders: Vec<_> = found
            .iter()
            .skip(start)
            .take(page)
            .map(|it| it.json())
            .collect();
        let next = match fault {
            Some(Fault::Circle) => Some(start),
            _ => Some(start + orders.len()).filter(|next| *next < found.len()),
        };
        let before = time(before);
        let body = match next.map(|next| token(next, &filters)) {
            None => json!({"orders": orders, "lastUpdatedBefore": before}),
            Some(token) => json!({
                "orders": orders, "lastUpdatedBefore": before, "pagination": {"nextToken": token}
            }),
        };
        Answer::json(200, &body)
    }
}

fn token(start: usize, filters: &str) -> String {
    format!("{start}|{}|{filters}", now())
}

fn open(token: &str, filters: &str) -> Option<usize> {
    let (start, rest) = token.split_once('|')?;
    let (made, of) = rest.split_once('|')?;
    let made: i64 = made.parse().ok()?;
    let is_good = of == filters && now() - made < TOKEN_LIFE;
    is_good.then(|| start.parse().ok()).flatten()
}
