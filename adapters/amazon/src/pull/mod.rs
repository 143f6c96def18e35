//! The Selling Partner API: what to ask it, and what its answers mean.
//!
//! New orders are found by `searchOrders` in windows of last update, by a report each day for what
//! the search has missed, and by `getOrder` where a notification names an order. History is read
//! by reports: `searchOrders` allows one call in three minutes. Refunds have a walk of their own.
//! <https://developer-docs.amazon.com/sp-api/docs/orders-api-v2026-01-01-reference>

mod answers;
mod api;
mod orders;
mod position;
mod refunds;
mod reports;
mod settings;
#[cfg(test)]
mod tests;

use orderbridge_event::{Api, Payload, Pull, PullKey, PullSettings, Text, WrongKey};

use crate::notification::orders_to_fetch;
use api::Seller;

/// The API.
#[derive(Debug)]
pub(crate) struct SellingPartner;

impl Pull for SellingPartner {
    fn keys(&self) -> &'static [PullKey] {
        settings::KEYS
    }

    fn open(&self, settings: &PullSettings) -> Result<Box<dyn Api>, WrongKey> {
        settings::read(settings).map(|seller| Box::new(seller) as Box<dyn Api>)
    }

    fn wakes(&self, payload: Payload<'_>) -> Vec<Text> {
        let orders = orders_to_fetch(payload).into_iter();
        // A pending order has no prices yet, and a cancelled one makes no event: fetching either
        // is a call for nothing. When a pending one moves on, another notification says so.
        let is_worth_it = |status: Option<&Text>| {
            !status.is_some_and(|status| {
                matches!(
                    status.as_str(),
                    "Pending" | "PendingAvailability" | "Canceled"
                )
            })
        };
        let wanted = orders.filter(|order| is_worth_it(order.order_status.as_ref()));
        wanted.map(|order| order.order_id).collect()
    }
}

/// Which of the two Orders APIs is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// The current one.
    V2026,
    /// The one before, whose reads end in March 2027.
    V0,
}

impl Seller {
    /// The name of a stream: all of the region, or one marketplace.
    fn stream(marketplace: Option<&String>) -> String {
        marketplace.map_or_else(|| "orders".to_owned(), |id| format!("orders {id}"))
    }
}
