//! What a body is by its keys, and answers of the API taken apart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use orderbridge_event::{MapError, Payload, Pieces};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::topics::{self, Action};

type Keys<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Keys that only an order of the current API has.
const OF_ORDER: &[&str] = &[
    "orderId",
    "orderAliases",
    "createdTime",
    "lastUpdatedTime",
    "salesChannel",
    "orderItems",
];

/// Keys of notifications, and of what queues and topics wrap around them.
const OF_NOTIFICATION: &[&str] = &[
    "NotificationType",
    "notificationType",
    "Message",
    "Messages",
    "Records",
    "detail-type",
];

/// Keys that other bodies have, which are looked at further.
const OF_OTHERS: &[&str] = &["orders", "order", "payload", "columns"];

/// The topic of a body that comes without one.
pub(crate) fn topic(body: &[u8]) -> &'static str {
    if is_order(body) {
        return topics::ORDER;
    }
    let Some(keys) = keys(body) else {
        return topics::PARTS;
    };
    let has = |wanted: &[&str]| wanted.iter().any(|key| keys.contains_key(*key));
    let inside = |key: &str| keys.get(key).and_then(|value| self::keys(raw(value)));
    if has(OF_ORDER) {
        return topics::ORDER;
    }
    if has(OF_NOTIFICATION) {
        return topics::NOTIFICATION;
    }
    if has(&["orders"]) {
        return topics::ORDERS;
    }
    if has(&["columns"]) {
        return topics::ROWS;
    }
    if inside("order").is_some_and(|order| OF_ORDER.iter().any(|key| order.contains_key(*key))) {
        return topics::ORDER;
    }
    if let Some(answer) = inside("payload") {
        return if answer.contains_key("FinancialEvents") {
            topics::REFUND_EVENTS
        } else if answer.contains_key("transactions") {
            topics::TRANSACTIONS
        } else {
            topics::ORDERS_ALONE
        };
    }
    topics::PARTS
}

/// Takes an answer apart. What is not in the form of an answer is a payload itself.
pub(crate) fn split(payload: Payload<'_>) -> Result<Pieces<'_>, MapError> {
    let whole = Ok(Pieces::One(payload));
    let Payload { topic, body } = payload;
    match topics::action(&request(topic)) {
        Some((Action::ByShape, _)) => {
            let topic = self::topic(body);
            split(Payload { topic, body })
        }
        Some((Action::Order, _)) if !is_order(body) => {
            pieces(topic, body, &[&["orders"], &["order"]]).map_or(whole, Ok)
        }
        Some((Action::OrderAlone, _)) => {
            pieces(topic, body, &[&["payload", "Orders"], &["payload"]]).map_or(whole, Ok)
        }
        Some((Action::RefundEvent, _)) => {
            let path = ["payload", "FinancialEvents", "RefundEventList"];
            pieces(topic, body, &[&path]).map_or(whole, Ok)
        }
        Some((Action::Transaction, _)) => {
            let paths: [&[&str]; 2] = [&["payload", "transactions"], &["transactions"]];
            pieces(topic, body, &paths).map_or(whole, Ok)
        }
        _ => whole,
    }
}

/// Whether the first key that tells what a body is says that it is an order. Nothing is read after
/// that key, which is nearly always the first or the second one.
fn is_order(body: &[u8]) -> bool {
    struct UntilItTells<'a>(&'a mut bool);

    impl<'de> Visitor<'de> for UntilItTells<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                let is_one_of = |keys: &[&str]| keys.contains(&key.as_ref());
                *self.0 = is_one_of(OF_ORDER);
                if *self.0 || is_one_of(OF_NOTIFICATION) || is_one_of(OF_OTHERS) {
                    return Ok(());
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }

    let mut is_order = false;
    // What comes after the key is left over, which is no fault here.
    let _ = serde_json::Deserializer::from_slice(body).deserialize_map(UntilItTells(&mut is_order));
    is_order
}

/// The payloads at the first of the paths that leads to a list, or to an object.
fn pieces<'a>(topic: &'a str, body: &'a [u8], paths: &[&[&str]]) -> Option<Pieces<'a>> {
    paths.iter().find_map(|path| {
        let mut value = body;
        for key in *path {
            value = raw(keys(value)?.get(*key)?);
        }
        match value.first()? {
            b'[' => {
                let values: Vec<&RawValue> = serde_json::from_slice(value).ok()?;
                let pieces = values.into_iter().map(|value| Payload {
                    topic,
                    body: raw(value),
                });
                Some(Pieces::Many(pieces.collect()))
            }
            // `{}` is how Amazon answers where there is nothing, or no access.
            b'{' if keys(value)?.is_empty() => Some(Pieces::Many(Vec::new())),
            b'{' => Some(Pieces::Many(vec![Payload { topic, body: value }])),
            _ => None,
        }
    })
}

fn keys(body: &[u8]) -> Option<Keys<'_>> {
    serde_json::from_slice(body).ok()
}

fn raw(value: &RawValue) -> &[u8] {
    value.get().as_bytes()
}

/// A topic without host and query: `GET https://host/orders/v0/orders?CreatedAfter=…`.
pub(crate) fn request(topic: &str) -> Cow<'_, str> {
    let (path, _query) = topic.split_once('?').unwrap_or((topic, ""));
    let local = path.split_once("://").and_then(|(method, rest)| {
        let method = method.split_once(' ')?.0;
        Some(format!("{method} {}", rest.get(rest.find('/')?..)?))
    });
    local.map_or(Cow::Borrowed(path), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_bodies_by_their_keys() {
        for (body, wanted) in [
            (r#"{"orderId":"1"}"#, topics::ORDER),
            (r#"{"x":1,"orderItems":[]}"#, topics::ORDER),
            (r#"{"buyer":{"x":[]},"createdTime":"#, topics::ORDER),
            (r#"{"order":{},"orderItems":[]}"#, topics::ORDER),
            (
                r#"{"buyer":{},"items":[],"order":{"AmazonOrderId":"1"}}"#,
                topics::PARTS,
            ),
            (r#"{"orders":[]}"#, topics::ORDERS),
            (r#"{"pagination":{},"orders":[]}"#, topics::ORDERS),
            (r#"{"order":{"orderId":"1"}}"#, topics::ORDER),
            (
                r#"{"order":{"AmazonOrderId":"1"},"items":[]}"#,
                topics::PARTS,
            ),
            (r#"{"AmazonOrderId":"1"}"#, topics::PARTS),
            (r#"{"payload":{"Orders":[]}}"#, topics::ORDERS_ALONE),
            (
                r#"{"payload":{"FinancialEvents":{}}}"#,
                topics::REFUND_EVENTS,
            ),
            (r#"{"payload":{"transactions":[]}}"#, topics::TRANSACTIONS),
            (
                r#"{"payload":{},"notificationType":"X"}"#,
                topics::NOTIFICATION,
            ),
            (
                r#"{"Type":"Notification","Message":"{}"}"#,
                topics::NOTIFICATION,
            ),
            (r#"{"columns":[],"rows":[]}"#, topics::ROWS),
            (r#"{"errors":[]}"#, topics::PARTS),
            ("nonsense", topics::PARTS),
        ] {
            assert_eq!(topic(body.as_bytes()), wanted, "{body}");
        }
    }

    /// The topics and bodies of the pieces; `None` for a body that is one itself.
    fn taken_apart(topic: &str, body: &str) -> Option<Vec<String>> {
        let body = body.as_bytes();
        match split(Payload { topic, body }).unwrap() {
            Pieces::One(_) => None,
            Pieces::Many(pieces) => Some(
                pieces
                    .iter()
                    .map(|piece| String::from_utf8_lossy(piece.body).into_owned())
                    .collect(),
            ),
        }
    }

    #[test]
    fn takes_answers_apart_and_leaves_bodies_whole() {
        let some = |texts: &[&str]| Some(texts.iter().map(|it| (*it).to_owned()).collect());
        let orders = "GET /orders/2026-01-01/orders?maxResultsPerPage=2";
        assert_eq!(
            taken_apart(
                orders,
                r#"{"orders":[{"orderId":"1"},{}],"createdBefore":"x"}"#
            ),
            some(&[r#"{"orderId":"1"}"#, "{}"])
        );
        assert_eq!(taken_apart("order", r#"{"orders":[]}"#), some(&[]));
        assert_eq!(taken_apart("order", r#"{"orderId":"1"}"#), None);
        assert_eq!(
            taken_apart("order", r#"{"order":{"orderId":"1"}}"#),
            some(&[r#"{"orderId":"1"}"#])
        );
        assert_eq!(
            taken_apart("order", r#"{"order":{"AmazonOrderId":"1"}}"#),
            None
        );
        let v0 = "GET https://sellingpartnerapi-eu.amazon.com/orders/v0/orders";
        let page = r#"{"payload":{"NextToken":"x","Orders":[{"AmazonOrderId":"1"}]}}"#;
        assert_eq!(taken_apart(v0, page), some(&[r#"{"AmazonOrderId":"1"}"#]));
        assert_eq!(taken_apart(v0, r#"{"payload":[]}"#), some(&[]));
        assert_eq!(taken_apart(v0, r#"{"payload":{}}"#), some(&[]));
        assert_eq!(taken_apart(v0, r#"{"errors":[]}"#), None);
        let transactions = r#"{"payload":{"transactions":[{"a":1}]}}"#;
        assert_eq!(
            taken_apart(topics::TRANSACTIONS, transactions),
            some(&[r#"{"a":1}"#])
        );
        assert_eq!(taken_apart("ORDER_CHANGE", r#"{"payload":{}}"#), None);
        assert_eq!(taken_apart("order", r#"{"order":"#), None);
    }
}
