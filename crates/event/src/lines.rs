//! Lines whose prices hold tax, and how the tax is taken out of them.
//!
//! By what the platform states for each line, never by a country's rate: lines may be exempt,
//! reduced or compound. `None` everywhere means more digits than can be kept exactly.

use crate::{Amount, Currency, Money};

/// A line of goods or of shipping, with its discount and tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    /// Price × quantity.
    pub gross: Amount,
    /// The discounts on it.
    pub discount: Amount,
}

impl Line {
    /// Takes the tax out, so that `net gross − net discount + tax = gross − discount`.
    ///
    /// With `f` the share of tax in what was paid, the net amount is `gross × (1 − f)`. Where
    /// nothing was paid, `f` follows from the rates.
    pub fn net(&self, currency: Currency) -> Option<Net> {
        let paid = self.gross.minus(self.discount)?;
        let inside = if self.discount.is_zero() {
            self.tax
        } else if paid.is_zero() {
            let whole = Amount::from(1).plus(self.rate)?;
            ratio(self.gross, self.rate, whole)?
        } else {
            ratio(self.gross, self.tax, paid)?
        };
        let gross = self.gross.minus(inside)?.round(currency);
        let discount = gross.plus(self.tax)?.minus(paid)?;
        Some(Net { gross, discount })
    }

    /// The amounts as they are, where nothing has to be taken out.
    pub fn as_charged(&self) -> Net {
        Net {
            gross: self.gross,
            discount: self.discount,
        }
    }
}

/// Gives each line its share of a discount that no line owns, by what was paid for it.
///
/// The tax on the lines is the tax after that discount, so it has to be on the lines before the tax
/// is taken out; netted by itself, at an average rate, it would leave a gap.
pub fn spread_discount(lines: &mut [Line], discount: Amount, currency: Currency) -> Option<()> {
    if discount.is_zero() || lines.is_empty() {
        return Some(());
    }
    let paid = lines
        .iter()
        .map(|line| line.gross.minus(line.discount))
        .collect::<Option<Vec<_>>>()?;
    let whole = Money {
        amount: discount,
        currency,
    };
    for (line, share) in lines.iter_mut().zip(whole.allocate(&paid)?) {
        line.discount = line.discount.plus(share)?;
    }
    Some(())
}

/// `amount × part ÷ whole`, without rounding before the end.
fn ratio(amount: Amount, part: Amount, whole: Amount) -> Option<Amount> {
    amount.times(part)?.over(whole)
}

/// A unit price with as many decimals as its quantity needs to give the line's amount again: tiers
/// and usage cost far less than a cent each. Where none does, the line is one item.
pub fn unit_price(amount: Amount, quantity: Option<u32>, currency: Currency) -> (Amount, u32) {
    const DECIMALS: [u32; 3] = [6, 10, 14];
    let quantity = quantity.unwrap_or(1);
    if quantity <= 1 {
        return (amount, quantity.max(u32::from(!amount.is_zero())));
    }
    for digits in DECIMALS {
        let price = amount.over(quantity.into());
        let price = price.map(|price| price.round_digits(digits));
        let again = price.and_then(|price| price.times(quantity.into()));
        if let (Some(price), Some(again)) = (price, again)
            && again.round(currency) == amount.round(currency)
        {
            return (price, quantity);
        }
    }
    (amount, 1)
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
            let net = line.net(euro()).unwrap();
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
                    let net = line.net(currency).unwrap();
                    let left = net.gross.minus(net.discount).unwrap();
                    assert_eq!(left.plus(line.tax), Some(minor(paid)));
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
        spread_discount(&mut lines, amount("2.00"), euro()).unwrap();
        let discounts = lines.map(|line| line.discount.to_string());
        assert_eq!(discounts, ["1.00", "15.50", "0.50"]);
        spread_discount(&mut [], amount("2.00"), euro()).unwrap();
    }

    #[test]
    fn a_unit_price_gives_the_amount_again() {
        let table = [
            ("40.00", Some(2), "20.00", 2),
            ("10.00", Some(3), "3.333333", 3),
            ("0.40", Some(100_000), "0.000004", 100_000),
            ("9.00", Some(4_000_000), "0.00000225", 4_000_000),
            ("5.00", None, "5.00", 1),
            ("5.00", Some(0), "5.00", 1),
            ("0", Some(0), "0", 0),
        ];
        for (amount, quantity, price, times) in table {
            let amount = Amount::parse(amount).unwrap();
            let (found, count) = unit_price(amount, quantity, Currency::USD);
            assert_eq!((found, count), (Amount::parse(price).unwrap(), times));
        }
    }
}
