//! Bodies: an object under its name, with what the webhook asks for beside it; or the object bare,
//! out of an answer of the API.

use orderbridge_event::{MapError, read};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::payload::{Charge, Customer, Subscription};
use crate::twice;

/// An object with what came beside it.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub object: T,
    /// The customer, where the webhook asks for it in `included_objects`.
    pub customer: Option<Customer>,
    /// The name that the object stands under, if it does.
    pub name: Option<&'static str>,
}

impl<T> Body<T> {
    /// An error with its path from the top of the body.
    pub(crate) fn within(&self, error: MapError) -> MapError {
        match self.name {
            Some(name) => error.under(name),
            None => error,
        }
    }
}

/// Reads the body of a charge.
pub(crate) fn charge(body: &[u8]) -> Result<Body<Charge>, MapError> {
    let around: AroundCharge = lenient(body)?;
    let (charge, customer) = (around.charge, around.customer);
    unwrap(body, "charge", charge, customer)
}

/// Reads the body of a subscription.
pub(crate) fn subscription(body: &[u8]) -> Result<Body<Subscription>, MapError> {
    let around: AroundSubscription = lenient(body)?;
    let (subscription, customer) = (around.subscription, around.customer);
    unwrap(body, "subscription", subscription, customer)
}

fn unwrap<T: DeserializeOwned>(
    body: &[u8],
    name: &'static str,
    object: Option<T>,
    customer: Option<Customer>,
) -> Result<Body<T>, MapError> {
    match object {
        Some(object) => Ok(Body {
            object,
            customer,
            name: Some(name),
        }),
        None => Ok(Body {
            object: lenient(body)?,
            customer: None,
            name: None,
        }),
    }
}

pub(crate) fn lenient<T: DeserializeOwned>(body: &[u8]) -> Result<T, MapError> {
    read::read(body).or_else(|error| match twice::last_of_each_key(body) {
        Some(body) => read::read(&body),
        None => Err(error),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AroundCharge {
    #[serde(deserialize_with = "read::object")]
    charge: Option<Charge>,
    #[serde(deserialize_with = "read::object")]
    customer: Option<Customer>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AroundSubscription {
    #[serde(deserialize_with = "read::object")]
    subscription: Option<Subscription>,
    #[serde(deserialize_with = "read::object")]
    customer: Option<Customer>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_key_that_stands_twice_counts() {
        let body = br#"{"charge":{"id":1,"status":"QUEUED","status":"SUCCESS",
            "line_items":[{"quantity":9,"quantity":2}]}}"#;
        let charge = charge(body).unwrap().object;
        assert_eq!(charge.status.unwrap().as_str(), "SUCCESS");
        assert_eq!(charge.line_items[0].quantity, Some(2));
    }

    #[test]
    fn a_fault_beside_keys_that_stand_twice_keeps_its_place() {
        let error = charge(br#"{"charge":{"id":1,"total_price":"x"}}"#).unwrap_err();
        assert_eq!(error.path(), "charge.total_price");
        assert!(error.place().is_some());
        let error = charge(br#"{"charge":{"id":1,"id":2,"total_price":"x"}}"#).unwrap_err();
        assert_eq!(error.path(), "charge.total_price");
    }
}
