//! One account.

use std::fmt;
use std::time::Duration;

use orderbridge_event::{
    Answer, Api, Operation, PullError, Request, Secret, Step, Taken, Text, Timestamp,
};

use super::answers;
use super::lists::Took;
use super::position::{List, Page, Position};

/// What Stripe allows in its test mode; live accounts may ask four times as often.
/// <https://docs.stripe.com/rate-limits>
const OPERATIONS: &[Operation] = &[Operation {
    name: Operation::ALL_OTHERS,
    every: Duration::from_millis(40),
    burst: 10,
}];

/// The shape that is asked for. Any shape can be read; this one knows the payments of an invoice.
const VERSION: &str = "2025-03-31.basil";

/// The stream of events.
const EVENTS: &str = "events";

/// A round looks back beyond the one before: an event may take a moment to be listed.
const OVERLAP: i64 = 10 * 60;

/// An account.
pub(super) struct Account {
    pub(super) url: String,
    pub(super) authorization: Secret,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// A request as Stripe wants each to be.
    pub(super) fn dressed(&self, request: Request) -> Request {
        request
            .header("authorization", self.authorization.clone())
            .header("stripe-version", Secret::new(VERSION))
    }
}

impl Api for Account {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn says_again(&self, answer: &Answer<'_>) -> Option<bool> {
        match answer.headers.get("stripe-should-retry")?.trim() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    fn fault(&self, answer: &Answer<'_>) -> Option<String> {
        answers::fault(answer)
    }

    fn streams(&self) -> Vec<String> {
        vec![EVENTS.to_owned()]
    }

    fn round(
        &self,
        _stream: &str,
        last: Option<&str>,
        now: Timestamp,
    ) -> Result<String, PullError> {
        let now = now.unix();
        let since = match last.map(Position::read).transpose()? {
            Some(Position::Rest { up_to }) => up_to,
            None => now,
            Some(unfinished) => return unfinished.text(),
        };
        let position = Position::Events {
            since: since - OVERLAP,
            began: now,
            page: Page::default(),
        };
        position.text()
    }

    fn read_up_to(&self, _stream: &str, position: &str) -> Option<Timestamp> {
        match Position::read(position).ok()? {
            Position::Rest { up_to } => Timestamp::from_unix(up_to),
            Position::Events { since, .. } => Timestamp::from_unix(since),
            _ => None,
        }
    }

    fn history(&self, since: Timestamp, until: Timestamp) -> Result<String, PullError> {
        let position = Position::History {
            since: since.unix(),
            until: until.unix(),
            list: List::Events,
            page: Page::default(),
        };
        position.text()
    }

    fn fetch(&self, _what: &Text) -> Result<String, PullError> {
        // No message of Stripe's names something without holding it.
        Err(PullError::position())
    }

    fn lookup(&self, request: &str) -> Result<String, PullError> {
        Self::look_up(request)?.text()
    }

    fn step(&self, position: &str, _now: Timestamp) -> Result<Step, PullError> {
        Ok(match Position::read(position)? {
            Position::Rest { .. } | Position::End => Step::Done,
            Position::Events { since, page, .. } => {
                Step::Ask(self.ask_for_events(since, None, &page))
            }
            Position::History {
                since,
                until,
                list,
                page,
            } => Step::Ask(self.ask_for_history(since, until, list, &page)),
            Position::Lookup { request, page, .. } => {
                Step::Ask(self.ask_for_object(&request, &page))
            }
        })
    }

    fn take(
        &self,
        position: &str,
        answer: &Answer<'_>,
        _now: Timestamp,
    ) -> Result<Taken, PullError> {
        let took = match Position::read(position)? {
            Position::Events { since, began, page } => {
                Self::take_events(since, began, &page, answer)?
            }
            Position::History {
                since,
                until,
                list,
                page,
            } => Self::take_history(since, until, list, &page, answer)?,
            Position::Lookup {
                request,
                so_far,
                page,
            } => {
                let (payloads, next) = Self::take_object(request, so_far, &page, answer)?;
                Took {
                    payloads,
                    is_second_hand: false,
                    next,
                }
            }
            Position::Rest { .. } | Position::End => return Err(PullError::position()),
        };
        Ok(Taken {
            payloads: took.payloads,
            is_second_hand: took.is_second_hand,
            position: took.next.text()?,
        })
    }
}
