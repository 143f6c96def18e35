//! Orders, as the API and as the report have them.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

/// An order. Its prices follow from its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Amazon's id, of 3, 7 and 7 digits.
    pub id: String,
    /// When it was placed, in Unix seconds.
    pub placed: i64,
    /// When it was changed last, in Unix seconds.
    pub updated: i64,
    /// `PENDING`, `UNSHIPPED`, `SHIPPED`, `CANCELLED`.
    pub status: &'static str,
    cents: usize,
}

/// The columns of a report.
pub(super) const HEADER: &str = "amazon-order-id\tmerchant-order-id\tpurchase-date\t\
    last-updated-date\torder-status\tfulfillment-channel\tsales-channel\tproduct-name\tsku\tasin\t\
    item-status\tquantity\tcurrency\titem-price\titem-tax\tship-city\tship-state\t\
    ship-postal-code\tship-country\tpromotion-ids\r\n";

impl Order {
    /// An order of a number, that is neither pending nor cancelled.
    pub fn new(number: usize, placed: i64) -> Self {
        Self {
            id: format!(
                "{:03}-{:07}-{:07}",
                100 + number % 900,
                number,
                number % 9_999_991
            ),
            placed,
            updated: placed,
            status: "UNSHIPPED",
            cents: 1_000 + number % 5_000,
        }
    }

    pub(super) fn price(&self) -> String {
        format!("{}.{:02}", self.cents / 100, self.cents % 100)
    }

    pub(super) fn json(&self) -> Value {
        let money = json!({"amount": self.price(), "currencyCode": "USD"});
        json!({
            "orderId": self.id,
            "createdTime": time(self.placed),
            "lastUpdatedTime": time(self.updated),
            "salesChannel": {
                "channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER",
                "marketplaceName": "Amazon.com"
            },
            "recipient": {"deliveryAddress": {"city": "Austin", "stateOrRegion": "TX", "countryCode": "US"}},
            "proceeds": {"grandTotal": money},
            "fulfillment": {"fulfillmentStatus": self.status, "fulfilledBy": "MERCHANT"},
            "orderItems": [{
                "orderItemId": "00123456789012", "quantityOrdered": 1,
                "product": {
                    "asin": "B000000001", "sellerSku": "MUG-1", "title": "Mug",
                    "price": {"unitPrice": money}
                },
                "proceeds": {
                    "proceedsTotal": money,
                    "breakdowns": [{"type": "ITEM", "subtotal": money}]
                }
            }]
        })
    }

    /// Its row in a report.
    pub(super) fn row(&self, out: &mut String) {
        let status = match self.status {
            "PENDING" => "Pending",
            "CANCELLED" => "Cancelled",
            "SHIPPED" => "Shipped",
            _ => "Unshipped",
        };
        // Quotes are text, and empty cells at the end are left out.
        let _ = write!(
            out,
            "{}\t\t{}\t{}\t{status}\tMerchant\tAmazon.com\tMug \"large\"\tMUG-1\tB000000001\t{status}\
             \t1\tUSD\t{}\t\tAustin\tTX\t78701\tUS\r\n",
            self.id,
            time(self.placed).replace('Z', "+00:00"),
            time(self.updated).replace('Z', "+00:00"),
            self.price(),
        );
    }
}

/// A time as Amazon writes it.
pub(super) fn time(seconds: i64) -> String {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time as it is asked for.
pub(super) fn read_time(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.timestamp())
}

/// The time now.
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
