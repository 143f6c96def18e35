//! What a subscription is worth: the price of its plan for one period.

use orderbridge_event::{Code, Item, MapError, Note, Order, Prices, Rest, Text, unit_price};

use crate::minor::Unit;
use crate::objects::{Price, Subscription, SubscriptionItem};

/// The plan's price, before tax and discount, which a subscription does not tell. None where it is
/// not one price: tiers, and usage that is counted later.
pub(crate) fn value(
    subscription: &Subscription,
    notes: &mut Vec<Note>,
) -> Result<Option<Order>, MapError> {
    let list = subscription.items.as_ref();
    let lines = list.map_or(&[][..], |list| &list.data);
    let Some(items) = items(subscription, lines)? else {
        let message = "the plan has no fixed price";
        notes.push(Note::new(Code::TotalMissing, message, "items"));
        return Ok(None);
    };
    let (unit, items) = items;
    let amounts = items
        .iter()
        .map(|item| item.price.times(item.quantity.into()));
    let total = amounts.collect::<Option<Vec<_>>>();
    let total = total.and_then(orderbridge_event::Amount::sum);
    let total = total.ok_or_else(|| {
        MapError::invalid(Code::AmountOverflow, "items", "amounts of fewer digits")
    })?;
    let message = "the price of the plan; a subscription tells neither tax nor shipping";
    notes.push(Note::new(Code::TaxMissing, message, "items"));
    Ok(Some(Order {
        currency: unit.currency,
        total_price: total.round(unit.currency),
        total_tax: None,
        total_shipping: None,
        total_discount: None,
        coupons: Vec::new(),
        items,
        rest: Rest::NONE,
        prices: Prices::Net,
    }))
}

/// All items with a price; `None` as soon as one has none.
fn items(
    subscription: &Subscription,
    lines: &[SubscriptionItem],
) -> Result<Option<(Unit, Vec<Item>)>, MapError> {
    let of = |line: &SubscriptionItem| line.price.as_ref().and_then(|it| it.currency.clone());
    let code = subscription.currency.clone();
    let code = code.or_else(|| lines.iter().find_map(of));
    if code.is_none() || lines.is_empty() {
        return Ok(None);
    }
    let unit = Unit::parse("currency", code.as_ref())?;
    let mut items = Vec::with_capacity(lines.len());
    for (place, line) in lines.iter().enumerate() {
        let path = format!("items.data[{place}].price");
        let Some(item) = item(line, unit, &path)? else {
            return Ok(None);
        };
        items.push(item);
    }
    Ok(Some((unit, items)))
}

fn item(line: &SubscriptionItem, unit: Unit, path: &str) -> Result<Option<Item>, MapError> {
    let Some(price) = line.price.as_ref().or(line.plan.as_ref()) else {
        return Ok(None);
    };
    let usage = price
        .recurring
        .as_ref()
        .and_then(|it| it.usage_type.as_ref());
    let usage = usage.or(price.usage_type.as_ref()).map(Text::as_str);
    let amounts = [
        price.unit_amount_decimal,
        price.unit_amount,
        price.amount_decimal,
        price.amount,
    ];
    let amount = amounts.into_iter().flatten().next();
    let Some(amount) = amount.filter(|amount| usage != Some("metered") && !amount.is_negative())
    else {
        return Ok(None);
    };
    let quantity = line.quantity.unwrap_or(1);
    let whole = amount
        .times(quantity.into())
        .ok_or_else(|| MapError::invalid(Code::AmountOverflow, path, "fewer digits"))?;
    let whole = unit.major(path, whole)?;
    let (each, quantity) = unit_price(whole, Some(quantity), unit.currency);
    let Some((product_id, name)) = names(price, line) else {
        return Ok(None);
    };
    Ok(Some(Item {
        product_id,
        variant_id: price.id.clone(),
        sku: None,
        name,
        variant_name: price.nickname.clone(),
        price: each,
        quantity,
        vendor: None,
        url: None,
        image_url: None,
    }))
}

fn names(price: &Price, line: &SubscriptionItem) -> Option<(Text, Text)> {
    let product = price
        .product
        .id()
        .or(price.id.as_ref())
        .or(line.id.as_ref())?;
    let name = price.product.object().and_then(|it| it.name.as_ref());
    let name = name.or(price.nickname.as_ref()).unwrap_or(product);
    Some((product.clone(), name.clone()))
}
