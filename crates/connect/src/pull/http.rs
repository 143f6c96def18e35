//! Performs requests. Follows no redirects, and reads no more of an answer than it may hold.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use orderbridge_core::retry_after;
use orderbridge_event::{Answer, Headers, Method, PullError, Request, Secret, Trouble};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Response, Url, redirect};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For one answer, from the connection to its last byte.
const TIMEOUT: Duration = Duration::from_secs(60);
/// A page of a hundred orders has a megabyte or two.
const LARGEST_ANSWER: usize = 32 << 20;

/// An HTTP client for APIs.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    /// What is on this machine is not reached through a proxy.
    near: reqwest::Client,
}

/// An answer with all of its body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The time that the platform asks to wait.
    pub(super) retry_after: Option<Duration>,
}

impl Reply {
    /// Lets somebody read the answer.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Answer<'_>) -> T) -> T {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        read(&Answer {
            status: self.status,
            headers: Headers::new(&headers),
            body: &self.body,
        })
    }
}

impl Http {
    /// A client; nothing is sent yet.
    pub(crate) fn new() -> Result<Self, PullError> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("orderbridge/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(TIMEOUT)
                .tcp_nodelay(true)
        };
        let failed = |_| PullError::new(Trouble::Refused, "the HTTP client could not be set up");
        Ok(Self {
            client: builder().build().map_err(failed)?,
            near: builder().no_proxy().build().map_err(failed)?,
        })
    }

    /// Performs a request and reads all of the answer.
    pub(crate) async fn perform(
        &self,
        request: &Request,
        token: Option<&Secret>,
    ) -> Result<Reply, PullError> {
        let response = self.send(request, token, Some(TIMEOUT)).await?;
        read(response, request.operation).await
    }

    /// Performs a request; the body of the answer is still to come.
    pub(super) async fn send(
        &self,
        request: &Request,
        token: Option<&Secret>,
        timeout: Option<Duration>,
    ) -> Result<Response, PullError> {
        let url = Url::parse(&request.url)
            .map_err(|_| refused(request, "has an address that is no URL"))?;
        let client = if is_loopback(&url) {
            &self.near
        } else {
            &self.client
        };
        let mut built = match request.method {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
        };
        built = built.headers(headers(request, token)?);
        if let Some((kind, body)) = &request.body {
            built = built
                .header(CONTENT_TYPE, *kind)
                .body(body.expose().to_owned());
        }
        if let Some(timeout) = timeout {
            built = built.timeout(timeout);
        }
        built
            .send()
            .await
            .map_err(|error| failed(request.operation, &error))
    }
}

fn refused(request: &Request, what: &str) -> PullError {
    let message = format!("the request {} {what}", request.operation);
    PullError::new(Trouble::Refused, message)
}

fn headers(request: &Request, token: Option<&Secret>) -> Result<HeaderMap, PullError> {
    let mut headers = HeaderMap::new();
    let mut add = |name: &'static str, value: &str| {
        let unfit = || refused(request, "has a credential that no header can carry");
        let mut value = HeaderValue::from_str(value).map_err(|_| unfit())?;
        value.set_sensitive(true);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
        headers.insert(name, value);
        Ok(())
    };
    for (name, value) in &request.headers {
        add(name, value.expose())?;
    }
    if let (Some((name, before)), Some(token)) = (request.token, token) {
        add(name, &format!("{before}{}", token.expose()))?;
    }
    Ok(headers)
}

async fn read(mut response: Response, operation: &str) -> Result<Reply, PullError> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = response.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?)));
    let mut reply = Reply {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: Vec::new(),
        retry_after: wait(&response),
    };
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(reply),
            Ok(Some(chunk)) if reply.body.len() + chunk.len() > LARGEST_ANSWER => {
                let message = format!("the answer of {operation} is too large");
                return Err(PullError::new(Trouble::Answer, message));
            }
            Ok(Some(chunk)) => reply.body.extend_from_slice(&chunk),
            Err(error) => return Err(failed(operation, &error)),
        }
    }
}

/// The time that an answer asks to wait.
pub(super) fn wait(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry_after(value, SystemTime::now())
}

/// The address may hold a credential, so it is not told.
pub(super) fn failed(operation: &str, error: &reqwest::Error) -> PullError {
    let what = if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    };
    PullError::new(Trouble::Unavailable, format!("{operation}: {what}"))
}

/// Whether an address is on this machine.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|it: IpAddr| it.is_loopback())
}
