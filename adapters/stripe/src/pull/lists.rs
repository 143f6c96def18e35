//! Lists: events, and the objects that history is made of. The newest come first.

use orderbridge_event::{Answer, PullError, Pulled, Request};
use serde_json::value::RawValue;

use super::answers::{Facts, Listed, success};
use super::api::Account;
use super::position::{List, Page, Position};
use crate::message::IN_THE_BODY;
use crate::topics::TOPICS;

const INVOICES: &str = "GET /v1/invoices";
const SUBSCRIPTIONS: &str = "GET /v1/subscriptions";

const LARGEST_PAGE: &str = "100";
/// An invoice may be paid long after it was written.
const OPEN_FOR: i64 = 60 * 24 * 60 * 60;
/// What history cannot tell from an object as it is now.
const TOLD_BY_EVENTS: &[&str] = &[
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "charge.refunded",
];

/// What a page held.
pub(super) struct Took {
    pub(super) payloads: Vec<Pulled>,
    pub(super) is_second_hand: bool,
    pub(super) next: Position,
}

impl Account {
    /// A page of the events that may tell of something, since a time.
    pub(super) fn ask_for_events(&self, since: i64, until: Option<i64>, page: &Page) -> Request {
        let types: Vec<&str> = match until {
            Some(_) => TOLD_BY_EVENTS.to_vec(),
            None => types().collect(),
        };
        let numbered: Vec<(String, &str)> = types
            .iter()
            .enumerate()
            .map(|(place, name)| (format!("types[{place}]"), *name))
            .collect();
        let types = numbered.iter().map(|(name, value)| (name.as_str(), *value));
        self.list("events", "/v1/events", Some(since), until, page, types)
    }

    /// A page of one of the lists of history.
    pub(super) fn ask_for_history(
        &self,
        since: i64,
        until: i64,
        list: List,
        page: &Page,
    ) -> Request {
        let invoices = [
            ("status", "paid"),
            ("expand[0]", "data.customer"),
            ("expand[1]", "data.parent.subscription_details.subscription"),
        ];
        let expanded = ("expand[0]", "data.customer");
        match list {
            List::Events => self.ask_for_events(since, Some(until), page),
            List::Invoices => {
                let since = Some(since.saturating_sub(OPEN_FOR));
                self.list(
                    "invoices",
                    "/v1/invoices",
                    since,
                    Some(until),
                    page,
                    invoices,
                )
            }
            List::Started => {
                let asked = [("status", "all"), expanded];
                let (operation, path) = ("subscriptions", "/v1/subscriptions");
                self.list(operation, path, Some(since), Some(until), page, asked)
            }
            List::Ended => {
                let asked = [("status", "canceled"), expanded];
                let (operation, path) = ("subscriptions", "/v1/subscriptions");
                self.list(operation, path, None, Some(since), page, asked)
            }
        }
    }

    fn list<'a>(
        &self,
        operation: &'static str,
        path: &str,
        since: Option<i64>,
        until: Option<i64>,
        page: &Page,
        asked: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Request {
        let since = since.map(|at| at.max(0).to_string());
        let until = until.map(|at| at.to_string());
        let pairs = [
            ("limit", Some(LARGEST_PAGE)),
            ("created[gte]", since.as_deref()),
            ("created[lt]", until.as_deref()),
            ("starting_after", page.after.as_deref()),
        ];
        let given = pairs.into_iter().filter_map(|(name, it)| Some((name, it?)));
        let request = Request::get(operation, format!("{}{path}", self.url));
        self.dressed(request.query(given).query(asked))
    }

    pub(super) fn take_events(
        since: i64,
        began: i64,
        page: &Page,
        answer: &Answer<'_>,
    ) -> Result<Took, PullError> {
        let (data, next) = taken("events", page, answer)?;
        Ok(Took {
            payloads: data.iter().map(|it| event(it)).collect(),
            is_second_hand: false,
            next: match next {
                Some(page) => Position::Events { since, began, page },
                None => Position::Rest { up_to: began },
            },
        })
    }

    pub(super) fn take_history(
        since: i64,
        until: i64,
        list: List,
        page: &Page,
        answer: &Answer<'_>,
    ) -> Result<Took, PullError> {
        let (data, next) = taken("history", page, answer)?;
        let is_inside = |at: Option<i64>| at.is_none_or(|at| (since..until).contains(&at));
        let payloads = data.iter().filter_map(|object| {
            let facts = Facts::of(object);
            match list {
                List::Events => Some(event(object)),
                List::Invoices => {
                    is_inside(facts.paid_at()).then(|| whole(INVOICES, object, &facts))
                }
                List::Started => Some(whole(SUBSCRIPTIONS, object, &facts)),
                List::Ended => {
                    let at = facts.ended_at().filter(|at| is_inside(Some(*at)))?;
                    Some(end(object, &facts, at))
                }
            }
        });
        let step = |list, page| Position::History {
            since,
            until,
            list,
            page,
        };
        let next = match (next, list.next()) {
            (Some(page), _) => step(list, page),
            (None, Some(list)) => step(list, Page::default()),
            (None, None) => Position::End,
        };
        Ok(Took {
            payloads: payloads.collect(),
            is_second_hand: list != List::Events,
            next,
        })
    }
}

type Data = Vec<Box<RawValue>>;

/// The objects on a page, and the page after it.
fn taken(
    operation: &str,
    page: &Page,
    answer: &Answer<'_>,
) -> Result<(Data, Option<Page>), PullError> {
    // Stripe forgets events after thirty days, and with them the place that one marks.
    if matches!(answer.status, 400 | 404) && page.after.is_some() && !page.is_again {
        let again = Page {
            after: None,
            is_again: true,
        };
        return Ok((Vec::new(), Some(again)));
    }
    let Listed { data, has_more } = success(operation, answer)?;
    let last = data.last().and_then(|last| Facts::of(last).id);
    let last = last.map(|id| id.as_str().to_owned());
    let next = match last {
        Some(last) if has_more && page.after.as_ref() != Some(&last) => Some(Page {
            after: Some(last),
            is_again: page.is_again,
        }),
        _ => None,
    };
    Ok((data, next))
}

/// The types of events that make an event of ours.
fn types() -> impl Iterator<Item = &'static str> {
    let topics = TOPICS.iter().filter(|topic| {
        let is_event = !topic.name.starts_with("GET ") && topic.name != IN_THE_BODY;
        is_event && !topic.events.is_empty()
    });
    topics.map(|topic| topic.name)
}

/// An event, as a webhook brings it.
fn event(event: &RawValue) -> Pulled {
    Pulled {
        topic: IN_THE_BODY.to_owned(),
        body: event.get().as_bytes().to_vec(),
        id: None,
    }
}

/// An object as it is now.
fn whole(topic: &str, object: &RawValue, facts: &Facts) -> Pulled {
    let id = facts.id.as_ref();
    let status = facts.status.as_ref().map_or("", |status| status.as_str());
    Pulled {
        topic: topic.to_owned(),
        body: object.get().as_bytes().to_vec(),
        id: id.map(|id| format!("{id} {status}")),
    }
}

/// The end of a subscription alone, in the words of the event that told it.
fn end(object: &RawValue, facts: &Facts, ended_at: i64) -> Pulled {
    const TYPE: &str = "customer.subscription.deleted";
    let livemode = facts
        .livemode
        .map_or("null", |is| if is { "true" } else { "false" });
    let body = format!(
        "{{\"object\":\"event\",\"type\":\"{TYPE}\",\"created\":{ended_at},\
         \"livemode\":{livemode},\"data\":{{\"object\":{}}}}}",
        object.get()
    );
    Pulled {
        topic: TYPE.to_owned(),
        body: body.into_bytes(),
        id: facts.id.as_ref().map(|id| format!("{id} ended")),
    }
}
