//! What an order costs. Ordergroove states totals without a currency, and lines only where the
//! webhook is set up to carry them.

use orderbridge_event::{Code, Discount, MapError, Note, Options, Order, Prices, Rest};

use crate::payload::{Item, Object};

/// An order's money; none without a total or a currency.
pub(crate) fn of_order(
    object: &Object,
    items: Vec<Item>,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Result<Option<Order>, MapError> {
    let (Some(currency), Some(total)) = (options.currency, object.total) else {
        let message = "a message names no currency: name the shop's in the configuration";
        notes.push(Note::new(Code::TotalMissing, message, "data.object.total"));
        return Ok(None);
    };
    if items.is_empty() {
        let message = "the webhook is not set up to carry the order's items";
        notes.push(Note::new(
            Code::ItemsMissing,
            message,
            "data.snapshot.items",
        ));
    }
    let mut lines = Vec::with_capacity(items.len());
    for (place, item) in items.into_iter().enumerate() {
        let missing =
            |field: &str| MapError::missing(format!("data.snapshot.items[{place}].{field}"));
        let product_id = item.product.ok_or_else(|| missing("product"))?;
        lines.push(orderbridge_event::Item {
            name: product_id.clone(),
            product_id,
            variant_id: None,
            sku: None,
            variant_name: None,
            price: item.price.ok_or_else(|| missing("price"))?,
            quantity: item.quantity.ok_or_else(|| missing("quantity"))?,
            vendor: None,
            url: None,
            image_url: None,
        });
    }
    if object.tax_total.is_none() {
        notes.push(Note::new(
            Code::TaxMissing,
            "no tax is stated",
            "data.object.tax_total",
        ));
    }
    if object.shipping_total.is_none() {
        let message = "no shipping is stated";
        notes.push(Note::new(
            Code::ShippingMissing,
            message,
            "data.object.shipping_total",
        ));
    }
    Ok(Some(Order {
        currency,
        total_price: total.round(currency),
        total_tax: object.tax_total.map(|tax| tax.round(currency)),
        total_shipping: object.shipping_total.map(|it| it.round(currency)),
        total_discount: object
            .discount_total
            .map(|it| Discount::new(it.round(currency))),
        coupons: Vec::new(),
        items: lines,
        rest: Rest::NONE,
        prices: Prices::Net,
    }))
}
