//! The money proof: do an order's parts add up to its total?

use crate::{Amount, Currency, Order, Prices};

/// The sum of an order, part by part, against its total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The currency of every amount here.
    pub currency: Currency,
    /// The parts with their names and signs, in the order they are added.
    pub parts: Vec<(&'static str, Amount)>,
    /// What the parts come to, to the minor unit.
    pub sum: Amount,
    /// What the platform says was charged.
    pub total: Amount,
}

impl Proof {
    /// Adds an order up; `None` when its numbers are too long to be added exactly.
    ///
    /// Σ(price × quantity) is rounded to the minor unit, because a net unit price may be a
    /// repeating decimal. With [`Prices::TaxInside`] the tax is not added again.
    pub fn of(order: &Order) -> Option<Self> {
        let mut goods = Amount::ZERO;
        for item in &order.items {
            goods = goods.plus(item.price.times(Amount::from(item.quantity))?)?;
        }
        let tax = match order.prices {
            Prices::Net => order.total_tax,
            Prices::TaxInside => None,
        };
        let discount = order
            .total_discount
            .map(|discount| discount.amount().negated());
        let mut parts = Vec::with_capacity(8);
        parts.push(("items", goods.round(order.currency)));
        let named = [
            ("shipping", order.total_shipping),
            ("tax", tax),
            ("discount", discount),
        ];
        parts.extend(
            named
                .into_iter()
                .filter_map(|(name, amount)| Some((name, amount?))),
        );
        parts.extend(order.rest.parts());
        let sum = Amount::sum(parts.iter().map(|(_, amount)| *amount))?.round(order.currency);
        Some(Self {
            currency: order.currency,
            parts,
            sum,
            total: order.total_price.round(order.currency),
        })
    }

    /// What the parts do not explain: total minus sum. Zero when the proof closes.
    pub fn gap(&self) -> Amount {
        self.total.minus(self.sum).unwrap_or(self.total)
    }

    /// Whether the parts explain the total to the minor unit.
    pub fn closes(&self) -> bool {
        self.total == self.sum
    }
}
