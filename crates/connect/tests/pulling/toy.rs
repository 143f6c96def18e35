//! A shop of our own making, with an API of pages, and what an adapter would know of it. Its
//! orders are Shopify's, so that there is something to map.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orderbridge_connect::SourceRoute;
use orderbridge_connect::pull::Patience;
use orderbridge_event::{
    Answer, Api, Operation, Payload, Pull, PullError, PullKey, PullSettings, Pulled, Request,
    Secret, Source, Step, Taken, Text, Timestamp, Token, Trouble, WrongKey,
};
use orderbridge_shopify::SHOPIFY;
use orderbridge_standin::{Answer as Reply, Asked, Server};
use serde_json::{Value, json};

const SECRET: &str = "hush";
const PAGE: usize = 10;
const ORDER: &str = include_str!("../../../../adapters/shopify/fixtures/web-order.json");

static TOY: Source = Source {
    pull: Some(&Toy),
    ..SHOPIFY
};

/// Quick enough for tests, with the same proportions.
pub(crate) fn patience() -> Patience {
    Patience {
        first: Duration::from_millis(2),
        longest: Duration::from_millis(50),
        tries: 3,
        credentials: Duration::from_millis(50),
        missing: Duration::from_secs(2),
    }
}

pub(crate) fn route() -> SourceRoute {
    let mut route = SourceRoute::new("shop", &TOY, "main");
    route.secrets = vec![Secret::new(SECRET)];
    route.fetch = Some(Arc::default());
    route
}

pub(crate) fn sign(body: &[u8]) -> Vec<(&'static str, String)> {
    let signature = SHOPIFY.verify.unwrap();
    let now = orderbridge_event::Timestamp::from_unix(0).unwrap();
    signature.sign(&Secret::new(SECRET), "orders/changed", body, now)
}

/// The shop behind the API.
pub(crate) struct Shop {
    state: Mutex<State>,
    server: Mutex<Option<Server>>,
}

type Once = Box<dyn FnOnce(Reply) -> Reply + Send>;

#[derive(Default)]
struct State {
    orders: usize,
    token: usize,
    asked: Vec<(String, String)>,
    /// What happens to the next answers.
    next: VecDeque<Once>,
    always: Option<fn() -> Reply>,
    no_lists: bool,
}

impl Shop {
    pub(crate) fn start(orders: usize) -> Arc<Self> {
        let shop = Arc::new(Self {
            state: Mutex::new(State {
                orders,
                ..State::default()
            }),
            server: Mutex::default(),
        });
        let weak = Arc::downgrade(&shop);
        let server = Server::start(move |asked| match weak.upgrade() {
            Some(shop) => shop.state.lock().unwrap().answer(&asked),
            None => Reply::bytes(500, ""),
        });
        *shop.server.lock().unwrap() = Some(server.unwrap());
        shop
    }

    pub(crate) fn api(&self) -> Box<dyn Api> {
        let mut settings = PullSettings::default();
        let url = self.server.lock().unwrap().as_ref().unwrap().url();
        settings.texts.insert("api_url", url);
        Toy.open(&settings).unwrap()
    }

    pub(crate) fn add(&self, orders: usize) {
        self.state.lock().unwrap().orders += orders;
    }

    pub(crate) fn expire_tokens(&self) {
        self.state.lock().unwrap().token += 1;
    }

    pub(crate) fn once(&self, answer: fn() -> Reply) {
        let once: Once = Box::new(move |_| answer());
        self.state.lock().unwrap().next.push_back(once);
    }

    /// The connection breaks in the middle of the next answer.
    pub(crate) fn cut_once(&self) {
        let once: Once = Box::new(|mut reply| {
            reply.cut = Some(reply.body.len() / 2);
            reply
        });
        self.state.lock().unwrap().next.push_back(once);
    }

    /// The next answer ends early, and says that it is whole.
    pub(crate) fn truncate_once(&self) {
        let once: Once = Box::new(|mut reply| {
            reply.body.truncate(reply.body.len() / 2);
            reply
        });
        self.state.lock().unwrap().next.push_back(once);
    }

    pub(crate) fn always(&self, answer: fn() -> Reply) {
        self.state.lock().unwrap().always = Some(answer);
    }

    pub(crate) fn no_lists(&self) {
        self.state.lock().unwrap().no_lists = true;
    }

    pub(crate) fn forget(&self) {
        self.state.lock().unwrap().asked.clear();
    }

    /// The queries of requests to a path.
    pub(crate) fn asked(&self, path: &str) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let asked = state.asked.iter().filter(|(to, _)| to == path);
        asked.map(|(_, query)| query.clone()).collect()
    }
}

fn order(number: usize) -> Value {
    let id = (100_000_000 + number).to_string();
    serde_json::from_str(&ORDER.replace("5551234567890", &id)).unwrap()
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Reply {
        let pairs = asked.query.iter();
        let query: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.asked.push((asked.path.clone(), query.join("&")));
        if asked.path == "/token" {
            let token = format!("token-{}", self.token);
            return Reply::json(200, &json!({ "token": token }));
        }
        let authorization = asked.header("authorization").unwrap_or_default();
        if authorization != format!("Bearer token-{}", self.token) {
            return Reply::bytes(401, "");
        }
        if let Some(always) = self.always {
            return always();
        }
        let number = |name: &str| asked.parameter(name).unwrap().parse::<usize>().unwrap();
        let reply = match asked.path.as_str() {
            "/orders" if self.no_lists => Reply::json(200, &json!({ "orders": [] })),
            "/orders" => {
                let page = number("page");
                let all: Vec<Value> = (1..=self.orders).map(order).collect();
                let orders = all.chunks(PAGE).nth(page - 1).unwrap_or_default();
                let next = (page * PAGE < self.orders).then_some(page + 1);
                Reply::json(200, &json!({ "orders": orders, "next": next }))
            }
            "/order" if number("id") <= self.orders => Reply::json(200, &order(number("id"))),
            _ => Reply::bytes(404, ""),
        };
        match self.next.pop_front() {
            Some(change) => change(reply),
            None => reply,
        }
    }
}

#[derive(Debug)]
struct Toy;

#[derive(Debug)]
struct ToyApi {
    url: String,
}

impl Pull for Toy {
    fn keys(&self) -> &'static [PullKey] {
        &[]
    }

    fn open(&self, settings: &PullSettings) -> Result<Box<dyn Api>, WrongKey> {
        let url = settings.text("api_url").unwrap().to_owned();
        Ok(Box::new(ToyApi { url }))
    }

    fn wakes(&self, payload: Payload<'_>) -> Vec<Text> {
        let body: Value = serde_json::from_slice(payload.body).unwrap_or_default();
        let changed = body["changed"].as_array().cloned().unwrap_or_default();
        let ids = changed.iter().filter_map(|id| Text::new(id.to_string()));
        ids.collect()
    }
}

impl Api for ToyApi {
    fn operations(&self) -> &'static [Operation] {
        const {
            &[Operation {
                name: "orders",
                every: Duration::from_millis(1),
                burst: 40,
            }]
        }
    }

    fn sign_in(&self) -> Option<Request> {
        let url = format!("{}/token", self.url);
        Some(Request::post("token", url, "application/json", "{}"))
    }

    fn token(&self, answer: &Answer<'_>) -> Result<Token, PullError> {
        let body: Value = serde_json::from_slice(answer.body).unwrap();
        Ok(Token {
            value: Secret::new(body["token"].as_str().unwrap()),
            lifetime: Duration::from_secs(3600),
        })
    }

    fn streams(&self) -> Vec<String> {
        vec!["orders".to_owned()]
    }

    fn round(&self, _: &str, last: Option<&str>, _: Timestamp) -> Result<String, PullError> {
        Ok(match last {
            Some(unfinished) if !unfinished.starts_with("end") => unfinished.to_owned(),
            _ => "page 1".to_owned(),
        })
    }

    fn read_up_to(&self, _: &str, position: &str) -> Option<Timestamp> {
        let (_, at) = position.split_once("end ")?;
        Timestamp::from_unix(at.parse().ok()?)
    }

    fn history(&self, _: Timestamp, _: Timestamp) -> Result<String, PullError> {
        Ok("page 1".to_owned())
    }

    fn fetch(&self, what: &Text) -> Result<String, PullError> {
        Ok(format!("order {what}"))
    }

    fn step(&self, position: &str, _: Timestamp) -> Result<Step, PullError> {
        let url = &self.url;
        let request = match position.split_once(' ') {
            Some(("page", page)) => Request::get("orders", format!("{url}/orders?page={page}")),
            Some(("order", id)) => Request::get("orders", format!("{url}/order?id={id}")),
            _ => return Ok(Step::Done),
        };
        Ok(Step::Ask(request.with_token("authorization", "Bearer ")))
    }

    fn take(
        &self,
        position: &str,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Taken, PullError> {
        if answer.status == 404 {
            return Err(PullError::new(Trouble::Missing, "no such order"));
        }
        let body: Value =
            serde_json::from_slice(answer.body).map_err(|_| PullError::unreadable("orders"))?;
        let orders = match body["orders"].as_array() {
            Some(orders) => orders.clone(),
            None => vec![body.clone()],
        };
        let pulled = |order: &Value| Pulled {
            topic: "orders/create".to_owned(),
            body: order.to_string().into_bytes(),
            id: Some(order["id"].to_string()),
        };
        let end = || format!("end {}", now.unix());
        let next = match body["next"].as_u64() {
            Some(next) => format!("page {next}"),
            None if position.starts_with("order") => "end".to_owned(),
            None => end(),
        };
        Ok(Taken {
            payloads: orders.iter().map(pulled).collect(),
            is_second_hand: false,
            position: next,
        })
    }
}
