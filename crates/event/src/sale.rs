//! What a subscription tool has sold, and which event that is in which mode.

use crate::{EventName, Mode};

/// A sale of a subscription tool, told apart by why it was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sale {
    /// The first payment of a subscription: a person was at the checkout.
    First,
    /// The first payment after a free trial.
    TrialConversion,
    /// A payment for the next period.
    Renewal,
    /// A change of plan or quantity between two periods.
    Change,
    /// Usage that reached its threshold.
    Usage,
    /// No subscription's.
    OneOff,
}

impl Sale {
    /// The value of the flat property `subscription_order`, which merchants may filter on whatever
    /// else changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::TrialConversion => "trial_conversion",
            Self::Renewal => "renewal",
            Self::Change => "change",
            Self::Usage => "usage",
            Self::OneOff => "one_off",
        }
    }

    /// Whether the buyer must have paid before.
    pub const fn is_repeated(self) -> bool {
        matches!(self, Self::Renewal | Self::Change | Self::Usage)
    }
}

impl Mode {
    /// The event that a sale is sent as; without one the sentence says who sends it instead.
    ///
    /// Exactly one system may send `Placed Order`. Beside a store the store does, and what a
    /// checkout sold is the store's; what was charged without one goes out under its own name.
    pub const fn event(self, sale: Sale) -> Result<EventName, &'static str> {
        match (self, sale) {
            (Self::Standalone, _) => Ok(EventName::PlacedOrder),
            (Self::BesideStore, Sale::First | Sale::OneOff) => {
                Err("the store's own source sends this order")
            }
            (Self::BesideStore, _) => Ok(EventName::PlacedRecurringSubscriptionOrder),
            (Self::BothThroughUs, _) => Err("the store's orders come through here and count"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mode_sends_a_sale_twice_and_a_store_keeps_its_first_orders() {
        use EventName::{PlacedOrder, PlacedRecurringSubscriptionOrder as Recurring};
        let table = [
            (Sale::First, Some(PlacedOrder), None),
            (Sale::TrialConversion, Some(PlacedOrder), Some(Recurring)),
            (Sale::Renewal, Some(PlacedOrder), Some(Recurring)),
            (Sale::Change, Some(PlacedOrder), Some(Recurring)),
            (Sale::Usage, Some(PlacedOrder), Some(Recurring)),
            (Sale::OneOff, Some(PlacedOrder), None),
        ];
        for (sale, alone, beside) in table {
            assert_eq!(Mode::Standalone.event(sale).ok(), alone, "{sale:?}");
            assert_eq!(Mode::BesideStore.event(sale).ok(), beside, "{sale:?}");
            assert_eq!(Mode::BothThroughUs.event(sale).ok(), None, "{sale:?}");
        }
    }
}
