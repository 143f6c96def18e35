//! An order in the place of its charge: Recharge gives out a charge for ninety days and no longer,
//! its orders for ever. <https://developer.rechargepayments.com/2021-11/orders>

use orderbridge_event::{Code, Context, MapError, Mapped, Text, read};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::body::lenient;
use crate::charge::{self, Via};
use crate::odd::switch;
use crate::payload::Charge;

/// What an order has and a charge does not.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Order {
    #[serde(deserialize_with = "read::object")]
    charge: Option<OfCharge>,
    #[serde(deserialize_with = "switch")]
    is_prepaid: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OfCharge {
    #[serde(deserialize_with = "read::key")]
    id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    status: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
struct Around<T> {
    #[serde(deserialize_with = "read::object")]
    order: Option<T>,
}

/// Maps an order as its charge, with the charge's id.
pub(crate) fn map(body: &[u8], context: &Context) -> Result<Mapped, MapError> {
    let (order, name): (Order, _) = object(body)?;
    let (mut charge, _): (Charge, _) = object(body)?;
    let within = |error: MapError| match name {
        Some(name) => error.under(name),
        None => error,
    };
    if order.is_prepaid == Some(true) {
        let message = "one of the orders of a prepaid charge: which part of it is not told";
        return Ok(Mapped::ignored(Code::TopicNoEvent, message));
    }
    let of = order.charge.unwrap_or_default();
    charge.id = Some(
        of.id
            .ok_or_else(|| within(MapError::missing("charge.id")))?,
    );
    charge.status = of.status.or(charge.status);
    charge::paid(&mut charge, None, Via::Api, context).map_err(within)
}

/// The order under its name, or the body as it is.
fn object<T>(body: &[u8]) -> Result<(T, Option<&'static str>), MapError>
where
    T: DeserializeOwned + Default,
{
    let around: Around<T> = lenient(body)?;
    match around.order {
        Some(order) => Ok((order, Some("order"))),
        None => Ok((lenient(body)?, None)),
    }
}
