//! A sandbox to ask, and events to ask it with.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use orderbridge_cli::sandbox::{Handle, Options, Sandbox};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A sandbox and what it runs on.
pub(crate) struct Bench {
    _runtime: Runtime,
    pub(crate) sandbox: Handle,
}

/// An answer: status, headers in small letters, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn error(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

impl Bench {
    pub(crate) fn new(options: Options) -> Self {
        Self::with_log(options, None)
    }

    pub(crate) fn with_log(options: Options, log: Option<Box<dyn Write + Send>>) -> Self {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(options, log)).unwrap();
        Self {
            _runtime: runtime,
            sandbox,
        }
    }

    /// Sends bytes as they are; `None` when the connection is cut instead of an answer.
    pub(crate) fn raw(&self, head: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.sandbox.addr()).unwrap();
        let length = body.len();
        let head = format!("{head}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // Whoever cuts a connection may do so while the body is on its way.
        let _ = stream.write_all(body);
        let mut text = String::new();
        let read = stream.read_to_string(&mut text);
        let (head, body) = match read {
            Ok(_) => text.split_once("\r\n\r\n")?,
            Err(_) => return None,
        };
        Some(Answer {
            status: head.split(' ').nth(1)?.parse().unwrap(),
            head: head.to_lowercase(),
            body: serde_json::from_str(body).unwrap(),
        })
    }

    pub(crate) fn post(&self, body: &[u8]) -> Option<Answer> {
        self.raw(&head("POST", "/api/webhooks", "application/json"), body)
    }

    pub(crate) fn send(&self, event: &Value) -> Answer {
        self.post(event.to_string().as_bytes()).unwrap()
    }
}

pub(crate) fn head(method: &str, path: &str, kind: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: sandbox\r\nContent-Type: {kind}\r\n")
}

/// An event without a fault, with this id.
pub(crate) fn event(id: &str) -> Value {
    json!({
        "event_name": "Placed Order",
        "event_id": id,
        "timestamp": "2026-11-02T10:15:30-05:00",
        "properties": {
            "id": id, "total_price": 49.2, "total_tax": 8.2, "total_shipping": 5,
            "total_discount": 4, "currency": "USD",
            "items": [{"product_id": "1", "name": "Tea", "price": 20, "currency": "USD",
                       "quantity": 2}],
            "$email": "buyer@example.com", "$sales_channel_type": "web",
        },
        "profile_properties": {"$email": "buyer@example.com", "$country_code": "US"},
        "aliases": ["urn:email:buyer@example.com"],
    })
}

/// An event with one of its fields changed, or taken out.
pub(crate) fn changed(pointer: &str, value: impl Into<Option<Value>>) -> Value {
    let mut event = event("changed");
    match value.into() {
        Some(value) => *event.pointer_mut(pointer).unwrap() = value,
        None => {
            event
                .as_object_mut()
                .unwrap()
                .remove(&pointer[1..])
                .unwrap();
        }
    }
    event
}

/// A log that a test can read.
#[derive(Clone, Default)]
pub(crate) struct Page(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
