//! What a body is when nobody says, and the answers of the API taken apart.

use std::borrow::Cow;
use std::collections::BTreeMap;

use orderbridge_event::loose::{Loose, Object};
use orderbridge_event::{Payload, Pieces};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::topics::{self, Action, BODY, CHARGES, SUBSCRIPTIONS};

/// Takes an answer apart; a webhook's body stays whole, since what it asked for stands beside the
/// object. A body without a topic gets one.
pub(crate) fn split(payload: Payload<'_>) -> Pieces<'_> {
    let whole = Payload {
        topic: topic(&payload),
        body: payload.body,
    };
    let list = match topics::action(&request(whole.topic)) {
        Some((Action::Charge(_), _)) => "charges",
        Some((Action::OldOrder, _)) => "orders",
        Some((Action::Subscription(_), _)) => "subscriptions",
        _ => return Pieces::One(whole),
    };
    if !contains(payload.body, list) {
        return Pieces::One(whole);
    }
    let Ok(mut keys) = serde_json::from_slice::<BTreeMap<Cow<'_, str>, &RawValue>>(payload.body)
    else {
        // Mapping says what is wrong with it.
        return Pieces::One(whole);
    };
    let pieces = keys
        .remove(list)
        .map(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()));
    match pieces {
        Some(Ok(pieces)) => Pieces::Many(
            pieces
                .into_iter()
                .map(|piece| Payload {
                    topic: whole.topic,
                    body: piece.get().as_bytes(),
                })
                .collect(),
        ),
        _ => Pieces::One(whole),
    }
}

/// Whether a key may be in a body at all; looking for its text is cheap.
fn contains(body: &[u8], key: &str) -> bool {
    let mut windows = body.windows(key.len() + 2);
    windows.any(|window| {
        let inner = window
            .strip_prefix(b"\"")
            .and_then(|it| it.strip_suffix(b"\""));
        inner == Some(key.as_bytes())
    })
}

/// The topic, or what the body says that it is.
pub(crate) fn topic<'a>(payload: &Payload<'a>) -> &'a str {
    if payload.topic == BODY {
        told_by(payload.body)
    } else {
        payload.topic
    }
}

/// The keys of a body, and of the objects under them, that tell what it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    charge: Object<Inner>,
    subscription: Object<Inner>,
    charges: Seen,
    subscriptions: Seen,
    order: Seen,
    orders: Seen,
    customer: Seen,
    customers: Seen,
    address: Seen,
    addresses: Seen,
    onetime: Seen,
    onetimes: Seen,
    payment_method: Seen,
    payment_methods: Seen,
    errors: Seen,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    id: Loose,
}

#[derive(Default)]
struct Seen(bool);

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// A charge or a subscription counts as it is now: paid or not, ended or not.
fn told_by(body: &[u8]) -> &'static str {
    let Ok(keys) = serde_json::from_slice::<Keys>(body) else {
        return BODY;
    };
    let others = [
        (keys.order, "order/*"),
        (keys.orders, "GET /orders"),
        (keys.onetime, "onetime/*"),
        (keys.onetimes, "GET /onetimes"),
        (keys.address, "address/*"),
        (keys.addresses, "GET /addresses"),
        (keys.payment_method, "payment_method/*"),
        (keys.payment_methods, "GET /payment_methods"),
        (keys.customer, "customer/*"),
        (keys.customers, "GET /customers"),
        (keys.errors, "GET /*"),
    ];
    if keys.charge.0.id.0.is_some() || keys.charges.0 {
        CHARGES
    } else if keys.subscription.0.id.0.is_some() || keys.subscriptions.0 {
        SUBSCRIPTIONS
    } else {
        let other = others.into_iter().find(|(seen, _)| seen.0);
        other.map_or(BODY, |(_, topic)| topic)
    }
}

/// A topic without host and query: `GET https://api.rechargeapps.com/charges?limit=250`.
pub(crate) fn request(topic: &str) -> Cow<'_, str> {
    let path = topic.split('?').next().unwrap_or_default();
    let Some((method, url)) = path.split_once(' ') else {
        return Cow::Borrowed(path);
    };
    let local = url
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    match local {
        Some(local) => Cow::Owned(format!("{method} {local}")),
        None => Cow::Borrowed(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(topic: &str, body: &str) -> Vec<(String, String)> {
        let body = body.as_bytes();
        let own = |piece: &Payload<'_>| {
            (
                piece.topic.to_owned(),
                String::from_utf8_lossy(piece.body).into_owned(),
            )
        };
        match split(Payload { topic, body }) {
            Pieces::One(piece) => vec![own(&piece)],
            Pieces::Many(pieces) => pieces.iter().map(own).collect(),
        }
    }

    #[test]
    fn takes_pages_apart_and_leaves_webhooks_whole() {
        let page = r#"{"next_cursor":null,"charges":[{"id":1},{"id":2}]}"#;
        let piece = |topic: &str, body: &str| (topic.to_owned(), body.to_owned());
        let both = |topic| vec![piece(topic, r#"{"id":1}"#), piece(topic, r#"{"id":2}"#)];
        assert_eq!(pieces("GET /charges", page), both("GET /charges"));
        assert_eq!(pieces(BODY, page), both("GET /charges"));
        assert_eq!(pieces("GET /subscriptions", r#"{"subscriptions":[]}"#), []);
        let webhook = r#"{"charge":{"id":1},"customer":{"id":2}}"#;
        assert_eq!(
            pieces("charge/paid", webhook),
            [piece("charge/paid", webhook)]
        );
        assert_eq!(pieces(BODY, webhook), [piece("GET /charges", webhook)]);
        // An order has a charge and a customer among its fields.
        let order = r#"{"order":{"id":1,"charge":{"id":2}}}"#;
        assert_eq!(pieces(BODY, order), [piece("order/*", order)]);
        assert_eq!(pieces(BODY, r#"{"id":1}"#), [piece(BODY, r#"{"id":1}"#)]);
        assert_eq!(pieces(BODY, "{"), [piece(BODY, "{")]);
    }

    #[test]
    fn reads_a_request_with_or_without_its_host() {
        let table = [
            ("charge/paid", "charge/paid"),
            ("GET /charges?limit=250", "GET /charges"),
            (
                "GET https://api.rechargeapps.com/charges/1?x=y",
                "GET /charges/1",
            ),
            (
                "GET https://api.rechargeapps.com",
                "GET https://api.rechargeapps.com",
            ),
        ];
        for (topic, path) in table {
            assert_eq!(request(topic), path);
        }
    }
}
