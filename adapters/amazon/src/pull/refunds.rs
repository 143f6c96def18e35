//! Refunds, among the transactions of the Finances API.
//!
//! <https://developer-docs.amazon.com/sp-api/docs/finances-api-v2024-06-19-reference>

use orderbridge_event::{Answer, PullError, Pulled, Request, Timestamp};
use serde_json::value::RawValue;

use super::answers::{Movement, Transactions, Wrapped, success};
use super::api::{BEHIND, DAY, Seller, TRANSACTIONS};
use super::position::{Position, RefundSearch, short, time};
use crate::topics;

/// The stream of refunds.
pub(super) const REFUNDS: &str = "refunds";

/// From one round to the next: nobody waits for a refund.
const EVERY: i64 = 60 * 60;
/// A transaction may be found days after the time that it is posted under.
const LATE: i64 = 2 * DAY;
/// One that is deferred is released later, still under its own time: once a day so far back.
const DEFERRED: i64 = 30 * DAY;
/// More than this is not searched at once.
const LONGEST: i64 = 180 * DAY;

impl RefundSearch {
    /// A search of a time.
    pub(super) fn of(after: i64, until: i64) -> Self {
        Self {
            after,
            until,
            token: None,
            seen: Vec::new(),
            is_again: false,
            round: None,
        }
    }

    /// The end of what is searched at once.
    fn before(&self) -> i64 {
        self.until.min(self.after + LONGEST)
    }

    /// What comes after the last page.
    fn next(self) -> Position {
        let before = self.before();
        match self.round {
            _ if before < self.until => Position::Refunds(Self {
                after: before,
                token: None,
                seen: Vec::new(),
                is_again: false,
                ..self
            }),
            Some((began, swept)) => Position::RefundsRead {
                began,
                up_to: self.until,
                swept,
            },
            None => Position::End,
        }
    }
}

impl Seller {
    /// The next round through the refunds.
    pub(super) fn refund_round(last: Option<Position>, now: i64) -> Position {
        let (began, up_to, swept) = match last {
            None => {
                let began = now - BEHIND;
                return Position::RefundsRead {
                    began,
                    up_to: began,
                    swept: began,
                };
            }
            Some(Position::RefundsRead {
                began,
                up_to,
                swept,
            }) => (began, up_to, swept),
            Some(unfinished) => return unfinished,
        };
        let until = now - BEHIND;
        if until - up_to < EVERY {
            return Position::RefundsRead {
                began,
                up_to,
                swept,
            };
        }
        let is_sweep = until - swept >= DAY;
        let back = if is_sweep { DEFERRED } else { LATE };
        let swept = if is_sweep { until } else { swept };
        // What was posted before the first round is history, and a backfill's.
        Position::Refunds(RefundSearch {
            round: Some((began, swept)),
            ..RefundSearch::of((up_to - back).max(began), until)
        })
    }

    pub(super) fn ask_for_transactions(&self, search: &RefundSearch) -> Request {
        let url = format!("{}/finances/2024-06-19/transactions", self.url);
        let (after, before) = (time(search.after), time(search.before()));
        // With a marketplace Amazon leaves some out that have none.
        let pairs = [
            ("postedAfter", Some(after.as_str())),
            ("postedBefore", Some(&before)),
            ("nextToken", search.token.as_deref()),
        ];
        let given = pairs.into_iter().filter_map(|(name, it)| Some((name, it?)));
        Self::dressed(Request::get(TRANSACTIONS, url).query(given))
    }

    /// Takes the refunds out of a page. One may hold none, or nothing at all, and have a next one.
    pub(super) fn take_transactions(
        search: RefundSearch,
        answer: &Answer<'_>,
    ) -> Result<(Vec<Pulled>, Position), PullError> {
        if answer.status == 400 && search.token.is_some() && !search.is_again {
            // The token is not good any more: from the start.
            let again = RefundSearch {
                token: None,
                seen: Vec::new(),
                is_again: true,
                ..search
            };
            return Ok((Vec::new(), Position::Refunds(again)));
        }
        let page: Wrapped = success(TRANSACTIONS, answer)?;
        let inside = page.payload.as_ref().map_or("{}", |inside| inside.get());
        let page: Transactions =
            serde_json::from_str(inside).map_err(|_| PullError::unreadable(TRANSACTIONS))?;
        let payloads = page
            .transactions
            .iter()
            .filter_map(|it| refund(it))
            .collect();
        let token = page.next_token.filter(|token| !token.is_empty());
        let next = match token {
            Some(token) if !search.seen.contains(&short(&token)) => {
                let mut seen = search.seen;
                seen.push(short(&token));
                Position::Refunds(RefundSearch {
                    token: Some(token),
                    seen,
                    ..search
                })
            }
            // The last page, or one that leads in a circle.
            _ => search.next(),
        };
        Ok((payloads, next))
    }

    /// Up to when refunds have been read.
    pub(super) fn refunds_read_up_to(position: &Position) -> Option<Timestamp> {
        match position {
            Position::RefundsRead { up_to, .. } => Timestamp::from_unix(*up_to),
            Position::Refunds(search) => Timestamp::from_unix(search.after),
            _ => None,
        }
    }
}

/// A refund, each state of it once; nothing for other transactions, which are many.
fn refund(transaction: &RawValue) -> Option<Pulled> {
    let movement: Movement = serde_json::from_str(transaction.get()).unwrap_or_default();
    if movement
        .kind
        .as_ref()
        .is_some_and(|kind| kind.as_str() != "Refund")
    {
        return None;
    }
    let id = movement.id.map(|id| {
        let status = movement.status.as_ref().map_or("", |it| it.as_str());
        format!("{id} {status}")
    });
    Some(Pulled {
        topic: topics::TRANSACTIONS.to_owned(),
        body: transaction.get().as_bytes().to_vec(),
        id,
    })
}
