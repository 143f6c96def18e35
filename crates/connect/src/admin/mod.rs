//! Health, metrics and status, on an address of their own.

mod metrics;
mod ready;
mod status;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use orderbridge_core::store::{Store, StoreError};
use orderbridge_event::Secret;
use tokio::time::timeout;

use crate::server::{Handler, Limits, Running, drain, listen};
use crate::{Exposition, Routes, clock};
use ready::Readiness;

/// What the admin address shows, and to whom.
#[derive(Clone, Debug)]
pub struct AdminConfig {
    /// The names of all destinations, so that one without events is shown as well.
    pub destinations: Vec<String>,
    /// Asked for as `Authorization: Bearer …` by `/status`; nobody is asked when it is `None`.
    pub token: Option<Secret>,
    /// Below this much free space on the store's disk the connector is not ready.
    pub least_free_bytes: u64,
    /// What is running.
    pub build: Build,
}

impl AdminConfig {
    /// The free space that is asked for unless it is set.
    pub const LEAST_FREE_BYTES: u64 = 256 << 20;

    /// The defaults, for these destinations.
    pub fn new(destinations: Vec<String>, build: Build) -> Self {
        Self {
            destinations,
            token: None,
            least_free_bytes: Self::LEAST_FREE_BYTES,
            build,
        }
    }
}

/// What is running, for `build_info`.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// The program's version.
    pub version: String,
    /// The hash of the rules in force, if there are any.
    pub rules_hash: Option<String>,
}

/// Metrics of somebody else's, such as the dispatcher's.
pub trait MoreMetrics: Send + Sync {
    /// Appends whole metrics. Called for each scrape, so it should be quick.
    fn write(&self, out: &mut Exposition);
}

/// Answers `/livez`, `/readyz`, `/metrics` and `/status`.
pub struct Admin {
    routes: Arc<Routes>,
    store: Arc<dyn Store>,
    config: AdminConfig,
    more: Vec<Arc<dyn MoreMetrics>>,
    readiness: Readiness,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// A store that takes longer to tell its numbers has trouble.
const PATIENCE: Duration = Duration::from_secs(5);

impl Admin {
    /// Listens at an address such as `127.0.0.1:4040`, on the current tokio runtime.
    pub async fn start(
        address: &str,
        routes: Arc<Routes>,
        store: Arc<dyn Store>,
        config: AdminConfig,
        more: Vec<Arc<dyn MoreMetrics>>,
    ) -> io::Result<Running> {
        let limits = Limits {
            connections: 256,
            ..Limits::default()
        };
        let admin = Self {
            routes,
            store,
            readiness: Readiness::new(config.least_free_bytes),
            config,
            more,
        };
        listen(address, limits, Arc::new(admin)).await
    }

    async fn page(&self, method: &Method, path: &str, headers: &HeaderMap) -> Page {
        let known = matches!(path, "/livez" | "/readyz" | "/metrics" | "/status");
        if known && !matches!(*method, Method::GET | Method::HEAD) {
            return Page::text(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered\n");
        }
        match path {
            "/livez" => Page::text(StatusCode::OK, "ok\n"),
            "/readyz" => match self.readiness.check(&*self.store, clock::now()).await {
                Ok(()) => Page::text(StatusCode::OK, "ok\n"),
                Err(reason) => Page::text(StatusCode::SERVICE_UNAVAILABLE, reason + "\n"),
            },
            "/metrics" => Page::metrics(self.metrics().await),
            "/status" if !self.may_see(headers) => {
                Page::text(StatusCode::UNAUTHORIZED, "a token is asked for\n")
            }
            "/status" => match timeout(PATIENCE, self.status()).await {
                Ok(Ok(json)) => Page::json(json),
                Ok(Err(error)) => Page::text(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
                Err(_) => Page::text(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the store takes too long\n",
                ),
            },
            _ => Page::text(StatusCode::NOT_FOUND, "there is nothing here\n"),
        }
    }

    /// A store that fails does not take the counters of this process along.
    async fn metrics(&self) -> String {
        let mut out = Exposition::new();
        metrics::build(&mut out, &self.config.build);
        metrics::input(&mut out, &self.routes);
        let figures = metrics::Figures::gather(&*self.store, &self.config.destinations);
        match timeout(PATIENCE, figures).await {
            Ok(Ok(figures)) => figures.write(&mut out, clock::now()),
            Ok(Err(error)) => tracing::warn!(%error, "metrics without the store's figures"),
            Err(_) => tracing::warn!("metrics without the store's figures: it takes too long"),
        }
        for more in &self.more {
            more.write(&mut out);
        }
        out.into_text()
    }

    async fn status(&self) -> Result<String, StoreError> {
        status::json(&self.routes, &*self.store, &self.config, clock::now()).await
    }

    fn may_see(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.config.token else {
            return true;
        };
        let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let given = given.and_then(|value| value.strip_prefix(b"Bearer "));
        given.is_some_and(|given| same(given, token.expose().as_bytes()))
    }
}

/// Compares without telling by the time taken how much of a guess was right.
fn same(given: &[u8], token: &[u8]) -> bool {
    let differences = given.iter().zip(token).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == token.len() && differences == 0
}

impl Handler for Admin {
    async fn answer(&self, request: Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        drain(body).await;
        let path = head.uri.path();
        Some(
            self.page(&head.method, path, &head.headers)
                .await
                .response(),
        )
    }
}

/// A page with its kind.
struct Page {
    status: StatusCode,
    kind: &'static str,
    text: String,
}

impl Page {
    fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            kind: "text/plain; charset=utf-8",
            text: text.into(),
        }
    }

    fn metrics(text: String) -> Self {
        Self {
            kind: "text/plain; version=0.0.4; charset=utf-8",
            ..Self::text(StatusCode::OK, text)
        }
    }

    fn json(text: String) -> Self {
        Self {
            kind: "application/json",
            ..Self::text(StatusCode::OK, text)
        }
    }

    fn response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.text)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}
