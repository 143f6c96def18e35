//! One seller's account.

use std::fmt;
use std::time::Duration;

use orderbridge_event::{
    Answer, Api, Operation, PullError, Request, Secret, Step, Taken, Text, Timestamp, Token,
    Trouble, form,
};
use serde_json::json;

use super::Version;
use super::answers::{self, Tokens};
use super::position::{Kind, Position, Search, Slice};
use super::refunds::REFUNDS;

pub(super) const SEARCH: &str = "searchOrders";
pub(super) const GET: &str = "getOrder";
pub(super) const SEARCH_V0: &str = "getOrders";
pub(super) const ITEMS_V0: &str = "getOrderItems";
pub(super) const CREATE: &str = "createReport";
pub(super) const REPORT: &str = "getReport";
pub(super) const DOCUMENT: &str = "getReportDocument";
pub(super) const TRANSACTIONS: &str = "listTransactions";
const SIGN_IN: &str = "token";
const RESTRICT: &str = "createRestrictedDataToken";

/// The stream of daily reports.
const SWEEP: &str = "sweep";

/// <https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits>
const OPERATIONS: &[Operation] = &[
    operation(SEARCH, 178_571, 20),
    operation(GET, 2_000, 30),
    operation(SEARCH_V0, 59_880, 20),
    operation(ITEMS_V0, 2_000, 30),
    operation(CREATE, 59_880, 15),
    operation(REPORT, 500, 15),
    operation(DOCUMENT, 59_880, 15),
    operation(TRANSACTIONS, 2_000, 10),
    operation(RESTRICT, 1_000, 10),
];

const fn operation(name: &'static str, millis: u64, burst: u32) -> Operation {
    Operation {
        name,
        every: Duration::from_millis(millis),
        burst,
    }
}

/// A search looks back beyond the one before: orders may take long to be found.
const OVERLAP: i64 = 30 * 60;
/// Amazon refuses a search that ends less than two minutes ago, by its own clock.
pub(super) const BEHIND: i64 = 3 * 60;
/// A token of a search lives for a day.
const TOKEN_LIFE: i64 = 23 * 60 * 60;
pub(super) const DAY: i64 = 24 * 60 * 60;
/// How far back the daily report looks.
const SWEPT: i64 = 4 * DAY;

/// A seller's account.
pub(super) struct Seller {
    pub(super) url: String,
    pub(super) auth_url: String,
    pub(super) credentials: Credentials,
    pub(super) region: &'static str,
    pub(super) marketplaces: Vec<String>,
    pub(super) version: Version,
    /// Where restricted tokens come from: also those for the sandbox from where the shop is.
    pub(super) tokens_url: String,
    /// Whether API v0 is asked for personal data.
    pub(super) is_restricted: bool,
    /// Whether refunds are read.
    pub(super) has_refunds: bool,
}

pub(super) struct Credentials {
    pub(super) client_id: Secret,
    pub(super) client_secret: Secret,
    pub(super) refresh_token: Secret,
}

impl fmt::Debug for Seller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seller")
            .field("region", &self.region)
            .field("marketplaces", &self.marketplaces)
            .finish_non_exhaustive()
    }
}

impl Seller {
    /// A request as Amazon wants each to be.
    pub(super) fn dressed(request: Request) -> Request {
        let name = concat!(
            "OrderBridge/",
            env!("CARGO_PKG_VERSION"),
            " (Language=Rust)"
        );
        request
            .header("user-agent", Secret::new(name))
            .with_token("x-amz-access-token", "")
    }

    fn search(marketplace: Option<String>, after: i64, now: i64) -> Position {
        Position::Search(Search {
            marketplace,
            after,
            before: now - BEHIND,
            began: now,
            token: None,
            seen: Vec::new(),
            newest: None,
            is_again: false,
        })
    }

    fn ordered_from(since: Timestamp, until: Timestamp, kind: Kind) -> Position {
        Position::Order(Slice {
            from: since.unix(),
            since: since.unix(),
            until: until.unix(),
            kind,
            failed: 0,
            not_before: 0,
        })
    }

    fn sweep(last: Option<Position>, now: i64) -> Position {
        let swept = match last {
            None => return Position::Rest { up_to: now },
            Some(Position::Rest { up_to }) => up_to,
            Some(unfinished) => return unfinished,
        };
        if now - swept < DAY {
            return Position::Rest { up_to: swept };
        }
        Position::Order(Slice {
            from: now - SWEPT,
            since: now - SWEPT,
            until: now - BEHIND,
            kind: Kind::Sweep,
            failed: 0,
            not_before: 0,
        })
    }
}

impl Api for Seller {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn rate_header(&self) -> Option<&'static str> {
        Some("x-amzn-RateLimit-Limit")
    }

    fn fault(&self, answer: &Answer<'_>) -> Option<String> {
        answers::fault(answer)
    }

    /// <https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api>
    fn sign_in(&self) -> Option<Request> {
        let Credentials {
            client_id,
            client_secret,
            refresh_token,
        } = &self.credentials;
        let body = form([
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
            ("client_id", client_id.expose()),
            ("client_secret", client_secret.expose()),
        ]);
        let url = format!("{}/auth/o2/token", self.auth_url);
        let kind = "application/x-www-form-urlencoded;charset=UTF-8";
        Some(Request::post(SIGN_IN, url, kind, body))
    }

    /// <https://developer-docs.amazon.com/sp-api/docs/tokens-api-v2021-03-01-reference>
    fn personal_sign_in(&self) -> Option<Request> {
        if !self.is_restricted || self.version != Version::V0 {
            return None;
        }
        let path = "/orders/v0/orders/{orderId}";
        let body = json!({"restrictedResources": [
            {"method": "GET", "path": path, "dataElements": ["buyerInfo", "shippingAddress"]},
            {"method": "GET", "path": format!("{path}/orderItems"), "dataElements": ["buyerInfo"]},
        ]});
        let url = format!("{}/tokens/2021-03-01/restrictedDataToken", self.tokens_url);
        let request = Request::post(RESTRICT, url, "application/json", body.to_string());
        Some(Self::dressed(request))
    }

    fn token(&self, answer: &Answer<'_>) -> Result<Token, PullError> {
        if answer.is_success() {
            let tokens = Tokens::read(answer).ok_or_else(|| PullError::unreadable(SIGN_IN))?;
            return Ok(Token {
                value: Secret::new(tokens.access_token),
                lifetime: Duration::from_secs(tokens.expires_in),
            });
        }
        let refused = answers::refused("Login with Amazon", answer);
        Err(PullError::new(Trouble::Credentials, refused.message))
    }

    fn streams(&self) -> Vec<String> {
        let mut streams: Vec<String> = self
            .marketplaces
            .iter()
            .map(|id| Self::stream(Some(id)))
            .collect();
        if streams.is_empty() {
            streams.push(Self::stream(None));
        }
        streams.push(SWEEP.to_owned());
        if self.has_refunds {
            streams.push(REFUNDS.to_owned());
        }
        streams
    }

    fn round(&self, stream: &str, last: Option<&str>, now: Timestamp) -> Result<String, PullError> {
        let now = now.unix();
        let last = last.map(Position::read).transpose()?;
        if stream == SWEEP {
            return Self::sweep(last, now).text();
        }
        if stream == REFUNDS {
            return Self::refund_round(last, now).text();
        }
        let marketplace = stream.split_once(' ').map(|(_, id)| id.to_owned());
        let position = match last {
            None => Self::search(marketplace, now - BEHIND - OVERLAP, now),
            Some(Position::Rest { up_to }) => Self::search(marketplace, up_to - OVERLAP, now),
            // Its token is not good any more.
            Some(Position::Search(search)) if now - search.began > TOKEN_LIFE => {
                Self::search(search.marketplace, search.after, now)
            }
            Some(unfinished) => unfinished,
        };
        position.text()
    }

    fn read_up_to(&self, _stream: &str, position: &str) -> Option<Timestamp> {
        match Position::read(position).ok()? {
            Position::Rest { up_to } => Timestamp::from_unix(up_to),
            Position::Search(search) => Timestamp::from_unix(search.after),
            other => Self::refunds_read_up_to(&other),
        }
    }

    fn history(&self, since: Timestamp, until: Timestamp) -> Result<String, PullError> {
        Self::ordered_from(since, until, Kind::History).text()
    }

    fn backfill(&self, since: Timestamp, until: Timestamp) -> Result<String, PullError> {
        let kind = if self.has_refunds {
            Kind::Everything
        } else {
            Kind::History
        };
        Self::ordered_from(since, until, kind).text()
    }

    fn fetch(&self, what: &Text) -> Result<String, PullError> {
        let order = what.as_str().to_owned();
        Position::Fetch { order }.text()
    }

    fn step(&self, position: &str, now: Timestamp) -> Result<Step, PullError> {
        Ok(match Position::read(position)? {
            Position::Rest { .. } | Position::RefundsRead { .. } | Position::End => Step::Done,
            Position::Refunds(search) => Step::Ask(self.ask_for_transactions(&search)),
            Position::Search(search) => Step::Ask(self.ask_for_page(&search)),
            Position::Fetch { order } => Step::Ask(self.ask_for_order(&order)),
            Position::Items {
                order_id, token, ..
            } => Step::Ask(self.ask_for_items(&order_id, token.as_deref())),
            Position::Order(slice) => match wait(slice.not_before, now) {
                Some(wait) => wait,
                None => Step::Ask(self.order_report(&slice)),
            },
            Position::Ordered {
                report, not_before, ..
            } => match wait(not_before, now) {
                Some(wait) => wait,
                None => Step::Ask(self.ask_for_report(&report)),
            },
            Position::Ready {
                document, given, ..
            } => Step::Download(self.ask_for_document(&document), given),
        })
    }

    fn take(
        &self,
        position: &str,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Taken, PullError> {
        let (payloads, position) = match Position::read(position)? {
            Position::Search(search) => self.take_page(search, answer)?,
            Position::Fetch { order } => self.take_order(order, answer)?,
            Position::Items {
                order_id,
                order,
                items,
                ..
            } => Self::take_items(order_id, order, items, answer)?,
            Position::Order(slice) => (Vec::new(), Self::take_ordered(slice, answer, now)?),
            Position::Ordered {
                slice,
                report,
                asked,
                ..
            } => {
                let position = Self::take_report(slice, report, asked, answer, now)?;
                (Vec::new(), position)
            }
            Position::Refunds(search) => Self::take_transactions(search, answer)?,
            Position::Rest { .. }
            | Position::RefundsRead { .. }
            | Position::Ready { .. }
            | Position::End => {
                return Err(PullError::position());
            }
        };
        Ok(Taken {
            payloads,
            is_second_hand: false,
            position: position.text()?,
        })
    }

    fn report_at(
        &self,
        _position: &str,
        answer: &Answer<'_>,
        _now: Timestamp,
    ) -> Result<Request, PullError> {
        let document: answers::Document = answers::success(DOCUMENT, answer)?;
        // The address carries its own signature; a token would be refused there.
        Ok(Request::get("report", document.url))
    }

    fn reported(&self, position: &str, orders: u64, is_all: bool) -> Result<String, PullError> {
        let Position::Ready {
            slice, document, ..
        } = Position::read(position)?
        else {
            return Err(PullError::position());
        };
        let position = if is_all {
            slice.next()
        } else {
            Position::Ready {
                slice,
                document,
                given: orders,
            }
        };
        position.text()
    }
}

fn wait(not_before: i64, now: Timestamp) -> Option<Step> {
    let until = Timestamp::from_unix(not_before)?;
    (until > now).then_some(Step::Wait(until))
}
