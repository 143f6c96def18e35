//! Amounts, currencies and the sum of an event's parts.

use super::Report;
use super::properties::told;
use crate::tree::{Fields, Tree};
use crate::{Amount, Code, Currency};

const TOTALS: &[&str] = &[
    "total_price",
    "total_tax",
    "total_shipping",
    "total_discount",
    "total_tip",
    "total_duties",
    "total_fees",
    "total_rounding",
];

pub(super) fn check(report: &mut Report, fields: &Fields<'_>) {
    for name in TOTALS {
        if let Some(value) = told(fields, name) {
            amount(report, value, || format!("properties.{name}"));
        }
    }
    let discount = told(fields, "total_discount").and_then(silent_amount);
    if discount.is_some_and(Amount::is_negative) {
        let message = "is negative; a discount is sent as a magnitude";
        report.warn(Code::DiscountNegative, "properties.total_discount", message);
    }
    let currency = check_currency(
        report,
        told(fields, "currency"),
        "properties.currency",
        None,
    );
    let Some(items) = told(fields, "items") else {
        return;
    };
    let Tree::List(items) = items else {
        report.warn(Code::BodyType, "properties.items", "must be a list");
        return;
    };
    let mut goods = Some(Amount::ZERO);
    for (place, item) in items.iter().enumerate() {
        let line = check_item(
            report,
            item,
            &format!("properties.items[{place}]"),
            currency,
        );
        goods = goods.zip(line).and_then(|(sum, line)| sum.plus(line));
    }
    // Without a price there is already a finding, and nothing to add up.
    if let (Some(goods), false) = (goods, items.is_empty()) {
        check_sum(report, fields, goods, currency);
    }
}

/// Checks one item; gives price × quantity where both are told.
fn check_item(
    report: &mut Report,
    item: &Tree<'_>,
    path: &str,
    currency: Option<Currency>,
) -> Option<Amount> {
    let Tree::Object(fields) = item else {
        report.warn(Code::BodyType, path, "must be an object");
        return None;
    };
    for name in ["product_id", "name", "currency", "quantity"] {
        if told(fields, name).is_none() {
            let path = format!("{path}.{name}");
            report.warn(Code::PropertyMissing, path, "is required for an item");
        }
    }
    check_currency(
        report,
        told(fields, "currency"),
        &format!("{path}.currency"),
        currency,
    );
    let price = told(fields, "price");
    if price.is_none() {
        let path = format!("{path}.price");
        report.warn(Code::PriceMissing, path, "is missing, so it counts as 0.0");
    }
    let price = amount(report, price?, || format!("{path}.price"));
    let quantity = amount(report, told(fields, "quantity")?, || {
        format!("{path}.quantity")
    })?;
    if quantity != quantity.round_digits(0) || quantity.is_negative() {
        let path = format!("{path}.quantity");
        report.warn(Code::BodyType, path, "must be a whole number from 0 up");
    }
    price?.times(quantity)
}

/// Checks that a currency is a code, and the event's own where there is one.
fn check_currency(
    report: &mut Report,
    value: Option<&Tree<'_>>,
    path: &str,
    order: Option<Currency>,
) -> Option<Currency> {
    let text = value?.as_text();
    let currency = text.and_then(Currency::parse);
    match (currency, order) {
        (Some(code), _) if text != Some(code.as_str()) => {
            let message = "must be three upper-case letters";
            report.warn(Code::CurrencyFinding, path, message);
        }
        (Some(code), Some(order)) if code != order => {
            let message = "is another currency than the event's";
            report.warn(Code::CurrencyFinding, path, message);
        }
        (Some(_), _) => {}
        (None, _) => report.warn(Code::CurrencyFinding, path, "is not an ISO 4217 code"),
    }
    currency
}

/// Reads an amount; text that is one is read too, and warned of.
fn amount(report: &mut Report, value: &Tree<'_>, path: impl Fn() -> String) -> Option<Amount> {
    let amount = silent_amount(value);
    match value {
        Tree::Number(_) if amount.is_some() => {}
        Tree::Number(_) => report.warn(Code::BodyType, path(), "has too many digits"),
        Tree::Text(_) if amount.is_some() => {
            report.warn(Code::BodyType, path(), "must be a number, not text");
        }
        _ => report.warn(Code::BodyType, path(), "must be a number"),
    }
    amount
}

fn silent_amount(value: &Tree<'_>) -> Option<Amount> {
    match value {
        Tree::Number(digits) => Amount::parse_number(digits),
        Tree::Text(text) => Amount::parse(text.trim()),
        _ => None,
    }
}

/// Whether the parts come to the total, with the tax on top or inside.
fn check_sum(report: &mut Report, fields: &Fields<'_>, goods: Amount, currency: Option<Currency>) {
    let minor = |amount: Amount| match currency {
        Some(currency) => amount.round(currency),
        None => amount.round_digits(2),
    };
    let part = |name: &str| told(fields, name).map_or(Some(Amount::ZERO), silent_amount);
    let sum = || {
        let tax = part("total_tax")?;
        let discount = part("total_discount")?.magnitude().negated();
        let mut sum = minor(goods).plus(discount)?;
        for name in ["total_shipping", "total_tip", "total_duties", "total_fees"] {
            sum = sum.plus(part(name)?)?;
        }
        sum = sum.plus(part("total_rounding")?)?;
        Some((sum, sum.plus(tax)?))
    };
    let total = told(fields, "total_price").and_then(silent_amount);
    let (Some(total), Some((without_tax, with_tax))) = (total, sum()) else {
        return;
    };
    if minor(total) == minor(with_tax) || minor(total) == minor(without_tax) {
        return;
    }
    if let Some(gap) = minor(total).minus(minor(with_tax)) {
        let message = format!("is not what the parts come to: a gap of {gap}");
        report.warn(Code::GapFinding, "properties.total_price", message);
    }
}
