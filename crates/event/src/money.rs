//! Exact amounts: decimal in, decimal out, never a float in between.

use std::fmt;

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::Currency;

/// A decimal amount of money or of goods × price, in major units (`19.99`).
///
/// Reads `"19.99"` and `19.99`, writes a JSON number with exactly its own digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Reads plain decimal text: an optional minus, digits, optionally a point and digits.
    ///
    /// `"1_000"`, `"+5"`, `"5."`, `"1,50"` and `""` are not amounts. More than 28 digits are not
    /// either: the number would have to be rounded.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (mut units, mut point) = (0_i64, None);
        for (at, byte) in digits.bytes().enumerate() {
            match byte {
                b'0'..=b'9' => units = units.wrapping_mul(10).wrapping_add(i64::from(byte - b'0')),
                b'.' if point.is_none() && at > 0 => point = Some(at),
                _ => return None,
            }
        }
        let scale = point.map_or(0, |at| digits.len() - at - 1);
        if digits.is_empty() || (point.is_some() && scale == 0) {
            return None;
        }
        // Up to 18 digits fit into 64 bits, which nearly all amounts do.
        if digits.len() > 18 {
            return Decimal::from_str_exact(text).ok().map(Self);
        }
        let units = if digits.len() < text.len() {
            -units
        } else {
            units
        };
        Decimal::try_new(units, u32::try_from(scale).ok()?)
            .ok()
            .map(Self)
    }

    /// Reads the text of a JSON number, which may also be in scientific notation (`1e3`).
    pub fn parse_number(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| Decimal::from_scientific(text).ok().map(Self))
    }

    /// An amount from a count of minor units: `from_minor(1999, USD)` is 19.99.
    pub fn from_minor(units: i64, currency: Currency) -> Self {
        Self(Decimal::new(units, currency.digits()))
    }

    /// The same digits with the point so many places further left: 1999 shifted by 2 is 19.99.
    ///
    /// For platforms that count in minor units and have their own table of them. `None` when there
    /// are more decimals than can be kept.
    pub fn shifted(self, places: u32) -> Option<Self> {
        let mut amount = self.0;
        let scale = amount.scale().checked_add(places)?;
        amount.set_scale(scale).ok()?;
        Some(Self(amount))
    }

    /// How many units with so many decimals it is: 19.99 is 1999 units of two. `None` when it is
    /// not a whole number of them, or more than fit.
    pub fn units(self, digits: u32) -> Option<i64> {
        let unit = Decimal::try_new(1, digits).ok()?;
        let units = self.0.checked_div(unit)?;
        units.fract().is_zero().then(|| units.to_i64())?
    }

    /// Rounds half to even to the currency's minor unit. The only rounding there is.
    #[must_use]
    pub fn round(self, currency: Currency) -> Self {
        self.round_digits(currency.digits())
    }

    /// Rounds half to even to a number of decimals; for unit prices that do not divide.
    #[must_use]
    pub fn round_digits(self, digits: u32) -> Self {
        if self.0.scale() <= digits {
            return self;
        }
        Self(
            self.0
                .round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven),
        )
    }

    /// The same amount, shown with at least the decimals of the currency's minor unit.
    #[must_use]
    pub fn with_minor_digits(self, currency: Currency) -> Self {
        let mut amount = self.0.normalize();
        if amount.scale() < currency.digits() {
            amount.rescale(currency.digits());
        }
        Self(amount)
    }

    /// The sum, unless it has more digits than can be kept exactly.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it has more digits than can be kept exactly.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The product, unless it overflows.
    pub fn times(self, factor: Self) -> Option<Self> {
        self.0.checked_mul(factor.0).map(Self)
    }

    /// The quotient, unless the divisor is zero.
    pub fn over(self, divisor: Self) -> Option<Self> {
        self.0.checked_div(divisor.0).map(Self)
    }

    /// The sum of many, unless one step overflows.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// The amount without its sign.
    #[must_use]
    pub fn magnitude(self) -> Self {
        Self(self.0.abs())
    }

    /// The amount with the opposite sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Whether this is exactly nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether this is below zero.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Appends the shortest JSON number for this amount: `5`, `49.2`, `-0.01`.
    pub(crate) fn write_json(self, out: &mut Vec<u8>) {
        let normal = self.0.normalize();
        let (mantissa, scale) = (normal.mantissa(), normal.scale() as usize);
        if mantissa < 0 {
            out.push(b'-');
        }
        let mut digits = [b'0'; 40];
        let mut start = digits.len();
        let mut rest = mantissa.unsigned_abs();
        // At least one digit before the point.
        while rest > 0 || digits.len() - start <= scale {
            start -= 1;
            // A 64-bit division is several times cheaper, and nearly every amount fits.
            let digit = if let Ok(small) = u64::try_from(rest) {
                rest = u128::from(small / 10);
                small % 10
            } else {
                let digit = rest % 10;
                rest /= 10;
                u64::try_from(digit).unwrap_or_default()
            };
            if let (Some(place), Ok(digit)) = (digits.get_mut(start), u8::try_from(digit)) {
                *place = b'0' + digit;
            }
        }
        let point = digits.len() - scale;
        out.extend_from_slice(digits.get(start..point).unwrap_or_default());
        if scale > 0 {
            out.push(b'.');
            out.extend_from_slice(digits.get(point..).unwrap_or_default());
        }
    }
}

impl From<u32> for Amount {
    fn from(whole: u32) -> Self {
        Self(Decimal::from(whole))
    }
}

/// Prints all decimals that the amount was read with: `19.90` stays `19.90`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An amount in one currency. Adding another currency is an error, not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// How much, in major units.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
}

/// Why amounts could not be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// The amounts are of different currencies.
    #[error("amounts of different currencies")]
    Mixed,
    /// The result has more digits than can be kept exactly.
    #[error("an amount with too many digits")]
    Overflow,
}

impl Money {
    /// Adds up amounts of one currency.
    pub fn sum(
        currency: Currency,
        parts: impl IntoIterator<Item = Self>,
    ) -> Result<Self, MoneyError> {
        let mut amount = Amount::ZERO;
        for part in parts {
            if part.currency != currency {
                return Err(MoneyError::Mixed);
            }
            amount = amount.plus(part.amount).ok_or(MoneyError::Overflow)?;
        }
        Ok(Self { amount, currency })
    }

    /// Splits the amount over parts in proportion to their weights, to the minor unit.
    ///
    /// The running total is rounded, not each part, so the parts add up to the amount exactly.
    /// Without any weight the first part gets it all. `None` without parts, or when the digits do
    /// not suffice.
    pub fn allocate(self, weights: &[Amount]) -> Option<Vec<Amount>> {
        let total = Amount::sum(weights.iter().copied())?;
        if weights.is_empty() {
            return None;
        }
        if total.is_zero() {
            let mut parts = vec![Amount::ZERO; weights.len()];
            *parts.first_mut()? = self.amount;
            return Some(parts);
        }
        let mut parts = Vec::with_capacity(weights.len());
        let (mut before, mut given) = (Amount::ZERO, Amount::ZERO);
        // Rounding the running total instead of each part keeps the sum exact by construction.
        for (place, weight) in weights.iter().enumerate() {
            before = before.plus(*weight)?;
            let due = if place + 1 == weights.len() {
                self.amount
            } else {
                self.amount.times(before)?.over(total)?.round(self.currency)
            };
            parts.push(due.minus(given)?);
            given = due;
        }
        Some(parts)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
