//! An invoice's money: minor units become amounts that add up to its total.

use orderbridge_event::{
    Amount, Code, Currency, Discount, Item, Line, MapError, Net, Note, Order, Prices, Rest,
    TaxInclusivePrices, Text, spread_discount, unit_price,
};

use crate::message::currency;
use crate::payload::{self, Invoice};

/// Works out an invoice's money.
pub(crate) fn of(
    invoice: &mut Invoice,
    mode: TaxInclusivePrices,
    notes: &mut Vec<Note>,
) -> Result<Order, MapError> {
    let currency = currency("invoice.currency_code", invoice.currency_code.as_ref())?;
    let total = invoice
        .total
        .ok_or_else(|| MapError::missing("invoice.total"))?;
    let tax = invoice.tax.map(|tax| major(tax, currency)).transpose()?;
    let is_inside = invoice.price_type.as_ref().map(Text::as_str) == Some("tax_inclusive")
        && tax.is_some_and(|tax| !tax.is_zero());
    let mut lines = lines(invoice, currency, is_inside)?;
    let stated = discount(invoice, currency)?;
    let prices = prices(&lines, is_inside, mode, notes);
    let is_netted = is_inside && prices == Prices::Net;
    if is_netted {
        let allocated = sum(lines.iter().map(|line| line.discount))?;
        let rest = stated.minus(allocated).ok_or_else(overflow)?;
        spread_discount(&mut lines, rest, currency).ok_or_else(overflow)?;
    }
    let net = |line: &Line| {
        if is_netted {
            line.net(currency)
        } else {
            Some(line.as_charged())
        }
    };
    let nets = lines
        .iter()
        .map(net)
        .collect::<Option<Vec<Net>>>()
        .ok_or_else(overflow)?;
    let discount = if is_netted {
        sum(nets.iter().map(|net| net.discount))?
    } else {
        stated
    };
    // Credit for unused time takes off what is charged, as a discount does.
    let credit = sum(nets
        .iter()
        .map(|net| net.gross)
        .filter(|gross| gross.is_negative()))?;
    let discount = discount.minus(credit).ok_or_else(overflow)?;
    if tax.is_none() {
        notes.push(Note::new(
            Code::TaxMissing,
            "no tax is stated",
            "invoice.tax",
        ));
    }
    let message = "Chargebee bills shipping as an item, if at all";
    notes.push(Note::new(
        Code::ShippingMissing,
        message,
        "invoice.line_items",
    ));
    let rounding = invoice.round_off_amount.filter(|amount| !amount.is_zero());
    let coupons = coupons(invoice);
    let items = std::mem::take(&mut invoice.line_items)
        .into_iter()
        .zip(&nets);
    let sold = items
        .enumerate()
        .filter(|(_, (_, net))| !net.gross.is_negative());
    Ok(Order {
        currency,
        total_price: major(total, currency)?.round(currency),
        total_tax: tax.map(|tax| tax.round(currency)),
        total_shipping: None,
        total_discount: Some(Discount::new(discount.round(currency))),
        coupons,
        items: sold
            .map(|(place, (line, net))| item(place, line, net.gross, currency, notes))
            .collect(),
        rest: Rest {
            rounding: rounding.map(|amount| major(amount, currency)).transpose()?,
            ..Rest::NONE
        },
        prices,
    })
}

/// An amount of minor units in major ones; currencies without decimals count in whole units.
pub(crate) fn major(minor: Amount, currency: Currency) -> Result<Amount, MapError> {
    minor.shifted(currency.digits()).ok_or_else(overflow)
}

fn lines(invoice: &Invoice, currency: Currency, is_inside: bool) -> Result<Vec<Line>, MapError> {
    let lines = invoice.line_items.iter().enumerate();
    let read = lines.map(|(place, line)| {
        let path = format!("invoice.line_items[{place}].amount");
        let amount = line.amount.ok_or_else(|| MapError::missing(path))?;
        let tax = if is_inside {
            line.tax_amount.unwrap_or_default()
        } else {
            Amount::ZERO
        };
        Ok(Line {
            gross: major(amount, currency)?,
            discount: major(line_discount(line)?, currency)?,
            tax: major(tax, currency)?,
            rate: Amount::ZERO,
        })
    });
    read.collect()
}

/// The share of the invoice's discounts, and the line's own.
fn line_discount(line: &payload::Line) -> Result<Amount, MapError> {
    sum([line.discount_amount, line.item_level_discount_amount]
        .into_iter()
        .flatten())
}

/// All discounts, as the invoice lists them, else as its lines do.
fn discount(invoice: &Invoice, currency: Currency) -> Result<Amount, MapError> {
    let listed = sum(invoice.discounts.iter().filter_map(|it| it.amount))?;
    if !invoice.discounts.is_empty() {
        return major(listed, currency);
    }
    let mut all = Amount::ZERO;
    for line in &invoice.line_items {
        all = all.plus(line_discount(line)?).ok_or_else(overflow)?;
    }
    major(all, currency)
}

/// Whether the amounts that are sent hold tax.
fn prices(
    lines: &[Line],
    is_inside: bool,
    mode: TaxInclusivePrices,
    notes: &mut Vec<Note>,
) -> Prices {
    if !is_inside {
        return Prices::Net;
    }
    if mode == TaxInclusivePrices::AsCharged {
        return Prices::TaxInside;
    }
    if lines.iter().any(|line| !line.tax.is_zero()) {
        return Prices::Net;
    }
    let message = "prices include tax, and no line says how much";
    notes.push(Note::new(Code::TaxUnknown, message, "invoice.line_items"));
    Prices::TaxInside
}

fn coupons(invoice: &Invoice) -> Vec<Text> {
    let is_coupon = |it: &&payload::Discount| {
        let kind = it.entity_type.as_ref().map_or("", Text::as_str);
        kind.ends_with("coupon")
    };
    let coupons = invoice.discounts.iter().filter(is_coupon);
    let mut codes: Vec<Text> = Vec::new();
    for code in coupons.filter_map(|it| it.entity_id.as_ref()) {
        if !codes.contains(code) {
            codes.push(code.clone());
        }
    }
    codes
}

fn item(
    place: usize,
    line: payload::Line,
    amount: Amount,
    currency: Currency,
    notes: &mut Vec<Note>,
) -> Item {
    let product_id = line.entity_id.unwrap_or_else(|| {
        let path = format!("invoice.line_items[{place}].entity_id");
        notes.push(Note::new(
            Code::ProductUnknown,
            "the line id stands in",
            path,
        ));
        let id = line
            .id
            .map_or_else(|| (place + 1).to_string(), |id| id.to_string());
        Text::labelled("line:", &id)
    });
    let (price, quantity) = unit_price(amount, line.quantity, currency);
    Item {
        name: line.description.unwrap_or_else(|| product_id.clone()),
        product_id,
        variant_id: None,
        sku: None,
        variant_name: None,
        price,
        quantity,
        vendor: None,
        url: None,
        image_url: None,
    }
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MapError> {
    Amount::sum(amounts).ok_or_else(overflow)
}

pub(crate) fn overflow() -> MapError {
    MapError::invalid(
        Code::AmountOverflow,
        "invoice.total",
        "amounts of fewer digits",
    )
}
