//! An order's money: original totals, in the shop's currency, so that they add up.
//!
//! Where a shop's prices include tax, the tax is taken out of each line by what the platform
//! states for that line, never by a country's rate: lines may be exempt, reduced or compound.

use orderbridge_event::{
    Amount, Code, Currency, Discount, Line, MapError, Note, Prices, TaxInclusivePrices, Text,
    spread_discount,
};

use crate::lines::{minus, overflow, sum};
use crate::payload::{Allocation, MoneySet, Order, TaxLine};
use crate::{items, rest};

/// Works out the order's money. The order's lines are used up.
pub(crate) fn of(
    order: &mut Order,
    currency: Currency,
    mode: TaxInclusivePrices,
    notes: &mut Vec<Note>,
) -> Result<orderbridge_event::Order, MapError> {
    let total_price = order
        .total_price
        .ok_or_else(|| MapError::missing("total_price"))?;
    let total_tax = total_tax(order, currency, notes)?;
    let mut lines = goods(order)?;
    let shipping = shipping(order)?;
    let both = || lines.iter().chain(shipping.iter().flatten());
    let line_tax = sum(both().map(|line| line.tax))?;
    let allocated = sum(both().map(|line| line.discount))?;
    let count = both().count();

    let prices = prices(order, total_tax, mode, line_tax, notes);
    let is_net = order.taxes_included == Some(true) && prices == Prices::Net;
    let stated = stated_discount(order, allocated, currency, notes);
    if is_net && let Some(stated) = stated {
        spread_discount(&mut lines, minus(stated, allocated)?, currency).ok_or_else(overflow)?;
    }
    let nets = |lines: &[Line]| {
        let net = |line: &Line| {
            if is_net {
                line.net(currency).ok_or_else(overflow)
            } else {
                Ok(line.as_charged())
            }
        };
        lines.iter().map(net).collect::<Result<Vec<_>, _>>()
    };
    let goods = nets(&lines)?;
    let carriage = shipping.as_deref().map(nets).transpose()?;

    let total_shipping = match &carriage {
        Some(lines) => Some(sum(lines.iter().map(|line| line.gross))?.round(currency)),
        None => order
            .total_shipping_price_set
            .as_ref()
            .and_then(MoneySet::shop_amount),
    };
    if total_shipping.is_none() {
        let message = "no shipping lines";
        notes.push(Note::new(Code::ShippingMissing, message, "shipping_lines"));
    }
    let discounts = goods
        .iter()
        .chain(carriage.iter().flatten())
        .map(|line| line.discount);
    let total_discount = match stated {
        Some(stated) if !is_net => Some(stated.round(currency)),
        _ => Some(sum(discounts)?.round(currency)).filter(|it| stated.is_some() || !it.is_zero()),
    };

    let tip_is_a_line = rest::has_tip_line(order);
    let units: Vec<Amount> = goods.iter().map(|line| line.gross).collect();
    let items = items::of(order, &units, currency, notes);
    let mut money = orderbridge_event::Order {
        currency,
        total_price: total_price.round(currency),
        total_tax: total_tax.map(|tax| tax.round(currency)),
        total_shipping,
        total_discount: total_discount.map(Discount::new),
        coupons: order
            .discount_codes
            .iter_mut()
            .filter_map(|code| code.code.take())
            .collect(),
        items,
        rest: rest::of(order, currency),
        prices,
    };
    let by_order = match total_tax {
        Some(total) if is_net => rest::by_order(line_tax, total, count, currency),
        _ => Amount::ZERO,
    };
    rest::name(&mut money, order, by_order, tip_is_a_line);
    Ok(money)
}

/// The total discount as stated, with a note when the lines say something else.
fn stated_discount(
    order: &Order,
    allocated: Amount,
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Option<Amount> {
    let stated = order.total_discounts?;
    if stated.round(currency) != allocated.round(currency) {
        let shown = |amount: Amount| amount.round(currency).with_minor_digits(currency);
        let message = format!(
            "{} in all, {} on the lines",
            shown(stated),
            shown(allocated)
        );
        let path = "total_discounts";
        notes.push(Note::new(Code::DiscountUnallocated, message, path));
    }
    Some(stated)
}

/// All tax: as stated, else the sum of the order's tax lines.
fn total_tax(
    order: &Order,
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Result<Option<Amount>, MapError> {
    if order.total_tax.is_some() {
        return Ok(order.total_tax);
    }
    if order.tax_lines.iter().any(|line| line.price.is_some()) {
        return tax(&order.tax_lines).map(|tax| Some(tax.round(currency)));
    }
    notes.push(Note::new(Code::TaxMissing, "no tax is stated", "total_tax"));
    Ok(None)
}

/// Whether the amounts that are sent hold tax.
fn prices(
    order: &Order,
    total_tax: Option<Amount>,
    mode: TaxInclusivePrices,
    line_tax: Amount,
    notes: &mut Vec<Note>,
) -> Prices {
    let has_tax = total_tax.is_some_and(|tax| !tax.is_zero());
    if order.taxes_included != Some(true) || !has_tax {
        return Prices::Net;
    }
    if mode == TaxInclusivePrices::AsCharged {
        return Prices::TaxInside;
    }
    if !line_tax.is_zero() {
        return Prices::Net;
    }
    let message = "prices include tax, and no line says how much";
    notes.push(Note::new(Code::TaxUnknown, message, "line_items"));
    Prices::TaxInside
}

/// The lines of goods.
fn goods(order: &Order) -> Result<Vec<Line>, MapError> {
    let lines = order.line_items.as_deref().unwrap_or_default();
    let read = lines.iter().enumerate().map(|(place, line)| {
        let price = line
            .price
            .ok_or_else(|| MapError::missing(format!("line_items[{place}].price")))?;
        let quantity = line
            .quantity
            .ok_or_else(|| MapError::missing(format!("line_items[{place}].quantity")))?;
        Ok(Line {
            gross: price
                .times(quantity.into())
                .ok_or_else(|| too_long(place))?,
            discount: discount(&line.discount_allocations, line.total_discount)?,
            tax: tax(&line.tax_lines)?,
            rate: rate(&line.tax_lines)?,
        })
    });
    read.collect()
}

fn too_long(place: usize) -> MapError {
    let path = format!("line_items[{place}].price");
    MapError::invalid(Code::AmountOverflow, path, "fewer digits")
}

/// The lines of shipping, without those that were taken off again; `None` when the payload has no
/// such list.
fn shipping(order: &Order) -> Result<Option<Vec<Line>>, MapError> {
    let Some(lines) = &order.shipping_lines else {
        return Ok(None);
    };
    let kept = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.is_removed != Some(true));
    let read = kept.map(|(place, line)| {
        let price = line
            .price
            .ok_or_else(|| MapError::missing(format!("shipping_lines[{place}].price")))?;
        Ok(Line {
            gross: price,
            discount: discount(&line.discount_allocations, None)?,
            tax: tax(&line.tax_lines)?,
            rate: rate(&line.tax_lines)?,
        })
    });
    read.collect::<Result<_, _>>().map(Some)
}

/// The discount on a line. A line's own `total_discount` is `"0.00"` for codes and automatic
/// discounts, so the allocations come first.
fn discount(allocations: &[Allocation], total: Option<Amount>) -> Result<Amount, MapError> {
    if allocations.is_empty() {
        return Ok(total.unwrap_or_default());
    }
    sum(allocations
        .iter()
        .filter_map(|allocation| allocation.amount))
}

fn tax(lines: &[TaxLine]) -> Result<Amount, MapError> {
    sum(lines.iter().filter_map(|line| line.price))
}

fn rate(lines: &[TaxLine]) -> Result<Amount, MapError> {
    sum(lines.iter().filter_map(|line| line.rate))
}

/// The shop's currency.
pub(crate) fn currency(order: &Order) -> Result<Currency, MapError> {
    let stated = order.currency.as_ref().map(|text| ("currency", text));
    let by_set = || {
        let set = order.total_price_set.as_ref()?;
        Some((
            "total_price_set.shop_money.currency_code",
            set.shop_currency()?,
        ))
    };
    let (path, text) = stated
        .or_else(by_set)
        .ok_or_else(|| MapError::missing("currency"))?;
    parse_currency(path, text)
}

pub(crate) fn parse_currency(path: &str, text: &Text) -> Result<Currency, MapError> {
    Currency::parse(text.as_str())
        .ok_or_else(|| MapError::invalid(Code::CurrencyInvalid, path, "three letters such as EUR"))
}
