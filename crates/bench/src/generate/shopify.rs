//! Orders as Shopify sends them to `orders/create`, with all the keys that nobody reads.

use serde_json::{Map, Value, json};

const NAMES: &[&str] = &[
    "Alex", "Robin", "Sam", "Kim", "Jules", "Noa", "Mika", "Toni",
];
pub(super) const CITIES: &[(&str, &str, &str)] = &[
    ("Springfield", "IL", "62701"),
    ("Portland", "OR", "97201"),
    ("Austin", "TX", "73301"),
];
const SOURCES: &[&str] = &[
    "web",
    "web",
    "web",
    "pos",
    "subscription_contract",
    "4383523",
];

/// One order, with 3 or 4 lines: 10.9 kB on average.
pub(super) fn order(dice: &mut fastrand::Rng, number: u32) -> Value {
    let id = 5_500_000_000_000 + u64::from(number);
    let lines: Vec<Line> = (0..3 + dice.u64(0..10) / 8)
        .map(|place| line(dice, id, place))
        .collect();
    let goods: u64 = lines.iter().map(|line| line.goods).sum();
    let discounts: u64 = lines.iter().map(|line| line.discount).sum();
    let tax: u64 = lines.iter().map(|line| line.tax).sum();
    let total = goods + 500 + tax - discounts;
    let name = NAMES.get(dice.usize(..NAMES.len())).unwrap_or(&"Alex");
    let email = format!("{}.{number}@example.com", name.to_lowercase());
    let source = SOURCES.get(dice.usize(..SOURCES.len())).unwrap_or(&"web");
    let address = address(dice, name);
    let created = format!(
        "2026-11-{:02}T{:02}:{:02}:30-05:00",
        dice.u8(1..29),
        dice.u8(0..24),
        dice.u8(0..60)
    );

    let mut order = Map::new();
    let mut put = |part: Value| {
        if let Value::Object(fields) = part {
            order.extend(fields);
        }
    };
    put(json!({
        "id": id, "admin_graphql_api_id": format!("gid://shopify/Order/{id}"), "app_id": 580_111,
        "browser_ip": "203.0.113.17", "buyer_accepts_marketing": true, "cancel_reason": null,
        "cancelled_at": null, "cart_token": token(dice, 24), "checkout_token": token(dice, 32),
        "client_details": { "accept_language": "en-US", "browser_height": null, "browser_ip": "203.0.113.17",
            "browser_width": null, "session_hash": null,
            "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)" },
        "closed_at": null, "company": null, "confirmation_number": token(dice, 9), "confirmed": true,
        "contact_email": email, "created_at": created, "currency": "USD",
        "current_subtotal_price": cents(goods - discounts),
        "current_subtotal_price_set": set(goods - discounts), "current_total_additional_fees_set": null,
        "current_total_discounts": cents(discounts), "current_total_discounts_set": set(discounts),
        "current_total_duties_set": null, "current_total_price": cents(total),
        "current_total_price_set": set(total), "current_total_tax": cents(tax),
        "current_total_tax_set": set(tax), "customer_locale": "en-US", "device_id": null,
        "discount_codes": [{ "code": "WELCOME", "amount": cents(discounts), "type": "percentage" }],
        "duties_included": false, "email": email, "estimated_taxes": false,
    }));
    put(json!({
        "financial_status": "paid", "fulfillment_status": null,
        "landing_site": "/products/green-tea?utm_source=newsletter&utm_medium=email&utm_campaign=november",
        "landing_site_ref": null, "location_id": null, "merchant_business_entity_id": "MTU1MTQ2NDY5NTg",
        "merchant_of_record_app_id": null, "name": format!("#{}", 1001 + number), "note": null,
        "note_attributes": [{ "name": "gift_note", "value": "no" }], "number": 1 + number,
        "order_number": 1001 + number,
        "order_status_url": format!("https://shop.example.com/orders/{}/authenticate?key={}", token(dice, 32), token(dice, 32)),
        "original_total_additional_fees_set": null, "original_total_duties_set": null,
        "payment_gateway_names": ["shopify_payments"], "phone": null, "po_number": null,
        "presentment_currency": "USD", "processed_at": created, "reference": null,
        "referring_site": "https://www.example.com/", "source_identifier": null, "source_name": source,
        "source_url": null, "subtotal_price": cents(goods - discounts),
        "subtotal_price_set": set(goods - discounts), "tags": "newsletter, vip",
        "tax_exempt": false, "tax_lines": [tax_line(tax)], "taxes_included": false, "test": false,
        "token": token(dice, 32), "total_cash_rounding_payment_adjustment_set": set(0),
        "total_cash_rounding_refund_adjustment_set": set(0), "total_discounts": cents(discounts),
        "total_discounts_set": set(discounts), "total_line_items_price": cents(goods),
        "total_line_items_price_set": set(goods), "total_outstanding": "0.00",
        "total_price": cents(total), "total_price_set": set(total),
        "total_shipping_price_set": set(500), "total_tax": cents(tax), "total_tax_set": set(tax),
        "total_tip_received": "0.00", "total_weight": 1200, "updated_at": created, "user_id": null,
    }));
    put(json!({
        "billing_address": address, "shipping_address": address,
        "customer": { "id": 7_000_000_000_000_u64 + u64::from(number % 9_000), "created_at": created,
            "updated_at": created, "first_name": name, "last_name": "Example", "state": "disabled",
            "note": null, "verified_email": true, "multipass_identifier": null, "tax_exempt": false,
            "email": email, "phone": null, "currency": "USD", "tax_exemptions": [],
            "admin_graphql_api_id": "gid://shopify/Customer/7000000000000", "default_address": address },
        "discount_applications": [{ "target_type": "line_item", "type": "discount_code", "value": "10.0",
            "value_type": "percentage", "allocation_method": "across", "target_selection": "all",
            "code": "WELCOME" }],
        "fulfillments": [], "line_item_groups": [],
        "line_items": lines.into_iter().map(|line| line.json).collect::<Vec<_>>(),
        "payment_terms": null, "refunds": [], "returns": [],
        "shipping_lines": [{ "id": 5_000_000_000_u64 + id, "carrier_identifier": null, "code": "Standard",
            "current_discounted_price_set": set(500), "discounted_price": "5.00",
            "discounted_price_set": set(500), "is_removed": false, "phone": null, "price": "5.00",
            "price_set": set(500), "requested_fulfillment_service_id": null, "source": "shopify",
            "title": "Standard", "tax_lines": [], "discount_allocations": [] }],
    }));
    Value::Object(order)
}

struct Line {
    goods: u64,
    discount: u64,
    tax: u64,
    json: Value,
}

fn line(dice: &mut fastrand::Rng, order: u64, place: u64) -> Line {
    let (price, quantity) = (dice.u64(500..9_000), dice.u64(1..4));
    let goods = price * quantity;
    let discount = goods / 10;
    let tax = (goods - discount) * 8 / 100;
    let id = order * 10 + place;
    let number = dice.u64(1..900);
    let json = json!({
        "id": id, "admin_graphql_api_id": format!("gid://shopify/LineItem/{id}"),
        "attributed_staffs": [], "current_quantity": quantity, "fulfillable_quantity": quantity,
        "fulfillment_service": "manual", "fulfillment_status": null, "gift_card": false, "grams": 300,
        "name": format!("Organic green tea no. {number} - 100 g"), "price": cents(price),
        "price_set": set(price), "product_exists": true, "product_id": 8_000_000_000_000 + number,
        "properties": [{ "name": "_bundle", "value": "none" }], "quantity": quantity,
        "requires_shipping": true, "sales_line_item_group_id": null, "sku": format!("TEA-{number:04}"),
        "taxable": true, "title": format!("Organic green tea no. {number}"), "total_discount": "0.00",
        "total_discount_set": set(0), "variant_id": 45_000_000_000_000 + number,
        "variant_inventory_management": "shopify", "variant_title": "100 g", "vendor": "Example Tea",
        "tax_lines": [tax_line(tax)], "duties": [],
        "discount_allocations": [{ "amount": cents(discount), "amount_set": set(discount),
            "discount_application_index": 0 }],
    });
    Line {
        goods,
        discount,
        tax,
        json,
    }
}

fn address(dice: &mut fastrand::Rng, name: &str) -> Value {
    let (city, state, zip) = CITIES
        .get(dice.usize(..CITIES.len()))
        .unwrap_or(&("", "", ""));
    json!({
        "first_name": name, "last_name": "Example", "name": format!("{name} Example"),
        "address1": format!("{} Example Street", dice.u16(1..900)), "address2": "", "company": null,
        "phone": "+12025550142", "city": city, "zip": zip, "province": state, "province_code": state,
        "country": "United States", "country_code": "US", "latitude": 38.25, "longitude": -85.75,
    })
}

fn tax_line(tax: u64) -> Value {
    json!({ "channel_liable": false, "price": cents(tax), "price_set": set(tax), "rate": 0.08, "title": "State Tax" })
}

fn set(amount: u64) -> Value {
    let money = json!({ "amount": cents(amount), "currency_code": "USD" });
    json!({ "shop_money": money, "presentment_money": money })
}

pub(super) fn cents(amount: u64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

fn token(dice: &mut fastrand::Rng, length: usize) -> String {
    (0..length).map(|_| dice.alphanumeric()).collect()
}
