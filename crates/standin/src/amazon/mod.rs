//! Amazon's Selling Partner API: token service, orders of both APIs, reports, transactions;
//! its quotas at any speed, and its faults on request.

mod finances;
mod orders;
mod quota;
mod reports;
mod search;
mod v0;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Answer, Asked, Server};
pub use finances::Refund;
pub use orders::Order;
use quota::Quotas;
use reports::Reports;

/// How the stand-in is.
#[derive(Clone, Debug)]
pub struct Setup {
    /// How many times as fast as Amazon quotas fill.
    pub speed: f64,
    /// How long access tokens are good.
    pub token_life: Duration,
    /// The orders on one page of a search.
    pub page: usize,
    /// Whether reports are packed.
    pub gzip: bool,
    /// How often the state of a report is asked for before it is ready.
    pub report_wait: u32,
    /// Whether reports are written as in Japan: in `Shift_JIS`, which the download says.
    pub shift_jis: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            speed: 1.0,
            token_life: Duration::from_secs(3600),
            page: 100,
            gzip: true,
            report_wait: 0,
            shift_jis: false,
        }
    }
}

/// Something that goes wrong once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, without a body worth reading.
    Status(u16),
    /// A 429 that does not tell its rate.
    Throttled,
    /// The connection breaks in the middle of the answer.
    Cut,
    /// The answer ends early, and says that it is whole.
    Truncated,
    /// The answer takes long.
    Slow(Duration),
    /// The page has the token of a page before.
    Circle,
    /// The token of the page is not accepted.
    TokenExpired,
    /// The report cannot be made.
    Fatal,
    /// The report is cancelled, as Amazon calls it that there is no data.
    Cancelled,
}

/// A seller's account.
#[derive(Debug)]
pub struct Amazon {
    state: Arc<Mutex<State>>,
    server: Server,
}

#[derive(Debug)]
struct State {
    setup: Setup,
    url: String,
    orders: Vec<Order>,
    refunds: Vec<Refund>,
    /// Orders that a search does not find.
    hidden: Vec<String>,
    quotas: Quotas,
    reports: Reports,
    token: Option<(u64, Instant)>,
    /// The token for personal data of v0.
    restricted: Option<(u64, Instant)>,
    tokens: u64,
    requests: BTreeMap<&'static str, u64>,
    faults: BTreeMap<&'static str, VecDeque<Fault>>,
    revoked: bool,
}

impl Amazon {
    /// Starts an account with these orders.
    pub fn start(setup: Setup, orders: Vec<Order>) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            quotas: Quotas::new(setup.speed),
            setup,
            url: String::new(),
            orders,
            refunds: Vec::new(),
            hidden: Vec::new(),
            reports: Reports::default(),
            token: None,
            restricted: None,
            tokens: 0,
            requests: BTreeMap::new(),
            faults: BTreeMap::new(),
            revoked: false,
        }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |asked| lock(&shared).answer(&asked))?;
        lock(&state).url = server.url();
        Ok(Self { state, server })
    }

    /// Where the API and the token service are.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// An order is placed or changed.
    pub fn put(&self, order: Order) {
        let mut state = lock(&self.state);
        state.orders.retain(|known| known.id != order.id);
        state.orders.push(order);
    }

    /// Money goes back to a buyer, or a refund gets another state.
    pub fn refund(&self, refund: Refund) {
        let mut state = lock(&self.state);
        state.refunds.retain(|known| known.id != refund.id);
        state.refunds.push(refund);
    }

    /// A search does not find an order yet.
    pub fn hide(&self, id: &str) {
        lock(&self.state).hidden.push(id.to_owned());
    }

    /// What goes wrong with the next requests of an operation, one after the other.
    pub fn fault(&self, operation: &'static str, fault: Fault) {
        let mut state = lock(&self.state);
        state.faults.entry(operation).or_default().push_back(fault);
    }

    /// The tokens so far are good no longer.
    pub fn expire_tokens(&self) {
        let mut state = lock(&self.state);
        state.token = None;
        state.restricted = None;
    }

    /// The seller takes the authorization back.
    pub fn revoke(&self) {
        let mut state = lock(&self.state);
        state.token = None;
        state.revoked = true;
    }

    /// How many requests of an operation there were.
    pub fn requests(&self, operation: &str) -> u64 {
        let state = lock(&self.state);
        state.requests.get(operation).copied().unwrap_or_default()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A fault as Amazon tells it.
fn refused(status: u16, code: &str) -> Answer {
    let message = "words that nobody should repeat";
    let body = json!({"errors": [{"code": code, "message": message, "details": ""}]});
    Answer::json(status, &body)
}

/// Sets a field of an object.
fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let parts: Vec<&str> = asked.path.split('/').skip(1).collect();
        let get = asked.method == "GET";
        let operation = match parts.as_slice() {
            ["auth", "o2", "token"] => "token",
            ["orders", "2026-01-01", "orders"] if get => "searchOrders",
            ["orders", "v0", "orders"] if get => "getOrders",
            ["orders", "2026-01-01" | "v0", "orders", _] if get => "getOrder",
            ["orders", "v0", "orders", _, "orderItems"] if get => "getOrderItems",
            ["tokens", "2021-03-01", "restrictedDataToken"] if !get => "createRestrictedDataToken",
            ["reports", "2021-06-30", "reports"] if !get => "createReport",
            ["reports", "2021-06-30", "reports", _] if get => "getReport",
            ["reports", "2021-06-30", "documents", _] if get => "getReportDocument",
            ["finances", "2024-06-19", "transactions"] if get => "listTransactions",
            ["download", _] if get => "report",
            _ => return refused(404, "NotFound"),
        };
        *self.requests.entry(operation).or_default() += 1;
        let fault = self.faults.get_mut(operation).and_then(VecDeque::pop_front);
        match fault {
            Some(Fault::Status(status)) => return refused(status, "InternalFailure"),
            Some(Fault::Throttled) => return refused(429, "QuotaExceeded"),
            _ => {}
        }
        let id = parts.last().copied().unwrap_or_default();
        let mut answer = match operation {
            "token" => self.sign_in(asked),
            "report" => self.reports.download(id, &self.setup),
            _ if !self.is_signed_in(asked) && !self.is_restricted(asked) => {
                refused(403, "Unauthorized")
            }
            _ => match self.quotas.take(operation) {
                Err(()) => refused(429, "QuotaExceeded"),
                Ok(rate) => {
                    let answer = match operation {
                        "searchOrders" => self.search(asked, fault),
                        "getOrder" if parts.contains(&"v0") => self.order_v0(id, asked),
                        "getOrder" => self.order(id),
                        "getOrders" => self.search_v0(asked),
                        "getOrderItems" => self.items_v0(parts.get(3).copied().unwrap_or_default()),
                        "createRestrictedDataToken" => self.restrict(asked),
                        "createReport" => {
                            self.reports.create(asked, &self.orders, &self.setup, fault)
                        }
                        "getReport" => self.reports.state(id),
                        "listTransactions" => self.transactions(asked),
                        _ => self.reports.document(id, &self.url),
                    };
                    answer.header("x-amzn-RateLimit-Limit", rate)
                }
            },
        };
        match fault {
            Some(Fault::Cut) => answer.cut = Some(answer.body.len() / 2),
            Some(Fault::Truncated) => answer.body.truncate(answer.body.len() / 2),
            Some(Fault::Slow(time)) => answer.delay = time,
            _ => {}
        }
        answer
    }

    fn sign_in(&mut self, asked: &Asked) -> Answer {
        let form = asked.form();
        let given = |name: &str| form.get(name).map(String::as_str);
        let right = given("grant_type") == Some("refresh_token")
            && given("refresh_token") == Some("refresh")
            && given("client_id") == Some("client");
        if !right || self.revoked {
            let body = json!({"error": "invalid_grant", "error_description": "words"});
            return Answer::json(400, &body);
        }
        if given("client_secret") != Some("secret") {
            return Answer::json(401, &json!({"error": "invalid_client"}));
        }
        self.tokens += 1;
        self.token = Some((self.tokens, Instant::now()));
        let body = json!({
            "access_token": format!("token-{}", self.tokens),
            "token_type": "bearer",
            "expires_in": self.setup.token_life.as_secs().max(1),
            "refresh_token": "refresh",
        });
        Answer::json(200, &body)
    }

    fn is_signed_in(&self, asked: &Asked) -> bool {
        let given = asked.header("x-amz-access-token").unwrap_or_default();
        self.token.is_some_and(|(number, since)| {
            given == format!("token-{number}") && since.elapsed() < self.setup.token_life
        })
    }

    fn order(&self, id: &str) -> Answer {
        match self.orders.iter().find(|order| order.id == id) {
            Some(order) => Answer::json(200, &json!({ "order": order.json() })),
            None => refused(404, "NotFound"),
        }
    }
}
