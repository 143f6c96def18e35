//! An order's money: Amazon's total, and parts of it that add up.

use orderbridge_event::{
    Amount, Code, CollectedTax, Discount, MapError, Note, Options, Prices, PromotionIds, Rest,
    TaxInclusivePrices,
};

use crate::items;
use crate::model::{Line, Order, Part};
use crate::parts::{Net, minus, plus, sum};

/// What an order costs, and what Converge has no field for.
pub(crate) struct Money {
    pub order: orderbridge_event::Order,
    /// Both are in the shipping, too.
    pub gift_wrap: Option<Amount>,
    pub cod_fee: Option<Amount>,
}

/// What the lines come to, before any tax is taken out.
struct Sums {
    gross: Amount,
    discount: Amount,
    /// The tax, where any is told.
    tax: Option<Amount>,
    /// The tax that Amazon collects.
    collected: Amount,
    has_shipping: bool,
}

/// Works out the money of the lines that are not cancelled.
pub(crate) fn of(
    order: &Order,
    lines: Vec<Line>,
    tax_in_price: bool,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Result<Money, MapError> {
    let currency = order
        .currency
        .ok_or_else(|| MapError::missing(format!("{}[0].currency", order.lines_path)))?;
    let sums = Sums::of(&lines)?;
    let tax_on_top = sums.tax.filter(|_| !tax_in_price).unwrap_or_default();
    let before_discount = plus(sums.gross, tax_on_top)?;
    let plain = minus(before_discount, sums.discount)?;
    let (surcharge, plain) = match order.total {
        Some(total) if plain != total && plus(before_discount, sums.discount)? == total => {
            // The one sign with which it adds up says that this is none.
            (Some(sums.discount).filter(|it| !it.is_zero()), total)
        }
        _ => (None, plain),
    };
    let tip = tip(order, plain)?;
    let closes = order.total == Some(plus(plain, tip.unwrap_or_default())?);
    let total = order.total.unwrap_or(plain);
    let has_tax = sums.tax.is_some_and(|tax| !tax.is_zero());
    let left_out = match options.collected_tax {
        CollectedTax::Keep => Amount::ZERO,
        CollectedTax::LeaveOut => sums.collected,
    };
    // What is left out of the total can't stay in the prices.
    let stays_inside =
        options.tax_inclusive_prices == TaxInclusivePrices::AsCharged && left_out.is_zero();
    let is_net = tax_in_price && has_tax && !stays_inside;
    let total_tax = total_tax(&sums, tax_in_price, closes, notes);
    let total_tax = total_tax.map(|tax| minus(tax, left_out)).transpose()?;

    let take_out = |part: &Part| {
        if is_net {
            part.net(currency)
        } else {
            Ok(part.as_charged())
        }
    };
    let mut nets = Nets::default();
    for line in &lines {
        nets.add(line, &take_out)?;
    }
    let shipping = sum([Ok(nets.shipping), Ok(nets.gift_wrap), Ok(nets.cod_fee)])?;
    let is_shipping_told = sums.has_shipping || closes;
    if !is_shipping_told {
        let message = "no line says what its shipping cost";
        notes.push(Note::new(Code::ShippingMissing, message, order.lines_path));
    }
    let told = |amount: Amount| Some(amount.round(currency)).filter(|it| !it.is_zero());
    let discount = if surcharge.is_some() {
        None
    } else {
        told(nets.discount)
    };
    let fees = plus(nets.other, surcharge.unwrap_or_default())?;
    let coupons = match options.promotion_ids {
        PromotionIds::Off => Vec::new(),
        PromotionIds::Coupon => items::promotion_ids(&lines),
    };
    let money = orderbridge_event::Order {
        currency,
        total_price: minus(total, left_out)?.round(currency),
        total_tax: total_tax.map(|tax| tax.round(currency)),
        total_shipping: is_shipping_told.then(|| shipping.round(currency)),
        total_discount: discount.map(Discount::new),
        coupons,
        items: items::of(order.lines_path, lines, &nets.goods, currency, notes),
        rest: Rest {
            tip,
            fees: told(fees),
            ..Rest::NONE
        },
        prices: if tax_in_price && has_tax && !is_net {
            Prices::TaxInside
        } else {
            Prices::Net
        },
    };
    Ok(Money {
        order: money,
        gift_wrap: told(nets.gift_wrap),
        cod_fee: told(nets.cod_fee),
    })
}

impl Sums {
    fn of(lines: &[Line]) -> Result<Self, MapError> {
        let parts = || lines.iter().flat_map(Line::parts);
        let gross = sum(parts().map(|part| Ok(part.as_charged().gross)))?;
        let other = sum(lines.iter().map(|line| Ok(line.other.unwrap_or_default())))?;
        let is_taxed = parts().any(|part| part.tax.is_some());
        let taxes = sum(parts().map(Part::tax_paid))?;
        let collected = lines.iter().filter(|line| line.is_collected);
        Ok(Self {
            gross: plus(gross, other)?,
            discount: sum(parts().map(|part| Ok(part.as_charged().discount)))?,
            tax: is_taxed.then_some(taxes),
            collected: sum(collected.flat_map(Line::parts).map(Part::tax_paid))?,
            has_shipping: lines
                .iter()
                .flat_map(|line| [&line.shipping, &line.gift_wrap, &line.cod_fee])
                .any(|part| part.gross.is_some()),
        })
    }
}

/// The lines' amounts as they are sent.
#[derive(Default)]
struct Nets {
    /// Of each line.
    goods: Vec<Amount>,
    shipping: Amount,
    gift_wrap: Amount,
    cod_fee: Amount,
    other: Amount,
    discount: Amount,
}

impl Nets {
    fn add(
        &mut self,
        line: &Line,
        take_out: &impl Fn(&Part) -> Result<Net, MapError>,
    ) -> Result<(), MapError> {
        let goods = take_out(&line.goods)?;
        self.goods.push(goods.gross);
        self.discount = plus(self.discount, goods.discount)?;
        let folded = [
            (&mut self.shipping, &line.shipping),
            (&mut self.gift_wrap, &line.gift_wrap),
            (&mut self.cod_fee, &line.cod_fee),
        ];
        for (sum, part) in folded {
            let net = take_out(part)?;
            *sum = plus(*sum, net.gross)?;
            self.discount = plus(self.discount, net.discount)?;
        }
        self.other = plus(self.other, line.other.unwrap_or_default())?;
        Ok(())
    }
}

/// All tax; a zero where the total leaves no room for any.
fn total_tax(
    sums: &Sums,
    tax_in_price: bool,
    closes: bool,
    notes: &mut Vec<Note>,
) -> Option<Amount> {
    let told = sums.tax.filter(|tax| !(tax_in_price && tax.is_zero()));
    if told.is_some() {
        return told;
    }
    if tax_in_price {
        let message = "prices of this marketplace include tax, and it is not told how much";
        notes.push(Note::new(Code::TaxUnknown, message, "total_tax"));
    } else if !closes {
        let message = "no line says how much tax is on it";
        notes.push(Note::new(Code::TaxMissing, message, "total_tax"));
        return None;
    }
    Some(Amount::ZERO)
}

/// The tip, if it is a part of the total: one that comes later is not, and is not waited for.
fn tip(order: &Order, plain: Amount) -> Result<Option<Amount>, MapError> {
    let Some((tip, is_pending)) = order.tip.filter(|(tip, _)| !tip.is_zero()) else {
        return Ok(None);
    };
    let is_inside = match order.total {
        None => false,
        Some(total) if total == plain => false,
        Some(total) => !is_pending || plus(plain, tip)? == total,
    };
    Ok(is_inside.then_some(tip))
}
