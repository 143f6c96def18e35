//! What Recharge's webhooks say beside the payload: when they were sent, the charge, the people.

use orderbridge_event::loose::{Loose, Object};
use orderbridge_event::{
    About, AboutOrder, Delivery, Demand, Headers, Identity, Payload, Timestamp, Webhook,
};
use serde::Deserialize;

use crate::split::{request, topic};
use crate::time;
use crate::topics::{self, Action};
use crate::verify::TIMESTAMP;

/// Reads Recharge's webhooks.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Webhook for Deliveries {
    /// Neither topic nor an id of the delivery is in the headers.
    fn delivery<'a>(&self, headers: &Headers<'a>) -> Delivery<'a> {
        let sent_at = headers
            .get(TIMESTAMP)
            .and_then(|text| text.trim().parse().ok());
        Delivery {
            sent_at: sent_at.and_then(Timestamp::from_unix),
            ..Delivery::default()
        }
    }

    fn demand(&self, _topic: &str) -> Option<Demand> {
        None
    }

    fn about(&self, payload: Payload<'_>) -> About {
        let around: Around = serde_json::from_slice(payload.body).unwrap_or_default();
        let bare: Fields = serde_json::from_slice(payload.body).unwrap_or_default();
        let Around {
            charge: Object(charge),
            subscription: Object(subscription),
            order: Object(order),
            customer: Object(customer),
        } = around;
        match topics::action(&request(topic(&payload))) {
            Some((Action::Charge(_), _)) => charge.or(bare).charge(true, customer),
            Some((Action::OldOrder, _)) => {
                let mut order = order.or(bare);
                order.id = std::mem::take(&mut order.charge.0.id);
                order.charge(true, customer)
            }
            Some((Action::Refund | Action::MaxRetries, _)) => {
                charge.or(bare).charge(false, customer)
            }
            Some((Action::Subscription(_), _)) => subscription.or(bare).person(customer),
            _ => bare.person(customer),
        }
    }

    fn as_order(&self, _topic: &str) -> Option<&'static str> {
        None
    }

    fn renewed(&self, topic: &str, number: u64) -> Vec<(&'static str, String)> {
        match topics::action(&request(topic)) {
            Some((Action::Subscription(_), _)) => vec![("subscription.id", number.to_string())],
            _ => vec![("charge.id", number.to_string())],
        }
    }
}

/// The objects of a body that tell of people.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Around {
    charge: Object<Fields>,
    subscription: Object<Fields>,
    order: Object<Fields>,
    customer: Object<Person>,
}

/// The few fields that say which charge and who; the rest is skipped.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    id: Loose,
    processed_at: Loose,
    updated_at: Loose,
    customer_id: Loose,
    customer: Object<Person>,
    /// An order's.
    charge: Object<Id>,
    email: Loose,
    billing_address: Object<Address>,
    shipping_address: Object<Address>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Loose,
    email: Loose,
    phone: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Id {
    id: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Address {
    phone: Loose,
}

impl Fields {
    /// These, or the others where there are none.
    fn or(self, bare: Self) -> Self {
        if self.id.0.is_some() { self } else { bare }
    }

    fn charge(self, is_whole: bool, beside: Person) -> About {
        let time = |text: &Loose| text.0.as_ref().and_then(|it| time::read(it.as_str()));
        let order = self.id.0.clone().map(|key| AboutOrder {
            key,
            is_whole,
            updated_at: time(&self.updated_at),
            placed_at: time(&self.processed_at),
        });
        let identities = self.people(beside);
        About { order, identities }
    }

    fn person(self, beside: Person) -> About {
        let identities = self.people(beside);
        About {
            order: None,
            identities,
        }
    }

    fn people(self, beside: Person) -> Vec<Identity> {
        let own = self.customer.0;
        let customers =
            [own.id, self.customer_id, beside.id].map(|it| it.0.map(Identity::Customer));
        let emails = [own.email, self.email, beside.email].map(|it| it.0.map(Identity::Email));
        let phones = [
            own.phone,
            beside.phone,
            self.shipping_address.0.phone,
            self.billing_address.0.phone,
        ]
        .map(|it| it.0.map(Identity::Phone));
        Identity::distinct(customers.into_iter().chain(emails).chain(phones))
    }
}

#[cfg(test)]
mod tests {
    use orderbridge_event::Text;

    use super::*;

    fn about(topic: &str, body: &str) -> About {
        let body = body.as_bytes();
        Deliveries.about(Payload { topic, body })
    }

    fn text(text: &str) -> Text {
        Text::new(text).unwrap()
    }

    #[test]
    fn reads_when_it_was_sent() {
        let pairs = [("x-recharge-webhook-timestamp", "1790000000")];
        let read = Deliveries.delivery(&Headers::new(&pairs));
        assert_eq!(read.sent_at, Timestamp::from_unix(1_790_000_000));
        assert_eq!((read.topic, read.id), (None, None));
    }

    #[test]
    fn finds_the_charge_and_everybody_in_both_shapes() {
        let nested = about(
            "charge/paid",
            r#"{"charge":{"id":580,"updated_at":"2026-06-10T14:12:40+00:00",
               "customer":{"id":7,"email":"ada@example.com"},
               "shipping_address":{"phone":"+12025550142"}},"customer":{"id":7,"phone":null}}"#,
        );
        let flat = about(
            "charge/paid",
            r#"{"charge":{"id":580,"updated_at":"2026-06-10T10:12:40","customer_id":7,
               "email":"ada@example.com","shipping_address":{"phone":"+12025550142"}}}"#,
        );
        assert_eq!(nested, flat);
        let order = nested.order.unwrap();
        assert_eq!((order.key.as_str(), order.is_whole), ("580", true));
        assert_eq!(
            nested.identities,
            [
                Identity::Customer(text("7")),
                Identity::Email(text("ada@example.com")),
                Identity::Phone(text("+12025550142")),
            ]
        );
    }

    #[test]
    fn a_refund_is_a_part_of_its_charge_and_a_subscription_has_no_order() {
        let refund = about("charge/refunded", r#"{"charge":{"id":580}}"#);
        assert!(!refund.order.unwrap().is_whole);
        let started =
            r#"{"subscription":{"id":3,"customer_id":7},"customer":{"email":"a@example.com"}}"#;
        let started = about("subscription/created", started);
        assert_eq!(started.order, None);
        assert_eq!(started.identities.len(), 2);
        let order = r#"{"order":{"id":9,"charge":{"id":580},"customer":{"id":7}}}"#;
        let order = about("old-order", order);
        assert_eq!(
            order.order.unwrap().key.as_str(),
            "580",
            "it stands for its charge"
        );
        assert_eq!(order.identities, [Identity::Customer(text("7"))]);
        let page = about("GET /charges", r#"{"id":580,"customer_id":7}"#);
        assert_eq!(page.order.unwrap().key.as_str(), "580");
        assert_eq!(about("charge/paid", "{"), About::default());
    }
}
