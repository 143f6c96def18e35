//! What is known of an order that was mapped before.

use crate::{Aliases, Amount, Currency, SalesChannel};

/// The refunds of an order that were told, in the order they were told.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Refunded(Vec<Amount>);

impl Refunded {
    /// What was given back before the refund that brought the sum to this much; `None` if the
    /// numbers are too large. A refund that was told is the same again: the ones after it do not
    /// count.
    pub fn before(&self, sum: Amount) -> Option<Amount> {
        let mut so_far = Amount::default();
        for amount in &self.0 {
            let with = so_far.plus(*amount)?;
            if with == sum {
                return Some(so_far);
            }
            so_far = with;
        }
        Some(so_far)
    }

    /// Whether none was told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Amount> for Refunded {
    fn from_iter<I: IntoIterator<Item = Amount>>(amounts: I) -> Self {
        Self(amounts.into_iter().collect())
    }
}

/// An order that was mapped before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownOrder {
    /// Its aliases: a refund is the same person's.
    pub aliases: Aliases,
    /// The currency of its total.
    pub currency: Currency,
    /// Its channel.
    pub channel: SalesChannel,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_before_does_not_depend_on_when_one_asks() {
        let amount = |text: &str| Amount::parse(text).unwrap();
        let told: Refunded = ["5.00", "3.00"].map(amount).into_iter().collect();
        for (sum, before) in [
            // The refunds that were told, again.
            ("5.00", "0"),
            ("8", "5.00"),
            // The next one.
            ("10.00", "8.00"),
            // One that came late, of which a later one told already: nothing is left of it.
            ("6.00", "8.00"),
        ] {
            assert_eq!(told.before(amount(sum)), Some(amount(before)), "{sum}");
        }
        assert_eq!(Refunded::default().before(amount("5")), Some(amount("0")));
    }
}
