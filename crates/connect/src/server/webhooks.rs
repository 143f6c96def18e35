//! The receiver on a socket.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use orderbridge_core::store::Store;
use orderbridge_event::Headers;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Budget, Handler, Limits, Running, drain, listen, read};
use crate::{Reply, Request, Routes, clock, privacy, receive};

/// Receives webhooks over HTTP/1.1, and carries out the erasures that come with them.
pub struct Receiver {
    routes: Arc<Routes>,
    store: Arc<dyn Store>,
    limits: Limits,
    slots: Semaphore,
    budget: Budget,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver")
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}

impl Receiver {
    /// Listens at an address such as `0.0.0.0:8080`, on the current tokio runtime.
    pub async fn start(
        address: &str,
        routes: Arc<Routes>,
        store: Arc<dyn Store>,
        limits: Limits,
    ) -> io::Result<Running> {
        let receiver = Self {
            routes: Arc::clone(&routes),
            store: Arc::clone(&store),
            slots: Semaphore::new(limits.requests),
            budget: Budget::new(limits.memory),
            limits: limits.clone(),
        };
        let running = listen(address, limits, Arc::new(receiver)).await?;
        let erasures = tokio::spawn(async move { privacy::work(&routes, &*store).await });
        Ok(running.along(erasures.abort_handle()))
    }

    async fn reply(&self, request: hyper::Request<Incoming>) -> Option<Reply> {
        let (head, body) = request.into_parts();
        let (method, path) = (head.method.as_str(), head.uri.path());
        let target = match self.routes.target(method, path) {
            Ok(target) => target,
            Err(reply) => {
                drain(body).await;
                return Some(reply);
            }
        };
        let counters = &target.route.counters;
        let refused = |reply: Reply| {
            counters.answered(&reply);
            reply
        };
        let limit = target.route.source.largest_body;
        let (body, _share) = match read(body, limit, self.limits.body, &self.budget).await {
            Ok(read) => read,
            Err(reply) => return reply.map(refused),
        };
        // Only what has arrived takes a slot, so that slow senders hold up nobody.
        let Ok(_slot) = self.slots.try_acquire() else {
            return Some(refused(Reply::BUSY));
        };
        let pairs = pairs(&head.headers);
        let headers = Headers::new(&pairs);
        let request = Request::new(method, path, headers, body, clock::now());
        let received = receive(&self.routes, &*self.store, request);
        match timeout(self.limits.answer, received).await {
            Ok(reply) => Some(reply),
            Err(_) => Some(refused(Reply::UNKNOWN)),
        }
    }
}

impl Handler for Receiver {
    async fn answer(&self, request: hyper::Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        self.reply(request).await.map(response)
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let text = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    text.collect()
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(reply.text.as_bytes())));
    let status = StatusCode::from_u16(reply.status);
    *response.status_mut() = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    if let Some(seconds) = reply.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if reply.status == 405 {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    // The rest of such a body is not waited for.
    if matches!(reply.status, 408 | 413) {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
