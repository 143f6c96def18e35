//! An order's money: original totals, in the shop's currency, so that they add up.
//!
//! Where a shop's prices include tax, the tax is taken out of each line by what the platform
//! states for that line, never by a country's rate: lines may be exempt, reduced or compound.

use orderbridge_event::{
    Amount, Code, Currency, Discount, MapError, Note, Prices, Proof, Rest, TaxInclusivePrices, Text,
};

use crate::items;
use crate::payload::{Allocation, MoneySet, Order, TaxLine};

/// A line of goods or of shipping, with its discount and tax.
struct Line {
    /// Price × quantity, as charged.
    gross: Amount,
    /// The discounts on it.
    discount: Amount,
    /// The tax on it.
    tax: Amount,
    /// The sum of its tax rates.
    rate: Amount,
}

/// A line without its tax.
struct Net {
    gross: Amount,
    discount: Amount,
}

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
    let lines = goods(order)?;
    let shipping = shipping(order)?;

    let prices = prices(order, total_tax, mode, &lines, shipping.as_deref(), notes);
    let is_net = order.taxes_included == Some(true) && prices == Prices::Net;

    let stated = order.total_discounts;
    let allocated = sum(lines
        .iter()
        .chain(shipping.iter().flatten())
        .map(|line| line.discount))?;
    if let Some(stated) =
        stated.filter(|stated| stated.round(currency) != allocated.round(currency))
    {
        let message = format!("{stated} in all, {allocated} on the lines");
        notes.push(Note::new(
            Code::DiscountUnallocated,
            message,
            "total_discounts",
        ));
    }

    let mut units = Vec::with_capacity(lines.len());
    for line in &lines {
        units.push(if is_net {
            net(line, currency)?.gross
        } else {
            line.gross
        });
    }
    let items = items::of(order, &units, currency, notes);

    let mut total_discount = stated.map(|stated| stated.round(currency));
    let mut total_shipping = match &shipping {
        Some(shipping) => Some(sum(shipping.iter().map(|line| line.gross))?.round(currency)),
        None => order
            .total_shipping_price_set
            .as_ref()
            .and_then(MoneySet::shop_amount),
    };
    if total_shipping.is_none() {
        notes.push(Note::new(
            Code::ShippingMissing,
            "no shipping lines",
            "shipping_lines",
        ));
    }
    if is_net {
        let mut discount = Amount::ZERO;
        for line in lines.iter().chain(shipping.iter().flatten()) {
            discount = add(discount, net(line, currency)?.discount)?;
        }
        let rest = minus(stated.unwrap_or(allocated), allocated)?;
        total_discount = Some(add(
            discount,
            average_net(rest, total_price, total_tax, currency)?,
        )?);
        if let Some(shipping) = &shipping {
            let mut gross = Amount::ZERO;
            for line in shipping {
                gross = add(gross, net(line, currency)?.gross)?;
            }
            total_shipping = Some(gross);
        }
    }

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
        rest: rest(order, currency),
        prices,
    };
    let line_tax = sum(lines
        .iter()
        .chain(shipping.iter().flatten())
        .map(|line| line.tax))?;
    name_the_rest(&mut money, order, line_tax, is_net);
    Ok(money)
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
    lines: &[Line],
    shipping: Option<&[Line]>,
    notes: &mut Vec<Note>,
) -> Prices {
    let has_tax = total_tax.is_some_and(|tax| !tax.is_zero());
    if order.taxes_included != Some(true) || !has_tax {
        return Prices::Net;
    }
    if mode == TaxInclusivePrices::AsCharged {
        return Prices::TaxInside;
    }
    let told = lines
        .iter()
        .chain(shipping.into_iter().flatten())
        .any(|line| !line.tax.is_zero());
    if told {
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
            gross: price.times(quantity.into()).ok_or_else(overflow)?,
            discount: discount(&line.discount_allocations, line.total_discount)?,
            tax: tax(&line.tax_lines)?,
            rate: rate(&line.tax_lines)?,
        })
    });
    read.collect()
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

/// Takes the tax out of a line, so that `net gross − net discount + tax = gross − discount`.
///
/// With `f` the share of tax in what was paid, the net amount is `gross × (1 − f)`. Where nothing
/// was paid, `f` follows from the rates.
fn net(line: &Line, currency: Currency) -> Result<Net, MapError> {
    let paid = minus(line.gross, line.discount)?;
    let inside = if line.discount.is_zero() {
        line.tax
    } else if paid.is_zero() {
        let whole = add(Amount::from(1), line.rate)?;
        ratio(line.gross, line.rate, whole)?
    } else {
        ratio(line.gross, line.tax, paid)?
    };
    let gross = minus(line.gross, inside)?.round(currency);
    let discount = minus(add(gross, line.tax)?, paid)?;
    Ok(Net { gross, discount })
}

/// What a discount that no line owns is worth without tax, at the order's average rate.
fn average_net(
    discount: Amount,
    total: Amount,
    tax: Option<Amount>,
    currency: Currency,
) -> Result<Amount, MapError> {
    match tax {
        Some(tax) if !discount.is_zero() && !total.is_zero() => {
            Ok(minus(discount, ratio(discount, tax, total)?)?.round(currency))
        }
        _ => Ok(discount),
    }
}

/// The parts of the total that Converge has no field for.
fn rest(order: &Order, currency: Currency) -> Rest {
    let present = |amount: Option<Amount>| {
        amount
            .map(|amount| amount.round(currency))
            .filter(|amount| !amount.is_zero())
    };
    let set = |set: &Option<MoneySet>| present(set.as_ref().and_then(MoneySet::shop_amount));
    Rest {
        tip: present(order.total_tip_received),
        // Duties that are included are a part of the prices.
        duties: set(&order.original_total_duties_set)
            .filter(|_| order.duties_included != Some(true)),
        fees: set(&order.original_total_additional_fees_set),
        rounding: None,
    }
}

/// Names what is left of the total after all fields, where the payload explains it.
///
/// The gap itself is the evidence: cash rounding is a part of some totals and not of others, tax
/// may be rounded per order instead of per line, and a tip may stand among the lines as well.
fn name_the_rest(
    money: &mut orderbridge_event::Order,
    order: &Order,
    line_tax: Amount,
    is_net: bool,
) {
    let gap = |money: &orderbridge_event::Order| Proof::of(money).map(|proof| proof.gap());
    let Some(mut left) = gap(money).filter(|gap| !gap.is_zero()) else {
        return;
    };
    if money.rest.tip == Some(left.negated()) && has_tip_line(order) {
        money.rest.tip = None;
        return;
    }
    let cash = order
        .total_cash_rounding_payment_adjustment_set
        .as_ref()
        .and_then(MoneySet::shop_amount)
        .unwrap_or_default();
    let by_order = match money.total_tax {
        Some(total) if is_net => line_tax.minus(total).unwrap_or_default(),
        _ => Amount::ZERO,
    };
    let explained = [Some(cash), Some(by_order), cash.plus(by_order)];
    left = left.round(money.currency);
    if explained
        .into_iter()
        .flatten()
        .any(|part| part.round(money.currency) == left)
    {
        money.rest.rounding = Some(left);
    }
}

/// Some checkouts add the tip as a line without a product.
fn has_tip_line(order: &Order) -> bool {
    let mut lines = order.line_items.iter().flatten();
    lines.any(|line| line.product_id.is_none() && line.price == order.total_tip_received)
}

/// `amount × part ÷ whole`, without rounding before the end.
fn ratio(amount: Amount, part: Amount, whole: Amount) -> Result<Amount, MapError> {
    amount
        .times(part)
        .and_then(|product| product.over(whole))
        .ok_or_else(overflow)
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MapError> {
    Amount::sum(amounts).ok_or_else(overflow)
}

fn add(left: Amount, right: Amount) -> Result<Amount, MapError> {
    left.plus(right).ok_or_else(overflow)
}

fn minus(left: Amount, right: Amount) -> Result<Amount, MapError> {
    left.minus(right).ok_or_else(overflow)
}

fn overflow() -> MapError {
    MapError::invalid(
        Code::AmountOverflow,
        "total_price",
        "amounts of fewer digits",
    )
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
