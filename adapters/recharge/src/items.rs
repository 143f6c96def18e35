//! The lines of a charge as Converge's items, under the store's ids.

use orderbridge_event::{Amount, Code, Currency, Item, Note, Text};

use crate::payload::{LineItem, Subscription, in_store};

/// Turns lines into items. `amounts` are those of the whole lines, before discount.
pub(crate) fn of(
    lines: Vec<LineItem>,
    amounts: &[Amount],
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Vec<Item> {
    let placed = lines.into_iter().zip(amounts).enumerate();
    placed
        .map(|(place, (line, amount))| item(place, line, *amount, currency, notes))
        .collect()
}

fn item(
    place: usize,
    line: LineItem,
    amount: Amount,
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Item {
    let product = in_store(
        line.external_product_id.as_ref(),
        line.shopify_product_id.as_ref(),
    );
    let variant_id = in_store(
        line.external_variant_id.as_ref(),
        line.shopify_variant_id.as_ref(),
    );
    let own = line.purchase_item_id.or(line.subscription_id);
    let product_id = product.unwrap_or_else(|| {
        let path = format!("line_items[{place}].external_product_id");
        let message = "the variant, SKU or line stands in";
        notes.push(Note::new(Code::ProductUnknown, message, path));
        stand_in(variant_id.as_ref(), line.sku.as_ref(), own.as_ref(), place)
    });
    let quantity = line.quantity.unwrap_or_default();
    let name = line.title.or(line.product_title);
    let unit = match quantity {
        0 => line.unit_price.or(line.price),
        1 => Some(amount),
        _ => amount.over(quantity.into()),
    };
    Item {
        name: name.unwrap_or_else(|| product_id.clone()),
        product_id,
        variant_id,
        sku: line.sku,
        variant_name: line.variant_title,
        // Exact where the line divides, else with four more decimals than the currency has.
        price: unit.unwrap_or(amount).round_digits(currency.digits() + 4),
        quantity,
        vendor: line.vendor,
        url: None,
        image_url: None,
    }
}

/// A product that the store has deleted has no id, which Converge requires.
fn stand_in(variant: Option<&Text>, sku: Option<&Text>, own: Option<&Text>, place: usize) -> Text {
    let known = variant.or(sku).cloned();
    known.unwrap_or_else(|| {
        let id = own.map_or_else(|| (place + 1).to_string(), |id| id.as_str().to_owned());
        Text::labelled("line:", &id)
    })
}

/// The goods of a subscription.
pub(crate) fn of_subscription(
    subscription: &mut Subscription,
    id: &Text,
    price: Amount,
    quantity: u32,
) -> Item {
    let product = in_store(
        subscription.external_product_id.as_ref(),
        subscription.shopify_product_id.as_ref(),
    );
    let variant_id = in_store(
        subscription.external_variant_id.as_ref(),
        subscription.shopify_variant_id.as_ref(),
    );
    let product_id = product
        .unwrap_or_else(|| stand_in(variant_id.as_ref(), subscription.sku.as_ref(), Some(id), 0));
    Item {
        name: subscription
            .product_title
            .take()
            .unwrap_or_else(|| product_id.clone()),
        product_id,
        variant_id,
        sku: subscription.sku.take(),
        variant_name: subscription.variant_title.take(),
        price,
        quantity,
        vendor: None,
        url: None,
        image_url: None,
    }
}
