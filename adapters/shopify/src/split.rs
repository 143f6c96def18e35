//! REST answers: `{"order": {…}}`, `{"orders": […]}` and the same of refunds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use orderbridge_event::{MapError, Payload, Pieces, first_key};
use serde_json::value::RawValue;

use crate::topics::{self, Action};

/// The names of wrappers.
const WRAPPERS: &[&[u8]] = &[b"order", b"orders", b"refund", b"refunds"];

/// Takes an answer apart. A body that has more than the wrapper's key is no wrapper: an order has
/// `refunds` among its fields, too.
pub(crate) fn split(payload: Payload<'_>) -> Result<Pieces<'_>, MapError> {
    let whole = Ok(Pieces::One(payload));
    if !first_key(payload.body).is_some_and(|key| WRAPPERS.contains(&key))
        || !holds_pieces(&payload)
    {
        return whole;
    }
    let Ok(keys) = serde_json::from_slice::<BTreeMap<&str, &RawValue>>(payload.body) else {
        // Not JSON, or not this kind of object: mapping says what is wrong with it.
        return whole;
    };
    let mut keys = keys.into_iter();
    let (Some((name, value)), None) = (keys.next(), keys.next()) else {
        return whole;
    };
    let topic = match (payload.topic, name) {
        ("orders/create", "refund" | "refunds") => "refunds/create",
        (topic, _) => topic,
    };
    match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
        Ok(values) => {
            let pieces = values.into_iter().map(|value| Payload {
                topic,
                body: raw(value),
            });
            Ok(Pieces::Many(pieces.collect()))
        }
        Err(_) => Ok(Pieces::Many(vec![Payload {
            topic,
            body: raw(value),
        }])),
    }
}

fn raw(value: &RawValue) -> &[u8] {
    value.get().as_bytes()
}

/// Whether the topic's bodies are looked into at all.
fn holds_pieces(payload: &Payload<'_>) -> bool {
    let action = topics::action(&request(payload.topic).0);
    matches!(
        action,
        Some((Action::Order(_) | Action::Nested | Action::Refund, _))
    )
}

/// A topic without host, and its query: `GET https://shop.example/admin/orders.json?fields=id`.
pub(crate) fn request(topic: &str) -> (Cow<'_, str>, &str) {
    let (path, query) = topic.split_once('?').unwrap_or((topic, ""));
    let Some((method, url)) = path.split_once(' ') else {
        return (Cow::Borrowed(path), query);
    };
    let local = url
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    match local {
        Some(local) => (Cow::Owned(format!("{method} {local}")), query),
        None => (Cow::Borrowed(path), query),
    }
}
