//! Refunds: the money that really went back.
//!
//! <https://shopify.dev/docs/api/admin-rest/latest/resources/refund>

use orderbridge_event::{
    Aliases, Amount, Channel, Code, Contact, Context, Currency, Event, EventId, Events, Kind,
    MapError, Mapped, Names, Note, Place, Properties, PropertyValue, Refunds, SalesChannel, Text,
    read,
};

use crate::order::{PLATFORM, parse_time};
use crate::payload::{MoneySet, Refund, Transaction};
use crate::{buyer, totals};

/// Maps the body of `refunds/create`.
pub(crate) fn map(body: &[u8], context: &Context) -> Result<Mapped, MapError> {
    let refund: Refund = read::read(body)?;
    let order_id = refund
        .order_id
        .as_ref()
        .ok_or_else(|| MapError::missing("order_id"))?;
    if context.options.refunds == Refunds::Off {
        return Ok(Mapped::ignored(
            Code::RefundOff,
            "refunds are off for this source",
        ));
    }
    let mut notes = Vec::new();
    let known = context.order.as_ref();
    let Some(money) = returned(&refund, known.map(|order| order.currency), &mut notes)? else {
        return Ok(Mapped::ignored(Code::RefundNoMoney, no_money(&refund)));
    };
    let (channel, aliases) = if let Some(order) = known {
        let channel = Channel::new(order.channel, "it is the channel of the refunded order");
        (channel, order.aliases.clone())
    } else {
        let message = "the order is not at hand: its id is the only alias";
        notes.push(Note::new(Code::RefundOrderUnknown, message, "order_id"));
        let because = "a refund is an amendment, and its order is not at hand";
        let alone = buyer::order_alias(&context.options, order_id);
        (Channel::new(SalesChannel::Offline, because), alone)
    };
    let whose = Whose {
        channel: channel.value,
        contact: Contact::NONE,
        names: Names::NONE,
        place: Place::NONE,
        home: None,
        aliases,
    };
    let event = event(&refund, order_id, money, whose, context)?;
    Ok(Mapped::Events(Box::new(Events::new(
        event,
        Vec::new(),
        channel,
        notes,
    ))))
}

/// The refunds that are nested in an order, as the same person's and in the same channel.
pub(crate) fn nested(
    refunds: &[Refund],
    placed: &Event,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Vec<Event>, MapError> {
    let Kind::PlacedOrder { id, order, .. } = &placed.kind else {
        return Ok(Vec::new());
    };
    let mut events = Vec::new();
    for (place, refund) in refunds.iter().enumerate() {
        let path = format!("refunds[{place}]");
        let Some(money) =
            returned(refund, Some(order.currency), notes).map_err(|error| error.under(&path))?
        else {
            continue;
        };
        let whose = Whose {
            channel: placed.channel,
            contact: placed.contact.clone(),
            names: placed.names.clone(),
            place: placed.place.clone(),
            home: placed.home.clone(),
            aliases: placed.aliases.clone(),
        };
        let event = event(refund, id, money, whose, context).map_err(|e| e.under(&path))?;
        events.push(event);
    }
    Ok(events)
}

/// Whose refund it is.
struct Whose {
    channel: SalesChannel,
    contact: Contact,
    names: Names,
    place: Place,
    home: Option<Place>,
    aliases: Aliases,
}

/// What went back, in the shop's currency; no amount where it cannot be told in that currency.
#[derive(Clone, Copy)]
struct Returned {
    amount: Option<Amount>,
    currency: Currency,
}

fn event(
    refund: &Refund,
    order_id: &Text,
    money: Returned,
    whose: Whose,
    context: &Context,
) -> Result<Event, MapError> {
    let refund_id = refund.id.clone().ok_or_else(|| MapError::missing("id"))?;
    let processed = parse_time("processed_at", refund.processed_at.as_ref())?;
    let created = parse_time("created_at", refund.created_at.as_ref())?;
    let timestamp = processed
        .or(created)
        .ok_or_else(|| MapError::missing("created_at"))?;
    let mut custom = Properties::with_capacity(1);
    custom.set(PLATFORM, PropertyValue::Text(Text::labelled("shopify", "")));
    Ok(Event {
        id: EventId::refund(order_id, &refund_id).prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: Kind::ReceivedRefund(orderbridge_event::Refund {
            order_id: order_id.clone(),
            refund_id,
            amount: money.amount,
            currency: money.currency,
        }),
        channel: whose.channel,
        contact: whose.contact,
        names: whose.names,
        place: whose.place,
        home: whose.home,
        custom,
        aliases: whose.aliases,
    })
}

/// The sum of the refund's successful transactions; `None` when there is none.
///
/// Transactions are in the currency the buyer paid in. Where that is not the shop's, the amount
/// counts only if the payload tells its worth in the shop's.
fn returned(
    refund: &Refund,
    known: Option<Currency>,
    notes: &mut Vec<Note>,
) -> Result<Option<Returned>, MapError> {
    let shop = match known {
        Some(currency) => Some(currency),
        None => shop_currency(refund)?,
    };
    let mut sum = Amount::ZERO;
    let mut currency = shop;
    let (mut any, mut told) = (false, false);
    for (place, transaction) in refund.transactions.iter().enumerate() {
        if !is_refund(transaction) {
            continue;
        }
        any = true;
        let path = format!("transactions[{place}].amount");
        if transaction.test == Some(true) {
            let path = format!("transactions[{place}].test");
            notes.push(Note::new(
                Code::RefundTest,
                "a test gateway's transaction",
                path,
            ));
        }
        let Some((amount, paid_in)) = worth(transaction, shop, &path)? else {
            let message = "in another currency than the shop's: left out of the sum";
            notes.push(Note::new(Code::RefundAmount, message, path));
            continue;
        };
        if currency.is_some_and(|currency| currency != paid_in) {
            return Err(MapError::conflict(
                Code::CurrencyMixed,
                path,
                "the other transactions",
            ));
        }
        currency = Some(paid_in);
        told = true;
        sum = sum
            .plus(amount.magnitude())
            .ok_or_else(|| MapError::invalid(Code::AmountOverflow, path, "fewer digits"))?;
    }
    if !any || (told && sum.is_zero()) {
        return Ok(None);
    }
    let currency = currency.ok_or_else(|| MapError::missing("transactions[0].currency"))?;
    Ok(Some(Returned {
        amount: told.then(|| sum.round(currency)),
        currency,
    }))
}

/// Whether a transaction gave money back. A `void` releases an authorization; pending and failed
/// ones have moved nothing.
fn is_refund(transaction: &Transaction) -> bool {
    let is = |text: &Option<Text>, value: &str| text.as_ref().is_some_and(|t| t.as_str() == value);
    is(&transaction.kind, "refund") && is(&transaction.status, "success")
}

/// What a transaction is worth in the shop's currency, if that can be told.
fn worth(
    transaction: &Transaction,
    shop: Option<Currency>,
    path: &str,
) -> Result<Option<(Amount, Currency)>, MapError> {
    if let Some(set) = &transaction.amount_set
        && let (Some(amount), Some(code)) = (set.shop_amount(), set.shop_currency())
    {
        return Ok(Some((amount, totals::parse_currency(path, code)?)));
    }
    let amount = transaction.amount.ok_or_else(|| MapError::missing(path))?;
    let paid_in = match &transaction.currency {
        Some(code) => Some(totals::parse_currency(path, code)?),
        None => shop,
    };
    // Bodies from before 2018 have no sets: a transaction's currency is then the shop's.
    Ok(paid_in
        .filter(|paid_in| shop.is_none_or(|shop| shop == *paid_in))
        .map(|c| (amount, c)))
}

/// The shop's currency, from any of the sets that name it.
fn shop_currency(refund: &Refund) -> Result<Option<Currency>, MapError> {
    let lines = refund
        .refund_line_items
        .iter()
        .map(|line| &line.subtotal_set);
    let transactions = refund.transactions.iter();
    let sets = std::iter::once(&refund.total_duties_set)
        .chain(lines)
        .chain(transactions.flat_map(|tx| [&tx.amount_set, &tx.total_unsettled_set]));
    match sets.flatten().find_map(MoneySet::shop_currency) {
        Some(code) => totals::parse_currency("total_duties_set", code).map(Some),
        None => Ok(None),
    }
}

/// Why no money went back.
fn no_money(refund: &Refund) -> &'static str {
    if refund.transactions.is_empty() {
        "restocked or removed without a transaction"
    } else {
        "no transaction succeeded"
    }
}
