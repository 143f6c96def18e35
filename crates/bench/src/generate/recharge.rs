//! Charges of the size and shape that Recharge sends: renewals of one to three lines.

use serde_json::{Value, json};

use super::shopify::{CITIES, cents};

/// A charge as `charge/paid` delivers it, of API version 2021-11.
pub(super) fn charge(dice: &mut fastrand::Rng, number: u32) -> Value {
    let id = 900_000_000 + u64::from(number);
    let count = dice.u64(1..4);
    let lines: Vec<(u64, Value)> = (0..count).map(|place| line(dice, id, place)).collect();
    let goods: u64 = lines.iter().map(|(amount, _)| amount).sum();
    let (discount, shipping) = (goods / 10, 500);
    let customer = 7_000_000 + u64::from(number % 9_000);
    let address = address(dice);
    json!({ "charge": {
        "id": id, "address_id": 178_918, "analytics_data": { "utm_params": [] },
        "billing_address": address, "client_details": { "browser_ip": null, "user_agent": null },
        "created_at": "2026-05-10T14:02:10+00:00", "currency": "USD",
        "customer": { "id": customer, "email": format!("buyer{customer}@example.com"),
            "external_customer_id": { "ecommerce": (8_000_000_000 + customer).to_string() },
            "hash": "5d2c4a1b0e" },
        "discounts": [{ "id": 7, "code": "WELCOME", "value": "10.00", "value_type": "percentage" }],
        "external_order_id": { "ecommerce": (4_400_000_000 + id).to_string() },
        "external_transaction_id": { "payment_processor": "ch_example" },
        "has_uncommitted_changes": false,
        "line_items": lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>(),
        "note": "", "order_attributes": [], "orders_count": 1, "payment_processor": "stripe",
        "processed_at": "2026-06-10T14:05:20+00:00", "retry_date": null,
        "scheduled_at": "2026-06-10", "shipping_address": address,
        "shipping_lines": [{ "code": "Standard", "price": cents(shipping), "source": "shopify",
            "status": "active", "tax_lines": [], "taxable": false, "title": "Standard" }],
        "status": "success", "subtotal_price": cents(goods - discount),
        "tags": "Subscription, Subscription Recurring Order", "tax_lines": [], "taxable": false,
        "taxes_included": false, "total_discounts": cents(discount), "total_duties": "0.00",
        "total_line_items_price": cents(goods), "total_price": cents(goods + shipping - discount),
        "total_refunds": "0.00", "total_tax": "0.00", "total_weight_grams": 900,
        "type": "recurring", "updated_at": "2026-06-10T14:12:40+00:00",
    } })
}

fn line(dice: &mut fastrand::Rng, charge: u64, place: u64) -> (u64, Value) {
    let (price, quantity, product) = (dice.u64(500..9_000), dice.u64(1..4), dice.u64(1..900));
    let amount = price * quantity;
    let line = json!({
        "purchase_item_id": charge * 10 + place, "purchase_item_type": "subscription",
        "external_inventory_policy": "decrement_obeying_policy",
        "external_product_id": { "ecommerce": (8_000_000_000_000 + product).to_string() },
        "external_variant_id": { "ecommerce": (45_000_000_000_000 + product).to_string() },
        "grams": 300, "handle": format!("green-tea-{product}"),
        "images": { "small": "https://cdn.shop.example/tea.jpg" }, "original_price": cents(price),
        "properties": [], "quantity": quantity, "sku": format!("TEA-{product:04}"),
        "tax_due": "0.00", "tax_lines": [], "taxable": false, "taxable_amount": "0.00",
        "title": format!("Organic green tea no. {product}"), "total_price": cents(amount),
        "unit_price": cents(price), "unit_price_includes_tax": false, "variant_title": "100 g",
    });
    (amount, line)
}

fn address(dice: &mut fastrand::Rng) -> Value {
    let place = CITIES.get(dice.usize(..CITIES.len()));
    let (city, state, zip) = place.unwrap_or(&("", "", ""));
    json!({
        "address1": format!("{} Example Street", dice.u16(1..900)), "address2": "", "company": null,
        "city": city, "province": state, "zip": zip, "country_code": "US", "first_name": "Ada",
        "last_name": "Example", "phone": "+12025550142",
    })
}
