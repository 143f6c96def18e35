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

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    fn euro() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    #[test]
    fn takes_the_stated_tax_out() {
        // gross, discount, tax, rate; net gross, net discount
        let table = [
            ("11.90", "5.95", "0.95", "0.19", "10.00", "5.00"),
            ("4.76", "0", "0.76", "0.19", "4.00", "0.00"),
            ("30.00", "0", "4.79", "0.19", "25.21", "0.00"),
            ("11.90", "11.90", "0", "0.19", "10.00", "10.00"),
            ("11.90", "11.90", "0", "0", "11.90", "11.90"),
            ("11.90", "1.90", "0", "0", "11.90", "1.90"),
            ("0", "0", "0", "0.19", "0", "0"),
        ];
        for (gross, discount, tax, rate, net_gross, net_discount) in table {
            let line = Line {
                gross: amount(gross),
                discount: amount(discount),
                tax: amount(tax),
                rate: amount(rate),
            };
            let net = net(&line, euro()).unwrap();
            let expected = (amount(net_gross), amount(net_discount));
            assert_eq!((net.gross, net.discount), expected, "{gross} − {discount}");
        }
    }

    #[test]
    fn closes_for_every_line() {
        let currency = euro();
        let minor = |units: i64| Amount::from_minor(units, currency);
        for gross in (1..6000).step_by(37) {
            for discount in (0..=gross).step_by(113).chain([gross]) {
                for rate in [5, 7, 19, 25] {
                    let paid = gross - discount;
                    let line = Line {
                        gross: minor(gross),
                        discount: minor(discount),
                        tax: minor(paid * rate / (100 + rate)),
                        rate: minor(rate),
                    };
                    let net = net(&line, currency).unwrap();
                    let left = minus(net.gross, net.discount).unwrap();
                    assert_eq!(add(left, line.tax).unwrap(), minor(paid));
                    assert!(net.gross <= line.gross, "{gross} {discount} {rate}");
                    assert!(!net.discount.is_negative(), "{gross} {discount} {rate}");
                    assert!(net.discount <= line.discount, "{gross} {discount} {rate}");
                }
            }
        }
    }

    #[test]
    fn spreads_all_of_a_discount() {
        let line = |gross, discount| Line {
            gross: amount(gross),
            discount: amount(discount),
            tax: Amount::ZERO,
            rate: Amount::ZERO,
        };
        let mut lines = [
            line("10.00", "0"),
            line("20.00", "15.00"),
            line("5.00", "0"),
        ];
        spread(&mut lines, amount("2.00"), euro()).unwrap();
        let discounts = lines.map(|line| line.discount.to_string());
        assert_eq!(discounts, ["1.00", "15.50", "0.50"]);
        spread(&mut [], amount("2.00"), euro()).unwrap();
    }
}
