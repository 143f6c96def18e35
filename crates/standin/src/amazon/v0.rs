//! Orders API v0: an order and its items are two answers, and personal data takes a token of its
//! own.

use std::time::Instant;

use serde_json::{Value, json};

use super::orders::{Order, read_time, time};
use super::{State, put, refused};
use crate::{Answer, Asked};

impl State {
    /// Gives a restricted token.
    pub(super) fn restrict(&mut self, asked: &Asked) -> Answer {
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let resources = body.get("restrictedResources").and_then(Value::as_array);
        let is_known = |resource: &Value| {
            let path = resource.get("path").and_then(Value::as_str);
            path.is_some_and(|path| path.starts_with("/orders/v0/orders"))
        };
        if !resources.is_some_and(|all| !all.is_empty() && all.iter().all(is_known)) {
            return refused(400, "InvalidInput");
        }
        self.tokens += 1;
        self.restricted = Some((self.tokens, Instant::now()));
        let token = format!("restricted-{}", self.tokens);
        let life = self.setup.token_life.as_secs().max(1);
        Answer::json(
            200,
            &json!({"restrictedDataToken": token, "expiresIn": life}),
        )
    }

    /// Whether a request comes with a restricted token that is good.
    pub(super) fn is_restricted(&self, asked: &Asked) -> bool {
        let given = asked.header("x-amz-access-token").unwrap_or_default();
        self.restricted.is_some_and(|(number, since)| {
            given == format!("restricted-{number}") && since.elapsed() < self.setup.token_life
        })
    }

    pub(super) fn search_v0(&self, asked: &Asked) -> Answer {
        let given = |name: &str| asked.parameter(name).and_then(read_time);
        let (Some(after), Some(before)) = (given("LastUpdatedAfter"), given("LastUpdatedBefore"))
        else {
            return refused(400, "InvalidInput");
        };
        if asked.parameter("MarketplaceIds").is_none() {
            return refused(400, "InvalidInput");
        }
        let start = asked.parameter("NextToken").unwrap_or("0");
        let start: usize = start.parse().unwrap_or(0);
        let mut found: Vec<&Order> = self
            .orders
            .iter()
            .filter(|order| (after..before).contains(&order.updated))
            .filter(|order| !self.hidden.contains(&order.id))
            .collect();
        found.sort_by_key(|order| (order.updated, &order.id));
        let end = start + self.setup.page;
        let page: Vec<Value> = found
            .iter()
            .skip(start)
            .take(self.setup.page)
            .map(|order| order.json_v0(false))
            .collect();
        let mut payload = json!({"Orders": page, "LastUpdatedBefore": time(before)});
        if end < found.len() {
            put(&mut payload, "NextToken", json!(end.to_string()));
        }
        Answer::json(200, &json!({ "payload": payload }))
    }

    pub(super) fn order_v0(&self, id: &str, asked: &Asked) -> Answer {
        match self.orders.iter().find(|order| order.id == id) {
            Some(order) => {
                let payload = order.json_v0(self.is_restricted(asked));
                Answer::json(200, &json!({ "payload": payload }))
            }
            None => refused(404, "NotFound"),
        }
    }

    pub(super) fn items_v0(&self, id: &str) -> Answer {
        match self.orders.iter().find(|order| order.id == id) {
            Some(order) => {
                let payload = json!({"AmazonOrderId": id, "OrderItems": [order.item_v0()]});
                Answer::json(200, &json!({ "payload": payload }))
            }
            None => refused(404, "NotFound"),
        }
    }
}

impl Order {
    fn json_v0(&self, is_restricted: bool) -> Value {
        let status = match self.status {
            "PENDING" => "Pending",
            "CANCELLED" => "Canceled",
            "SHIPPED" => "Shipped",
            _ => "Unshipped",
        };
        let mut order = json!({
            "AmazonOrderId": self.id,
            "PurchaseDate": time(self.placed),
            "LastUpdateDate": time(self.updated),
            "OrderStatus": status,
            "FulfillmentChannel": "MFN",
            "SalesChannel": "Amazon.com",
            "MarketplaceId": "ATVPDKIKX0DER",
            // Text in one answer and a truth value in another.
            "IsReplacementOrder": "false",
            "ShippingAddress": {"City": "Austin", "StateOrRegion": "TX", "CountryCode": "US"},
        });
        if status != "Pending" {
            let total = json!({"Amount": self.price(), "CurrencyCode": "USD"});
            put(&mut order, "OrderTotal", total);
        }
        if is_restricted {
            let email = format!("b{}@marketplace.amazon.com", self.id.replace('-', ""));
            let buyer = json!({"BuyerEmail": email, "BuyerName": "Robin Example"});
            put(&mut order, "BuyerInfo", buyer);
            if let Some(address) = order.get_mut("ShippingAddress") {
                put(address, "PostalCode", json!("78701"));
            }
        }
        order
    }

    fn item_v0(&self) -> Value {
        json!({
            "ASIN": "B000000001", "OrderItemId": "00123456789012", "SellerSKU": "MUG-1",
            "Title": "Mug", "QuantityOrdered": 1,
            "ItemPrice": {"Amount": self.price(), "CurrencyCode": "USD"},
        })
    }
}
