//! A destination that takes everything, after a time, and counts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::http;

/// tokio's timers end at the next whole millisecond, half of one late on average.
const TIMER: Duration = Duration::from_micros(500);

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// An endpoint that runs for as long as this process does.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Debug)]
struct Counts {
    since: Instant,
    latency: Duration,
    answered: AtomicU64,
    connections: AtomicU64,
    /// Microseconds since the start, of the first request and of the last answer.
    first: AtomicU64,
    last: AtomicU64,
}

impl Endpoint {
    /// Starts one that answers after this time, on a thread of its own.
    pub(super) fn start(latency: Duration) -> Result<Self, String> {
        let counts = Arc::new(Counts {
            since: Instant::now(),
            latency,
            answered: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            first: AtomicU64::new(u64::MAX),
            last: AtomicU64::new(0),
        });
        let shown = |error: std::io::Error| format!("the endpoint: {error}");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(shown)?;
        let address = listener.local_addr().map_err(shown)?;
        listener.set_nonblocking(true).map_err(shown)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(shown)?;
        let counting = Arc::clone(&counts);
        thread::spawn(move || runtime.block_on(accept(listener, counting)));
        Ok(Self { address, counts })
    }

    /// How many events were answered.
    pub(super) fn answered(&self) -> u64 {
        self.counts.answered.load(Ordering::Relaxed)
    }

    /// How many connections were opened.
    pub(super) fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::Relaxed)
    }

    /// From the first request to the last answer.
    pub(super) fn span(&self) -> Duration {
        let first = self.counts.first.load(Ordering::Relaxed);
        let last = self.counts.last.load(Ordering::Relaxed);
        Duration::from_micros(last.saturating_sub(first))
    }

    /// Waits until so many events were answered, or until nothing has come for this long.
    pub(super) fn wait_for(&self, count: u64, patience: Duration) -> Result<(), String> {
        let mut known = self.answered();
        let mut changed = Instant::now();
        while known < count {
            thread::sleep(Duration::from_millis(2));
            let now = self.answered();
            if now > known {
                (known, changed) = (now, Instant::now());
            } else if changed.elapsed() > patience {
                return Err(format!("only {known} of {count} events have arrived"));
            }
        }
        Ok(())
    }
}

async fn accept(listener: std::net::TcpListener, counts: Arc<Counts>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        counts.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(serve(stream, Arc::clone(&counts)));
    }
}

/// Answers the requests of one connection. Whatever ends it, the other side will say.
async fn serve(mut stream: TcpStream, counts: Arc<Counts>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Ok(Some(())) = http::message(&mut stream, &mut buffer).await {
        counts.first.fetch_min(counts.now(), Ordering::Relaxed);
        if !counts.latency.is_zero() {
            tokio::time::sleep(counts.latency.saturating_sub(TIMER)).await;
        }
        if stream.write_all(ANSWER).await.is_err() {
            return;
        }
        counts.answered.fetch_add(1, Ordering::Relaxed);
        counts.last.fetch_max(counts.now(), Ordering::Relaxed);
    }
}

impl Counts {
    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
