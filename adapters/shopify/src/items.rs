//! The lines of an order as Converge's items.

use orderbridge_event::{Amount, Code, Currency, Item, Note, Text};

use crate::payload::{LineItem, Order};

/// Turns the order's lines into items. `amounts` are those of the whole lines, before discount.
pub(crate) fn of(
    order: &mut Order,
    amounts: &[Amount],
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Vec<Item> {
    let lines = order.line_items.take().unwrap_or_default();
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
    let quantity = line.quantity.unwrap_or_default();
    let product_id = line.product_id.unwrap_or_else(|| {
        let (what, id) = stand_in(
            line.variant_id.as_ref(),
            line.sku.as_ref(),
            line.id.as_ref(),
            place,
        );
        let path = format!("line_items[{place}].product_id");
        notes.push(Note::new(
            Code::ProductUnknown,
            format!("the {what} stands in"),
            path,
        ));
        id
    });
    let name = line
        .title
        .or(line.name)
        .unwrap_or_else(|| product_id.clone());
    Item {
        product_id,
        variant_id: line.variant_id,
        sku: line.sku,
        name,
        // What Shopify calls the only variant of a product.
        variant_name: line
            .variant_title
            .filter(|title| title.as_str() != "Default Title"),
        price: unit_price(amount, quantity, line.price, currency),
        quantity,
        vendor: line.vendor,
        url: None,
        image_url: None,
    }
}

/// Custom lines and deleted products have no product id, which Converge requires.
fn stand_in(
    variant: Option<&Text>,
    sku: Option<&Text>,
    line: Option<&Text>,
    place: usize,
) -> (&'static str, Text) {
    if let Some(variant) = variant {
        return ("variant id", variant.clone());
    }
    if let Some(sku) = sku {
        return ("SKU", sku.clone());
    }
    let id = line.map_or_else(|| (place + 1).to_string(), |id| id.as_str().to_owned());
    ("line id", Text::labelled("line:", &id))
}

/// A unit price: exact where the line's amount divides, else with four more decimals than the
/// currency has. Of nothing bought it is the price as stated.
fn unit_price(amount: Amount, quantity: u32, stated: Option<Amount>, currency: Currency) -> Amount {
    let unit = match quantity {
        0 => stated,
        1 => Some(amount),
        _ => amount.over(quantity.into()),
    };
    unit.unwrap_or(amount).round_digits(currency.digits() + 4)
}
