//! What a message says beside its payload: its id and its order stand in the body, not in headers.

use orderbridge_event::{
    About, AboutOrder, Delivery, Demand, Headers, Identity, Payload, Text, Timestamp, Webhook, read,
};
use serde::Deserialize;

use crate::shape::request;
use crate::topics::{self, Action};
use crate::{notification, refund, report, shape};

/// Reads messages that are relayed by SNS, Lambda or `EventBridge`.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Webhook for Deliveries {
    fn delivery<'a>(&self, _headers: &Headers<'a>) -> Delivery<'a> {
        // SNS has an id of the message in a header, but the same notification may come in two
        // messages: only its own id tells.
        Delivery::default()
    }

    fn message_id(&self, payload: Payload<'_>) -> Option<Text> {
        match action(payload)? {
            Action::Notification => notification::id(payload.body),
            _ => None,
        }
    }

    fn reads_queues(&self) -> bool {
        true
    }

    fn renewed(&self, topic: &str, number: u64) -> Vec<(&'static str, String)> {
        match topics::action(&request(topic)) {
            Some((Action::Order | Action::ByShape, _)) => {
                let number = number % 100_000_000_000_000;
                let (middle, end) = (number / 10_000_000, number % 10_000_000);
                vec![("orderId", format!("\"999-{middle:07}-{end:07}\""))]
            }
            _ => Vec::new(),
        }
    }

    fn demand(&self, _topic: &str) -> Option<Demand> {
        None
    }

    fn about(&self, payload: Payload<'_>) -> About {
        match action(payload) {
            Some(Action::Notification) => {
                part_of(notification::order_to_fetch(payload).map(|order| order.order_id))
            }
            Some(Action::RefundEvent | Action::Transaction) => {
                part_of(refund::order_of(payload.body))
            }
            Some(Action::Order | Action::Parts | Action::OrderAlone) => whole(payload.body),
            Some(Action::Rows) => About {
                order: report::read_order(payload.body)
                    .ok()
                    .map(|order| about(order.id, order.placed_at.1.as_ref(), None)),
                identities: Vec::new(),
            },
            Some(Action::ByShape | Action::Ignore(_)) | None => About::default(),
        }
    }

    fn as_order(&self, _topic: &str) -> Option<&'static str> {
        // The first complete version of an order counts; a later one may be cancelled in part.
        None
    }
}

/// What is done with a payload, once its shape has told.
fn action(payload: Payload<'_>) -> Option<Action> {
    match topics::action(&request(payload.topic))?.0 {
        Action::ByShape => topics::action(shape::topic(payload.body)).map(|(action, _)| action),
        action => Some(action),
    }
}

fn about(key: Text, placed_at: Option<&Text>, updated_at: Option<&Text>) -> AboutOrder {
    let time = |text: Option<&Text>| text.and_then(|text| Timestamp::parse(text.as_str()));
    AboutOrder {
        key,
        is_whole: true,
        updated_at: time(updated_at),
        placed_at: time(placed_at),
    }
}

fn part_of(key: Option<Text>) -> About {
    About {
        order: key.map(|key| AboutOrder {
            is_whole: false,
            ..about(key, None, None)
        }),
        identities: Vec::new(),
    }
}

/// The few fields that say which order and who, of either API; the rest is skipped.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(
        alias = "orderId",
        alias = "AmazonOrderId",
        deserialize_with = "read::key"
    )]
    id: Option<Text>,
    #[serde(
        alias = "createdTime",
        alias = "PurchaseDate",
        deserialize_with = "read::text"
    )]
    placed_at: Option<Text>,
    #[serde(
        alias = "lastUpdatedTime",
        alias = "LastUpdateDate",
        deserialize_with = "read::text"
    )]
    updated_at: Option<Text>,
    #[serde(alias = "BuyerInfo", deserialize_with = "read::object")]
    buyer: Option<Buyer>,
    /// The order among its parts.
    #[serde(deserialize_with = "read::object")]
    order: Option<Box<Self>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Buyer {
    #[serde(
        alias = "buyerEmail",
        alias = "BuyerEmail",
        deserialize_with = "read::text"
    )]
    email: Option<Text>,
}

fn whole(body: &[u8]) -> About {
    let Ok(mut body) = read::read::<Body>(body) else {
        return About::default();
    };
    let mut buyers = vec![body.buyer.take()];
    if let Some(order) = body.order {
        body = *order;
        buyers.push(body.buyer.take());
    }
    let emails = buyers.into_iter().flatten().filter_map(|buyer| buyer.email);
    let mut identities: Vec<Identity> = emails.map(Identity::Email).collect();
    identities.dedup();
    let times = (body.placed_at, body.updated_at);
    About {
        order: body
            .id
            .map(|key| about(key, times.0.as_ref(), times.1.as_ref())),
        identities,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(topic: &str, body: &str) -> About {
        let body = body.as_bytes();
        Deliveries.about(Payload { topic, body })
    }

    #[test]
    fn finds_the_order_of_each_kind_of_body() {
        for (topic, body, is_whole) in [
            (
                "order",
                r#"{"orderId":"1","createdTime":"2026-03-02T09:15:00Z"}"#,
                true,
            ),
            (
                "v0-order",
                r#"{"order":{"AmazonOrderId":"1"},"items":[]}"#,
                true,
            ),
            ("GET /orders/v0/orders/1", r#"{"AmazonOrderId":"1"}"#, true),
            (
                "report",
                r#"{"columns":["amazon-order-id"],"rows":[["1"]]}"#,
                true,
            ),
            (
                "ORDER_CHANGE",
                r#"{"Payload":{"OrderChangeNotification":{"AmazonOrderId":"1"}}}"#,
                false,
            ),
            (
                "GET /finances/v0/financialEvents",
                r#"{"AmazonOrderId":"1"}"#,
                false,
            ),
        ] {
            let order = about(topic, body).order.unwrap();
            assert_eq!(
                (order.key.as_str(), order.is_whole),
                ("1", is_whole),
                "{topic}"
            );
        }
        assert_eq!(about("order", "{"), About::default());
        assert_eq!(about("no topic", r#"{"orderId":"1"}"#), About::default());
    }

    #[test]
    fn finds_the_buyer() {
        let address = "a1@marketplace.amazon.de";
        for (topic, body) in [
            (
                "order",
                format!(r#"{{"orderId":"1","buyer":{{"buyerEmail":"{address}"}}}}"#),
            ),
            (
                "v0-order",
                format!(
                    r#"{{"order":{{"AmazonOrderId":"1"}},"buyer":{{"BuyerEmail":"{address}"}}}}"#
                ),
            ),
        ] {
            let expected = Identity::Email(Text::new(address).unwrap());
            assert_eq!(about(topic, &body).identities, [expected]);
        }
    }

    #[test]
    fn another_order_has_an_id_of_the_same_form() {
        let fields = Deliveries.renewed("order", 12_345_678);
        assert_eq!(fields, [("orderId", "\"999-0000001-2345678\"".to_owned())]);
        assert_eq!(Deliveries.renewed("ORDER_CHANGE", 1), []);
    }

    #[test]
    fn a_notification_is_known_by_its_own_id() {
        let body = br#"{"NotificationType":"ORDER_CHANGE","NotificationMetadata":{"NotificationId":"n-1"}}"#;
        for topic in ["order", "ORDER_CHANGE"] {
            let id = Deliveries.message_id(Payload { topic, body });
            assert_eq!(id, Text::new("n-1"));
        }
    }
}
