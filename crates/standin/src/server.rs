//! An HTTP server on loopback that can misbehave.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A request, read whole.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, `POST`.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query's parameters, decoded. Of one that is given twice, the last.
    pub query: BTreeMap<String, String>,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Bytes,
}

impl Asked {
    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The parameters of a form in the body.
    pub fn form(&self) -> BTreeMap<String, String> {
        parameters(&String::from_utf8_lossy(&self.body))
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// How long the answer takes.
    pub delay: Duration,
    /// After how many bytes the connection is cut, if it is.
    pub cut: Option<usize>,
}

impl Answer {
    /// An answer in JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let body = Self::bytes(status, body.to_string());
        body.header("content-type", "application/json")
    }

    /// An answer of bytes.
    pub fn bytes(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            delay: Duration::ZERO,
            cut: None,
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Handle = Arc<dyn Fn(Asked) -> Answer + Send + Sync>;

/// A server in a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port.
    pub fn start(answer: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let answer: Handle = Arc::new(answer);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else {
                    return;
                };
                tokio::select! {
                    () = listen(&listener, &answer) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn listen(listener: &TcpListener, answer: &Handle) {
    while let Ok((stream, _)) = listener.accept().await {
        let answer = Arc::clone(answer);
        tokio::spawn(async move { serve(stream, answer).await });
    }
}

async fn serve(stream: TcpStream, answer: Handle) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = Arc::clone(&answer);
        async move { Ok::<_, Infallible>(reply(request, answer).await) }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

type Chunks = StreamBody<stream::Iter<std::vec::IntoIter<io::Result<Frame<Bytes>>>>>;

async fn reply(request: Request<Incoming>, answer: Handle) -> Response<Chunks> {
    let (head, body) = request.into_parts();
    let body = body.collect().await;
    let body = body
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let headers = head.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: parameters(head.uri.query().unwrap_or_default()),
        headers: headers.collect(),
        body,
    };
    let told = answer(asked);
    if !told.delay.is_zero() {
        tokio::time::sleep(told.delay).await;
    }
    let whole = told.body.len();
    let sent = told.cut.unwrap_or(whole).min(whole);
    let mut chunks = vec![Ok(Frame::data(told.body.slice(..sent)))];
    if sent < whole {
        chunks.push(Err(io::Error::other("cut on purpose")));
    }
    let mut response = Response::builder()
        .status(told.status)
        .header("content-length", whole);
    for (name, value) in told.headers {
        response = response.header(name, value);
    }
    let body = StreamBody::new(stream::iter(chunks));
    response
        .body(body)
        .unwrap_or_else(|_| Response::new(StreamBody::new(stream::iter(Vec::new()))))
}

fn parameters(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    };
    pairs.map(pair).collect()
}

/// Undoes percent encoding; what is not encoded well stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let code = match (first, after) {
            (b'%', [high, low, ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                digit(high)
                    .zip(digit(low))
                    .map(|(high, low)| high * 16 + low)
            }
            _ => None,
        };
        match (code.and_then(|code| u8::try_from(code).ok()), first) {
            (Some(code), _) => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            (None, b'+') => bytes.push(b' '),
            (None, other) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
