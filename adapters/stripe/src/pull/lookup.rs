//! What a payload lacks: one object, or a list of which the payload holds the beginning.

use orderbridge_event::{Answer, PullError, Pulled, Request, Trouble};
use serde_json::value::RawValue;

use super::answers::{Facts, Listed, success};
use super::api::Account;
use super::position::{Page, Position};

const LARGEST_PAGE: &str = "100";

impl Account {
    pub(super) fn look_up(request: &str) -> Result<Position, PullError> {
        if request.starts_with("GET /v1/") {
            return Ok(Position::Lookup {
                request: request.to_owned(),
                so_far: Vec::new(),
                page: Page::default(),
            });
        }
        let message = "only what is under /v1 is asked for";
        Err(PullError::new(Trouble::Refused, message))
    }

    pub(super) fn ask_for_object(&self, request: &str, page: &Page) -> Request {
        let path = request.strip_prefix("GET ").unwrap_or(request);
        let asked = Request::get(operation(request), format!("{}{path}", self.url));
        let asked = if is_list(request) {
            let after = page.after.as_deref().map(|after| ("starting_after", after));
            asked.query([("limit", LARGEST_PAGE)]).query(after)
        } else {
            asked
        };
        self.dressed(asked)
    }

    pub(super) fn take_object(
        request: String,
        mut so_far: Vec<String>,
        page: &Page,
        answer: &Answer<'_>,
    ) -> Result<(Vec<Pulled>, Position), PullError> {
        let operation = operation(&request);
        let body = if is_list(&request) {
            let Listed { data, has_more } = success(operation, answer)?;
            let last = data.last().and_then(|last| Facts::of(last).id);
            so_far.extend(data.iter().map(|item| item.get().to_owned()));
            if let (true, Some(last)) = (has_more, last) {
                let page = Page {
                    after: Some(last.as_str().to_owned()),
                    is_again: page.is_again,
                };
                let next = Position::Lookup {
                    request,
                    so_far,
                    page,
                };
                return Ok((Vec::new(), next));
            }
            let items = so_far.join(",");
            format!("{{\"object\":\"list\",\"has_more\":false,\"data\":[{items}]}}").into_bytes()
        } else {
            let object: Box<RawValue> = success(operation, answer)?;
            object.get().as_bytes().to_vec()
        };
        let found = Pulled {
            topic: request,
            body,
            id: None,
        };
        Ok((vec![found], Position::End))
    }
}

/// Whether the answer is one of several pages.
fn is_list(request: &str) -> bool {
    request.ends_with("/lines")
}

/// What kind of object a request is for, as metrics and errors name it.
fn operation(request: &str) -> &'static str {
    let kinds = [
        ("/lines", "invoice lines"),
        ("/v1/customers/", "customer"),
        ("/v1/subscriptions/", "subscription"),
        ("/v1/invoice_payments", "invoice payments"),
    ];
    let kind = kinds.into_iter().find(|(part, _)| request.contains(part));
    kind.map_or("object", |(_, name)| name)
}
