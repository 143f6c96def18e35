//! A charge's money: totals as Recharge states them, lines so that they add up to them.

use orderbridge_event::{
    Amount, Code, Currency, Discount, Line, MapError, Net, Note, Options, Order, Prices, Rest,
    TaxInclusivePrices, Text, spread_discount,
};

use crate::items;
use crate::payload::{Charge, TaxLine};

/// Works out a charge's money. The charge's lines and codes are used up.
pub(crate) fn of(
    charge: &mut Charge,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Result<Order, MapError> {
    let currency = currency("currency", charge.currency.as_ref(), options)?
        .ok_or_else(|| MapError::missing("currency"))?;
    let total_price = charge
        .total_price
        .ok_or_else(|| MapError::missing("total_price"))?;
    let mut goods = goods(charge)?;
    let shipping = shipping(charge)?;

    let prices = prices(charge, &goods, options.tax_inclusive_prices, notes);
    let is_net = prices == Prices::Net && includes_tax(charge);
    let stated = charge.total_discounts.map(Amount::magnitude);
    if is_net {
        // The discount stands on the charge only, so each line bears its share.
        spread_discount(&mut goods, stated.unwrap_or_default(), currency).ok_or_else(overflow)?;
    }
    let nets = |lines: &[Line]| -> Result<Vec<Net>, MapError> {
        let net = |line: &Line| {
            if is_net {
                line.net(currency)
            } else {
                Some(line.as_charged())
            }
        };
        lines
            .iter()
            .map(|line| net(line).ok_or_else(overflow))
            .collect()
    };
    let goods = nets(&goods)?;
    let carriage = shipping.as_deref().map(nets).transpose()?;

    let total_shipping = carriage
        .as_ref()
        .map(|lines| sum(lines.iter().map(|line| line.gross)))
        .transpose()?
        .map(|shipping| shipping.round(currency));
    if total_shipping.is_none() {
        let message = "no shipping lines";
        notes.push(Note::new(Code::ShippingMissing, message, "shipping_lines"));
    }
    if charge.total_tax.is_none() {
        notes.push(Note::new(Code::TaxMissing, "no tax is stated", "total_tax"));
    }
    let total_discount = if is_net {
        let all = goods.iter().chain(carriage.iter().flatten());
        let all = sum(all.map(|line| line.discount))?.round(currency);
        stated.map(|_| all)
    } else {
        stated.map(|stated| stated.round(currency))
    };
    let units: Vec<Amount> = goods.iter().map(|line| line.gross).collect();
    let lines = std::mem::take(&mut charge.line_items);
    let codes = charge
        .discounts
        .iter_mut()
        .chain(&mut charge.discount_codes);
    let coupons = codes.filter_map(|discount| discount.code.take()).collect();
    let duties = charge.total_duties.map(|duties| duties.round(currency));
    Ok(Order {
        currency,
        total_price: total_price.round(currency),
        total_tax: charge.total_tax.map(|tax| tax.round(currency)),
        total_shipping,
        total_discount: total_discount.map(Discount::new),
        coupons,
        items: items::of(lines, &units, currency, notes),
        rest: Rest {
            duties: duties.filter(|duties| !duties.is_zero()),
            ..Rest::NONE
        },
        prices,
    })
}

/// A currency as it is stated, else the one that the configuration names; old payloads have none.
pub(crate) fn currency(
    path: &str,
    stated: Option<&Text>,
    options: &Options,
) -> Result<Option<Currency>, MapError> {
    let Some(text) = stated else {
        return Ok(options.currency);
    };
    let read = Currency::parse(text.as_str());
    let invalid = || MapError::invalid(Code::CurrencyInvalid, path, "three letters such as EUR");
    read.map(Some).ok_or_else(invalid)
}

fn includes_tax(charge: &Charge) -> bool {
    let mut lines = charge.line_items.iter();
    charge.taxes_included == Some(true)
        || lines.any(|line| line.unit_price_includes_tax == Some(true))
}

/// Whether the amounts that are sent hold tax.
fn prices(
    charge: &Charge,
    goods: &[Line],
    mode: TaxInclusivePrices,
    notes: &mut Vec<Note>,
) -> Prices {
    let has_tax = charge.total_tax.is_some_and(|tax| !tax.is_zero());
    if !has_tax || !includes_tax(charge) {
        return Prices::Net;
    }
    if mode == TaxInclusivePrices::AsCharged {
        return Prices::TaxInside;
    }
    if goods.iter().any(|line| !line.tax.is_zero()) {
        return Prices::Net;
    }
    let message = "prices include tax, and no line says how much";
    notes.push(Note::new(Code::TaxUnknown, message, "line_items"));
    Prices::TaxInside
}

fn goods(charge: &Charge) -> Result<Vec<Line>, MapError> {
    let lines = charge.line_items.iter().enumerate();
    let read = lines.map(|(place, line)| {
        let at = |field: &str| format!("line_items[{place}].{field}");
        let price = line.unit_price.or(line.price);
        let price = price.ok_or_else(|| MapError::missing(at("unit_price")))?;
        let quantity = line
            .quantity
            .ok_or_else(|| MapError::missing(at("quantity")))?;
        Ok(Line {
            gross: price.times(quantity.into()).ok_or_else(overflow)?,
            discount: Amount::ZERO,
            // What is due on the line; its tax lines may be of one unit.
            tax: match line.tax_due {
                Some(tax) => tax,
                None => tax(&line.tax_lines)?,
            },
            rate: rate(&line.tax_lines)?,
        })
    });
    read.collect()
}

fn shipping(charge: &Charge) -> Result<Option<Vec<Line>>, MapError> {
    let Some(lines) = &charge.shipping_lines else {
        return Ok(None);
    };
    let read = lines.iter().enumerate().map(|(place, line)| {
        let missing = || MapError::missing(format!("shipping_lines[{place}].price"));
        Ok(Line {
            gross: line.price.ok_or_else(missing)?,
            discount: Amount::ZERO,
            tax: tax(&line.tax_lines)?,
            rate: rate(&line.tax_lines)?,
        })
    });
    read.collect::<Result<_, _>>().map(Some)
}

fn tax(lines: &[TaxLine]) -> Result<Amount, MapError> {
    sum(lines.iter().filter_map(|line| line.price))
}

fn rate(lines: &[TaxLine]) -> Result<Amount, MapError> {
    sum(lines.iter().filter_map(|line| line.rate))
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MapError> {
    Amount::sum(amounts).ok_or_else(overflow)
}

pub(crate) fn overflow() -> MapError {
    MapError::invalid(
        Code::AmountOverflow,
        "total_price",
        "amounts of fewer digits",
    )
}
