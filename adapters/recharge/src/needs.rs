//! What Recharge's API would have to be asked for, so that an event says all it could.

use orderbridge_event::{Lookup, Payload};

use crate::body;
use crate::split::{request, topic};
use crate::topics::{self, Action};

/// The lookups for a payload that makes an event: a subscription of 2021-11 names its customer by
/// number, unless the webhook asks for the customer beside it.
pub(crate) fn of(payload: Payload<'_>) -> Vec<Lookup> {
    let action = topics::action(&request(topic(&payload)));
    let Some((Action::Subscription(_), _)) = action else {
        return Vec::new();
    };
    let Ok(body) = body::subscription(payload.body) else {
        return Vec::new();
    };
    // A bare object has no place beside it.
    let lacks = body.name.is_some() && body.customer.is_none() && body.object.email.is_none();
    let customer = body.object.customer_id.filter(|_| lacks);
    let lookup =
        |id: orderbridge_event::Text| Lookup::get("/customers/", id.as_str(), "", "customer");
    customer.map(lookup).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use orderbridge_event::{Adapter, Context};

    use super::*;
    use crate::Recharge;

    fn requests(topic: &str, body: &str) -> Vec<(String, &'static str)> {
        let body = body.as_bytes();
        let payload = Payload { topic, body };
        let lookups = Recharge.needs(payload, &Context::default()).into_iter();
        lookups.map(|it| (it.request, it.into)).collect()
    }

    #[test]
    fn a_subscription_lacks_its_customer_unless_it_was_asked_for() {
        let alone = r#"{"subscription": {"id": 3, "customer_id": 7, "status": "active",
            "created_at": "2026-05-10T14:02:10+00:00", "updated_at": "2026-05-10T14:02:10+00:00"}}"#;
        let customer = [("GET /customers/7".to_owned(), "customer")];
        assert_eq!(requests("subscription/created", alone), customer);
        assert_eq!(requests("body", alone), customer);
        assert_eq!(
            requests("subscription/updated", alone),
            [],
            "it makes no event"
        );
        let beside = alone.replace("}}", r#"}, "customer": {"id": 7}}"#);
        assert_eq!(requests("subscription/created", &beside), []);
        let told = alone.replace("\"id\": 3", "\"id\": 3, \"email\": \"ada@example.com\"");
        assert_eq!(requests("subscription/created", &told), []);
        assert_eq!(requests("subscription/created", "{"), []);
        let charge = include_str!("../fixtures/charge-queued.json");
        assert_eq!(requests("charge/paid", charge), []);
    }
}
