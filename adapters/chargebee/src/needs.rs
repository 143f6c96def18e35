//! What Chargebee's API would have to be asked for, so that an event says all it could.

use orderbridge_event::{Lookup, Payload};

use crate::buyer::customer_id;
use crate::message::{Place, open};

/// The lookups for a payload that makes an event: messages about an invoice alone name the customer
/// by id.
pub(crate) fn of(payload: Payload<'_>) -> Vec<Lookup> {
    if payload.topic.starts_with("GET ") {
        return Vec::new();
    }
    let Ok(message) = open(payload, Place::Event) else {
        return Vec::new();
    };
    match (message.content.customer(), customer_id(&message.content)) {
        (None, Some(id)) => {
            let into = "content.customer";
            vec![Lookup::get("/api/v2/customers/", id.as_str(), "", into)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use orderbridge_event::{Adapter, Context};

    use super::*;
    use crate::Chargebee;

    fn requests(body: &str) -> Vec<String> {
        let payload = Payload {
            topic: "event",
            body: body.as_bytes(),
        };
        let lookups = Chargebee.needs(payload, &Context::default()).into_iter();
        lookups.map(|lookup| lookup.request).collect()
    }

    #[test]
    fn an_invoice_alone_lacks_its_customer() {
        let alone = include_str!("../fixtures/invoice-generated-already-paid.json");
        assert_eq!(requests(alone), ["GET /api/v2/customers/cus_Jane"]);
        let asked = include_str!("../fixtures/invoice-with-its-customer-fetched.json");
        assert_eq!(requests(asked), Vec::<String>::new());
        let whole = include_str!("../fixtures/renewal.json");
        assert_eq!(requests(whole), Vec::<String>::new());
        let unpaid = include_str!("../fixtures/payment-of-a-part.json");
        assert_eq!(requests(unpaid), Vec::<String>::new());
    }
}
