//! How the tax is taken out of what a line costs, where the price holds it.

use orderbridge_event::{Amount, Code, Currency, MapError};

use crate::model::Part;

/// A part without tax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Net {
    pub gross: Amount,
    pub discount: Amount,
}

impl Part {
    /// What is there, tax inside or not.
    pub(crate) fn as_charged(&self) -> Net {
        Net {
            gross: self.gross.unwrap_or_default(),
            discount: self.discount.unwrap_or_default(),
        }
    }

    /// The tax on what was paid.
    pub(crate) fn tax_paid(&self) -> Result<Amount, MapError> {
        let tax = self.tax.unwrap_or_default();
        let left = minus(tax, self.discount_tax.unwrap_or_default())?;
        // More tax on the discount than there is tax at all: then it was taken off before.
        Ok(if left.is_negative() { tax } else { left })
    }

    /// Takes the tax out, so that `gross − discount + tax` is what was paid.
    ///
    /// Where Amazon states the tax on the discount, each amount loses its own. Where it does not,
    /// the tax is that on what was paid, and its share of that is taken out of both: the tax alone,
    /// subtracted from the price, would give one product another net price in each order.
    pub(crate) fn net(&self, currency: Currency) -> Result<Net, MapError> {
        let Net { gross, discount } = self.as_charged();
        let tax = self.tax.unwrap_or_default();
        if tax.is_zero() {
            return Ok(self.as_charged());
        }
        let paid = minus(gross, discount)?;
        let on_discount = self.discount_tax.filter(|on_discount| *on_discount <= tax);
        let inside = match on_discount {
            Some(_) => tax,
            None if discount.is_zero() || paid <= tax => tax,
            None => gross
                .times(tax)
                .and_then(|product| product.over(paid))
                .ok_or_else(overflow)?,
        };
        let net = minus(gross, inside)?.round(currency);
        let left = plus(net, self.tax_paid()?)?;
        Ok(Net {
            gross: net,
            discount: minus(left, paid)?,
        })
    }
}

pub(crate) fn plus(left: Amount, right: Amount) -> Result<Amount, MapError> {
    left.plus(right).ok_or_else(overflow)
}

pub(crate) fn minus(left: Amount, right: Amount) -> Result<Amount, MapError> {
    left.minus(right).ok_or_else(overflow)
}

pub(crate) fn sum(
    amounts: impl IntoIterator<Item = Result<Amount, MapError>>,
) -> Result<Amount, MapError> {
    let mut sum = Amount::ZERO;
    for amount in amounts {
        sum = plus(sum, amount?)?;
    }
    Ok(sum)
}

pub(crate) fn overflow() -> MapError {
    MapError::invalid(Code::AmountOverflow, "$", "amounts of fewer digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(gross: &str, discount: &str, tax: &str, on_discount: &str) -> Part {
        let read = |text: &str| Amount::parse(text);
        Part {
            gross: read(gross),
            discount: read(discount),
            tax: read(tax),
            discount_tax: read(on_discount),
        }
    }

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    #[test]
    fn takes_out_what_is_stated() {
        let euro = Currency::parse("EUR").unwrap();
        for (stated, gross, discount) in [
            (["23.80", "", "3.80", ""], "20.00", "0"),
            // The tax on the discount is stated, and is not: both come to the same.
            (["23.80", "4.76", "3.80", "0.76"], "20.00", "4.00"),
            (["23.80", "4.76", "3.04", ""], "20.00", "4.00"),
            (["11.90", "11.90", "1.90", "1.90"], "10.00", "10.00"),
            (["11.90", "11.90", "1.90", ""], "10.00", "11.90"),
            (["11.90", "1.90", "0.00", ""], "11.90", "1.90"),
            (["11.90", "1.90", "", ""], "11.90", "1.90"),
            (["", "", "", ""], "0", "0"),
        ] {
            let part = part(stated[0], stated[1], stated[2], stated[3]);
            let net = part.net(euro).unwrap();
            let expected = (amount(gross), amount(discount));
            assert_eq!((net.gross, net.discount), expected, "{stated:?}");
        }
    }

    #[test]
    fn closes_for_every_part() {
        let euro = Currency::parse("EUR").unwrap();
        let minor = |units: i64| Some(Amount::from_minor(units, euro));
        for gross in (1..6000).step_by(37) {
            for discount in (0..gross).step_by(113) {
                for rate in [5, 7, 19, 25] {
                    let of = |amount: i64| amount * rate / (100 + rate);
                    let paid = gross - discount;
                    for (tax, discount_tax) in [(of(paid), None), (of(gross), minor(of(discount)))]
                    {
                        let part = Part {
                            gross: minor(gross),
                            discount: minor(discount),
                            tax: minor(tax),
                            discount_tax,
                        };
                        let net = part.net(euro).unwrap();
                        let left = minus(net.gross, net.discount).unwrap();
                        let left = plus(left, part.tax_paid().unwrap()).unwrap();
                        assert_eq!(Some(left), minor(paid), "{part:?}");
                        assert!(!net.discount.is_negative(), "{part:?}");
                    }
                }
            }
        }
    }
}
