//! Signed webhooks, and the shop that sends them over kept-alive connections.

use std::cell::Cell;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use orderbridge_bench::fill::SOURCE;
use orderbridge_bench::generate::Orders;
use orderbridge_event::{Secret, Timestamp};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::http;
use super::process::SECRET;

/// Whole requests, ready to be written to a socket.
#[derive(Debug)]
pub(super) struct Requests(Rc<Vec<Vec<u8>>>);

impl Requests {
    /// So many orders of a platform as it would send them, the first of them left out.
    pub(super) fn sign(platform: &str, skip: u32, count: u32) -> Result<Self, String> {
        let source = orderbridge_registry::find(platform).ok_or("there is no such platform")?;
        let verify = source.verify.ok_or("its webhooks are not signed")?;
        let topic = source.adapter.profile().default_topic;
        let secret = Secret::new(SECRET);
        // Some signatures are good for a while only.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = since.map_or(0, |since| since.as_secs().cast_signed());
        let now = Timestamp::from_unix(seconds).ok_or("the clock is beyond the year 9999")?;
        let bodies = Orders::of(platform)?.some(skip + count);
        let requests = bodies.skip(skip as usize).enumerate().map(|(place, body)| {
            let body = body.to_string();
            let mut head = format!("POST /webhooks/{SOURCE} HTTP/1.1\r\nhost: shop\r\n");
            for (name, value) in verify.sign(&secret, topic, body.as_bytes(), now) {
                let _ = write!(head, "{name}: {value}\r\n");
            }
            let number = skip as usize + place;
            let _ = write!(head, "X-Shopify-Event-Id: 0d1f6a1e-{number:012}\r\n");
            let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
            [head.as_bytes(), body.as_bytes()].concat()
        });
        Ok(Self(Rc::new(requests.collect())))
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// How long one is on average.
    pub(super) fn average_kilobytes(&self) -> f64 {
        let sum: usize = self.0.iter().map(Vec::len).sum();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let (sum, count) = (sum as f64, self.0.len().max(1) as f64);
        sum / count / 1e3
    }

    /// Posts all of them, each connection its next one as soon as it has an answer.
    pub(super) fn post(&self, to: SocketAddr, connections: usize) -> Result<Posted, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        LocalSet::new().block_on(&runtime, post(Rc::clone(&self.0), to, connections))
    }
}

/// How long the answers took.
#[derive(Debug)]
pub(super) struct Posted {
    /// From the first byte to the last answer.
    pub(super) wall: Duration,
    /// Of each request, the shortest first.
    latencies: Vec<Duration>,
}

impl Posted {
    /// So many percent of the answers came within this time.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let place = self.latencies.len() * percent / 100;
        self.latencies.get(place).copied().unwrap_or_default()
    }
}

async fn post(
    requests: Rc<Vec<Vec<u8>>>,
    to: SocketAddr,
    connections: usize,
) -> Result<Posted, String> {
    let next = Rc::new(Cell::new(0));
    let mut streams = Vec::new();
    for _ in 0..connections.max(1) {
        let stream = TcpStream::connect(to).await.map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        streams.push(stream);
    }
    let started = Instant::now();
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let work = connection(stream, Rc::clone(&requests), Rc::clone(&next));
            tokio::task::spawn_local(work)
        })
        .collect();
    let mut latencies = Vec::with_capacity(requests.len());
    for task in tasks {
        let of_connection = task.await.map_err(|error| error.to_string())?;
        latencies.append(&mut of_connection?);
    }
    let wall = started.elapsed();
    latencies.sort_unstable();
    Ok(Posted { wall, latencies })
}

async fn connection(
    mut stream: TcpStream,
    requests: Rc<Vec<Vec<u8>>>,
    next: Rc<Cell<usize>>,
) -> Result<Vec<Duration>, String> {
    let mut latencies = Vec::new();
    let mut answer = Vec::new();
    while let Some(request) = requests.get(next.replace(next.get() + 1)) {
        let sent = Instant::now();
        stream.write_all(request).await.map_err(|e| e.to_string())?;
        let read = http::message(&mut stream, &mut answer).await;
        if read.map_err(|error| error.to_string())?.is_none() {
            return Err("the receiver closed a connection".to_owned());
        }
        latencies.push(sent.elapsed());
        match http::status(&answer) {
            200 => {}
            other => return Err(format!("a webhook was answered with {other}")),
        }
    }
    Ok(latencies)
}
