//! The HTTP client. It follows no redirects and reads no more of an answer than it needs.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use orderbridge_event::Secret;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Response, Url, redirect};

use crate::connections::Connections;
use crate::{Answer, Cause, SendError, Sink, Transport, retry_after};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 20_000;
/// After an answer its connection needs a turn of the runtime to see that it is idle and one to go
/// back to the pool. A request that starts before that opens another connection.
const TURNS_TO_POOL: usize = 2;
const TOKEN_HEADER: &str = "X-Webhook-Token";

/// What the client needs to know.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Where events are posted. For old sources the URL itself is the credential.
    pub url: String,
    /// Sent as `X-Webhook-Token`.
    pub token: Option<Secret>,
    /// How many requests there will be at a time, so that as many connections are kept.
    pub concurrency: usize,
    /// How long one request may take in all.
    pub timeout: Duration,
}

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The URL is none.
    #[error("the destination is not a URL of http or https")]
    Url,
    /// A token with a line break, for example.
    #[error("the token has characters that no header can carry")]
    Token,
    /// TLS or the system's certificates.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
}

/// Posts events to one URL over kept-alive connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: Url,
    connections: Connections,
}

impl Client {
    /// A client for one destination; nothing is sent yet.
    pub fn new(config: &ClientConfig) -> Result<Self, ClientError> {
        let url = Url::parse(&config.url).map_err(|_| ClientError::Url)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(ClientError::Url);
        }
        let connections = Connections::default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("orderbridge/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(config.token.as_ref())?)
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(config.concurrency)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(config.timeout)
            .tcp_nodelay(true)
            .connector_layer(connections.clone());
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(ClientError::Setup)?;
        Ok(Self {
            http,
            url,
            connections,
        })
    }

    /// How many connections were opened so far.
    pub fn connections_opened(&self) -> u64 {
        self.connections.opened()
    }

    /// Host and port, for messages. The rest of the URL may be a credential.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether the token would travel unencrypted over a network.
    pub fn is_plain_text(&self) -> bool {
        self.url.scheme() == "http" && !is_loopback(&self.url)
    }
}

fn headers(token: Option<&Secret>) -> Result<HeaderMap, ClientError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        let mut value = HeaderValue::from_str(token.expose()).map_err(|_| ClientError::Token)?;
        value.set_sensitive(true);
        headers.insert(TOKEN_HEADER, value);
    }
    Ok(headers)
}

/// Whether a URL leads to this machine, so that no proxy has a part in it.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[async_trait]
impl Sink for Client {
    async fn send(&self, body: &Bytes) -> Result<Answer, SendError> {
        let taken = Arc::new(AtomicBool::new(false));
        let watched = Watched {
            bytes: Some(body.clone()),
            taken: Arc::clone(&taken),
        };
        let request = self
            .http
            .post(self.url.clone())
            .body(reqwest::Body::wrap(watched));
        match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                let wait = response
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok())
                    .and_then(|value| retry_after(value, SystemTime::now()));
                let body = read(response).await;
                for _ in 0..TURNS_TO_POOL {
                    tokio::task::yield_now().await;
                }
                SendError::sort(Answer::new(status, &body), wait)
            }
            Err(error) => Err(failed(error, taken.load(Ordering::Relaxed))),
        }
    }

    fn connections_opened(&self) -> u64 {
        self.connections.opened()
    }
}

/// The start of an answer's body. The status has decided already, so a body that breaks off is
/// taken as far as it came.
async fn read(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = LARGEST_ANSWER.saturating_sub(body.len());
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            break;
        }
    }
    body
}

fn failed(error: reqwest::Error, body_taken: bool) -> SendError {
    let fault = if error.is_connect() {
        Transport::Connect
    } else if !body_taken {
        Transport::BeforeBody
    } else if error.is_timeout() {
        Transport::Timeout
    } else {
        Transport::Cut
    };
    SendError {
        kind: fault.kind(),
        cause: Cause::Transport(fault),
        retry_after: None,
        source: Some(error.without_url().into()),
    }
}

/// A body that notes when it is handed to a connection: from then on it may have arrived.
struct Watched {
    bytes: Option<Bytes>,
    taken: Arc<AtomicBool>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.taken.store(true, Ordering::Relaxed);
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(url: &str, token: Option<&str>) -> Result<Client, ClientError> {
        Client::new(&ClientConfig {
            url: url.to_owned(),
            token: token.map(Secret::new),
            concurrency: 1,
            timeout: Duration::from_secs(1),
        })
    }

    #[test]
    fn refuses_what_is_no_url_and_no_token() {
        for url in [
            "",
            "converge",
            "ftp://example.com/",
            "/api/webhooks",
            "mailto:a@example.com",
        ] {
            assert!(matches!(client(url, None), Err(ClientError::Url)), "{url}");
        }
        assert!(matches!(
            client("http://localhost/", Some("a\nb")),
            Err(ClientError::Token)
        ));
    }

    #[test]
    fn nothing_shows_the_token_or_the_path() {
        let client = client("https://example.com:8443/secret-path", Some("tok-123")).unwrap();
        assert_eq!(client.host(), "example.com:8443");
        assert!(!format!("{client:?}").contains("tok-123"));
    }

    #[test]
    fn loopback_is_known_by_name_and_by_address() {
        for (url, loopback) in [
            ("http://localhost:1/", true),
            ("http://127.0.0.2/", true),
            ("http://[::1]:1/", true),
            ("http://10.0.0.1/", false),
            ("http://localhost.example.com/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
        }
    }
}
