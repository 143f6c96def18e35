//! The order in an event's properties.

use super::fields::{Reader, amount, invalid};
use crate::tree::Tree;
use crate::{Amount, Code, Currency, Discount, Item, MapError, Order, Prices, Proof, Rest, Text};

pub(super) fn read(
    properties: &mut Reader<'_, '_>,
    total_price: Amount,
) -> Result<Order, MapError> {
    let currency = properties.currency()?;
    let mut order = Order {
        currency,
        total_price,
        total_tax: properties.amount("total_tax")?,
        total_shipping: properties.amount("total_shipping")?,
        total_discount: discount(properties)?,
        coupons: coupons(properties)?,
        items: items(properties, currency)?,
        rest: Rest {
            tip: properties.amount("total_tip")?,
            duties: properties.amount("total_duties")?,
            fees: properties.amount("total_fees")?,
            rounding: properties.amount("total_rounding")?,
        },
        prices: Prices::Net,
    };
    if !closes(&order) {
        order.prices = Prices::TaxInside;
        if !closes(&order) {
            order.prices = Prices::Net;
        }
    }
    Ok(order)
}

fn closes(order: &Order) -> bool {
    Proof::of(order).is_some_and(|proof| proof.closes())
}

fn discount(properties: &mut Reader<'_, '_>) -> Result<Option<Discount>, MapError> {
    let Some(amount) = properties.amount("total_discount")? else {
        return Ok(None);
    };
    if amount.is_negative() {
        let path = properties.path("total_discount");
        return Err(MapError::invalid(Code::AmountInvalid, path, "a magnitude"));
    }
    Ok(Some(Discount::new(amount)))
}

fn coupons(properties: &mut Reader<'_, '_>) -> Result<Vec<Text>, MapError> {
    let path = properties.path("coupon");
    let wrong = || invalid(path.as_str(), "text or a list of two or more");
    let read = |tree: &Tree<'_>| tree.as_text().and_then(Text::exact).ok_or_else(wrong);
    match properties.take("coupon") {
        None => Ok(Vec::new()),
        Some(Tree::List(coupons)) if coupons.len() > 1 => coupons.iter().map(read).collect(),
        Some(coupon) => Ok(vec![read(coupon)?]),
    }
}

fn items(properties: &mut Reader<'_, '_>, currency: Currency) -> Result<Vec<Item>, MapError> {
    let path = properties.path("items");
    let Some(Tree::List(items)) = properties.take("items") else {
        return Err(invalid(path, "a list"));
    };
    items
        .iter()
        .enumerate()
        .map(|(place, item)| self::item(item, format!("{path}[{place}]"), currency))
        .collect()
}

fn item(tree: &Tree<'_>, path: String, order: Currency) -> Result<Item, MapError> {
    let mut item = Reader::open(tree, path)?;
    if item.currency()? != order {
        let path = item.path("currency");
        let other = "properties.currency";
        return Err(MapError::conflict(Code::CurrencyMixed, path, other));
    }
    let read = Item {
        product_id: item.need_text("product_id")?,
        variant_id: item.text("variant_id")?,
        sku: item.text("sku")?,
        name: item.need_text("name")?,
        variant_name: item.text("variant_name")?,
        price: item.amount("price")?.ok_or_else(|| item.missing("price"))?,
        quantity: quantity(&mut item)?,
        vendor: item.text("vendor")?,
        url: item.text("url")?,
        image_url: item.text("image_url")?,
    };
    item.finish()?;
    Ok(read)
}

fn quantity(item: &mut Reader<'_, '_>) -> Result<u32, MapError> {
    let path = item.path("quantity");
    let tree = item
        .take("quantity")
        .ok_or_else(|| item.missing("quantity"))?;
    let quantity = amount(tree, &path)?;
    let digits = quantity.round_digits(0).to_string();
    digits
        .parse()
        .ok()
        .filter(|whole| Amount::from(*whole) == quantity)
        .ok_or_else(|| MapError::invalid(Code::QuantityInvalid, path, "a whole number from 0 up"))
}
