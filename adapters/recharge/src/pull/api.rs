//! One shop.

use std::fmt;
use std::time::Duration;

use orderbridge_event::{
    Answer, Api, Operation, PullError, Pulled, Request, Secret, Step, Taken, Text, Timestamp,
    Trouble,
};

use super::answers;
use super::lists::Took;
use super::position::{Kind, List, Page, Position};

/// A bucket for forty requests, of which two drain in a second; all of a shop's share it.
/// <https://docs.getrecharge.com/docs/using-the-api>
const OPERATIONS: &[Operation] = &[Operation {
    name: Operation::ALL_OTHERS,
    every: Duration::from_millis(500),
    burst: 40,
}];

const CHARGES: &str = "charges";
const SUBSCRIPTIONS: &str = "subscriptions";

pub(super) const DAY: i64 = 24 * 60 * 60;
/// A round looks back beyond the one before: a change may take a moment to be listed.
const OVERLAP: i64 = 10 * 60;

/// A shop.
pub(super) struct Shop {
    pub(super) url: String,
    pub(super) token: Secret,
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shop")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Api for Shop {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn streams(&self) -> Vec<String> {
        vec![CHARGES.to_owned(), SUBSCRIPTIONS.to_owned()]
    }

    fn round(&self, stream: &str, last: Option<&str>, now: Timestamp) -> Result<String, PullError> {
        let now = now.unix();
        let (up_to, first) = match last.map(Position::read).transpose()? {
            Some(Position::Rest { up_to, first }) => (up_to, first),
            None => (now, now - OVERLAP),
            Some(unfinished) => return unfinished.text(),
        };
        let of = match stream {
            SUBSCRIPTIONS => Kind::Subscriptions,
            _ => Kind::Charges,
        };
        let position = Position::Changed {
            of,
            since: up_to - OVERLAP,
            began: now,
            first,
            page: Page::default(),
        };
        position.text()
    }

    fn read_up_to(&self, _stream: &str, position: &str) -> Option<Timestamp> {
        match Position::read(position).ok()? {
            Position::Rest { up_to, .. } => Timestamp::from_unix(up_to),
            Position::Changed { since, .. } => Timestamp::from_unix(since),
            _ => None,
        }
    }

    fn history(&self, since: Timestamp, until: Timestamp) -> Result<String, PullError> {
        let position = Position::History {
            since: since.unix(),
            until: until.unix(),
            list: List::Charges,
            page: Page::default(),
        };
        position.text()
    }

    fn fetch(&self, _what: &Text) -> Result<String, PullError> {
        // No message of Recharge's names something without holding it.
        Err(PullError::position())
    }

    fn lookup(&self, request: &str) -> Result<String, PullError> {
        if !request.starts_with("GET /customers/") {
            let message = "only customers are asked for";
            return Err(PullError::new(Trouble::Refused, message));
        }
        let request = request.to_owned();
        Position::Customer { request }.text()
    }

    fn step(&self, position: &str, _now: Timestamp) -> Result<Step, PullError> {
        Ok(match Position::read(position)? {
            Position::Rest { .. } | Position::End => Step::Done,
            Position::Changed {
                of, since, page, ..
            } => Step::Ask(self.ask_for_changed(of, since, &page)),
            Position::History {
                since,
                until,
                list,
                page,
            } => Step::Ask(self.ask_for_history(&(since..until), list, &page)),
            Position::Customer { request } => {
                let path = request.strip_prefix("GET ").unwrap_or(&request);
                let request = Request::get("customer", format!("{}{path}", self.url));
                Step::Ask(self.dressed(request))
            }
        })
    }

    fn take(
        &self,
        position: &str,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Taken, PullError> {
        let (took, is_second_hand) = match Position::read(position)? {
            Position::Changed {
                of,
                since,
                began,
                first,
                page,
            } => {
                let took = Self::take_changed(of, since, began, first, &page, answer)?;
                (took, true)
            }
            Position::History {
                since,
                until,
                list,
                page,
            } => {
                let time_of = since..until;
                let took = Self::take_history(time_of, list, &page, answer, now.unix())?;
                (took, true)
            }
            Position::Customer { request } => {
                let customer = answers::one("customer", answer)?;
                let found = Pulled {
                    topic: request,
                    body: customer.get().as_bytes().to_vec(),
                    id: None,
                };
                let took = Took {
                    payloads: vec![found],
                    next: Position::End,
                };
                (took, false)
            }
            Position::Rest { .. } | Position::End => return Err(PullError::position()),
        };
        Ok(Taken {
            payloads: took.payloads,
            is_second_hand,
            position: took.next.text()?,
        })
    }
}
