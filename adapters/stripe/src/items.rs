//! The lines of an invoice as Converge's items.

use orderbridge_event::{Amount, Code, Item, Net, Note, Text, unit_price};

use crate::minor::Unit;
use crate::payload::{Invoice, Line};

/// Turns the invoice's lines into items. Lines that give something back are no items; the discount
/// holds them.
pub(crate) fn of(
    invoice: &mut Invoice,
    nets: &[Net],
    unit: Unit,
    notes: &mut Vec<Note>,
) -> Vec<Item> {
    let lines = invoice.lines.take().map(|lines| lines.data);
    let lines = lines.unwrap_or_default().into_iter().zip(nets).enumerate();
    let sold = lines.filter(|(_, (_, net))| !net.gross.is_negative());
    sold.map(|(place, (line, net))| item(place, line, net.gross, unit, notes))
        .collect()
}

fn item(place: usize, line: Line, amount: Amount, unit: Unit, notes: &mut Vec<Note>) -> Item {
    let details = line
        .pricing
        .as_ref()
        .and_then(|it| it.price_details.as_ref());
    let price = line.old_price();
    let named = details.and_then(|it| it.product.object());
    let named = named.or_else(|| price?.product.object());
    let product_name = named.and_then(|product| product.name.clone());
    let variant_id = details
        .and_then(|details| details.price.id())
        .or_else(|| price?.id.as_ref());
    let product_id = details
        .and_then(|details| details.product.id())
        .or_else(|| price?.product.id());
    let nickname = price.and_then(|price| price.nickname.clone());
    let product_id = product_id.cloned().unwrap_or_else(|| {
        let path = format!("lines.data[{place}].pricing.price_details.product");
        let (what, id) = stand_in(variant_id, line.id.as_ref(), place);
        let message = format!("the {what} stands in");
        notes.push(Note::new(Code::ProductUnknown, message, path));
        id
    });
    let variant_id = variant_id.cloned();
    let (price, quantity) = unit_price(amount, line.quantity, unit.currency);
    Item {
        name: line
            .description
            .or(product_name)
            .unwrap_or_else(|| product_id.clone()),
        product_id,
        variant_id,
        sku: None,
        variant_name: nickname,
        price,
        quantity,
        vendor: None,
        url: None,
        image_url: None,
    }
}

/// Lines that were written by hand have no product, which Converge requires.
fn stand_in(price: Option<&Text>, line: Option<&Text>, place: usize) -> (&'static str, Text) {
    if let Some(price) = price {
        return ("price id", price.clone());
    }
    let id = line.map_or_else(|| (place + 1).to_string(), |id| id.as_str().to_owned());
    ("line id", Text::labelled("line:", &id))
}
