//! What Ordergroove's webhooks say beside the payload: the order, the people.

use orderbridge_event::loose::{Loose, Object};
use orderbridge_event::{
    About, AboutOrder, Delivery, Demand, Headers, Identity, Payload, Text, Timestamp, Webhook,
};
use serde::Deserialize;

use crate::topics::{self, Action, What};
use crate::verify;

/// Reads Ordergroove's webhooks.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Webhook for Deliveries {
    /// The message's type and id are in the body, not in the headers.
    fn delivery<'a>(&self, headers: &Headers<'a>) -> Delivery<'a> {
        Delivery {
            sent_at: verify::sent_at(headers).and_then(Timestamp::from_unix),
            ..Delivery::default()
        }
    }

    fn demand(&self, _topic: &str) -> Option<Demand> {
        None
    }

    fn about(&self, payload: Payload<'_>) -> About {
        let message: Message = serde_json::from_slice(payload.body).unwrap_or_default();
        let data = message.data.0;
        let object = data.object.0;
        let topic = match payload.topic {
            topics::MESSAGE => topics::told_by(payload.body),
            told => told,
        };
        let is_order = matches!(topics::action(topic), Some((Action::Map(What::Renewal), _)));
        let order = object
            .public_id
            .0
            .filter(|_| is_order)
            .map(|key| AboutOrder {
                key,
                is_whole: true,
                updated_at: None,
                placed_at: None,
            });
        let carried = [data.snapshot.0.customer.0, message.snapshot.0.customer.0];
        let mut identities: Vec<Identity> = object
            .customer
            .0
            .map(Identity::Customer)
            .into_iter()
            .collect();
        for person in carried {
            identities.extend(person.email.0.map(Identity::Email));
            identities.extend(person.phone_number.0.map(Identity::Phone));
        }
        // Of subscribers the object itself is the person.
        identities.extend(object.email.0.map(Identity::Email));
        identities.extend(object.phone_number.0.map(Identity::Phone));
        About { order, identities }
    }

    fn as_order(&self, _topic: &str) -> Option<&'static str> {
        None
    }

    fn message_id(&self, payload: Payload<'_>) -> Option<Text> {
        let message: Message = serde_json::from_slice(payload.body).ok()?;
        message.id.0
    }

    fn renewed(&self, _topic: &str, number: u64) -> Vec<(&'static str, String)> {
        vec![("data.object.public_id", format!("\"{number}\""))]
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    id: Loose,
    data: Object<Data>,
    snapshot: Object<Snapshot>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    object: Object<Fields>,
    snapshot: Object<Snapshot>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    public_id: Loose,
    customer: Loose,
    email: Loose,
    phone_number: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Snapshot {
    customer: Object<Person>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    email: Loose,
    phone_number: Loose,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_order_and_the_person() {
        let body = br#"{"id":"m1","type":"order.success","data":{"object":{"public_id":"o1","customer":"7"},
            "snapshot":{"customer":{"email":"ada@example.com"}}}}"#;
        let topic = topics::MESSAGE;
        let about = Deliveries.about(Payload { topic, body });
        assert_eq!(about.order.unwrap().key.as_str(), "o1");
        assert_eq!(about.identities.len(), 2);
        let id = Deliveries.message_id(Payload { topic, body });
        assert_eq!(id.unwrap().as_str(), "m1");
        let topic = "subscription.create";
        assert_eq!(Deliveries.about(Payload { topic, body }).order, None);
    }
}
