//! The platform: posts signed webhooks, and some of them again.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use orderbridge_event::Secret;

use super::orders::{TOPIC, body, expected};
use super::plan::Kind;
use super::{SECRET, SOURCE, Shared};

/// A receiver that says nothing for this long is as good as dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// Posts orders until it is told to stop.
pub(crate) fn start(shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        let mut sender = Sender::default();
        while !shared.is_stopping() {
            let order = shared.next_order();
            post(&shared, &mut sender, order, shared.plan.kind(order));
        }
    })
}

/// Posts one order and whatever repetitions are drawn for it. Tells whether it was acknowledged.
pub(crate) fn post(shared: &Shared, sender: &mut Sender, order: u64, kind: Kind) -> bool {
    let mut rng = shared.plan.dice(order);
    let body = body(order, kind);
    shared.ledger().post(order, kind, expected(&body));
    let mut webhook = Webhook {
        kind,
        body: &body,
        event_id: format!("event-{order}"),
    };
    thread::sleep(Duration::from_millis(rng.u64(2..40)));
    let mut acknowledged = false;
    // The platform tries again, but not for ever.
    for _ in 0..rng.u8(1..6) {
        let status = sender.send(shared, &webhook);
        shared.ledger().answer(order, status);
        acknowledged |= status == 200;
        if !matches!(status, 0 | 503) {
            break;
        }
        thread::sleep(Duration::from_millis(rng.u64(20..300)));
    }
    // Platforms repeat what was answered, too: the same message, or a new one about the same order.
    let repeats = match rng.u8(..100) {
        0..5 => true,
        5..10 if kind != Kind::Unmappable => {
            webhook.event_id.push_str("-again");
            true
        }
        _ => false,
    };
    if repeats {
        let status = sender.send(shared, &webhook);
        shared.ledger().answer(order, status);
        acknowledged |= status == 200;
    }
    acknowledged
}

struct Webhook<'a> {
    kind: Kind,
    body: &'a str,
    event_id: String,
}

/// One connection, opened again when it has to be.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    stream: Option<(String, BufReader<TcpStream>)>,
}

impl Sender {
    /// Posts a webhook; gives the status, or 0 if there was none.
    fn send(&mut self, shared: &Shared, webhook: &Webhook<'_>) -> u16 {
        let Some(address) = shared.receiver() else {
            return 0;
        };
        if self.stream.as_ref().is_some_and(|(at, _)| *at != address) {
            self.stream = None;
        }
        let status = self.exchange(&address, webhook);
        if status.is_none() {
            self.stream = None;
        }
        status.unwrap_or(0)
    }

    fn exchange(&mut self, address: &str, webhook: &Webhook<'_>) -> Option<u16> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(address).ok()?;
            stream.set_read_timeout(Some(PATIENCE)).ok()?;
            stream.set_write_timeout(Some(PATIENCE)).ok()?;
            self.stream = Some((address.to_owned(), BufReader::new(stream)));
        }
        let (_, reader) = self.stream.as_mut()?;
        let stream = reader.get_mut();
        stream.write_all(webhook.head().as_bytes()).ok()?;
        stream.write_all(webhook.body.as_bytes()).ok()?;
        let (status, goes_on) = answer(reader)?;
        if !goes_on {
            self.stream = None;
        }
        Some(status)
    }
}

impl Webhook<'_> {
    fn head(&self) -> String {
        let length = self.body.len();
        let mut head = format!(
            "POST /webhooks/{SOURCE} HTTP/1.1\r\nHost: shop.example\r\nContent-Length: {length}\r\n\
             X-Shopify-Event-Id: {}\r\n",
            self.event_id
        );
        let secret = match self.kind {
            Kind::Unsigned => "another one",
            _ => SECRET,
        };
        let shopify = orderbridge_registry::find("shopify").unwrap();
        let signature = shopify.verify.unwrap();
        let now = orderbridge_event::Timestamp::from_unix(0).unwrap();
        for (name, value) in signature.sign(&Secret::new(secret), TOPIC, self.body.as_bytes(), now)
        {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head + "\r\n"
    }
}

/// Reads an answer: its status, and whether the connection stays.
fn answer(reader: &mut BufReader<TcpStream>) -> Option<(u16, bool)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut goes_on) = (0, true);
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "connection" => goes_on = !value.contains("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((status, goes_on))
}
