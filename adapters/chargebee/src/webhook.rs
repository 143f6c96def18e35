//! What Chargebee's webhooks say beside the payload: ids, the invoice, the people.

use orderbridge_event::loose::{Loose, Object};
use orderbridge_event::{
    About, AboutOrder, Delivery, Demand, Headers, Identity, Payload, Text, Timestamp, Webhook,
};
use serde::Deserialize;

use crate::topics::{self, Action};

/// Reads Chargebee's webhooks. No header says what they are about; all of it is in the body.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Webhook for Deliveries {
    fn delivery<'a>(&self, _headers: &Headers<'a>) -> Delivery<'a> {
        Delivery::default()
    }

    fn message_id(&self, payload: Payload<'_>) -> Option<Text> {
        let body: Body = serde_json::from_slice(payload.body).ok()?;
        body.event_type.0?;
        body.id.0
    }

    fn demand(&self, _topic: &str) -> Option<Demand> {
        None
    }

    fn about(&self, payload: Payload<'_>) -> About {
        let Ok(body) = serde_json::from_slice::<Body>(payload.body) else {
            return About::default();
        };
        let kind = body.event_type.0.as_ref().map(Text::as_str);
        let is_part = kind == Some("payment_refunded");
        let content = match kind {
            Some(_) => body.content.0,
            None => serde_json::from_slice(payload.body).unwrap_or_default(),
        };
        content.about(is_part)
    }

    fn as_order(&self, _topic: &str) -> Option<&'static str> {
        None
    }

    fn renewed(&self, topic: &str, number: u64) -> Vec<(&'static str, String)> {
        let object = match topics::action(topic) {
            Some((Action::Subscription(_), _)) => "content.subscription.id",
            Some((Action::Refund, _)) => "content.transaction.id",
            _ => "content.invoice.id",
        };
        vec![
            (object, format!("\"{number}\"")),
            ("id", format!("\"ev_{number}\"")),
        ]
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    id: Loose,
    event_type: Loose,
    content: Object<Content>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    invoice: Object<Thing>,
    subscription: Object<Thing>,
    transaction: Object<Thing>,
    customer: Object<Person>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Thing {
    id: Loose,
    customer_id: Loose,
    paid_at: Loose,
    updated_at: Loose,
    billing_address: Object<Person>,
    shipping_address: Object<Person>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Loose,
    email: Loose,
    phone: Loose,
}

fn time(text: &Loose) -> Option<Timestamp> {
    Timestamp::from_unix(text.0.as_ref()?.as_str().parse().ok()?)
}

impl Content {
    fn about(self, is_part: bool) -> About {
        let invoice = self.invoice.0;
        let order = invoice.id.0.clone().map(|key| AboutOrder {
            key,
            is_whole: !is_part,
            updated_at: time(&invoice.updated_at).filter(|_| !is_part),
            placed_at: time(&invoice.paid_at).filter(|_| !is_part),
        });
        let customer = self.customer.0;
        let (billing, shipping) = (invoice.billing_address.0, invoice.shipping_address.0);
        let customers = [
            customer.id,
            invoice.customer_id,
            self.subscription.0.customer_id,
            self.transaction.0.customer_id,
        ];
        let customers = customers.map(|it| it.0.map(Identity::Customer));
        let emails = [customer.email, billing.email, shipping.email];
        let emails = emails.map(|it| it.0.map(Identity::Email));
        let phones = [customer.phone, billing.phone, shipping.phone];
        let phones = phones.map(|it| it.0.map(Identity::Phone));
        let identities = Identity::distinct(customers.into_iter().chain(emails).chain(phones));
        About { order, identities }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_message_the_invoice_and_everybody_in_it() {
        let body = include_bytes!("../fixtures/renewal.json");
        let payload = Payload {
            topic: "event",
            body,
        };
        let about = Deliveries.about(payload);
        let order = about.order.unwrap();
        assert_eq!((order.key.as_str(), order.is_whole), ("1002", true));
        assert!(order.placed_at.is_some() && order.updated_at.is_some());
        let text = |text: &str| Text::new(text).unwrap();
        assert_eq!(about.identities[0], Identity::Customer(text("cus_Jane")));
        assert!(
            about
                .identities
                .contains(&Identity::Email(text("jane.example@example.com")))
        );
        assert!(Deliveries.message_id(payload).is_some());
    }

    #[test]
    fn a_refund_is_a_part_of_its_invoice() {
        let body = include_bytes!("../fixtures/refund.json");
        let payload = Payload {
            topic: "event",
            body,
        };
        let order = Deliveries.about(payload).order.unwrap();
        assert_eq!((order.key.as_str(), order.is_whole), ("1002", false));
        let broken = Payload {
            topic: "event",
            body: b"{",
        };
        assert_eq!(Deliveries.about(broken), About::default());
    }
}
