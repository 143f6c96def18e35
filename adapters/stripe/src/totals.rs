//! An invoice's money: minor units become amounts that add up to its total.

use orderbridge_event::{
    Amount, Code, Discount, Line as Money, MapError, Net, Note, Order, Prices, Rest,
    TaxInclusivePrices, spread_discount,
};

use crate::items;
use crate::minor::Unit;
use crate::payload::{Invoice, Line, Part, Tax};

/// Works out an invoice's money. `total` is the value of the order: what a credit balance paid of
/// it is in, which `amount_paid` leaves out.
pub(crate) fn of(
    invoice: &mut Invoice,
    mode: TaxInclusivePrices,
    notes: &mut Vec<Note>,
) -> Result<Order, MapError> {
    let unit = Unit::parse("currency", invoice.currency.as_ref())?;
    let currency = unit.currency;
    let total = invoice.total.ok_or_else(|| MapError::missing("total"))?;
    let total_price = unit.major("total", total)?.round(currency);
    let taxes = taxes(invoice, unit)?;
    let shipping = shipping(invoice, unit)?;
    let mut lines = lines(invoice, unit)?;
    let stated = discount(invoice, unit)?;

    let charged = Charged {
        total_price,
        // What is inside the prices is not added to them.
        on_top: minus(taxes.all.unwrap_or_default(), taxes.inside)?,
        shipping: shipping.map_or(Amount::ZERO, |line| line.gross),
        discount: stated.unwrap_or_default(),
    };
    restore_discounts(&mut lines, &charged)?;

    let prices = prices(&lines, shipping.as_ref(), taxes.inside, mode, notes);
    let is_netted = prices == Prices::Net && !taxes.inside.is_zero();
    let net = |line: &Money| {
        let net = if is_netted {
            line.net(currency)
        } else {
            Some(line.as_charged())
        };
        net.ok_or_else(overflow)
    };
    if is_netted {
        let allocated = sum(lines.iter().map(|line| line.discount))?;
        let rest = minus(charged.discount, allocated)?;
        spread_discount(&mut lines, rest, currency).ok_or_else(overflow)?;
    }
    let nets = lines.iter().map(net).collect::<Result<Vec<Net>, _>>()?;
    let total_shipping = shipping.as_ref().map(net).transpose()?.map(|net| net.gross);
    let mut total_discount = match stated {
        Some(_) if is_netted => Some(sum(nets.iter().map(|net| net.discount))?),
        stated => stated,
    };
    // Credit for time that was paid and not used takes off what is charged, as a discount does.
    let credit = sum(nets
        .iter()
        .map(|net| net.gross)
        .filter(|gross| gross.is_negative()))?;
    if !credit.is_zero() {
        total_discount = Some(minus(total_discount.unwrap_or_default(), credit)?);
    }
    tell_what_is_missing(invoice, &taxes, total_shipping, notes);
    let coupons = coupons(invoice);
    Ok(Order {
        currency,
        total_price,
        total_tax: taxes.all.map(|tax| tax.round(currency)),
        total_shipping: total_shipping.map(|amount| amount.round(currency)),
        total_discount: total_discount.map(|amount| Discount::new(amount.round(currency))),
        coupons,
        items: items::of(invoice, &nets, unit, notes),
        rest: Rest::NONE,
        prices,
    })
}

fn tell_what_is_missing(
    invoice: &Invoice,
    taxes: &Taxes,
    shipping: Option<Amount>,
    notes: &mut Vec<Note>,
) {
    if taxes.all.is_none() {
        let message = "no tax is stated";
        notes.push(Note::new(Code::TaxMissing, message, "total_taxes"));
    }
    if shipping.is_none() {
        let message = "no shipping cost is stated";
        notes.push(Note::new(Code::ShippingMissing, message, "amount_shipping"));
    }
    if invoice.is_cut() {
        let message = "the message holds the first lines only";
        notes.push(Note::new(Code::LinesCut, message, "lines.has_more"));
    }
}

/// All tax of an invoice, and the part of it that is inside the prices.
struct Taxes {
    all: Option<Amount>,
    inside: Amount,
}

/// The new field before the old ones. An empty list says that there is no tax.
fn taxes(invoice: &Invoice, unit: Unit) -> Result<Taxes, MapError> {
    let lists = [
        ("total_taxes", &invoice.total_taxes),
        ("total_tax_amounts", &invoice.total_tax_amounts),
    ];
    let told = |list: &&Option<Vec<Tax>>| list.as_ref().is_some_and(|list| !list.is_empty());
    if let Some((path, Some(list))) = lists.iter().find(|(_, list)| told(list)) {
        return Ok(Taxes {
            all: Some(tax(list, unit, path, |_| true)?),
            inside: tax(list, unit, path, Tax::is_inside)?,
        });
    }
    let is_empty = lists.iter().any(|(_, list)| list.is_some());
    let told = invoice.tax.or(is_empty.then_some(Amount::ZERO));
    // The total with tax and the one without tell it as well.
    let without = invoice.total.zip(invoice.total_excluding_tax);
    let told = told.or_else(|| without.and_then(|(total, without)| total.minus(without)));
    Ok(Taxes {
        all: told.map(|tax| unit.major("tax", tax)).transpose()?,
        inside: Amount::ZERO,
    })
}

fn tax(
    list: &[Tax],
    unit: Unit,
    path: &str,
    counts: impl Fn(&Tax) -> bool,
) -> Result<Amount, MapError> {
    let amounts = list
        .iter()
        .filter(|tax| counts(tax))
        .filter_map(|tax| tax.amount);
    unit.major(path, sum(amounts)?)
}

/// Shipping with the tax inside it, if there is any: a total that the tax has not raised holds it.
fn shipping(invoice: &Invoice, unit: Unit) -> Result<Option<Money>, MapError> {
    let cost = invoice.shipping_cost.as_ref();
    let told = cost.and_then(|cost| cost.amount_subtotal.or(cost.amount_total));
    let Some(amount) = told.or(invoice.amount_shipping) else {
        return Ok(None);
    };
    let tax = cost.and_then(|cost| cost.amount_tax).unwrap_or_default();
    let total = cost.and_then(|cost| cost.amount_total);
    let is_inside = total == Some(amount);
    Ok(Some(Money {
        gross: unit.major("shipping_cost", amount)?,
        discount: Amount::ZERO,
        tax: unit.major("shipping_cost", if is_inside { tax } else { Amount::ZERO })?,
        rate: Amount::ZERO,
    }))
}

fn lines(invoice: &Invoice, unit: Unit) -> Result<Vec<Money>, MapError> {
    let lines = invoice.lines().iter().enumerate();
    let read = lines.map(|(place, line)| {
        let path = format!("lines.data[{place}].amount");
        let amount = line.amount.ok_or_else(|| MapError::missing(&path))?;
        Ok(Money {
            gross: unit.major(&path, amount)?,
            discount: parts(&line.discount_amounts, unit)?,
            tax: tax(line_taxes(line), unit, &path, Tax::is_inside)?,
            rate: Amount::ZERO,
        })
    });
    read.collect()
}

/// The new list before the old one.
fn line_taxes(line: &Line) -> &[Tax] {
    if line.taxes.is_empty() {
        &line.tax_amounts
    } else {
        &line.taxes
    }
}

/// The whole discount; that of the lines where the invoice does not sum it up.
fn discount(invoice: &Invoice, unit: Unit) -> Result<Option<Amount>, MapError> {
    if let Some(stated) = &invoice.total_discount_amounts {
        return parts(stated, unit).map(Some);
    }
    let lines = invoice.lines().iter();
    let mut all = Amount::ZERO;
    let mut any = false;
    for line in lines {
        any |= !line.discount_amounts.is_empty();
        all = all
            .plus(parts(&line.discount_amounts, unit)?)
            .ok_or_else(overflow)?;
    }
    Ok(any.then_some(all))
}

fn parts(list: &[Part], unit: Unit) -> Result<Amount, MapError> {
    unit.major(
        "discount_amounts",
        sum(list.iter().filter_map(|part| part.amount))?,
    )
}

/// What was charged beside the lines.
struct Charged {
    total_price: Amount,
    on_top: Amount,
    shipping: Amount,
    discount: Amount,
}

impl Charged {
    fn closes(&self, goods: Amount) -> Option<bool> {
        let charged = goods.plus(self.shipping)?.plus(self.on_top)?;
        Some(charged.minus(self.discount)? == self.total_price)
    }
}

/// Discounts of single items stand in the sum of all discounts, and may be taken off the amounts of
/// their lines as well. The total tells which it is: where it only adds up with them put back, they
/// are put back, so that no discount counts twice.
fn restore_discounts(lines: &mut [Money], charged: &Charged) -> Result<(), MapError> {
    let before = sum(lines.iter().map(|line| line.gross))?;
    let of_lines = sum(lines.iter().map(|line| line.discount))?;
    let after = before.plus(of_lines).ok_or_else(overflow)?;
    let is_taken_off = charged.closes(before) == Some(false) && charged.closes(after) == Some(true);
    if is_taken_off {
        for line in lines {
            line.gross = line.gross.plus(line.discount).ok_or_else(overflow)?;
        }
    }
    Ok(())
}

/// Whether the amounts that are sent hold tax.
fn prices(
    lines: &[Money],
    shipping: Option<&Money>,
    inside: Amount,
    mode: TaxInclusivePrices,
    notes: &mut Vec<Note>,
) -> Prices {
    if inside.is_zero() {
        return Prices::Net;
    }
    if mode == TaxInclusivePrices::AsCharged {
        return Prices::TaxInside;
    }
    if lines.iter().chain(shipping).any(|line| !line.tax.is_zero()) {
        return Prices::Net;
    }
    let message = "prices include tax, and no line says how much";
    notes.push(Note::new(Code::TaxUnknown, message, "lines"));
    Prices::TaxInside
}

/// The codes of expanded coupons: webhooks since 2020 name discounts by ids that tell nobody
/// anything.
fn coupons(invoice: &Invoice) -> Vec<orderbridge_event::Text> {
    let all = std::iter::once(&invoice.discount).chain(&invoice.discounts);
    let mut codes = Vec::new();
    for discount in all.filter_map(|it| it.object()) {
        let source = discount.source.as_ref().and_then(|it| it.coupon.id());
        if let Some(code) = discount.coupon.id().or(source)
            && !codes.contains(code)
        {
            codes.push(code.clone());
        }
    }
    codes
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MapError> {
    Amount::sum(amounts).ok_or_else(overflow)
}

fn minus(left: Amount, right: Amount) -> Result<Amount, MapError> {
    left.minus(right).ok_or_else(overflow)
}

fn overflow() -> MapError {
    MapError::invalid(Code::AmountOverflow, "total", "amounts of fewer digits")
}
