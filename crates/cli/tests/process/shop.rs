//! A shop, its connector and the sandbox that its events go to.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use orderbridge_event::Secret;

use super::running::{self, Running, orderbridge, start, text};

const ORDER: &str = include_str!("../../../../adapters/shopify/fixtures/web-order.json");
pub(crate) const SECRET: &str = "hush";

/// A sandbox whose log can be read, and its address.
pub(crate) fn sandbox(folder: &Path, more: &[&str]) -> (Running, String) {
    let log = folder.join("log");
    let args = [
        "sandbox",
        "--listen",
        "127.0.0.1:0",
        "--log",
        log.to_str().unwrap(),
    ];
    let mut running = start(&[&args[..], more].concat());
    let line = running.told("listening on ");
    let url = line.trim().strip_prefix("listening on ").unwrap();
    (running, url.to_owned())
}

/// A configuration with one shop and one destination.
pub(crate) fn configure(folder: &Path, url: &str, more: &str) -> String {
    fs::write(folder.join("secret"), SECRET).unwrap();
    let file = folder.join("orderbridge.toml");
    let retry = "retry = { schedule = [\"50ms\", \"100ms\"] }";
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
         [destinations.main]\nurl = \"{url}\"\n{retry}\n\
         [sources.shop]\nplatform = \"shopify\"\ndestination = \"main\"\n\
         webhook_secrets = [\"file:secret\"]\n{more}\n"
    );
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// A connector that is up: the process, its webhook address and its admin address.
pub(crate) fn connector(config: &str) -> (Running, String, String) {
    let mut running = start(&["run", "--config", config]);
    let (receiver, admin) = addresses(&mut running);
    (running, receiver, admin)
}

/// Waits until a connector is up: its webhook address and its admin address.
pub(crate) fn addresses(running: &mut Running) -> (String, String) {
    let line = running.told("receiving at http://");
    let (_, rest) = line.split_once("http://").unwrap();
    let receiver = rest.split('/').next().unwrap().to_owned();
    let line = running.told("health and metrics at http://");
    let (_, rest) = line.split_once("http://").unwrap();
    let admin = rest.split_whitespace().next().unwrap().to_owned();
    (receiver, admin)
}

/// One request; gives the status and the whole answer. 0 when there was no answer.
pub(crate) fn request(address: &str, head: &str, body: &[u8]) -> (u16, String) {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return (0, String::new());
    };
    let length = body.len();
    let head = format!("{head}Host: shop\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let sent = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
    let _ = sent.and_then(|()| stream.read_to_end(&mut answer));
    let answer = text(&answer);
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.unwrap_or(0), answer)
}

/// A webhook of Shopify.
pub(crate) struct Webhook<'a> {
    pub(crate) number: usize,
    /// Further headers, each with its line break.
    pub(crate) more: &'a str,
}

impl Webhook<'_> {
    pub(crate) fn new(number: usize) -> Self {
        Self { number, more: "" }
    }

    /// Posts an order as the platform would sign it; gives the status and the whole answer.
    pub(crate) fn exchange(&self, address: &str, secret: &str, body: &str) -> (u16, String) {
        let shopify = orderbridge_registry::find("shopify").unwrap();
        let signature = shopify.verify.unwrap();
        let now = orderbridge_event::Timestamp::from_unix(0).unwrap();
        let headers = signature.sign(&Secret::new(secret), "orders/create", body.as_bytes(), now);
        let mut head = String::from("POST /webhooks/shop HTTP/1.1\r\n");
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "X-Shopify-Event-Id: event-{}\r\n", self.number);
        head.push_str(self.more);
        request(address, &head, body.as_bytes())
    }

    /// The same, and gives only the status.
    pub(crate) fn post(&self, address: &str, secret: &str, body: &str) -> u16 {
        self.exchange(address, secret, body).0
    }
}

/// Posts an order as the platform would sign it.
pub(crate) fn post(address: &str, secret: &str, number: usize, body: &str) -> u16 {
    Webhook::new(number).post(address, secret, body)
}

/// Asks again and again until it is so.
pub(crate) fn wait(what: &str, so: impl Fn() -> bool) {
    running::poll(what, || so().then_some(()));
}

/// The platform's id of an order.
pub(crate) fn id(number: usize) -> String {
    (100_000_000 + number).to_string()
}

/// The body of an order.
pub(crate) fn order(number: usize) -> String {
    ORDER.replace("5551234567890", &id(number))
}

/// The ids that the sandbox took, each once, in order.
pub(crate) fn arrived(folder: &Path) -> Vec<String> {
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let ids = log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("\"event_id\":\"")?;
        Some(rest.split('"').next()?.to_owned())
    });
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}

pub(crate) fn queue(config: &str, args: &[&str]) -> String {
    let all = [&["queue"], args, &["--config", config]].concat();
    let output = orderbridge(&all).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}
