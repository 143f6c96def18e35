//! The amounts of an order and of its items, put where they belong.

use orderbridge_event::{Amount, MapError};

use super::{Breakdown, LINES, Proceeds};
use crate::model::{Line, Part, Purse};

impl Proceeds {
    /// The tip, and whether it may still change.
    pub(super) fn tip(&self, purse: &mut Purse) -> Result<Option<(Amount, bool)>, MapError> {
        for (place, part) in self.breakdowns.iter().enumerate() {
            if part.is("DELIVERY_TIP") {
                let path = || format!("proceeds.breakdowns[{place}].subtotal");
                let amount = purse.take(part.subtotal.as_ref(), path)?;
                let is_pending = part
                    .status
                    .as_ref()
                    .is_some_and(|it| it.as_str() == "PENDING");
                return Ok(amount.map(|amount| (amount, is_pending)));
            }
        }
        Ok(None)
    }

    /// Puts the breakdowns of an item where they belong. Signs say nothing: Amazon does not define
    /// that of a discount, and nothing else is below zero.
    pub(super) fn fill(
        &self,
        line: &mut Line,
        place: usize,
        purse: &mut Purse,
    ) -> Result<(), MapError> {
        for (number, part) in self.breakdowns.iter().enumerate() {
            let path = || format!("{LINES}[{place}].proceeds.breakdowns[{number}].subtotal");
            let subtotal = purse
                .take(part.subtotal.as_ref(), path)?
                .map(Amount::magnitude);
            let Some(kind) = part.kind.as_ref() else {
                continue;
            };
            match kind.as_str() {
                "ITEM" => add(&mut line.goods.gross, subtotal),
                "SHIPPING" => add(&mut line.shipping.gross, subtotal),
                "GIFT_WRAP" => add(&mut line.gift_wrap.gross, subtotal),
                "COD_FEE" => add(&mut line.cod_fee.gross, subtotal),
                "OTHER" => add(&mut line.other, subtotal),
                "TAX" => part.tax(line, subtotal, purse, path)?,
                "DISCOUNT" => part.discount(line, subtotal, purse, path)?,
                _ => {}
            }
        }
        // A line that is given away has no row of its own.
        let path = || format!("{LINES}[{place}].proceeds.proceedsTotal");
        let total = purse.take(self.proceeds_total.as_ref(), path)?;
        if line.goods.gross.is_none() && total.is_some_and(Amount::is_zero) {
            line.goods.gross = total;
        }
        Ok(())
    }
}

impl Breakdown {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_ref().is_some_and(|it| it.as_str() == kind)
    }

    /// The tax, on what it is a tax. Of a subtotal without details all is on the goods.
    fn tax(
        &self,
        line: &mut Line,
        subtotal: Option<Amount>,
        purse: &mut Purse,
        path: impl Fn() -> String,
    ) -> Result<(), MapError> {
        let (mut told, mut on_discount) = (Amount::ZERO, None);
        for detail in &self.detailed_breakdowns {
            let value = purse
                .take(detail.value.as_ref(), &path)?
                .map(Amount::magnitude);
            let Some(amount) = value else { continue };
            match detail.subtype.as_ref().map_or("", |it| it.as_str()) {
                "SHIPPING" => add(&mut line.shipping.tax, value),
                "GIFT_WRAP" => add(&mut line.gift_wrap.tax, value),
                "COD_FEE" => add(&mut line.cod_fee.tax, value),
                "DISCOUNT" => {
                    add(&mut on_discount, value);
                    continue;
                }
                _ => add(&mut line.goods.tax, value),
            }
            told = told.plus(amount).unwrap_or(told);
        }
        // Whether a subtotal counts the tax on discounts is not documented.
        let net = on_discount.and_then(|on_discount: Amount| told.minus(on_discount));
        let untold = subtotal.and_then(|subtotal| subtotal.minus(told));
        if subtotal != net && untold.is_some_and(|it| !it.is_zero() && !it.is_negative()) {
            add(&mut line.goods.tax, untold);
        }
        let bearer = discounted(line);
        add(&mut bearer.discount_tax, on_discount);
        Ok(())
    }

    /// The discount, on what it is a discount. The subtotal is the whole, the details parts of it:
    /// never both.
    fn discount(
        &self,
        line: &mut Line,
        subtotal: Option<Amount>,
        purse: &mut Purse,
        path: impl Fn() -> String,
    ) -> Result<(), MapError> {
        let mut elsewhere = Amount::ZERO;
        let mut on_goods = None;
        for detail in &self.detailed_breakdowns {
            let value = purse
                .take(detail.value.as_ref(), &path)?
                .map(Amount::magnitude);
            let part = match detail.subtype.as_ref().map_or("", |it| it.as_str()) {
                "SHIPPING" => &mut line.shipping,
                "GIFT_WRAP" => &mut line.gift_wrap,
                "COD_FEE" => &mut line.cod_fee,
                _ => {
                    add(&mut on_goods, value);
                    continue;
                }
            };
            add(&mut part.discount, value);
            elsewhere = elsewhere
                .plus(value.unwrap_or_default())
                .unwrap_or(elsewhere);
        }
        let rest = subtotal.and_then(|subtotal| subtotal.minus(elsewhere));
        match rest.filter(|rest| !rest.is_negative()) {
            Some(rest) => add(&mut line.goods.discount, Some(rest)),
            None => add(&mut line.goods.discount, on_goods),
        }
        // The tax on it may have come first, when there was nothing yet to put it on.
        let strayed = line.goods.discount_tax.take();
        let bearer = discounted(line);
        add(&mut bearer.discount_tax, strayed);
        Ok(())
    }
}

/// The part that bears the discount: the goods, unless all of it is on the shipping.
fn discounted(line: &mut Line) -> &mut Part {
    let is_told = |part: &Part| part.discount.is_some_and(|it| !it.is_zero());
    if !is_told(&line.goods) && is_told(&line.shipping) {
        &mut line.shipping
    } else {
        &mut line.goods
    }
}

/// Adds to an amount that may not be there yet.
fn add(sum: &mut Option<Amount>, more: Option<Amount>) {
    if let Some(more) = more {
        let before = sum.unwrap_or_default();
        *sum = Some(before.plus(more).unwrap_or(before));
    }
}
