//! The lines of an order, and how the tax is taken out of one.

use orderbridge_event::{Amount, Code, Currency, MapError, Money};

/// A line of goods or of shipping, with its discount and tax.
pub(crate) struct Line {
    /// Price × quantity, as charged.
    pub gross: Amount,
    /// The discounts on it.
    pub discount: Amount,
    /// The tax on it.
    pub tax: Amount,
    /// The sum of its tax rates.
    pub rate: Amount,
}

/// A line's amounts as they are sent.
#[derive(Debug)]
pub(crate) struct Net {
    pub gross: Amount,
    pub discount: Amount,
}

impl Net {
    /// Amounts that need nothing taken out.
    pub(crate) fn as_charged(line: &Line) -> Self {
        Self {
            gross: line.gross,
            discount: line.discount,
        }
    }
}

/// Takes the tax out of a line, so that `net gross − net discount + tax = gross − discount`.
///
/// With `f` the share of tax in what was paid, the net amount is `gross × (1 − f)`. Where nothing
/// was paid, `f` follows from the rates.
pub(crate) fn net(line: &Line, currency: Currency) -> Result<Net, MapError> {
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

/// Gives each line its share of a discount that no line owns, by what was paid for it.
///
/// The tax on the lines is the tax after that discount, so it has to be on the lines before the tax
/// is taken out; netted by itself, at an average rate, it would leave a gap.
pub(crate) fn spread(
    lines: &mut [Line],
    discount: Amount,
    currency: Currency,
) -> Result<(), MapError> {
    if discount.is_zero() || lines.is_empty() {
        return Ok(());
    }
    let paid = lines
        .iter()
        .map(|line| minus(line.gross, line.discount))
        .collect::<Result<Vec<_>, _>>()?;
    let whole = Money {
        amount: discount,
        currency,
    };
    let shares = whole.allocate(&paid).ok_or_else(overflow)?;
    for (line, share) in lines.iter_mut().zip(shares) {
        line.discount = add(line.discount, share)?;
    }
    Ok(())
}

/// `amount × part ÷ whole`, without rounding before the end.
fn ratio(amount: Amount, part: Amount, whole: Amount) -> Result<Amount, MapError> {
    amount
        .times(part)
        .and_then(|product| product.over(whole))
        .ok_or_else(overflow)
}

pub(crate) fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MapError> {
    Amount::sum(amounts).ok_or_else(overflow)
}

fn add(left: Amount, right: Amount) -> Result<Amount, MapError> {
    left.plus(right).ok_or_else(overflow)
}

pub(crate) fn minus(left: Amount, right: Amount) -> Result<Amount, MapError> {
    left.minus(right).ok_or_else(overflow)
}

pub(crate) fn overflow() -> MapError {
    MapError::invalid(
        Code::AmountOverflow,
        "total_price",
        "amounts of fewer digits",
    )
}
