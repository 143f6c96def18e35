//! What Stripe's webhooks say beside the payload: ids, the invoice, the people.
//!
//! <https://docs.stripe.com/webhooks>

use orderbridge_event::loose::{Loose, Object};
use orderbridge_event::{
    About, AboutOrder, Delivery, Demand, Headers, Identity, Payload, Text, Timestamp, Webhook,
};
use serde::Deserialize;

use crate::topics::{self, Action};

/// Reads Stripe's webhooks. No header says what they are about; all of it is in the body.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Webhook for Deliveries {
    fn delivery<'a>(&self, _headers: &Headers<'a>) -> Delivery<'a> {
        Delivery::default()
    }

    fn message_id(&self, payload: Payload<'_>) -> Option<Text> {
        let body: Body = serde_json::from_slice(payload.body).ok()?;
        let is_event = body.object.0.as_ref().map(Text::as_str) == Some("event");
        body.id.0.filter(|_| is_event)
    }

    /// Stripe asks for nothing: a deleted customer is no request to erase.
    fn demand(&self, _topic: &str) -> Option<Demand> {
        None
    }

    fn about(&self, payload: Payload<'_>) -> About {
        let Ok(body) = serde_json::from_slice::<Body>(payload.body) else {
            return About::default();
        };
        let happened = body.created.time();
        let is_event = body.object.0.as_ref().map(Text::as_str) == Some("event");
        let subject = if is_event {
            Some(body.data.0.object.0)
        } else {
            serde_json::from_slice(payload.body).ok()
        };
        subject.map_or_else(About::default, |subject: Subject| subject.about(happened))
    }

    fn as_order(&self, _topic: &str) -> Option<&'static str> {
        None
    }

    fn renewed(&self, topic: &str, number: u64) -> Vec<(&'static str, String)> {
        let prefix = match topics::action(topic) {
            Some((Action::Subscription(_), _)) => "sub",
            Some((Action::Refund, _)) => "ch",
            _ => "in",
        };
        vec![
            ("data.object.id", format!("\"{prefix}_{number}\"")),
            ("id", format!("\"evt_{number}\"")),
        ]
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    id: Loose,
    object: Loose,
    created: Number,
    data: Object<Data>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    object: Object<Subject>,
}

/// An invoice, subscription, charge or customer: whatever of their fields tells who it is about.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Subject {
    id: Loose,
    object: Loose,
    invoice: Reference,
    status_transitions: Object<Transitions>,
    customer: Reference,
    customer_email: Loose,
    customer_phone: Loose,
    customer_shipping: Object<Person>,
    billing_details: Object<Person>,
    receipt_email: Loose,
    email: Loose,
    phone: Loose,
    shipping: Object<Person>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Transitions {
    paid_at: Number,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Loose,
    email: Loose,
    phone: Loose,
}

/// An id, or the object that has it.
#[derive(Default)]
struct Reference(Person);

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        let id = serde_json::from_str::<Loose>(raw.get()).ok();
        let object = serde_json::from_str::<Object<Person>>(raw.get()).ok();
        let mut person = object.unwrap_or_default().0;
        if let Some(id @ Loose(Some(_))) = id {
            person.id = id;
        }
        Ok(Self(person))
    }
}

/// Unix seconds, as text or a number.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Number(Loose);

impl Number {
    fn time(&self) -> Option<Timestamp> {
        let text = self.0.0.as_ref()?;
        Timestamp::from_unix(text.as_str().parse().ok()?)
    }
}

impl Subject {
    fn about(self, happened: Option<Timestamp>) -> About {
        let kind = self.object.0.as_ref().map_or("", Text::as_str);
        let order = match kind {
            "invoice" => self.id.0.clone().map(|key| AboutOrder {
                key,
                is_whole: true,
                updated_at: happened,
                placed_at: self.status_transitions.0.paid_at.time(),
            }),
            "charge" => self.invoice.0.id.0.clone().map(|key| AboutOrder {
                key,
                is_whole: false,
                updated_at: None,
                placed_at: None,
            }),
            _ => None,
        };
        let own = (kind == "customer").then_some(self.id.0).flatten();
        let customer = self.customer.0;
        let details = self.billing_details.0;
        let customers = [own, customer.id.0].map(|it| it.map(Identity::Customer));
        let emails = [
            self.customer_email,
            self.email,
            customer.email,
            details.email,
            self.receipt_email,
        ];
        let emails = emails.map(|it| it.0.map(Identity::Email));
        let phones = [
            self.customer_phone,
            self.customer_shipping.0.phone,
            self.phone,
            customer.phone,
            details.phone,
            self.shipping.0.phone,
        ];
        let phones = phones.map(|it| it.0.map(Identity::Phone));
        let identities = Identity::distinct(customers.into_iter().chain(emails).chain(phones));
        About { order, identities }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(body: &str) -> About {
        let body = body.as_bytes();
        Deliveries.about(Payload {
            topic: "event",
            body,
        })
    }

    fn text(text: &str) -> Text {
        Text::new(text).unwrap()
    }

    #[test]
    fn finds_the_invoice_and_everybody_in_it() {
        let about = about(
            r#"{"object":"event","id":"evt_1","created":1790000005,"data":{"object":{
               "object":"invoice","id":"in_1","customer":{"id":"cus_1","email":"j@example.org"},
               "customer_email":"jane@example.com","customer_phone":null,
               "customer_shipping":{"phone":"+12025550142"},
               "status_transitions":{"paid_at":1790000000}}}}"#,
        );
        let order = about.order.unwrap();
        assert_eq!((order.key.as_str(), order.is_whole), ("in_1", true));
        assert_eq!(order.placed_at.unwrap().unix(), 1_790_000_000);
        assert_eq!(order.updated_at.unwrap().unix(), 1_790_000_005);
        let expected = [
            Identity::Customer(text("cus_1")),
            Identity::Email(text("jane@example.com")),
            Identity::Email(text("j@example.org")),
            Identity::Phone(text("+12025550142")),
        ];
        assert_eq!(about.identities, expected);
    }

    #[test]
    fn finds_the_order_of_a_charge_and_a_bare_customer() {
        let charge = about(
            r#"{"object":"event","data":{"object":{"object":"charge","id":"ch_1",
               "invoice":"in_1","customer":"cus_1","billing_details":{"email":"j@example.com"}}}}"#,
        );
        let order = charge.order.unwrap();
        assert_eq!((order.key.as_str(), order.is_whole), ("in_1", false));
        assert_eq!(charge.identities.len(), 2);
        let customer = about(r#"{"object":"customer","id":"cus_1","phone":"1","customer":[1]}"#);
        let expected = [
            Identity::Customer(text("cus_1")),
            Identity::Phone(text("1")),
        ];
        assert_eq!(customer.identities, expected);
        assert_eq!(about("{"), About::default());
    }

    #[test]
    fn knows_a_message_by_its_event() {
        let id = |body: &str| {
            let body = body.as_bytes();
            Deliveries.message_id(Payload {
                topic: "event",
                body,
            })
        };
        assert_eq!(
            id(r#"{"object":"event","id":"evt_1"}"#),
            Some(text("evt_1"))
        );
        assert_eq!(id(r#"{"object":"invoice","id":"in_1"}"#), None);
        assert_eq!(id("{"), None);
    }
}
