//! Recharge's API of version 2021-11, as far as orders are read from it: lists with cursors, its
//! leaky bucket at any speed, its ninety days, and its faults on request.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use crate::script::{Leaky, Script, now};
use crate::{Answer, Asked, Mishap, Server};

/// The token of the shop.
pub const TOKEN: &str = "sk_standin";

const DAY: i64 = 24 * 60 * 60;

/// How the stand-in is.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// How many times as fast as Recharge's the bucket drains.
    pub speed: f64,
    /// The objects on a page, if fewer than are asked for.
    pub page: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            speed: 1.0,
            page: 250,
        }
    }
}

/// A shop.
#[derive(Debug)]
pub struct Recharge {
    state: Arc<Mutex<State>>,
    server: Server,
}

#[derive(Debug)]
struct State {
    setup: Setup,
    bucket: Leaky,
    script: Script,
    revoked: bool,
    charges: Vec<Value>,
    orders: Vec<Value>,
    subscriptions: Vec<Value>,
    customers: Vec<Value>,
}

impl Recharge {
    /// Starts a shop without anything in it.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            bucket: Leaky::new(40.0, 2.0 * setup.speed),
            setup,
            script: Script::default(),
            revoked: false,
            charges: Vec::new(),
            orders: Vec::new(),
            subscriptions: Vec::new(),
            customers: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |asked| lock(&shared).answer(&asked))?;
        Ok(Self { state, server })
    }

    /// Where the API is.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// A charge is made or changed.
    pub fn charge(&self, charge: Value) {
        put(&mut lock(&self.state).charges, charge);
    }

    /// An order is made or changed.
    pub fn order(&self, order: Value) {
        put(&mut lock(&self.state).orders, order);
    }

    /// A subscription is made or changed.
    pub fn subscription(&self, subscription: Value) {
        put(&mut lock(&self.state).subscriptions, subscription);
    }

    /// Somebody becomes a customer.
    pub fn customer(&self, customer: Value) {
        put(&mut lock(&self.state).customers, customer);
    }

    /// What goes wrong with the next requests of a kind, one after the other: `charges`, `orders`,
    /// `subscriptions`, `customer`.
    pub fn mishap(&self, operation: &'static str, mishap: Mishap) {
        lock(&self.state).script.add(operation, mishap);
    }

    /// The token is good no longer.
    pub fn revoke(&self) {
        lock(&self.state).revoked = true;
    }

    /// How many requests of a kind there were.
    pub fn requests(&self, operation: &str) -> u64 {
        lock(&self.state).script.requests(operation)
    }

    /// How many requests did not fit into the bucket.
    pub fn refused(&self) -> u64 {
        lock(&self.state).script.refused()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn put(objects: &mut Vec<Value>, object: Value) {
    objects.retain(|known| known.get("id") != object.get("id"));
    objects.push(object);
}

fn refused(status: u16) -> Answer {
    Answer::json(
        status,
        &json!({"errors": "words that nobody should repeat"}),
    )
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let parts: Vec<&str> = asked.path.split('/').skip(1).collect();
        let operation = match parts.as_slice() {
            ["charges"] => "charges",
            ["orders"] => "orders",
            ["subscriptions"] => "subscriptions",
            ["customers", _] => "customer",
            _ => return refused(404),
        };
        let mishap = self.script.count(operation);
        if let Some(instead) = mishap.and_then(Mishap::instead) {
            return instead;
        }
        if self.revoked || asked.header("x-recharge-access-token") != Some(TOKEN) {
            return refused(401);
        }
        if asked.header("x-recharge-version") != Some("2021-11") {
            return refused(426);
        }
        if !self.bucket.takes() {
            self.script.refuse();
            return refused(429);
        }
        let mut answer = match parts.as_slice() {
            ["customers", id] => {
                let is_this = |it: &&Value| number(it, "id").to_string() == *id;
                match self.customers.iter().find(is_this) {
                    Some(customer) => Answer::json(200, &json!({ "customer": customer })),
                    None => refused(404),
                }
            }
            _ => self.list(asked, operation),
        };
        if let Some(mishap) = mishap {
            mishap.spoil(&mut answer);
        }
        answer
    }

    /// A list. A cursor stands for the filters of the first page and for the place after a page;
    /// beside it only a limit may stand.
    fn list(&self, asked: &Asked, name: &str) -> Answer {
        let limit = asked.parameter("limit").and_then(|it| it.parse().ok());
        let limit: usize = limit.unwrap_or(50);
        if limit == 0 || limit > 250 {
            return refused(422);
        }
        let mut filters = asked.query.clone();
        filters.remove("limit");
        let mut after = i64::MAX;
        if let Some(cursor) = filters.remove("cursor") {
            if !filters.is_empty() {
                return refused(400);
            }
            let Some((place, of)) = open(&cursor) else {
                return refused(400);
            };
            (after, filters) = (place, of);
        }
        let all = match name {
            "charges" => &self.charges,
            "orders" => &self.orders,
            _ => &self.subscriptions,
        };
        let oldest = now() - 90 * DAY;
        let is_there = |it: &&Value| {
            name != "charges" || time(it, "processed_at").is_none_or(|at| at >= oldest)
        };
        let fits = |it: &&Value| {
            filters.iter().all(|(filter, value)| {
                if let Some(field) = filter.strip_suffix("_min") {
                    return time(it, field) >= read_time(value);
                }
                if let Some(field) = filter.strip_suffix("_max") {
                    return time(it, field).is_some_and(|at| Some(at) <= read_time(value));
                }
                it.get(filter).and_then(Value::as_str) == Some(value)
            })
        };
        let mut found: Vec<&Value> = all.iter().filter(is_there).filter(fits).collect();
        found.retain(|it| number(it, "id") < after);
        found.sort_by_key(|it| -number(it, "id"));
        let size = limit.min(self.setup.page);
        let page: Vec<&&Value> = found.iter().take(size).collect();
        let last = page.last().map(|it| number(it, "id"));
        let next = last.filter(|_| found.len() > size);
        let cursor = next.map(|place| {
            let mut parts = vec![place.to_string()];
            parts.extend(
                filters
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            );
            parts.join("|")
        });
        Answer::json(
            200,
            &json!({"next_cursor": cursor, "previous_cursor": null, name: page}),
        )
    }
}

fn open(cursor: &str) -> Option<(i64, std::collections::BTreeMap<String, String>)> {
    let mut parts = cursor.split('|');
    let place = parts.next()?.parse().ok()?;
    let filter = |part: &str| {
        let (name, value) = part.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    Some((place, parts.map(filter).collect::<Option<_>>()?))
}

fn number(object: &Value, key: &str) -> i64 {
    object.get(key).and_then(Value::as_i64).unwrap_or_default()
}

fn time(object: &Value, key: &str) -> Option<i64> {
    read_time(object.get(key)?.as_str()?)
}

fn read_time(text: &str) -> Option<i64> {
    let read = DateTime::parse_from_rfc3339(text).ok()?;
    Some(read.timestamp())
}

/// A time as Recharge writes it.
pub fn written(seconds: i64) -> String {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let text = time.to_rfc3339_opts(SecondsFormat::Secs, true);
    text.replace('Z', "+00:00")
}

/// A customer of a number.
pub fn customer(number: i64) -> Value {
    json!({"id": 7_000_000 + number, "email": format!("buyer-{number}@example.com"),
           "first_name": "Ada", "last_name": "Buyer", "phone": null})
}

/// A renewal that was charged at a time.
pub fn charge(number: i64, processed: i64) -> Value {
    let at = written(processed);
    json!({
        "id": 500_000_000 + number, "type": "recurring", "status": "success",
        "customer": {"id": 7_000_000 + number, "email": format!("buyer-{number}@example.com")},
        "external_order_id": {"ecommerce": (4_400_000_000_i64 + number).to_string()},
        "currency": "USD", "taxes_included": false,
        "line_items": [{
            "purchase_item_id": 3_000_000 + number, "purchase_item_type": "subscription",
            "external_product_id": {"ecommerce": "111"}, "external_variant_id": {"ecommerce": "222"},
            "title": "Coffee", "sku": "COF-1", "quantity": 1, "unit_price": "15.00",
            "total_price": "15.00"
        }],
        "shipping_lines": [], "discounts": [], "orders_count": 1,
        "subtotal_price": "15.00", "total_discounts": "0.00", "total_tax": "0.00",
        "total_price": "15.00", "total_refunds": "0.00",
        "tags": "Subscription, Subscription Recurring Order",
        "created_at": at, "processed_at": at, "updated_at": at
    })
}

/// The order of a charge.
pub fn order(number: i64, processed: i64) -> Value {
    let mut order = charge(number, processed);
    if let Some(fields) = order.as_object_mut() {
        let charge = json!({"id": 500_000_000 + number, "status": "success"});
        fields.insert("charge".to_owned(), charge);
        fields.insert("id".to_owned(), json!(800_000_000 + number));
        fields.insert("is_prepaid".to_owned(), json!(false));
        fields.remove("orders_count");
    }
    order
}

/// A subscription that was made at a time. It names its customer by number only.
pub fn subscription(number: i64, created: i64) -> Value {
    let at = written(created);
    json!({
        "id": 3_000_000 + number, "customer_id": 7_000_000 + number, "status": "active",
        "price": "15.00", "quantity": 1, "product_title": "Coffee", "presentment_currency": "USD",
        "external_product_id": {"ecommerce": "111"}, "external_variant_id": {"ecommerce": "222"},
        "order_interval_unit": "month", "order_interval_frequency": 1,
        "charge_interval_frequency": 1, "cancelled_at": null, "is_prepaid": false,
        "created_at": at, "updated_at": at
    })
}
