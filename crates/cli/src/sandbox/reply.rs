//! The answers, as JSON.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use orderbridge_event::check::{Finding, Severity};
use orderbridge_event::json::{self, Object};

pub(super) type Reply = Response<Full<Bytes>>;

/// An event was taken, or had been before.
pub(super) fn accepted(duplicate: bool, findings: &[Finding]) -> Reply {
    let mut body = Vec::new();
    let mut object = Object::open(&mut body);
    object.text("status", if duplicate { "duplicate" } else { "ok" });
    if !findings.is_empty() {
        object.list("warnings", findings, write_finding);
    }
    object.close();
    reply(StatusCode::OK, body)
}

/// An event breaks a rule of the webhook page. The first one is the error, all are listed.
pub(super) fn rejected(findings: &[Finding]) -> Reply {
    let mut body = Vec::new();
    let mut object = Object::open(&mut body);
    let first = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    if let Some(first) = first {
        write_finding(object.field("error"), first);
    }
    object.list("findings", findings, write_finding);
    object.close();
    reply(StatusCode::BAD_REQUEST, body)
}

/// A request that is refused before its event is looked at.
pub(super) fn refused(status: StatusCode, code: &str, message: &str) -> Reply {
    let mut body = Vec::new();
    let mut object = Object::open(&mut body);
    object.object("error", |error| {
        error.text("code", code);
        error.text("message", message);
    });
    object.close();
    reply(status, body)
}

/// A request with another method than POST.
pub(super) fn method_not_allowed() -> Reply {
    let message = "events are sent with POST";
    let mut reply = refused(StatusCode::METHOD_NOT_ALLOWED, "request.method", message);
    reply
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("POST"));
    reply
}

/// A request that comes too fast.
pub(super) fn throttled(wait: std::time::Duration) -> Reply {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut reply = refused(
        status,
        "request.rate",
        "too many requests; wait as Retry-After says",
    );
    // Rounded up, so that whoever waits that long passes.
    let seconds = wait.as_millis().div_ceil(1_000).max(1).to_string();
    if let Ok(seconds) = HeaderValue::from_str(&seconds) {
        reply.headers_mut().insert(RETRY_AFTER, seconds);
    }
    reply
}

fn write_finding(out: &mut Vec<u8>, finding: &Finding) {
    let mut object = Object::open(out);
    object.text("code", finding.code.as_str());
    object.text("message", &finding.message);
    object.text("path", &finding.path);
    if finding.severity == Severity::Warning {
        json::string(object.field("severity"), "warning");
    }
    object.close();
}

fn reply(status: StatusCode, body: Vec<u8>) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}
