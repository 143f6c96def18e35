//! What Stripe's API would have to be asked for, so that an event says all it could.
//!
//! Webhooks name a subscription's customer by id, hold the first lines of an invoice only, and
//! since basil do not say whose invoice a charge paid. Each answer goes where Stripe itself puts an
//! expanded object.

use orderbridge_event::{Lookup, Payload, Text, read};

use crate::expand::Ref;
use crate::message::Place;
use crate::objects::{Charge, Customer, Subscription};
use crate::payload::{Event, Invoice};
use crate::subscription::Change;
use crate::topics::{self, Action};

/// The lookups for a payload that makes an event.
pub(crate) fn of(payload: Payload<'_>) -> Vec<Lookup> {
    match topics::action(payload.topic) {
        Some((Action::Invoice(place), _)) => {
            object(payload, place).map_or_else(Vec::new, |it| invoice(&it, place))
        }
        Some((Action::Subscription(change), _)) => {
            let place = match change {
                Change::AsItIs => Place::Body,
                _ => Place::Event,
            };
            let subscription: Option<Subscription> = object(payload, place);
            let customer = subscription.and_then(|it| customer(&it.customer, place));
            customer.into_iter().collect()
        }
        Some((Action::Refund, _)) => {
            object(payload, Place::Event).map_or_else(Vec::new, |it| charge(&it))
        }
        _ => Vec::new(),
    }
}

fn object<T>(payload: Payload<'_>, place: Place) -> Option<T>
where
    T: serde::de::DeserializeOwned + Default,
{
    match place {
        Place::Body => read::read(payload.body).ok(),
        Place::Event => {
            let event: Event<T> = read::read(payload.body).ok()?;
            event.data?.object
        }
    }
}

fn invoice(invoice: &Invoice, place: Place) -> Vec<Lookup> {
    let mut lookups = Vec::new();
    if invoice.customer_email.is_none() {
        lookups.extend(customer(&invoice.customer, place));
    }
    if let (true, Some(id)) = (invoice.is_cut(), &invoice.id) {
        lookups.push(Lookup::get(
            "/v1/invoices/",
            id.as_str(),
            "/lines",
            match place {
                Place::Event => "data.object.lines",
                Place::Body => "lines",
            },
        ));
    }
    // Whether this pays for the time after a trial is known to the subscription alone.
    let reason = invoice.billing_reason.as_ref().map(Text::as_str);
    let may_convert = matches!(reason, Some("subscription_cycle" | "subscription_update"));
    if let (true, Ref::Id(id)) = (may_convert, invoice.subscription()) {
        let into = match place {
            Place::Event => "data.object.subscription",
            Place::Body => "subscription",
        };
        lookups.push(Lookup::get("/v1/subscriptions/", id.as_str(), "", into));
    }
    lookups
}

fn charge(charge: &Charge) -> Vec<Lookup> {
    let mut lookups: Vec<Lookup> = customer(&charge.customer, Place::Event)
        .into_iter()
        .collect();
    if let (None, Some(payment)) = (charge.invoice_id(), &charge.payment_intent) {
        lookups.push(Lookup::get(
            "/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]=",
            payment.as_str(),
            "",
            "data.object.invoice_payments",
        ));
    }
    lookups
}

/// A customer that was not fetched.
fn customer(customer: &Ref<Customer>, place: Place) -> Option<Lookup> {
    match customer {
        Ref::Object(_) => None,
        named => {
            let id = named.id()?;
            let into = match place {
                Place::Event => "data.object.customer",
                Place::Body => "customer",
            };
            Some(Lookup::get("/v1/customers/", id.as_str(), "", into))
        }
    }
}

#[cfg(test)]
mod tests {
    use orderbridge_event::{Adapter, Context, Options, Setting};

    use super::*;
    use crate::Stripe;

    fn requests(body: &str, options: Options) -> Vec<(String, &'static str)> {
        let payload = Payload {
            topic: "event",
            body: body.as_bytes(),
        };
        let context = Context {
            options,
            ..Context::default()
        };
        let lookups = Stripe.needs(payload, &context).into_iter();
        lookups.map(|it| (it.request, it.into)).collect()
    }

    fn of(body: &str) -> Vec<(String, &'static str)> {
        requests(body, Options::default())
    }

    fn expected(list: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        list.iter()
            .map(|(request, into)| ((*request).to_owned(), *into))
            .collect()
    }

    #[test]
    fn a_subscription_lacks_its_customer_until_it_is_there() {
        let body = include_str!("../fixtures/subscription-created.json");
        let lacking = expected(&[("GET /v1/customers/cus_Jane01", "data.object.customer")]);
        assert_eq!(of(body), lacking);
        let fetched = include_str!("../fixtures/subscription-created-with-customer.json");
        assert_eq!(of(fetched), []);
    }

    #[test]
    fn a_renewal_may_be_a_conversion_and_a_long_one_lacks_lines() {
        let renewal = include_str!("../fixtures/renewal.json");
        let subscription = (
            "GET /v1/subscriptions/sub_Coffee01",
            "data.object.subscription",
        );
        assert_eq!(of(renewal), expected(&[subscription]));
        let cut = include_str!("../fixtures/lines-cut.json");
        let lines = ("GET /v1/invoices/in_LinesCut01/lines", "data.object.lines");
        assert_eq!(of(cut), expected(&[lines]));
        let first = include_str!("../fixtures/first-order.json");
        assert_eq!(of(first), []);
    }

    #[test]
    fn a_charge_since_basil_lacks_its_invoice() {
        let charge = include_str!("../fixtures/refund-without-its-invoice.json");
        let payments = "GET /v1/invoice_payments?payment[type]=payment_intent\
                        &payment[payment_intent]=pi_Renewal01";
        let lacking = [
            ("GET /v1/customers/cus_Jane01", "data.object.customer"),
            (payments, "data.object.invoice_payments"),
        ];
        assert_eq!(of(charge), expected(&lacking));
    }

    #[test]
    fn an_answer_of_the_api_lacks_the_same() {
        let subscription = r#"{"object": "subscription", "id": "sub_1", "status": "active",
            "customer": "cus_1", "created": 1790000000, "livemode": true}"#;
        assert_eq!(
            of(subscription),
            expected(&[("GET /v1/customers/cus_1", "customer")])
        );
    }

    #[test]
    fn what_makes_no_event_needs_nothing() {
        let one_off = include_str!("../fixtures/one-off.json");
        assert_eq!(of(one_off), []);
        let mut beside = Options::default();
        let mode = Setting::Text("both_through_us".to_owned());
        beside.set("mode", mode).unwrap();
        let renewal = include_str!("../fixtures/renewal.json");
        assert_eq!(requests(renewal, beside), []);
        assert_eq!(of("{"), []);
    }
}
