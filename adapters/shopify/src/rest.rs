//! The parts of a total that Converge has no field for.

use orderbridge_event::{Amount, Currency, Proof, Rest};

use crate::payload::{MoneySet, Order};

/// Tip, duties and fees, as the payload states them.
pub(crate) fn of(order: &Order, currency: Currency) -> Rest {
    let present = |amount: Option<Amount>| {
        amount
            .map(|amount| amount.round(currency))
            .filter(|amount| !amount.is_zero())
    };
    let set = |set: &Option<MoneySet>| present(set.as_ref().and_then(MoneySet::shop_amount));
    Rest {
        tip: present(order.total_tip_received),
        // Duties that are included are a part of the prices.
        duties: set(&order.original_total_duties_set)
            .filter(|_| order.duties_included != Some(true)),
        fees: set(&order.original_total_additional_fees_set),
        rounding: None,
    }
}

/// Names what is left of the total after all fields, where the payload explains it.
///
/// The gap itself is the evidence: cash rounding is a part of some totals and not of others, tax
/// may be rounded per order instead of per line, and a tip may stand among the lines as well.
pub(crate) fn name(
    money: &mut orderbridge_event::Order,
    order: &Order,
    by_order: Amount,
    tip_is_a_line: bool,
) {
    let gap = Proof::of(money).map(|proof| proof.gap());
    let Some(left) = gap.filter(|gap| !gap.is_zero()) else {
        return;
    };
    if tip_is_a_line && money.rest.tip == Some(left.negated()) {
        money.rest.tip = None;
        return;
    }
    let cash = order
        .total_cash_rounding_payment_adjustment_set
        .as_ref()
        .and_then(MoneySet::shop_amount)
        .unwrap_or_default();
    let explained = [Some(cash), Some(by_order), cash.plus(by_order)];
    if explained
        .into_iter()
        .flatten()
        .any(|part| part.round(money.currency) == left)
    {
        money.rest.rounding = Some(left);
    }
}

/// What the lines' tax and the order's differ by, as far as rounding can explain it: a minor unit
/// for each line. A greater difference is a gap, not rounding.
pub(crate) fn by_order(lines: Amount, total: Amount, count: usize, currency: Currency) -> Amount {
    let most = Amount::from_minor(i64::try_from(count).unwrap_or(i64::MAX), currency);
    lines
        .minus(total)
        .filter(|difference| difference.magnitude() <= most)
        .unwrap_or_default()
}

/// Some checkouts add the tip as a line without a product.
pub(crate) fn has_tip_line(order: &Order) -> bool {
    let mut lines = order.line_items.iter().flatten();
    lines.any(|line| line.product_id.is_none() && line.price == order.total_tip_received)
}
