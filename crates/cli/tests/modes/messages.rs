//! What the shop, its subscription tool and a billing tool say of one customer's purchases.

use serde_json::{Value, json};

use crate::house::fixture;

/// A message: what has happened, who tells it, its topic and its body.
pub(crate) struct Message {
    pub(crate) title: &'static str,
    pub(crate) source: &'static str,
    pub(crate) platform: &'static str,
    pub(crate) topic: &'static str,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn shop(title: &'static str, topic: &'static str, body: &Value) -> Self {
        Self {
            title,
            source: "shop",
            platform: "shopify",
            topic,
            body: body.to_string(),
        }
    }

    pub(crate) fn club(title: &'static str, topic: &'static str, body: &Value) -> Self {
        Self {
            title,
            source: "club",
            platform: "recharge",
            topic,
            body: body.to_string(),
        }
    }

    /// Stripe tells the topic in the body.
    pub(crate) fn courses(title: &'static str, name: &str) -> Self {
        Self {
            title,
            source: "courses",
            platform: "stripe",
            topic: "",
            body: fixture("stripe", name, &[]),
        }
    }
}

pub(crate) const FIRST: u64 = 4_400_550_001;
pub(crate) const RENEWAL: u64 = 4_400_550_066;

/// An order of the shop: twenty for tea, two for its way.
pub(crate) fn order(id: u64, source_name: &str, created_at: &str, tags: &str) -> Value {
    json!({
        "id": id, "name": format!("#{id}"), "created_at": created_at, "processed_at": created_at,
        "updated_at": created_at, "currency": "USD", "total_price": "22.00", "total_tax": "0.00",
        "total_discounts": "0.00", "taxes_included": false, "financial_status": "paid",
        "source_name": source_name, "tags": tags, "email": "jane@example.com",
        "customer": {"id": 55_500_011, "email": "jane@example.com"},
        "line_items": [{"product_id": 111, "variant_id": 222, "title": "Tea", "sku": "TEA-1",
            "price": "20.00", "quantity": 1}],
        "shipping_lines": [{"title": "Standard", "price": "2.00", "discounted_price": "2.00"}],
    })
}

/// Money of an order that the shop gave back.
pub(crate) fn refund(id: u64, order: u64, amount: &str) -> Value {
    json!({
        "id": id, "order_id": order, "created_at": "2026-06-15T08:00:00Z",
        "processed_at": "2026-06-15T08:00:00Z", "refund_line_items": [], "order_adjustments": [],
        "transactions": [{"id": 1, "order_id": order, "kind": "refund", "status": "success",
            "gateway": "shopify_payments", "amount": amount, "currency": "USD", "test": false}],
    })
}

/// A charge of the subscription tool, for one of the shop's orders.
pub(crate) fn charge(id: u64, kind: &str, order: u64, at: &str, refunds: &str) -> Value {
    let status = if refunds == "0.00" {
        "success"
    } else {
        "partially_refunded"
    };
    json!({
        "charge": {
            "id": id, "type": kind, "status": status, "currency": "USD", "processed_at": at,
            "created_at": at, "updated_at": at, "total_price": "22.00", "total_tax": "0.00",
            "total_discounts": "0.00", "total_line_items_price": "20.00",
            "subtotal_price": "20.00", "total_refunds": refunds, "taxes_included": false,
            "external_order_id": {"ecommerce": order.to_string()},
            "customer": {"id": 700_100, "email": "jane@example.com",
                "external_customer_id": {"ecommerce": "55500011"}},
            "line_items": [{"purchase_item_id": 330_044, "purchase_item_type": "subscription",
                "external_product_id": {"ecommerce": "111"},
                "external_variant_id": {"ecommerce": "222"}, "sku": "TEA-1", "title": "Tea",
                "quantity": 1, "unit_price": "20.00", "total_price": "20.00"}],
            "shipping_lines": [{"title": "Standard", "price": "2.00"}],
        },
    })
}

/// The subscription as it is at a time.
pub(crate) fn subscription(status: &str, updated_at: &str, cancelled_at: Option<&str>) -> Value {
    json!({
        "subscription": {
            "id": 330_044, "customer_id": 700_100, "status": status, "price": "20.00",
            "presentment_currency": "USD", "quantity": 1, "product_title": "Tea", "sku": "TEA-1",
            "external_product_id": {"ecommerce": "111"},
            "external_variant_id": {"ecommerce": "222"}, "order_interval_unit": "day",
            "order_interval_frequency": 30, "created_at": "2026-05-10T14:02:35+00:00",
            "updated_at": updated_at, "cancelled_at": cancelled_at,
        },
        "customer": {"id": 700_100, "email": "jane@example.com",
            "external_customer_id": {"ecommerce": "55500011"}},
    })
}
