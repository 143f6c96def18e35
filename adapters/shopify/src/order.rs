//! An order becomes `Placed Order`, once, as first placed.

use orderbridge_event::{
    Amount, Channel, Code, Context, Event, EventId, Events, Kind, MapError, Mapped, Mode, Note,
    OrderIdentity, PlacedOn, Properties, PropertyName, PropertyValue, Refunds, SalesChannel,
    Subscription, Text, Timestamp, read,
};

use crate::payload::{Loose, Order};
use crate::{buyer, channel, refund, tags, totals};

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

/// The order of Shopify's canned test notification.
/// <https://shopify.dev/docs/apps/build/webhooks/customize/test-webhooks>
const CANNED_ORDER: &str = "820982911946154508";

/// How an order came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// `orders/create`
    Created,
    /// `orders/paid`
    Paid,
    /// An answer of the API: the order as it is now.
    Api,
}

/// Maps an order.
pub(crate) fn map(body: &[u8], via: Via, context: &Context) -> Result<Mapped, MapError> {
    let mut order: Order = read::read(body)?;
    let mut notes = Vec::new();
    if is_none(&order) {
        return Err(MapError::invalid(Code::PayloadUnknown, "$", "an order"));
    }
    if via == Via::Api && order.line_items.is_none() && order.currency.is_none() {
        return Ok(Mapped::ignored(
            Code::OrderTrimmed,
            "the response has some fields only",
        ));
    }
    let id = id(&order, &mut notes)?;
    if let Some(ignored) = skip(&order, &id, via, context) {
        return Ok(ignored);
    }

    let timestamp = timestamp(&order, &mut notes)?;
    let channel = channel(&order, context, &mut notes);
    let for_rules = crate::facts::of(&order, context);
    let currency = totals::currency(&order)?;
    let custom = facts(&mut order, currency);
    let is_new_customer = is_new_customer(&order, via, channel.value, context);
    let starts_subscription = first_of_subscription(&order, &channel);
    let refunds = std::mem::take(&mut order.refunds);
    let tax_inclusive = context.options.tax_inclusive_prices;
    let money = totals::of(&mut order, currency, tax_inclusive, &mut notes)?;
    let buyer = buyer::of(&mut order, &id, &context.options, &mut notes);

    let event_id = event_id(&order, &id, context);
    let placed = Event {
        id: event_id,
        timestamp,
        kind: Kind::PlacedOrder {
            id,
            order: money,
            is_new_customer,
        },
        channel: channel.value,
        contact: buyer.contact,
        names: buyer.names,
        place: buyer.place,
        home: buyer.home,
        custom,
        aliases: buyer.aliases,
    };
    let mut more = Vec::new();
    // Beside a subscription tool through us, that tool tells of starts, under its own ids.
    if starts_subscription && context.options.mode != Some(Mode::BothThroughUs) {
        more.extend(started(&placed, context));
    }
    if context.options.refunds == Refunds::All {
        more.extend(refund::nested(&refunds, &placed, context, &mut notes)?);
    }
    let events = Events::new(placed, more, channel, notes).with_facts(for_rules);
    Ok(Mapped::Events(Box::new(events)))
}

/// The order's refunds, for messages that tell of an order which was placed before.
pub(crate) fn map_refunds(body: &[u8], context: &Context) -> Result<Mapped, MapError> {
    let no_event = || {
        Ok(Mapped::ignored(
            Code::TopicNoEvent,
            "an order counts once, as first placed",
        ))
    };
    if context.options.refunds != Refunds::All {
        return no_event();
    }
    let place = map(body, Via::Api, context)?;
    let Mapped::Events(events) = place else {
        return Ok(place);
    };
    let refund = |event: &&Event| matches!(event.kind, Kind::ReceivedRefund(_));
    let mut refunds = events.iter().filter(refund).cloned();
    match refunds.next() {
        None => no_event(),
        Some(first) => {
            let notes = events
                .notes()
                .iter()
                .filter(|note| note.code.as_str().starts_with("refund."));
            let notes = notes.cloned().collect();
            let for_rules = events.facts().cloned();
            let events = Events::new(first, refunds.collect(), events.channel().clone(), notes);
            Ok(Mapped::Events(Box::new(events.with_facts(for_rules))))
        }
    }
}

/// Whether the body has nothing of an order: a message under the wrong topic, or an answer that
/// tells of an error.
fn is_none(order: &Order) -> bool {
    order.id.is_none()
        && order.admin_graphql_api_id.is_none()
        && order.total_price.is_none()
        && order.line_items.is_none()
}

/// The order's id: exact text, never through a float.
fn id(order: &Order, notes: &mut Vec<Note>) -> Result<Text, MapError> {
    let global = order.admin_graphql_api_id.as_ref().and_then(gid_tail);
    match (&order.id, global) {
        (Some(id), Some(global)) if *id != global => {
            // The global id is text, so no tool has rounded it.
            notes.push(Note::new(Code::IdMismatch, "the global id is used", "id"));
            Ok(global)
        }
        (Some(id), _) => Ok(id.clone()),
        (None, Some(global)) => Ok(global),
        (None, None) => Err(MapError::missing("id")),
    }
}

/// The number at the end of `gid://shopify/Order/1001`.
pub(crate) fn gid_tail(gid: &Text) -> Option<Text> {
    let (_, tail) = gid.as_str().strip_prefix("gid://")?.rsplit_once('/')?;
    Text::new(tail.split('?').next().unwrap_or_default())
}

/// Orders that are no sales, and orders that another message places.
fn skip(order: &Order, id: &Text, via: Via, context: &Context) -> Option<Mapped> {
    if order.test == Some(true) {
        return Some(Mapped::ignored(
            Code::OrderTest,
            "the order is marked as a test",
        ));
    }
    if id.as_str() == CANNED_ORDER {
        return Some(Mapped::ignored(
            Code::OrderTest,
            "the order of Shopify's test notification",
        ));
    }
    let status = order
        .financial_status
        .as_ref()
        .map_or("", |text| text.as_str());
    let other = match (context.options.placed_on, via) {
        (PlacedOn::Created, Via::Paid) => "orders/create places this shop's orders",
        (PlacedOn::Paid, Via::Created) => "orders/paid places this shop's orders",
        (PlacedOn::Paid, Via::Api)
            if !matches!(status, "paid" | "partially_refunded" | "refunded") =>
        {
            "the order is not paid yet"
        }
        _ => return None,
    };
    Some(Mapped::ignored(Code::OrderTrigger, other))
}

/// When the sale counts: `processed_at`, which an importer may have set in the past.
fn timestamp(order: &Order, notes: &mut Vec<Note>) -> Result<Timestamp, MapError> {
    let processed = parse_time("processed_at", order.processed_at.as_ref())?;
    let created = parse_time("created_at", order.created_at.as_ref())?;
    if let (Some(processed), Some(created)) = (processed, created)
        && created.unix() - processed.unix() > DAY
    {
        let message = "processed more than a day before it was created";
        notes.push(Note::new(Code::OrderImported, message, "processed_at"));
    }
    processed
        .or(created)
        .ok_or_else(|| MapError::missing("created_at"))
}

pub(crate) fn parse_time(path: &str, text: Option<&Text>) -> Result<Option<Timestamp>, MapError> {
    let Some(text) = text else { return Ok(None) };
    match Timestamp::parse(text.as_str()) {
        Some(time) => Ok(Some(time)),
        None => Err(MapError::invalid(
            Code::TimeInvalid,
            path,
            "a time with an offset",
        )),
    }
}

fn channel(order: &Order, context: &Context, notes: &mut Vec<Note>) -> Channel {
    match channel::decide(order, &context.options) {
        channel::Decision::Known(channel) => channel,
        channel::Decision::Fallback(channel) => {
            // Names of sources and apps are the shop's, not the customer's.
            let message = match (&order.source_name, &order.app_id) {
                (Some(source), _) => format!("source_name {source} is in no table: counted as web"),
                (None, Some(app)) => format!("app_id {app} is in no table: counted as web"),
                (None, None) => "neither source_name nor app_id: counted as web".to_owned(),
            };
            notes.push(Note::new(Code::ChannelUnknown, message, "source_name"));
            channel
        }
    }
}

fn event_id(order: &Order, id: &Text, context: &Context) -> EventId {
    let key = match context.options.event_id {
        OrderIdentity::Id => id,
        OrderIdentity::Name => order.name.as_ref().unwrap_or(id),
    };
    EventId::order(key).prefixed(&context.options.event_id_prefix)
}

/// Whether the buyer is new: a renewal's never is, else what the caller knows, else the counter
/// that bodies had before API version 2023-01.
fn is_new_customer(
    order: &Order,
    via: Via,
    channel: SalesChannel,
    context: &Context,
) -> Option<bool> {
    if channel == SalesChannel::SubscriptionContract {
        return Some(false);
    }
    let count = order
        .customer
        .as_ref()
        .and_then(|customer| customer.orders_count);
    context.is_new_customer.or(match (count, via) {
        (Some(1), _) => Some(true),
        // A body that was fetched later also counts what was bought since.
        (Some(2..), Via::Created) => Some(false),
        _ => None,
    })
}

/// Whether this is the first order of a subscription: tagged so, and bought by a person.
fn first_of_subscription(order: &Order, channel: &Channel) -> bool {
    channel.value != SalesChannel::SubscriptionContract
        && order
            .tags
            .as_ref()
            .is_some_and(|text| tags::first(text.as_str()).is_some())
}

/// `Started Subscription` beside the `Placed Order` of the same order.
fn started(placed: &Event, context: &Context) -> Option<Event> {
    let Kind::PlacedOrder { id, order, .. } = &placed.kind else {
        return None;
    };
    let id = id.clone();
    Some(Event {
        id: EventId::started(&id).prefixed(&context.options.event_id_prefix),
        kind: Kind::StartedSubscription(Subscription {
            id,
            order: Some(order.clone()),
        }),
        ..placed.clone()
    })
}

/// What a merchant may want to filter by: flat, and as Shopify spells it.
fn facts(order: &mut Order, currency: orderbridge_event::Currency) -> Properties {
    let mut facts = Properties::with_capacity(14);
    facts.set(PLATFORM, PropertyValue::Text(Text::labelled("shopify", "")));
    facts.set_text(SOURCE_NAME, order.source_name.clone());
    facts.set_text(APP_ID, order.app_id.clone());
    facts.set_text(TAGS, order.tags.clone());
    facts.set_text(ORDER_NAME, order.name.clone());
    facts.set_text(FINANCIAL_STATUS, order.financial_status.clone());
    facts.set_text(
        CUSTOMER_ID,
        order
            .customer
            .as_ref()
            .and_then(|customer| customer.id.clone()),
    );
    let codes = order
        .discount_codes
        .iter()
        .filter_map(|code| code.code.as_ref());
    facts.set_text(DISCOUNT_CODES, joined(codes));
    let gateways = order
        .payment_gateway_names
        .iter()
        .filter_map(|Loose(name)| name.as_ref());
    facts.set_text(PAYMENT_GATEWAYS, joined(gateways));
    let company = order.company.as_ref();
    // Some tools send `{}` for "none".
    if company.is_some_and(|company| company.id.is_some()) {
        facts.set(IS_B2B, PropertyValue::Flag(true));
    }
    if let Some((text, total)) = presentment(order, currency) {
        facts.set_text(PRESENTMENT_CURRENCY, Some(text));
        if let Some(total) = total {
            facts.set(PRESENTMENT_TOTAL, PropertyValue::Number(total));
        }
    }
    facts
}

/// The buyer's currency and total, where they are not the shop's.
fn presentment(
    order: &mut Order,
    currency: orderbridge_event::Currency,
) -> Option<(Text, Option<Amount>)> {
    let paid = order
        .total_price_set
        .as_mut()
        .and_then(|set| set.presentment_money.take());
    let (amount, code) = paid.map_or((None, None), |cash| (cash.amount, cash.currency_code));
    let code = order.presentment_currency.take().or(code)?;
    (!code.as_str().eq_ignore_ascii_case(currency.as_str())).then_some((code, amount))
}

fn joined<'a>(texts: impl Iterator<Item = &'a Text>) -> Option<Text> {
    let mut joined = String::new();
    for text in texts {
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(text.as_str());
    }
    Text::new(joined)
}

pub(crate) const PLATFORM: PropertyName = PropertyName::fixed("platform");
const SOURCE_NAME: PropertyName = PropertyName::fixed("source_name");
const APP_ID: PropertyName = PropertyName::fixed("app_id");
const TAGS: PropertyName = PropertyName::fixed("tags");
const ORDER_NAME: PropertyName = PropertyName::fixed("order_name");
const FINANCIAL_STATUS: PropertyName = PropertyName::fixed("financial_status");
const CUSTOMER_ID: PropertyName = PropertyName::fixed("customer_id");
const DISCOUNT_CODES: PropertyName = PropertyName::fixed("discount_codes");
const PAYMENT_GATEWAYS: PropertyName = PropertyName::fixed("payment_gateways");
const IS_B2B: PropertyName = PropertyName::fixed("is_b2b");
const PRESENTMENT_CURRENCY: PropertyName = PropertyName::fixed("presentment_currency");
const PRESENTMENT_TOTAL: PropertyName = PropertyName::fixed("presentment_total_price");
