//! Sums of an order's amounts; one that has too many digits is an error.

use orderbridge_event::{Amount, Code, MapError};

pub(crate) fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MapError> {
    Amount::sum(amounts).ok_or_else(overflow)
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
