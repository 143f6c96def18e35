//! The other side of the receiver: calls one as a platform does.

use std::time::{Duration, Instant};

use bytes::Bytes;
use orderbridge_core::is_loopback;
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Url, redirect};

/// Shopify gives a receiver five seconds in all; others are more patient.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is kept.
const EXCERPT: usize = 500;
/// How much of an answer is read.
const LARGEST_ANSWER: usize = 20_000;

/// Calls one URL.
#[derive(Clone, Debug)]
pub struct Caller {
    http: reqwest::Client,
    url: Url,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The HTTP status.
    pub status: u16,
    /// The first 500 characters.
    pub text: String,
    /// From the call to the answer.
    pub took: Duration,
}

/// Why nothing was answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The URL is none.
    #[error("not a URL of http or https")]
    Url,
    /// TLS or the system's certificates.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
    /// Refused, or nobody is there.
    #[error("no connection")]
    Connect(#[source] reqwest::Error),
    /// Connected, and then nothing.
    #[error("no answer in time")]
    Timeout(#[source] reqwest::Error),
    /// Connected, and then cut; or a header that can't be sent.
    #[error("the call failed")]
    Failed(#[source] reqwest::Error),
}

impl Caller {
    /// Calls this URL; nothing is sent yet.
    pub fn new(url: &str) -> Result<Self, CallError> {
        let url = Url::parse(url).map_err(|_| CallError::Url)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(CallError::Url);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("orderbridge/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE);
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(CallError::Setup)?;
        Ok(Self { http, url })
    }

    /// Posts JSON with more headers.
    pub async fn post(
        &self,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<Called, CallError> {
        let json = "application/json";
        let mut request = self.http.post(self.url.clone());
        request = request.header(CONTENT_TYPE, json).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        call(request).await
    }

    /// Gets a page.
    pub async fn get(&self) -> Result<Called, CallError> {
        call(self.http.get(self.url.clone())).await
    }
}

async fn call(request: RequestBuilder) -> Result<Called, CallError> {
    let started = Instant::now();
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    // The status has decided already, so an answer that breaks off is taken as far as it came.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            break;
        }
    }
    let text = String::from_utf8_lossy(&body);
    Ok(Called {
        status,
        text: text.trim().chars().take(EXCERPT).collect(),
        took: started.elapsed(),
    })
}

fn failed(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    if error.is_connect() {
        CallError::Connect(error)
    } else if error.is_timeout() {
        CallError::Timeout(error)
    } else {
        CallError::Failed(error)
    }
}
