//! The forms in which items leave the store.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use orderbridge_core::store::{Detail, Raw};
use orderbridge_event::Timestamp;
use orderbridge_event::json::Object;
use serde_json::value::RawValue;

use super::shown;

/// The version of the record.
const VERSION: u64 = 1;

/// A dead letter: plain data that later versions can read, with all that is needed to understand
/// and to repair.
pub(super) fn dead_letter(out: &mut Vec<u8>, detail: &Detail) {
    let item = &detail.item;
    let mut letter = Object::open(out);
    letter.count("v", VERSION);
    letter.text("id", &item.id.to_string());
    letter.text("state", item.state.as_str());
    // As in `shopify 0.1.0, rules 3fa9`.
    let (adapter, version) = detail
        .mapping
        .split_once(' ')
        .unwrap_or((&detail.mapping, ""));
    letter.text("adapter", adapter);
    letter.text("adapter_version", version);
    letter.text("topic", &item.topic);
    letter.text("account", &item.source);
    letter.text("received_at", &shown(item.received_at));
    letter.text("stage", if item.event.is_some() { "send" } else { "map" });
    if let Some(reason) = &item.reason {
        letter.text("code", &reason.code);
        letter.maybe_text("path", reason.path.as_deref());
        letter.text("message", &reason.message);
    }
    if let Some(event) = &item.event {
        letter.text("destination", &event.destination);
        letter.text("event_name", &event.name);
        letter.text("event_id", &event.id);
    }
    letter.count("attempts", item.attempts.into());
    if let (Some(first), Some(last)) = (detail.attempts.first(), detail.attempts.last()) {
        letter.text("first_at", &shown(first.at));
        letter.text("last_at", &shown(last.at));
        if let Some(status) = last.status {
            letter.count("status", status.into());
        }
        letter.text("response", last.answer.as_str());
    }
    if let Some(raw) = &detail.raw {
        letter.text("body", &BASE64_STANDARD.encode(&raw[..]));
    }
    if let Some(event) = &detail.event {
        letter.field("event").extend_from_slice(&event.body);
    }
    letter.close();
}

/// The payload in the envelope that `map` reads. False when it is not JSON.
pub(super) fn envelope(out: &mut Vec<u8>, raw: &Raw) -> bool {
    let Ok(body) = serde_json::from_slice::<&RawValue>(&raw.body) else {
        return false;
    };
    let mut envelope = Object::open(out);
    envelope.text("topic", &raw.topic);
    let came_in = || Timestamp::from_unix(raw.received_at.get() / 1_000);
    if let Some(time) = raw.sent_at.or_else(came_in) {
        envelope.text("received_at", &time.to_string());
    }
    // Between the parts of a document a line end is a blank like any other; within text there is
    // none.
    let bytes = body.get().bytes();
    let one_line = bytes.map(|byte| {
        if matches!(byte, b'\n' | b'\r') {
            b' '
        } else {
            byte
        }
    });
    envelope.field("payload").extend(one_line);
    envelope.close();
    true
}
