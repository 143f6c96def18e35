//! Who is in a message. Its headers say nothing.

use orderbridge_event::loose::{Loose, Object};
use orderbridge_event::{About, Delivery, Demand, Headers, Identity, Payload, Webhook};
use serde::Deserialize;

/// Reads Skio's webhooks.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Webhook for Deliveries {
    fn delivery<'a>(&self, _headers: &Headers<'a>) -> Delivery<'a> {
        Delivery::default()
    }

    fn demand(&self, _topic: &str) -> Option<Demand> {
        None
    }

    fn about(&self, payload: Payload<'_>) -> About {
        let message: Message = serde_json::from_slice(payload.body).unwrap_or_default();
        let facts = [message.properties.0, message.event_data.0];
        let emails = facts
            .into_iter()
            .flat_map(|facts| [facts.email.0, facts.user_email.0]);
        About {
            order: None,
            identities: emails.flatten().map(Identity::Email).collect(),
        }
    }

    fn as_order(&self, _topic: &str) -> Option<&'static str> {
        None
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    properties: Object<Facts>,
    event_data: Object<Facts>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Facts {
    email: Loose,
    user_email: Loose,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_person() {
        let body =
            br#"{"eventName":"subscriptionPaused","properties":{"email":"ada@example.com"}}"#;
        let topic = "message";
        assert_eq!(
            Deliveries.about(Payload { topic, body }).identities.len(),
            1
        );
    }
}
