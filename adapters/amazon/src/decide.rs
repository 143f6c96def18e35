//! Which orders become events, and why the others do not.

use orderbridge_event::{Amount, Code, FreeOrders, Mapped, Options, Text};

use crate::model::{Line, NoLines, Order, SoldAt};
use crate::status::Stage;

/// Why an order is no event, as far as it can be told without its amounts.
pub(crate) fn refuse(order: &Order) -> Option<Mapped> {
    let stage = order.status.as_ref().map(|status| status.stage);
    let (code, message) = if is_elsewhere(&order.sold_at) || stage == Some(Stage::Unfulfillable) {
        let message = "placed in another shop, which sends it; Amazon only ships it";
        (Code::OrderElsewhere, message)
    } else if stage == Some(Stage::Cancelled) {
        (Code::OrderCancelled, "the order is cancelled")
    } else if order.is_replacement {
        let message = "it replaces an order that was counted before";
        (Code::OrderReplacement, message)
    } else if stage == Some(Stage::Pending) {
        (Code::OrderPending, "it is placed once it is past pending")
    } else {
        match &order.lines {
            Err(NoLines::Elsewhere) => (Code::OrderWithoutItems, "its items are in another answer"),
            Err(NoLines::WithoutMoney) => {
                let message = "the answer was asked for without PROCEEDS, so it has no amounts";
                (Code::OrderTrimmed, message)
            }
            Ok(lines) => return refuse_lines(lines),
        }
    };
    Some(Mapped::ignored(code, message))
}

fn refuse_lines(lines: &[Line]) -> Option<Mapped> {
    if lines.is_empty() {
        let message = "its list of items is empty";
        return Some(Mapped::ignored(Code::OrderWithoutItems, message));
    }
    if lines.iter().all(|line| line.quantity == Some(0)) {
        return Some(Mapped::ignored(
            Code::OrderCancelled,
            "all its lines are cancelled",
        ));
    }
    let mut kept = lines.iter().filter(|line| line.quantity != Some(0));
    kept.any(|line| line.goods.gross.is_none()).then(|| {
        Mapped::ignored(
            Code::OrderPending,
            "it is placed once all its prices are there",
        )
    })
}

/// Why an order with this total is no event.
pub(crate) fn refuse_total(total: Amount, options: &Options) -> Option<Mapped> {
    let is_sent = total.is_zero() && options.free_orders == FreeOrders::Send;
    if is_sent || !(total.is_zero() || total.is_negative()) {
        return None;
    }
    Some(Mapped::ignored(
        Code::OrderFree,
        "its total is not above zero",
    ))
}

/// Whether the order was placed in another shop. A name that is missing says nothing.
fn is_elsewhere(sold_at: &SoldAt) -> bool {
    let is_amazon = |text: &Text| {
        let start = text.as_str().as_bytes().get(..AMAZON.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(AMAZON.as_bytes()))
    };
    // One of Amazon's own examples has `Amazon.com` as the channel's name.
    let is_named_so = |name: &Text| name.as_str().eq_ignore_ascii_case("AMAZON") || is_amazon(name);
    let by_name = sold_at.name.as_ref().is_some_and(|name| !is_named_so(name));
    by_name || sold_at.text.as_ref().is_some_and(|text| !is_amazon(text))
}

const AMAZON: &str = "Amazon.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_amazon_from_other_shops() {
        for (name, text, elsewhere) in [
            ("AMAZON", "Amazon.de", false),
            ("AMAZON", "AMAZON.DE", false),
            ("AMAZON", "", false),
            ("", "Amazon.com", false),
            ("", "", false),
            ("Amazon.com", "Amazon.com", false),
            ("NON_AMAZON", "", true),
            ("NON_AMAZON", "Amazon.com", true),
            ("AMAZON", "Non-Amazon", true),
            ("", "Non-Amazon US", true),
            ("", "sim1.stores.amazon.com", true),
            ("", "Amaz", true),
        ] {
            let sold_at = SoldAt {
                name: Text::new(name),
                text: Text::new(text),
                marketplace_id: None,
            };
            assert_eq!(is_elsewhere(&sold_at), elsewhere, "{name} {text}");
        }
    }
}
