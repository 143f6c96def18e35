//! A client over bare sockets: it can also do what no library would.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{SECRET, sign};

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Sends bytes as they are. A peer that has hung up is no error here.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Reads one answer; `None` when the connection ended before it was whole.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        timeout(Duration::from_secs(30), self.read_answer())
            .await
            .expect("no answer within 30 s")
    }

    async fn read_answer(&mut self) -> Option<Answer> {
        loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                let head = String::from_utf8(self.read[..end].to_vec()).unwrap();
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                let mut answer = Answer {
                    status,
                    head,
                    body: String::new(),
                };
                let length = answer.header("content-length").unwrap_or("0");
                let length: usize = length.parse().unwrap();
                while self.read.len() < end + 4 + length {
                    self.fill().await?;
                }
                let body = self.read[end + 4..end + 4 + length].to_vec();
                answer.body = String::from_utf8(body).unwrap();
                self.read.drain(..end + 4 + length);
                return Some(answer);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.read).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// Whether the peer closes the connection within a time.
    pub(crate) async fn is_closed_within(&mut self, time: Duration) -> bool {
        timeout(time, async { while self.fill().await.is_some() {} })
            .await
            .is_ok()
    }

    /// Sends a webhook over this connection and reads the answer.
    pub(crate) async fn post(&mut self, hook: &Hook) -> Option<Answer> {
        self.write(&hook.bytes()).await;
        self.answer().await
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

/// A webhook to be sent.
#[derive(Clone)]
pub(crate) struct Hook {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Hook {
    /// A webhook of the test shop, signed.
    pub(crate) fn new(topic: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let hook = Self {
            path: "/webhooks/us-store".to_owned(),
            headers: Vec::new(),
            body,
        };
        let signature = sign(SECRET, &hook.body);
        hook.with("X-Shopify-Topic", topic)
            .with("X-Shopify-Hmac-Sha256", &signature)
    }

    /// The same with a header set; an empty value takes it away.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The same at another path.
    pub(crate) fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The request without its body.
    pub(crate) fn head(&self, framing: &str) -> Vec<u8> {
        let mut head = format!("POST {} HTTP/1.1\r\nHost: localhost\r\n", self.path);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head += framing;
        head += "\r\n\r\n";
        head.into_bytes()
    }

    /// The whole request.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head(&format!("Content-Length: {}", self.body.len()));
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The whole request in chunks.
    pub(crate) fn chunked(&self, size: usize) -> Vec<u8> {
        let mut bytes = self.head("Transfer-Encoding: chunked");
        for chunk in self.body.chunks(size) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    }

    /// Sends it over a connection of its own.
    pub(crate) async fn send(&self, address: SocketAddr) -> Answer {
        let mut client = Client::connect(address).await;
        client.post(self).await.expect("an answer")
    }
}

/// Asks for a page.
pub(crate) async fn get(address: SocketAddr, path: &str, headers: &str) -> Answer {
    let mut client = Client::connect(address).await;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    client.write(request.as_bytes()).await;
    client.answer().await.expect("an answer")
}
