//! Transactions, page by page. A page may be empty and have a next one.

use serde_json::{Value, json};

use super::orders::{read_time, time};
use super::{State, put, refused};
use crate::{Answer, Asked};

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Amazon's id of it.
    pub id: String,
    /// The order's.
    pub order_id: String,
    /// When it is posted, in Unix seconds.
    pub posted: i64,
    /// `DEFERRED`, `RELEASED`, `DEFERRED_RELEASED`.
    pub status: &'static str,
    /// What went back, in minor units.
    pub cents: u32,
}

impl Refund {
    fn json(&self) -> Value {
        transaction(
            "Refund",
            &self.id,
            &self.order_id,
            self.posted,
            self.status,
            -i64::from(self.cents),
        )
    }
}

fn transaction(kind: &str, id: &str, order: &str, posted: i64, status: &str, cents: i64) -> Value {
    let sign = if cents < 0 { "-" } else { "" };
    let amount = format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
    // A number, as Amazon writes it here.
    let amount: Value = serde_json::from_str(&amount).unwrap_or_default();
    json!({
        "transactionType": kind,
        "transactionId": format!("{id}-{kind}"),
        "transactionStatus": status,
        "postedDate": time(posted),
        "totalAmount": {"currencyCode": "USD", "currencyAmount": amount},
        "relatedIdentifiers": [
            {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": order},
            {"relatedIdentifierName": "REFUND_ID", "relatedIdentifierValue": id}
        ],
        "marketplaceDetails": {"marketplaceName": "Amazon.com"}
    })
}

impl State {
    /// Refunds, and a shipment of each order, by the time that they are posted under.
    pub(super) fn transactions(&self, asked: &Asked) -> Answer {
        let given = |name: &str| asked.parameter(name).and_then(read_time);
        let (Some(after), Some(before)) = (given("postedAfter"), given("postedBefore")) else {
            return refused(400, "InvalidInput");
        };
        if after >= before || before - after > 180 * 86_400 {
            return refused(400, "InvalidInput");
        }
        let is_asked_for = |posted: i64| (after..before).contains(&posted);
        let shipments = self.orders.iter().map(|order| {
            let value = transaction(
                "Shipment",
                &order.id,
                &order.id,
                order.placed,
                "RELEASED",
                900,
            );
            (order.placed, value)
        });
        let refunds = self
            .refunds
            .iter()
            .map(|refund| (refund.posted, refund.json()));
        let mut found: Vec<(i64, Value)> = shipments.chain(refunds).collect();
        found.retain(|(posted, _)| is_asked_for(*posted));
        found.sort_by_key(|(posted, _)| *posted);
        // The first page has nothing but a token.
        let next = |start: usize| json!({"nextToken": format!("{start}|{after}|{before}")});
        let page = match asked.parameter("nextToken") {
            None => next(0),
            Some(token) => {
                let start = token.strip_suffix(&format!("|{after}|{before}"));
                let Some(start) = start.and_then(|start| start.parse::<usize>().ok()) else {
                    return refused(400, "InvalidInput");
                };
                let end = start + self.setup.page;
                let mut page = if end < found.len() {
                    next(end)
                } else {
                    json!({})
                };
                let rows = found.into_iter().skip(start).take(self.setup.page);
                put(
                    &mut page,
                    "transactions",
                    rows.map(|(_, row)| row).collect(),
                );
                page
            }
        };
        Answer::json(200, &json!({ "payload": page }))
    }
}
