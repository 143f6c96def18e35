//! Orders: pages of a search, and single ones.

use orderbridge_event::{Answer, PullError, Pulled, Request, Timestamp};
use serde_json::json;
use serde_json::value::RawValue;

use super::Version as Generation;
use super::answers::{Found, FoundV0, ItemsV0, One, Version, Wrapped, refused, success};
use super::api::{GET, ITEMS_V0, SEARCH, SEARCH_V0, Seller};
use super::position::{Position, Search, short, time};
use crate::marketplace;
use crate::topics;

/// Without these an order has no money. What is not allowed is left out by Amazon.
const INCLUDED: &str = "BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,TAX";
const PAGE: &str = "100";

type Took = (Vec<Pulled>, Position);

/// A page, in the words of both APIs.
struct Page {
    orders: Vec<Box<RawValue>>,
    token: Option<String>,
    before: Option<String>,
}

impl Seller {
    pub(super) fn ask_for_page(&self, search: &Search) -> Request {
        let (after, before) = (time(search.after), time(search.before));
        let one: Vec<String> = search.marketplace.iter().cloned().collect();
        let token = search.token.as_deref();
        let request = match self.version {
            Generation::V2026 => {
                let ids = one.join(",");
                let url = format!("{}/orders/2026-01-01/orders", self.url);
                let pairs = [
                    ("lastUpdatedAfter", Some(after.as_str())),
                    ("lastUpdatedBefore", Some(&before)),
                    (
                        "marketplaceIds",
                        Some(ids.as_str()).filter(|ids| !ids.is_empty()),
                    ),
                    ("maxResultsPerPage", Some(PAGE)),
                    ("includedData", Some(INCLUDED)),
                    ("paginationToken", token),
                ];
                let given = pairs.into_iter().filter_map(|(name, it)| Some((name, it?)));
                Request::get(SEARCH, url).query(given)
            }
            Generation::V0 => {
                let all = if one.is_empty() {
                    marketplace::all_of(self.region)
                } else {
                    one
                };
                let ids = all.join(",");
                let url = format!("{}/orders/v0/orders", self.url);
                let pairs = [
                    ("MarketplaceIds", Some(ids.as_str())),
                    ("LastUpdatedAfter", Some(&after)),
                    ("LastUpdatedBefore", Some(&before)),
                    ("MaxResultsPerPage", Some(PAGE)),
                    ("NextToken", token),
                ];
                let given = pairs.into_iter().filter_map(|(name, it)| Some((name, it?)));
                Request::get(SEARCH_V0, url).query(given)
            }
        };
        Self::dressed(request)
    }

    pub(super) fn take_page(&self, search: Search, answer: &Answer<'_>) -> Result<Took, PullError> {
        if answer.status == 400 && search.token.is_some() && !search.is_again {
            // The token has expired, or Amazon thinks that a filter was changed: from the start.
            let again = Search {
                token: None,
                seen: Vec::new(),
                newest: None,
                is_again: true,
                ..search
            };
            return Ok((Vec::new(), Position::Search(again)));
        }
        let page = match self.version {
            Generation::V2026 => {
                let found: Found = success(SEARCH, answer)?;
                Page {
                    orders: found.orders,
                    token: found.pagination.and_then(|it| it.next_token),
                    before: found.last_updated_before,
                }
            }
            Generation::V0 => {
                let found: FoundV0 = unwrapped(SEARCH_V0, answer)?;
                Page {
                    orders: found.orders,
                    token: found.next_token,
                    before: found.last_updated_before,
                }
            }
        };
        let mut payloads = Vec::with_capacity(page.orders.len());
        let mut newest = search.newest;
        for order in &page.orders {
            let version: Version = serde_json::from_str(order.get()).unwrap_or_default();
            let updated = version.updated.as_ref();
            let updated = updated.and_then(|text| Timestamp::parse(text.as_str()));
            newest = newest.max(updated.map(Timestamp::unix));
            payloads.push(match self.version {
                Generation::V2026 => whole(order, &version),
                Generation::V0 => named(&version),
            });
        }
        let token = page.token.filter(|token| !token.is_empty());
        let next = match token {
            Some(token) if !search.seen.contains(&short(&token)) => {
                let mut seen = search.seen;
                seen.push(short(&token));
                Position::Search(Search {
                    token: Some(token),
                    seen,
                    newest,
                    ..search
                })
            }
            // It walks in circles. What comes after the newest is for the next round.
            Some(_) => Position::Rest {
                up_to: newest.unwrap_or(search.after).min(search.before),
            },
            None => {
                let told = page.before.and_then(|text| Timestamp::parse(&text));
                let up_to = told.map_or(search.before, Timestamp::unix);
                Position::Rest {
                    up_to: up_to.clamp(search.after, search.before),
                }
            }
        };
        Ok((payloads, next))
    }

    pub(super) fn ask_for_order(&self, order: &str) -> Request {
        let request = match self.version {
            Generation::V2026 => {
                let url = format!("{}/orders/2026-01-01/orders/{}", self.url, segment(order));
                Request::get(GET, url).query([("includedData", INCLUDED)])
            }
            Generation::V0 => {
                let url = format!("{}/orders/v0/orders/{}", self.url, segment(order));
                Request::get(GET, url).personal()
            }
        };
        Self::dressed(request)
    }

    pub(super) fn take_order(&self, id: String, answer: &Answer<'_>) -> Result<Took, PullError> {
        match self.version {
            Generation::V2026 => {
                let One { order } = success(GET, answer)?;
                let version = serde_json::from_str(order.get()).unwrap_or_default();
                Ok((vec![whole(&order, &version)], Position::End))
            }
            Generation::V0 => {
                let order: Box<RawValue> = unwrapped(GET, answer)?;
                let next = Position::Items {
                    order_id: id,
                    order: order.get().to_owned(),
                    items: Vec::new(),
                    token: None,
                };
                Ok((Vec::new(), next))
            }
        }
    }

    pub(super) fn ask_for_items(&self, order: &str, token: Option<&str>) -> Request {
        let url = format!(
            "{}/orders/v0/orders/{}/orderItems",
            self.url,
            segment(order)
        );
        let token = token.map(|token| ("NextToken", token));
        Self::dressed(Request::get(ITEMS_V0, url).query(token).personal())
    }

    /// Puts an order and its items together, as one payload.
    pub(super) fn take_items(
        order_id: String,
        order: String,
        mut items: Vec<String>,
        answer: &Answer<'_>,
    ) -> Result<Took, PullError> {
        let page: ItemsV0 = unwrapped(ITEMS_V0, answer)?;
        items.extend(page.order_items.iter().map(|item| item.get().to_owned()));
        if let Some(token) = page.next_token.filter(|token| !token.is_empty()) {
            let next = Position::Items {
                order_id,
                order,
                items,
                token: Some(token),
            };
            return Ok((Vec::new(), next));
        }
        let version: Version = serde_json::from_str(&order).unwrap_or_default();
        let body = format!("{{\"order\":{order},\"items\":[{}]}}", items.join(","));
        let payload = Pulled {
            topic: topics::PARTS.to_owned(),
            body: body.into_bytes(),
            id: version.id(),
        };
        Ok((vec![payload], Position::End))
    }
}

impl Version {
    fn id(&self) -> Option<String> {
        Some(format!("{} {}", self.id.as_ref()?, self.updated.as_ref()?))
    }
}

/// An order of the current API, as it is.
fn whole(order: &RawValue, version: &Version) -> Pulled {
    Pulled {
        topic: topics::ORDER.to_owned(),
        body: order.get().as_bytes().to_vec(),
        id: version.id(),
    }
}

/// An order of API v0 without its items: it is fetched like one that a notification names.
fn named(version: &Version) -> Pulled {
    let body = json!({
        "NotificationType": topics::NOTIFICATION,
        "Payload": {"OrderChangeNotification": {
            "AmazonOrderId": version.id.as_ref().map(orderbridge_event::Text::as_str),
            "Summary": {"OrderStatus": version.status.as_ref().map(orderbridge_event::Text::as_str)},
        }},
    });
    Pulled {
        topic: topics::NOTIFICATION.to_owned(),
        body: body.to_string().into_bytes(),
        id: version.id(),
    }
}

/// Reads what is inside the wrapper of API v0; a list stands for nothing.
fn unwrapped<T: serde::de::DeserializeOwned>(
    operation: &str,
    answer: &Answer<'_>,
) -> Result<T, PullError> {
    if !answer.is_success() {
        return Err(refused(operation, answer));
    }
    let wrapped: Wrapped = success(operation, answer)?;
    let inside = wrapped
        .payload
        .filter(|inside| !inside.get().starts_with('['));
    let inside = inside.as_ref().map_or("{}", |inside| inside.get());
    serde_json::from_str(inside).map_err(|_| PullError::unreadable(operation))
}

/// An id as a part of a path. Amazon's need no encoding; a forged one must not lead elsewhere.
fn segment(id: &str) -> String {
    let is_plain = |it: &char| it.is_ascii_alphanumeric() || *it == '-' || *it == '_';
    id.chars().filter(is_plain).collect()
}
