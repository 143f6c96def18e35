//! The lines of an order as Converge's items.

use orderbridge_event::{Amount, Code, Currency, Item, Note, Text};

use crate::model::Line;

/// Turns lines into items. `amounts` are those of the whole lines, before discount, as sent.
pub(crate) fn of(
    list: &str,
    lines: Vec<Line>,
    amounts: &[Amount],
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Vec<Item> {
    let placed = lines.into_iter().zip(amounts).enumerate();
    placed
        .map(|(place, (line, amount))| item(list, place, line, *amount, currency, notes))
        .collect()
}

fn item(
    list: &str,
    place: usize,
    line: Line,
    amount: Amount,
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Item {
    let price = unit_price(list, place, &line, amount, currency, notes);
    let product_id = line
        .asin
        .clone()
        .or_else(|| line.sku.clone())
        .unwrap_or_else(|| {
            let path = format!("{list}[{place}]");
            let message = "neither ASIN nor SKU: the line stands in";
            notes.push(Note::new(Code::ProductUnknown, message, path));
            let id = line.id.as_ref().map(|id| id.as_str().to_owned());
            Text::labelled("line:", &id.unwrap_or_else(|| (place + 1).to_string()))
        });
    Item {
        name: line
            .title
            .or_else(|| line.sku.clone())
            .unwrap_or_else(|| product_id.clone()),
        variant_id: line.sku.clone().or(line.asin),
        sku: line.sku,
        product_id,
        variant_name: None,
        price,
        quantity: line.quantity.unwrap_or(1),
        vendor: None,
        url: None,
        image_url: None,
    }
}

/// The price of one: Amazon's own where it is that of the line, else what the line's divides to,
/// with four more decimals than the currency has.
fn unit_price(
    list: &str,
    place: usize,
    line: &Line,
    amount: Amount,
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Amount {
    let quantity = Amount::from(line.quantity.unwrap_or(1));
    let stated = line.unit_price.and_then(|unit| unit.times(quantity));
    let divided = line.goods.gross.and_then(|gross| gross.over(quantity));
    // Where it does not divide, Amazon's unit price is rounded.
    let is_of_line =
        stated == line.goods.gross || divided.map(|unit| unit.round(currency)) == line.unit_price;
    if line.unit_price.is_some() && !is_of_line {
        let path = format!("{list}[{place}].product.price.unitPrice");
        let message = "times the quantity it is not the amount of the line, which is used";
        notes.push(Note::new(Code::PriceMismatch, message, path));
    }
    let own = line.unit_price.filter(|_| stated == Some(amount));
    own.or_else(|| amount.over(quantity))
        .unwrap_or(amount)
        .round_digits(currency.digits() + 4)
}

/// The promotions of all lines, each once.
pub(crate) fn promotion_ids(lines: &[Line]) -> Vec<Text> {
    let mut ids: Vec<Text> = Vec::new();
    for id in lines.iter().flat_map(|line| &line.promotion_ids) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}
