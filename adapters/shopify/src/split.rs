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

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(topic: &str, body: &str) -> Option<Vec<(String, String)>> {
        let body = body.as_bytes();
        match split(Payload { topic, body }).unwrap() {
            Pieces::One(_) => None,
            Pieces::Many(pieces) => Some(
                pieces
                    .iter()
                    .map(|piece| {
                        let body = String::from_utf8_lossy(piece.body).into_owned();
                        (piece.topic.to_owned(), body)
                    })
                    .collect(),
            ),
        }
    }

    #[test]
    fn takes_answers_apart_and_leaves_bodies_whole() {
        let one = |topic: &str, body: &str| Some(vec![(topic.to_owned(), body.to_owned())]);
        let get = "GET /admin/api/2026-10/orders.json";
        assert_eq!(
            pieces(get, r#"{"orders":[{"id":1}]}"#),
            one(get, r#"{"id":1}"#)
        );
        assert_eq!(
            pieces(get, r#"{ "order": {"id":1} }"#),
            one(get, r#"{"id":1}"#)
        );
        assert_eq!(pieces(get, r#"{"orders":[]}"#), Some(Vec::new()));
        let create = "orders/create";
        assert_eq!(
            pieces(create, r#"{"refund":{}}"#),
            one("refunds/create", "{}")
        );
        // An order that begins with one of its own keys, and topics without pieces.
        assert_eq!(pieces(create, r#"{"refunds":[],"id":1}"#), None);
        assert_eq!(pieces(create, r#"{"id":1}"#), None);
        assert_eq!(pieces("app/uninstalled", r#"{"order":{}}"#), None);
        assert_eq!(pieces(create, r#"{"order":"#), None);
    }

    #[test]
    fn reads_a_request_with_or_without_its_host() {
        let table = [
            ("orders/create", "orders/create", ""),
            ("GET /admin/orders.json", "GET /admin/orders.json", ""),
            (
                "GET https://shop.example.com/admin/orders.json?fields=id",
                "GET /admin/orders.json",
                "fields=id",
            ),
            (
                "GET https://shop.example.com",
                "GET https://shop.example.com",
                "",
            ),
        ];
        for (topic, path, query) in table {
            assert_eq!(request(topic), (Cow::Borrowed(path), query));
        }
    }
}
