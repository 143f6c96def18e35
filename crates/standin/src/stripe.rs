//! Stripe's API, as far as orders are read from it: lists with cursors, single objects, its rate,
//! and its faults on request.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::script::{Leaky, Script};
use crate::{Answer, Asked, Mishap, Server};

/// The key of the account.
pub const KEY: &str = "rk_live_standin";

/// How the stand-in is.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Requests that are taken in a second.
    pub per_second: f64,
    /// The objects on a page, if fewer than are asked for.
    pub page: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            per_second: 25.0,
            page: 100,
        }
    }
}

/// An account.
#[derive(Debug)]
pub struct Stripe {
    state: Arc<Mutex<State>>,
    server: Server,
}

#[derive(Debug)]
struct State {
    setup: Setup,
    bucket: Leaky,
    script: Script,
    revoked: bool,
    events: Vec<Value>,
    invoices: Vec<Value>,
    subscriptions: Vec<Value>,
    customers: Vec<Value>,
    /// The lines of invoices that do not fit into them.
    lines: Vec<(String, Vec<Value>)>,
}

impl Stripe {
    /// Starts an account without anything in it.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            bucket: Leaky::new(setup.per_second.max(1.0), setup.per_second),
            setup,
            script: Script::default(),
            revoked: false,
            events: Vec::new(),
            invoices: Vec::new(),
            subscriptions: Vec::new(),
            customers: Vec::new(),
            lines: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |asked| lock(&shared).answer(&asked))?;
        Ok(Self { state, server })
    }

    /// Where the API is.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Something happens.
    pub fn event(&self, event: Value) {
        lock(&self.state).events.push(event);
    }

    /// An invoice is written.
    pub fn invoice(&self, invoice: Value) {
        lock(&self.state).invoices.push(invoice);
    }

    /// A subscription is made.
    pub fn subscription(&self, subscription: Value) {
        lock(&self.state).subscriptions.push(subscription);
    }

    /// Somebody becomes a customer.
    pub fn customer(&self, customer: Value) {
        lock(&self.state).customers.push(customer);
    }

    /// All lines of an invoice.
    pub fn lines(&self, invoice: &str, lines: Vec<Value>) {
        lock(&self.state).lines.push((invoice.to_owned(), lines));
    }

    /// What goes wrong with the next requests of a kind, one after the other: `events`, `invoices`,
    /// `subscriptions`, `customer`, `subscription`, `lines`.
    pub fn mishap(&self, operation: &'static str, mishap: Mishap) {
        lock(&self.state).script.add(operation, mishap);
    }

    /// The key is good no longer.
    pub fn revoke(&self) {
        lock(&self.state).revoked = true;
    }

    /// How many requests of a kind there were.
    pub fn requests(&self, operation: &str) -> u64 {
        lock(&self.state).script.requests(operation)
    }

    /// How many requests were too many.
    pub fn refused(&self) -> u64 {
        lock(&self.state).script.refused()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A fault as Stripe tells it.
fn refused(status: u16, code: &str) -> Answer {
    let message = "words that nobody should repeat";
    let error = json!({"type": "invalid_request_error", "code": code, "message": message});
    Answer::json(status, &json!({ "error": error }))
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let parts: Vec<&str> = asked.path.split('/').skip(1).collect();
        let operation = match parts.as_slice() {
            ["v1", "events"] => "events",
            ["v1", "invoices"] => "invoices",
            ["v1", "subscriptions"] => "subscriptions",
            ["v1", "invoices", _, "lines"] => "lines",
            ["v1", "customers", _] => "customer",
            ["v1", "subscriptions", _] => "subscription",
            _ => return refused(404, "unknown_url"),
        };
        let mishap = self.script.count(operation);
        if let Some(instead) = mishap.and_then(Mishap::instead) {
            return instead;
        }
        let key = format!("Bearer {KEY}");
        if self.revoked || asked.header("authorization") != Some(&key) {
            return refused(401, "api_key_expired");
        }
        if !self.bucket.takes() {
            self.script.refuse();
            return refused(429, "rate_limit").header("stripe-should-retry", "true");
        }
        let id = parts.get(2).copied().unwrap_or_default();
        let mut answer = match operation {
            "customer" => one(&self.customers, id),
            "subscription" => one(&self.subscriptions, id),
            "lines" => match self.lines.iter().find(|(invoice, _)| invoice == id) {
                Some((_, lines)) => self.page(asked, &lines.iter().collect::<Vec<_>>()),
                None => refused(404, "resource_missing"),
            },
            list => self.list(asked, list),
        };
        if let Some(mishap) = mishap {
            mishap.spoil(&mut answer);
        }
        answer
    }

    /// A list, the newest first.
    fn list(&self, asked: &Asked, name: &str) -> Answer {
        let all = match name {
            "events" => &self.events,
            "invoices" => &self.invoices,
            _ => &self.subscriptions,
        };
        let time = |name: &str| asked.parameter(name).and_then(|it| it.parse::<i64>().ok());
        let (since, until) = (time("created[gte]"), time("created[lt]"));
        let types: Vec<&String> = asked
            .query
            .iter()
            .filter(|(name, _)| name.starts_with("types["))
            .map(|(_, value)| value)
            .collect();
        let has_status = |object: &Value| {
            let status = text(object, "status");
            match asked.parameter("status") {
                Some("all") => true,
                Some(wanted) => status == wanted,
                None => name != "subscriptions" || status != "canceled",
            }
        };
        let is_wanted = |object: &&Value| {
            let created = object.get("created").and_then(Value::as_i64).unwrap_or(0);
            since.is_none_or(|since| created >= since)
                && until.is_none_or(|until| created < until)
                && (types.is_empty() || types.iter().any(|it| *it == text(object, "type")))
                && has_status(object)
        };
        let mut found: Vec<&Value> = all.iter().filter(is_wanted).collect();
        found.reverse();
        found.sort_by_key(|it| -it.get("created").and_then(Value::as_i64).unwrap_or(0));
        self.page(asked, &found)
    }

    fn page(&self, asked: &Asked, found: &[&Value]) -> Answer {
        let limit = asked.parameter("limit").and_then(|it| it.parse().ok());
        let limit: usize = limit.unwrap_or(10);
        if limit > 100 {
            return refused(400, "parameter_invalid_integer");
        }
        let start = match asked.parameter("starting_after") {
            None => 0,
            Some(id) => match found.iter().position(|it| text(it, "id") == id) {
                Some(place) => place + 1,
                None => return refused(400, "resource_missing"),
            },
        };
        let size = limit.min(self.setup.page);
        let page = found.iter().skip(start).take(size);
        let data: Vec<Value> = page.map(|it| self.expanded(asked, it)).collect();
        let has_more = start + data.len() < found.len();
        let body = json!({"object": "list", "url": asked.path, "has_more": has_more, "data": data});
        Answer::json(200, &body)
    }

    /// An object with its customer, where that is asked for and known.
    fn expanded(&self, asked: &Asked, object: &Value) -> Value {
        let mut object = object.clone();
        let is_asked = asked
            .query
            .iter()
            .any(|(name, value)| name.starts_with("expand[") && value == "data.customer");
        let id = text(&object, "customer").to_owned();
        let customer = self.customers.iter().find(|it| text(it, "id") == id);
        if let (true, Some(customer), Some(fields)) = (is_asked, customer, object.as_object_mut()) {
            fields.insert("customer".to_owned(), customer.clone());
        }
        object
    }
}

fn one(objects: &[Value], id: &str) -> Answer {
    match objects.iter().find(|it| text(it, "id") == id) {
        Some(object) => Answer::json(200, object),
        None => refused(404, "resource_missing"),
    }
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A customer of a number.
pub fn customer(number: usize) -> Value {
    json!({
        "id": format!("cus_{number}"), "object": "customer", "livemode": true,
        "email": format!("buyer-{number}@example.com"), "phone": null,
        "address": {"country": "US"}, "shipping": null
    })
}

/// A subscription of a customer, that was started at a time.
pub fn subscription(number: usize, created: i64) -> Value {
    let price = json!({
        "id": "price_1", "object": "price", "product": "prod_1", "currency": "usd",
        "unit_amount": 2_500, "unit_amount_decimal": "2500", "recurring": {"usage_type": "licensed"}
    });
    json!({
        "id": format!("sub_{number}"), "object": "subscription", "livemode": true,
        "customer": format!("cus_{number}"), "status": "active", "currency": "usd",
        "created": created, "start_date": created, "canceled_at": null, "ended_at": null,
        "items": {"object": "list", "has_more": false, "data": [
            {"id": "si_1", "object": "subscription_item", "quantity": 1, "price": price}
        ]}
    })
}

/// The first invoice of a subscription, that was written and paid at a time.
pub fn invoice(number: usize, paid_at: i64) -> Value {
    let amount = 1_000 + number % 5_000;
    let subscription = format!("sub_{number}");
    json!({
        "id": format!("in_{number}"), "object": "invoice", "livemode": true, "status": "paid",
        "billing_reason": "subscription_create", "created": paid_at, "currency": "usd",
        "subtotal": amount, "total": amount, "amount_paid": amount, "total_taxes": [],
        "customer": format!("cus_{number}"),
        "customer_email": format!("buyer-{number}@example.com"),
        "parent": {"type": "subscription_details",
                   "subscription_details": {"subscription": subscription}},
        "lines": {"object": "list", "has_more": false, "data": [line(number, amount)]},
        "status_transitions": {"paid_at": paid_at}
    })
}

/// A line of an invoice.
pub fn line(number: usize, amount: usize) -> Value {
    json!({
        "id": format!("il_{number}"), "object": "line_item", "amount": amount, "quantity": 1,
        "description": "Coffee",
        "pricing": {"price_details": {"price": "price_1", "product": "prod_1"},
                    "unit_amount_decimal": amount.to_string()},
        "parent": {"subscription_item_details": {"subscription": format!("sub_{number}")}},
        "taxes": []
    })
}

/// An event about an object.
pub fn event(id: &str, kind: &str, created: i64, object: &Value) -> Value {
    json!({
        "id": id, "object": "event", "type": kind, "created": created, "livemode": true,
        "api_version": "2025-03-31.basil", "data": {"object": object}
    })
}
