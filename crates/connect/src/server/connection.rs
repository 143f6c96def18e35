//! One connection: its requests one after the other, within the limits.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};

use super::Limits;

/// Answers requests; `None` cuts the connection.
pub(crate) trait Handler: Send + Sync + 'static {
    fn answer(
        &self,
        request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Option<hyper::Response<Full<Bytes>>>> + Send;
}

/// Serves a connection until it ends. Once told to stop, only what is under way is finished.
pub(crate) async fn serve(
    stream: TcpStream,
    handler: Arc<impl Handler>,
    limits: Arc<Limits>,
    mut stop: watch::Receiver<bool>,
) {
    // An answer is one small packet that nobody should wait for.
    let _ = stream.set_nodelay(true);
    let line = Arc::new(Line::default());
    let io = Watched {
        stream,
        line: Arc::clone(&line),
        limit: limits.headers,
        deadline: None,
    };
    let service = service_fn(|request| {
        let (handler, line) = (Arc::clone(&handler), Arc::clone(&line));
        async move {
            line.begin();
            let answer = handler.answer(request).await;
            line.end();
            answer.ok_or(Cut)
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.idle)
            .max_headers(limits.header_count)
            .max_buf_size(limits.header_bytes.max(SMALLEST_BUFFER))
            .serve_connection(TokioIo::new(io), service)
    );
    // A failure is the client's going away, or ours on purpose: there is nobody to tell.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => {}
    }
    // hyper would wait for the first request of a connection that has never had one.
    if line.has_begun() {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// hyper refuses to work with less.
const SMALLEST_BUFFER: usize = 8192;

/// The connection is closed without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for Cut {}

/// Where a connection is.
#[derive(Debug, Default)]
struct Line {
    requests: AtomicU64,
    is_busy: AtomicBool,
}

impl Line {
    fn begin(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.is_busy.store(true, Ordering::Relaxed);
    }

    fn end(&self) {
        self.is_busy.store(false, Ordering::Relaxed);
    }

    fn has_begun(&self) -> bool {
        self.requests.load(Ordering::Relaxed) > 0
    }
}

/// A socket that breaks when the headers of a request take too long to arrive. hyper has one
/// time for this and for resting between requests, and the two differ by far.
struct Watched {
    stream: TcpStream,
    line: Arc<Line>,
    limit: Duration,
    /// Set from the first byte of a request, with the number of requests before it.
    deadline: Option<(u64, Pin<Box<Sleep>>)>,
}

impl Watched {
    /// Whether the headers that are being read take too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let number = self.line.requests.load(Ordering::Relaxed);
        match &mut self.deadline {
            Some((of, deadline)) if *of == number => deadline.as_mut().poll(context).is_ready(),
            _ => false,
        }
    }

    fn note_bytes(&mut self) {
        let number = self.line.requests.load(Ordering::Relaxed);
        let is_first = self.deadline.as_ref().is_none_or(|(of, _)| *of != number);
        if is_first && !self.line.is_busy.load(Ordering::Relaxed) {
            self.deadline = Some((number, Box::pin(sleep(self.limit))));
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending if self.is_late(context) => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                if buffer.filled().len() > before {
                    self.note_bytes();
                    // Also while bytes keep trickling in.
                    if self.is_late(context) {
                        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                    }
                }
                Poll::Ready(result)
            }
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
