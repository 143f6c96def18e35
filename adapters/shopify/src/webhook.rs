//! What Shopify's webhooks say beside the payload: headers, the order, the people.
//!
//! <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>

use orderbridge_event::loose::{List, Loose, Object};
use orderbridge_event::{
    About, AboutOrder, Code, Delivery, Demand, Headers, Identity, Payload, Timestamp, Webhook,
};
use serde::Deserialize;

use crate::order::gid_tail;
use crate::split::request;
use crate::topics::{self, Action};

/// The topic of an order that the API answers with: the order as it is now.
const ORDER_AS_IT_IS: &str = "GET /admin/orders/0.json";

/// Reads Shopify's webhooks.
#[derive(Debug)]
pub(crate) struct Deliveries;

impl Webhook for Deliveries {
    fn delivery<'a>(&self, headers: &Headers<'a>) -> Delivery<'a> {
        // The newer "Events" deliveries have names without X-.
        let either = |old, new| headers.get(old).or_else(|| headers.get(new));
        let id = headers
            .get("X-Shopify-Event-Id")
            .or_else(|| either("X-Shopify-Webhook-Id", "shopify-webhook-id"));
        let test = headers.get("X-Shopify-Test").unwrap_or_default();
        Delivery {
            topic: either("X-Shopify-Topic", "shopify-topic"),
            id,
            sent_at: either("X-Shopify-Triggered-At", "shopify-triggered-at")
                .and_then(Timestamp::parse),
            is_test: test.trim().eq_ignore_ascii_case("true"),
        }
    }

    /// <https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance>
    fn demand(&self, topic: &str) -> Option<Demand> {
        match topic {
            "customers/data_request" => Some(Demand::Disclose),
            "customers/redact" => Some(Demand::ErasePerson),
            "shop/redact" => Some(Demand::EraseShop),
            _ => None,
        }
    }

    fn about(&self, payload: Payload<'_>) -> About {
        let Ok(body) = serde_json::from_slice::<Body>(payload.body) else {
            return About::default();
        };
        match topics::action(&request(payload.topic).0) {
            Some((Action::Order(_) | Action::Nested, _)) => body.order(),
            Some((Action::Refund, _)) => body.part_of_order(),
            Some((Action::Ignore(Code::PrivacyRequest), _)) => body.demand(),
            _ if payload.topic.starts_with("customers/") => body.customer(),
            _ => body.anything(),
        }
    }

    fn as_order(&self, topic: &str) -> Option<&'static str> {
        match topics::action(topic) {
            Some((Action::Order(_) | Action::Nested, _)) => Some(ORDER_AS_IT_IS),
            _ => None,
        }
    }

    /// <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>
    fn headers(&self, id: &str, sent_at: Timestamp) -> Vec<(&'static str, String)> {
        vec![
            ("X-Shopify-Event-Id", id.to_owned()),
            ("X-Shopify-Webhook-Id", id.to_owned()),
            ("X-Shopify-Triggered-At", sent_at.to_string()),
            ("X-Shopify-Shop-Domain", "shop.example".to_owned()),
            (
                "X-Shopify-API-Version",
                crate::PROFILE.api_version.to_owned(),
            ),
        ]
    }

    fn renewed(&self, topic: &str, number: u64) -> Vec<(&'static str, String)> {
        let kind = match topics::action(topic) {
            Some((Action::Refund, _)) => "Refund",
            Some((Action::Contract(_), _)) => "SubscriptionContract",
            _ => "Order",
        };
        let mut fields = vec![
            ("id", number.to_string()),
            (
                "admin_graphql_api_id",
                format!("\"gid://shopify/{kind}/{number}\""),
            ),
        ];
        // Where the shop's event ids are its names.
        if kind == "Order" {
            fields.push(("name", format!("\"#{number}\"")));
            fields.push(("order_number", number.to_string()));
        }
        fields
    }
}

/// The few fields that say which order and who; the rest of the body is skipped.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    id: Loose,
    admin_graphql_api_id: Loose,
    order_id: Loose,
    created_at: Loose,
    processed_at: Loose,
    updated_at: Loose,
    customer_id: Loose,
    customer: Object<Person>,
    email: Loose,
    contact_email: Loose,
    phone: Loose,
    billing_address: Object<Address>,
    shipping_address: Object<Address>,
    default_address: Object<Address>,
    orders_to_redact: List,
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
struct Address {
    phone: Loose,
}

impl Body {
    fn order(self) -> About {
        let global = self.admin_graphql_api_id.0.as_ref().and_then(gid_tail);
        let time = |text: &Loose| text.0.as_ref().and_then(|it| Timestamp::parse(it.as_str()));
        let order = global.or_else(|| self.id.0.clone()).map(|key| AboutOrder {
            key,
            is_whole: true,
            updated_at: time(&self.updated_at),
            placed_at: time(&self.processed_at).or_else(|| time(&self.created_at)),
        });
        let identities = self.people();
        About { order, identities }
    }

    fn part_of_order(self) -> About {
        let order = self.order_id.0.clone().map(|key| AboutOrder {
            key,
            is_whole: false,
            updated_at: None,
            placed_at: None,
        });
        let identities = self.people();
        About { order, identities }
    }

    fn demand(mut self) -> About {
        let orders = std::mem::take(&mut self.orders_to_redact.0);
        let mut about = self.anything();
        about
            .identities
            .extend(orders.into_iter().map(Identity::Order));
        about
    }

    fn customer(mut self) -> About {
        self.customer_id = std::mem::take(&mut self.id);
        self.anything()
    }

    fn anything(self) -> About {
        let identities = self.people();
        About {
            order: None,
            identities,
        }
    }

    fn people(self) -> Vec<Identity> {
        let Person { id, email, phone } = self.customer.0;
        let customers = [id, self.customer_id].map(|it| it.0.map(Identity::Customer));
        let emails = [self.email, self.contact_email, email].map(|it| it.0.map(Identity::Email));
        let phones = [
            self.phone,
            phone,
            self.billing_address.0.phone,
            self.shipping_address.0.phone,
            self.default_address.0.phone,
        ]
        .map(|it| it.0.map(Identity::Phone));
        Identity::distinct(customers.into_iter().chain(emails).chain(phones))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderbridge_event::Text;

    fn about(topic: &str, body: &str) -> About {
        let body = body.as_bytes();
        Deliveries.about(Payload { topic, body })
    }

    fn text(text: &str) -> Text {
        Text::new(text).unwrap()
    }

    #[test]
    fn reads_headers_of_both_kinds() {
        let pairs = [
            ("x-shopify-topic", "orders/create"),
            ("X-Shopify-Webhook-Id", "w"),
            ("X-SHOPIFY-EVENT-ID", "e"),
            ("x-shopify-triggered-at", "2026-11-02T10:15:30.25Z"),
            ("x-shopify-test", "true"),
        ];
        let read = Deliveries.delivery(&Headers::new(&pairs));
        assert_eq!((read.topic, read.id), (Some("orders/create"), Some("e")));
        assert_eq!(read.sent_at.unwrap().unix_millis() % 1000, 250);
        assert!(read.is_test);
        let pairs = [
            ("shopify-topic", "Order/create"),
            ("shopify-webhook-id", "w"),
        ];
        let read = Deliveries.delivery(&Headers::new(&pairs));
        assert_eq!((read.topic, read.id), (Some("Order/create"), Some("w")));
        assert!(!read.is_test);
    }

    #[test]
    fn writes_headers_that_it_reads() {
        let sent_at = Timestamp::parse("2026-11-02T10:15:30-05:00").unwrap();
        let headers = Deliveries.headers("e-1", sent_at);
        let pairs: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let read = Deliveries.delivery(&Headers::new(&pairs));
        assert_eq!((read.id, read.sent_at), (Some("e-1"), Some(sent_at)));
        assert!(!read.is_test);
    }

    #[test]
    fn a_renewed_payload_is_about_another_order() {
        let fields = Deliveries.renewed("orders/create", 77);
        let fields: Vec<String> = fields.iter().map(|(n, v)| format!("\"{n}\":{v}")).collect();
        let body = format!("{{{}}}", fields.join(","));
        assert_eq!(
            about("orders/create", &body).order.unwrap().key.as_str(),
            "77"
        );
        assert_eq!(
            about("orders/create", "{\"id\":77}")
                .order
                .unwrap()
                .key
                .as_str(),
            "77"
        );
        let refund = Deliveries.renewed("refunds/create", 77);
        assert!(refund.iter().all(|(name, _)| *name != "order_id"));
    }

    #[test]
    fn finds_the_order_and_everybody_in_it() {
        let about = about(
            "orders/updated",
            r#"{"id":1001,"updated_at":"2026-11-02T10:15:30-05:00","email":"jane@example.com",
               "contact_email":"jane@example.com","phone":null,
               "customer":{"id":7,"email":"j@example.org","phone":"+1 202 555 0142"},
               "billing_address":{"phone":"202-555-0199"},"shipping_address":null}"#,
        );
        let order = about.order.unwrap();
        assert_eq!((order.key.as_str(), order.is_whole), ("1001", true));
        assert!(order.updated_at.is_some());
        let expected = [
            Identity::Customer(text("7")),
            Identity::Email(text("jane@example.com")),
            Identity::Email(text("j@example.org")),
            Identity::Phone(text("+1 202 555 0142")),
            Identity::Phone(text("202-555-0199")),
        ];
        assert_eq!(about.identities, expected);
    }

    #[test]
    fn a_field_of_the_wrong_kind_hides_no_other() {
        let about = about(
            "orders/create",
            r#"{"id":[1],"admin_graphql_api_id":"gid://shopify/Order/5","email":{"a":1},
               "customer":[{"id":3}],"billing_address":"none","phone":"1"}"#,
        );
        assert_eq!(about.order.unwrap().key.as_str(), "5");
        assert_eq!(about.identities, [Identity::Phone(text("1"))]);
        assert_eq!(super::tests::about("orders/create", "{"), About::default());
    }

    #[test]
    fn finds_whom_a_demand_is_about() {
        let about = about(
            "customers/redact",
            r#"{"shop_id":9,"customer":{"id":7,"email":"jane@example.com"},
               "orders_to_redact":[1001,"1002"]}"#,
        );
        let expected = [
            Identity::Customer(text("7")),
            Identity::Email(text("jane@example.com")),
            Identity::Order(text("1001")),
            Identity::Order(text("1002")),
        ];
        assert_eq!(about.identities, expected);
        assert_eq!(about.order, None);
    }

    #[test]
    fn finds_the_order_of_a_refund_and_a_customer() {
        let refund = about("refunds/create", r#"{"id":5,"order_id":1001}"#);
        let order = refund.order.unwrap();
        assert_eq!((order.key.as_str(), order.is_whole), ("1001", false));
        let customer = about("customers/update", r#"{"id":7,"phone":"1"}"#);
        assert_eq!(customer.identities[0], Identity::Customer(text("7")));
    }

    #[test]
    fn says_which_topics_hold_an_order() {
        assert!(Deliveries.as_order("orders/updated").is_some());
        assert!(Deliveries.as_order("orders/cancelled").is_some());
        assert_eq!(Deliveries.as_order("orders/edited"), None);
        assert_eq!(Deliveries.as_order("refunds/create"), None);
        let (action, _) = topics::action(ORDER_AS_IT_IS).unwrap();
        assert!(matches!(action, Action::Order(crate::order::Via::Api)));
    }
}
