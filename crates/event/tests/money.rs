//! Sums and shares of money: nothing is lost, and currencies are never mixed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_event::{Amount, Currency, Money, MoneyError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn currency() -> impl Strategy<Value = Currency> {
    select(vec!["JPY", "USD", "KWD", "CLF"]).prop_map(|code| Currency::parse(code).unwrap())
}

fn money(units: i64, currency: Currency) -> Money {
    Money {
        amount: Amount::from_minor(units, currency),
        currency,
    }
}

const UNITS: std::ops::Range<i64> = -1_000_000_000..1_000_000_000;

proptest! {
    #[test]
    fn a_sum_has_no_order(
        units in vec(UNITS, 0..12),
        turn in any::<Index>(),
        currency in currency(),
    ) {
        let mut parts: Vec<Money> = units.iter().map(|units| money(*units, currency)).collect();
        let sum = Money::sum(currency, parts.clone());
        prop_assert_eq!(sum, Ok(money(units.iter().sum(), currency)));
        parts.reverse();
        prop_assert_eq!(Money::sum(currency, parts.clone()), sum);
        let by = turn.index(parts.len() + 1);
        parts.rotate_left(by);
        prop_assert_eq!(Money::sum(currency, parts), sum);
    }

    #[test]
    fn currencies_are_never_mixed(
        units in vec(UNITS, 0..12),
        stranger in any::<Index>(),
    ) {
        let euro = Currency::parse("EUR").unwrap();
        let mut parts: Vec<Money> = units.iter().map(|units| money(*units, euro)).collect();
        // Even a stranger that is worth nothing is one.
        parts.insert(stranger.index(parts.len() + 1), money(0, Currency::USD));
        prop_assert_eq!(Money::sum(euro, parts), Err(MoneyError::Mixed));
    }

    #[test]
    fn shares_come_to_the_whole(
        units in UNITS,
        weights in vec(0..100_000_i64, 1..10),
        currency in currency(),
    ) {
        let whole = money(units, currency);
        let amounts: Vec<Amount> =
            weights.iter().map(|weight| Amount::from_minor(*weight, Currency::USD)).collect();
        let shares = whole.allocate(&amounts).unwrap();
        prop_assert_eq!(shares.len(), weights.len());
        prop_assert_eq!(Amount::sum(shares.iter().copied()), Some(whole.amount));
        let total: i64 = weights.iter().sum();
        for (share, weight) in shares.iter().zip(&weights) {
            prop_assert_eq!(share.round(currency), *share, "not whole minor units");
            if total > 0 && *weight == 0 {
                prop_assert!(share.is_zero(), "a share of {} without a weight", share);
            }
        }
    }

    #[test]
    fn a_share_is_off_by_less_than_a_minor_unit(
        units in 0..1_000_000_i64,
        weights in vec(1..1000_i64, 1..10),
    ) {
        let amounts: Vec<Amount> =
            weights.iter().map(|weight| Amount::from_minor(*weight, Currency::USD)).collect();
        let shares = money(units, Currency::USD).allocate(&amounts).unwrap();
        let total: i64 = weights.iter().sum();
        for (share, weight) in shares.iter().zip(&weights) {
            // Compared as share × total against units × weight, so that nothing is divided.
            let share = share.times(Amount::from(100)).unwrap();
            let scaled = share.times(Amount::from(u32::try_from(total).unwrap())).unwrap();
            let due = Amount::parse(&(units * weight).to_string()).unwrap();
            let off = scaled.minus(due).unwrap().magnitude();
            prop_assert!(off <= Amount::from(u32::try_from(total).unwrap()), "off by {}", off);
        }
    }
}

#[test]
fn without_weight_the_first_gets_all() {
    let shares = money(1999, Currency::USD).allocate(&[Amount::ZERO; 3]);
    let whole = Amount::from_minor(1999, Currency::USD);
    assert_eq!(shares, Some(vec![whole, Amount::ZERO, Amount::ZERO]));
}

#[test]
fn without_parts_there_is_nothing_to_split() {
    assert_eq!(money(1999, Currency::USD).allocate(&[]), None);
}

#[test]
fn too_many_digits_are_an_error_and_no_sum() {
    let amount = Amount::parse("79228162514264337593543950335").unwrap();
    let most = Money {
        amount,
        currency: Currency::USD,
    };
    let sum = Money::sum(Currency::USD, [most, most]);
    assert_eq!(sum, Err(MoneyError::Overflow));
    assert_eq!(Amount::sum([amount, Amount::from(1)]), None);
    assert_eq!(amount.times(amount), None);
    assert_eq!(amount.over(Amount::ZERO), None);
}
