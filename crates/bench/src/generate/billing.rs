//! Paid invoices, as billing tools tell of them.

use serde_json::{Value, json};

/// Two renewals for each first invoice.
const REASONS: &[&str] = &[
    "subscription_create",
    "subscription_cycle",
    "subscription_cycle",
];

/// `invoice.paid` of Stripe, since basil, with the keys that nobody reads: 4 kB.
pub(super) fn stripe(dice: &mut fastrand::Rng, number: u32) -> Value {
    let id = format!("in_Bench{number:08}");
    let (price, quantity) = (dice.u64(500..9_000), dice.u64(1..4));
    let amount = price * quantity;
    let tax = amount * 8 / 100;
    let reason = REASONS.get(dice.usize(..REASONS.len()));
    let paid = 1_790_000_000 + u64::from(number);
    let address = json!({ "city": "Springfield", "country": "US", "line1": "1 Example Street",
        "line2": null, "postal_code": "62701", "state": "IL" });
    let taxes = json!([{ "amount": tax, "tax_behavior": "exclusive", "taxability_reason": "standard_rated",
        "tax_rate_details": { "tax_rate": "txr_01" }, "taxable_amount": amount, "type": "tax_rate_details" }]);
    let line = json!({ "id": format!("il_{number}"), "object": "line_item", "amount": amount, "currency": "usd",
        "description": format!("{quantity} × Coffee subscription"), "discount_amounts": [],
        "discountable": true, "discounts": [], "invoice": id, "livemode": true, "metadata": {},
        "parent": { "invoice_item_details": null, "subscription_item_details": { "invoice_item": null,
            "proration": false, "proration_details": null, "subscription": format!("sub_{number}"),
            "subscription_item": format!("si_{number}") }, "type": "subscription_item_details" },
        "period": { "end": paid + 2_592_000, "start": paid }, "pretax_credit_amounts": [],
        "pricing": { "price_details": { "price": "price_01", "product": "prod_01" },
            "type": "price_details", "unit_amount_decimal": price.to_string() },
        "quantity": quantity, "subtotal": amount, "taxes": taxes });
    let mut invoice = json!({ "id": id, "object": "invoice", "account_country": "US",
        "account_name": "Example Coffee", "account_tax_ids": null, "amount_due": amount + tax,
        "amount_paid": amount + tax, "amount_remaining": 0, "amount_shipping": 0, "application": null,
        "attempt_count": 1, "attempted": true, "auto_advance": false,
        "automatic_tax": { "enabled": true, "liability": { "type": "self" }, "status": "complete" },
        "billing_reason": reason, "collection_method": "charge_automatically", "created": paid - 3600,
        "currency": "usd", "custom_fields": null, "customer": format!("cus_{}", number % 9_000),
        "customer_address": address, "customer_email": format!("buyer.{number}@example.com"),
        "customer_name": "Jane Example", "customer_phone": "+12025550142", "customer_shipping": null,
        "customer_tax_exempt": "none", "customer_tax_ids": [], "default_payment_method": null });
    let more = json!({ "default_source": null, "default_tax_rates": [], "description": null,
        "discounts": [], "due_date": null, "effective_at": paid, "ending_balance": 0, "footer": null,
        "from_invoice": null, "hosted_invoice_url": "https://invoice.example.com/i/acct_01/live_fake",
        "invoice_pdf": "https://pay.example.com/invoice/acct_01/live_fake/pdf",
        "issuer": { "type": "self" }, "last_finalization_error": null, "latest_revision": null,
        "lines": { "object": "list", "data": [line], "has_more": false, "total_count": 1,
            "url": format!("/v1/invoices/{id}/lines") },
        "livemode": true, "metadata": {}, "next_payment_attempt": null,
        "number": format!("A1B2C3D4-{number:04}"), "on_behalf_of": null,
        "parent": { "quote_details": null, "subscription_details": { "metadata": {},
            "subscription": format!("sub_{number}") }, "type": "subscription_details" },
        "period_end": paid, "period_start": paid - 2_592_000, "receipt_number": null,
        "shipping_cost": null, "shipping_details": null, "starting_balance": 0,
        "statement_descriptor": null, "status": "paid", "status_transitions": { "finalized_at": paid - 5,
            "marked_uncollectible_at": null, "paid_at": paid, "voided_at": null },
        "subtotal": amount, "subtotal_excluding_tax": amount, "test_clock": null,
        "total": amount + tax, "total_discount_amounts": [], "total_excluding_tax": amount,
        "total_taxes": taxes, "webhooks_delivered_at": paid });
    merge(&mut invoice, more);
    json!({ "id": format!("evt_{number}"), "object": "event", "api_version": "2026-01-28.clover",
        "created": paid + 2, "data": { "object": invoice }, "livemode": true, "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null }, "type": "invoice.paid" })
}

/// `payment_succeeded` of Chargebee, with all four objects: 4 kB.
pub(super) fn chargebee(dice: &mut fastrand::Rng, number: u32) -> Value {
    let (price, quantity) = (dice.u64(500..9_000), dice.u64(1..4));
    let amount = price * quantity;
    let tax = amount * 8 / 100;
    let total = amount + tax;
    let paid = 1_790_000_000 + u64::from(number);
    let (customer, subscription) = (format!("cus_{}", number % 9_000), format!("sub_{number}"));
    let email = format!("buyer.{number}@example.com");
    let address = json!({ "first_name": "Jane", "last_name": "Example", "email": email,
        "line1": "1 Example Street", "city": "Springfield", "state_code": "IL", "state": "Illinois",
        "country": "US", "zip": "62701", "validation_status": "not_validated", "object": "billing_address" });
    let line = json!({ "id": format!("li_{number}"), "date_from": paid, "date_to": paid + 2_592_000,
        "unit_amount": price, "quantity": quantity, "amount": amount, "pricing_model": "per_unit",
        "is_taxed": true, "tax_amount": tax, "tax_rate": 8.0, "object": "line_item",
        "subscription_id": subscription, "customer_id": customer, "description": "Coffee subscription",
        "entity_type": "plan_item_price", "entity_id": "coffee-USD-monthly",
        "tax_exempt_reason": "tax_not_configured", "discount_amount": 0, "item_level_discount_amount": 0 });
    let invoice = json!({ "id": number.to_string(), "customer_id": customer, "subscription_id": subscription,
        "recurring": true, "status": "paid", "price_type": "tax_exclusive", "date": paid - 5,
        "due_date": paid - 5, "net_term_days": 0, "exchange_rate": 1.0, "total": total,
        "amount_paid": total, "amount_adjusted": 0, "write_off_amount": 0, "credits_applied": 0,
        "amount_due": 0, "paid_at": paid, "updated_at": paid, "resource_version": 1_790_000_002_u64,
        "deleted": false, "object": "invoice", "first_invoice": dice.u8(0..3) == 0, "amount_to_collect": 0,
        "round_off_amount": 0, "has_advance_charges": false, "currency_code": "USD",
        "base_currency_code": "USD", "generated_at": paid - 5, "is_gifted": false, "term_finalized": true,
        "channel": "web", "tax": tax, "sub_total": amount, "line_items": [line],
        "taxes": [{ "object": "tax", "name": "Sales tax", "amount": tax }], "linked_payments": [],
        "applied_credits": [], "issued_credit_notes": [], "dunning_attempts": [], "billing_address": address });
    let person = json!({ "id": customer, "first_name": "Jane", "last_name": "Example", "email": email,
        "phone": "+12025550142", "auto_collection": "on", "net_term_days": 0, "created_at": paid,
        "taxability": "taxable", "deleted": false, "object": "customer", "billing_address": address });
    let contract = json!({ "id": subscription, "customer_id": customer, "status": "active",
        "currency_code": "USD", "billing_period": 1, "billing_period_unit": "month",
        "current_term_start": paid, "current_term_end": paid + 2_592_000, "created_at": paid,
        "started_at": paid, "deleted": false, "object": "subscription", "subscription_items": [{
            "item_price_id": "coffee-USD-monthly", "item_type": "plan", "quantity": quantity,
            "unit_price": price, "amount": amount, "object": "subscription_item" }] });
    let transaction = json!({ "id": format!("txn_{number}"), "customer_id": customer, "gateway": "stripe",
        "type": "payment", "date": paid, "amount": total, "status": "success", "currency_code": "USD",
        "object": "transaction", "linked_invoices": [] });
    json!({ "id": format!("ev_{number}"), "occurred_at": paid + 3, "source": "scheduled_job",
        "object": "event", "api_version": "v2", "content": { "transaction": transaction, "invoice": invoice,
            "customer": person, "subscription": contract },
        "event_type": "payment_succeeded", "webhook_status": "scheduled" })
}

fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (object, more) {
        fields.extend(more);
    }
}
