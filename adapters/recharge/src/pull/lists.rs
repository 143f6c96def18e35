//! Lists: what was changed, and what history is made of.

use std::ops::Range;

use orderbridge_event::{Answer, PullError, Pulled, Request, Secret};
use serde_json::value::RawValue;

use super::answers::{Facts, Listed, list};
use super::api::{DAY, Shop};
use super::position::{Kind, List, Page, Position, time};
use crate::topics::{CHARGES, OLD_ORDER, SUBSCRIPTIONS};

const LARGEST_PAGE: &str = "250";
const VERSION: &str = "2021-11";
const CANCELLED: &str = "subscription/cancelled";
/// A charge is given out for ninety days after it was processed.
const GIVEN_OUT: i64 = 90 * DAY;

/// What a page held.
pub(super) struct Took {
    pub(super) payloads: Vec<Pulled>,
    pub(super) next: Position,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Charges => "charges",
            Self::Subscriptions => "subscriptions",
        }
    }
}

impl List {
    const fn name(self) -> &'static str {
        match self {
            Self::Charges => "charges",
            Self::Orders => "orders",
            Self::Started | Self::Ended => "subscriptions",
        }
    }
}

impl Shop {
    /// A request as Recharge wants each to be.
    pub(super) fn dressed(&self, request: Request) -> Request {
        request
            .header("x-recharge-access-token", self.token.clone())
            .header("x-recharge-version", Secret::new(VERSION))
    }

    pub(super) fn ask_for_changed(&self, of: Kind, since: i64, page: &Page) -> Request {
        let since = time(since);
        self.list(of.name(), [("updated_at_min", since.as_str())], page)
    }

    pub(super) fn ask_for_history(&self, time_of: &Range<i64>, list: List, page: &Page) -> Request {
        // Whether the bounds belong to the time, and in which zone, is nowhere said: what is at
        // the edges is sorted out when it is here.
        let (since, until) = (time(time_of.start - DAY), time(time_of.end + DAY));
        let (since, until) = (since.as_str(), until.as_str());
        match list {
            List::Charges | List::Orders => {
                let filters = [("processed_at_min", since), ("processed_at_max", until)];
                self.list(list.name(), filters, page)
            }
            List::Started => {
                let filters = [("created_at_min", since), ("created_at_max", until)];
                self.list(list.name(), filters, page)
            }
            // Whatever happens to an ended subscription later makes it newer, never older.
            List::Ended => {
                let filters = [("status", "cancelled"), ("updated_at_min", since)];
                self.list(list.name(), filters, page)
            }
        }
    }

    /// A page of a list. Beside a cursor no filter may stand.
    fn list<'a>(
        &self,
        name: &'static str,
        filters: impl IntoIterator<Item = (&'a str, &'a str)>,
        page: &Page,
    ) -> Request {
        let request = Request::get(name, format!("{}/{name}", self.url));
        let request = request.query([("limit", LARGEST_PAGE)]);
        let request = match &page.cursor {
            Some(cursor) => request.query([("cursor", cursor.as_str())]),
            None => request.query(filters),
        };
        self.dressed(request)
    }

    pub(super) fn take_changed(
        of: Kind,
        since: i64,
        began: i64,
        first: i64,
        page: &Page,
        answer: &Answer<'_>,
    ) -> Result<Took, PullError> {
        let (objects, next) = taken(of.name(), page, answer)?;
        let since_first = first..i64::MAX;
        let payloads = objects.iter().filter_map(|object| match of {
            Kind::Charges => charge(object, &since_first),
            Kind::Subscriptions => started_or_ended(object, &since_first),
        });
        Ok(Took {
            payloads: payloads.collect(),
            next: match next {
                Some(page) => Position::Changed {
                    of,
                    since,
                    began,
                    first,
                    page,
                },
                None => Position::Rest {
                    up_to: began,
                    first,
                },
            },
        })
    }

    pub(super) fn take_history(
        time_of: Range<i64>,
        of: List,
        page: &Page,
        answer: &Answer<'_>,
        now: i64,
    ) -> Result<Took, PullError> {
        let (objects, next) = taken(of.name(), page, answer)?;
        let payloads = objects.iter().filter_map(|object| match of {
            List::Charges => charge(object, &time_of),
            List::Orders => order(object, &time_of, now),
            List::Started => started(object, &time_of),
            List::Ended => ended(object, &time_of),
        });
        let payloads = payloads.collect();
        // Orders are needed where charges are not to be had.
        let following = match of.next() {
            Some(List::Orders) if time_of.start >= oldest_charge(now) => List::Orders.next(),
            following => following,
        };
        let step = |list, page| Position::History {
            since: time_of.start,
            until: time_of.end,
            list,
            page,
        };
        Ok(Took {
            payloads,
            next: match (next, following) {
                (Some(page), _) => step(of, page),
                (None, Some(list)) => step(list, Page::default()),
                (None, None) => Position::End,
            },
        })
    }
}

/// From when on all charges are given out; a day later than documented, since nobody says at which
/// hour one is taken back.
const fn oldest_charge(now: i64) -> i64 {
    now - GIVEN_OUT + DAY
}

/// The objects on a page, and the page after it.
fn taken<'a>(
    name: &'static str,
    page: &Page,
    answer: &Answer<'a>,
) -> Result<(Vec<&'a RawValue>, Option<Page>), PullError> {
    if matches!(answer.status, 400 | 422) && page.cursor.is_some() && !page.is_again {
        // How long a cursor is good is nowhere said: from the start.
        let again = Page {
            cursor: None,
            is_again: true,
        };
        return Ok((Vec::new(), Some(again)));
    }
    let Listed { objects, next } = list(name, answer)?;
    // A list that stays where it is has come to its end.
    let next = next.filter(|next| page.cursor.as_ref() != Some(next));
    let next = next.map(|cursor| Page {
        cursor: Some(cursor),
        is_again: page.is_again,
    });
    Ok((objects, next))
}

/// A charge that was paid in a time.
fn charge(object: &RawValue, time_of: &Range<i64>) -> Option<Pulled> {
    let facts = Facts::of(object);
    let is_inside = facts.processed_at().is_none_or(|at| time_of.contains(&at));
    (facts.is_paid() && is_inside).then(|| Pulled {
        topic: CHARGES.to_owned(),
        body: object.get().as_bytes().to_vec(),
        id: facts.version(),
    })
}

/// An order of a time whose charge may not be given out any more.
fn order(object: &RawValue, time_of: &Range<i64>, now: i64) -> Option<Pulled> {
    let facts = Facts::of(object);
    let at = facts.processed_at().filter(|at| time_of.contains(at))?;
    (at < oldest_charge(now)).then(|| Pulled {
        topic: OLD_ORDER.to_owned(),
        body: object.get().as_bytes().to_vec(),
        id: facts.version(),
    })
}

/// A subscription under its name: there is a place beside it for the customer.
fn subscription(topic: &str, object: &RawValue, facts: &Facts) -> Pulled {
    Pulled {
        topic: topic.to_owned(),
        body: format!("{{\"subscription\":{}}}", object.get()).into_bytes(),
        id: facts.version(),
    }
}

fn started(object: &RawValue, time_of: &Range<i64>) -> Option<Pulled> {
    let facts = Facts::of(object);
    let created = facts.created_at().filter(|at| time_of.contains(at));
    created.map(|_| subscription(SUBSCRIPTIONS, object, &facts))
}

/// The end alone of a subscription that was started before.
fn ended(object: &RawValue, time_of: &Range<i64>) -> Option<Pulled> {
    let facts = Facts::of(object);
    let is_older = facts.created_at().is_some_and(|at| at < time_of.start);
    let cancelled = facts.cancelled_at().filter(|at| time_of.contains(at));
    cancelled
        .filter(|_| is_older)
        .map(|_| subscription(CANCELLED, object, &facts))
}

fn started_or_ended(object: &RawValue, time_of: &Range<i64>) -> Option<Pulled> {
    started(object, time_of).or_else(|| ended(object, time_of))
}
