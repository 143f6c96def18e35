//! One request: the rules of the webhook page, in the order in which a server meets them.
//!
//! <https://docs.runconverge.com/sources/server-integrations/webhook>

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{HeaderMap, Method, Request, StatusCode};
use orderbridge_event::check::check;
use tokio::time::sleep;

use super::options::Options;
use super::record::{Log, Record};
use super::reply::{self, Reply};

const LARGEST_EVENT: usize = 1 << 20;
/// A client that sends more than this finds the connection closed instead of an answer.
const LARGEST_READ: usize = 64 << 20;

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut")]
pub(super) struct Cut;

/// The endpoint that all connections share.
pub(super) struct Endpoint {
    options: Options,
    record: Mutex<Record>,
    started: Instant,
}

enum Read {
    Whole(Bytes),
    TooLarge,
}

impl Endpoint {
    pub(super) fn new(options: Options, log: Option<Log>) -> Self {
        let record = Mutex::new(Record::new(&options, log));
        Self {
            options,
            record,
            started: Instant::now(),
        }
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request, or cuts the connection.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Result<Reply, Cut> {
        let (cut_before, cut_after, fail, latency) = {
            let dice = &mut self.record().dice;
            (
                self.options.cut_before.strikes(dice),
                self.options.cut_after.strikes(dice),
                self.options.fail_rate.strikes(dice),
                self.options.latency.choose(dice),
            )
        };
        if cut_before {
            return Err(self.cut());
        }
        let (head, body) = request.into_parts();
        // Read in any case: a connection with an unread body can't be kept alive.
        let read = read(body).await?;
        if !latency.is_zero() {
            sleep(latency).await;
        }
        if let Some(refused) = self.refuse(&head.method, head.uri.path(), &head.headers) {
            self.record().stats.refused += 1;
            return Ok(refused);
        }
        if let Some(wait) = self.record().throttle(self.started.elapsed()) {
            return Ok(reply::throttled(wait));
        }
        if fail {
            self.record().stats.failed += 1;
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Ok(reply::refused(
                status,
                "sandbox.fail_rate",
                "failed, as --fail-rate asks",
            ));
        }
        let Read::Whole(body) = read else {
            self.record().stats.refused += 1;
            let message = "an event may have 1 MiB";
            return Ok(reply::refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "request.size",
                message,
            ));
        };
        let answer = self.judge(&body);
        if cut_after {
            Err(self.cut())
        } else {
            Ok(answer)
        }
    }

    fn cut(&self) -> Cut {
        self.record().stats.cut += 1;
        Cut
    }

    fn refuse(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Reply> {
        if !matches!(path, "/" | "/api/webhooks") {
            let message = "events are sent to /api/webhooks";
            return Some(reply::refused(
                StatusCode::NOT_FOUND,
                "request.path",
                message,
            ));
        }
        if method != Method::POST {
            return Some(reply::method_not_allowed());
        }
        if let Some(token) = &self.options.token {
            let given = headers
                .get("x-webhook-token")
                .map(hyper::header::HeaderValue::as_bytes);
            if given != Some(token.expose().as_bytes()) {
                let message = "X-Webhook-Token is missing or wrong";
                return Some(reply::refused(
                    StatusCode::UNAUTHORIZED,
                    "request.token",
                    message,
                ));
            }
        }
        if !is_json(headers) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let message = "Content-Type must be application/json; form data is not read";
            return Some(reply::refused(status, "request.type", message));
        }
        None
    }

    fn judge(&self, body: &Bytes) -> Reply {
        let report = check(body);
        if report.is_sendable() {
            let duplicate = self.record().accept(body, !report.findings.is_empty());
            reply::accepted(duplicate, &report.findings)
        } else {
            self.record().reject(body);
            reply::rejected(&report.findings)
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

async fn read(mut body: Incoming) -> Result<Read, Cut> {
    let mut size = 0;
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Cut)?.into_data() else {
            continue;
        };
        size += data.len();
        if size > LARGEST_READ {
            return Err(Cut);
        }
        if size > LARGEST_EVENT {
            continue;
        }
        // Nearly every event comes in one piece, which then needs no copy.
        if size == data.len() {
            first = data;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(if size > LARGEST_EVENT {
        Read::TooLarge
    } else if whole.is_empty() {
        Read::Whole(first)
    } else {
        Read::Whole(Bytes::from(whole))
    })
}
