//! Laws 6 to 9: what an event says.

use std::collections::BTreeSet;

use orderbridge_event::tree::Tree;
use orderbridge_event::{
    Alias, Amount, Code, Discount, Event, EventName, Events, Kind, Mapped, Payload, Proof, Source,
    Timestamp,
};

use super::clue;
use super::outcome::{brief, events, map_body, topics};
use crate::Fixture;
use crate::mutate::{self, Order};

/// Not a topic of any platform.
const UNKNOWN_TOPIC: &str = "orderbridge/unknown_topic";

pub(super) fn profile(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let profile = source.adapter.profile();
    let payload = Payload {
        topic: UNKNOWN_TOPIC,
        body: &fixture.body,
    };
    match source.adapter.map(payload, &fixture.context) {
        Ok(Mapped::Ignored(ignored)) if ignored.code == Code::TopicUnknown => {}
        outcome => {
            let outcome = brief(&outcome);
            return Err(format!("a topic outside the profile: {outcome}"));
        }
    }
    if profile.topic(profile.default_topic).is_none() {
        return Err("the default topic is not in the profile".to_owned());
    }
    let Some(events) = events(source, fixture)? else {
        return Ok(());
    };
    let topics = topics(source, fixture);
    if topics.is_empty() {
        return Err("events are made of a topic outside the profile".to_owned());
    }
    for event in events.iter() {
        let name = event.kind.name();
        let known = EventName::parse(name).ok_or_else(|| format!("{name} is no event's name"))?;
        if !profile.events.contains(&known) {
            return Err(format!("{name} is not in the profile"));
        }
        if let Some(topic) = topics.iter().find(|it| !it.events.contains(&known)) {
            return Err(format!("{name} is not among the events of {}", topic.name));
        }
    }
    let channels = events.iter().map(|event| event.channel);
    for channel in channels.chain([events.channel().value]) {
        if !profile.channels.contains(&channel) {
            return Err(format!("the channel {channel} is not in the profile"));
        }
    }
    if events.channel().because.trim().is_empty() {
        return Err("the channel has no reason".to_owned());
    }
    Ok(())
}

pub(super) fn identity(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let Some(events) = events(source, fixture)? else {
        return Ok(());
    };
    for event in events.iter() {
        aliases(event)?;
        impersonal_id(event, fixture)?;
    }
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    if distinct.len() != ids.len() {
        return Err(format!("two events have one id: {}", ids.join(", ")));
    }
    derived_ids(source, fixture, &ids)
}

fn aliases(event: &Event) -> Result<(), String> {
    let aliases: Vec<&str> = event.aliases.iter().map(Alias::as_str).collect();
    if aliases.is_empty() || aliases.len() > 10 {
        return Err(format!("{} aliases", aliases.len()));
    }
    if aliases.iter().collect::<BTreeSet<_>>().len() != aliases.len() {
        return Err("an alias stands twice".to_owned());
    }
    let value = |alias: &str| {
        alias
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    match aliases.iter().find(|alias| value(alias).is_empty()) {
        Some(alias) => Err(format!("the alias {alias} names nobody")),
        None => Ok(()),
    }
}

fn impersonal_id(event: &Event, fixture: &Fixture) -> Result<(), String> {
    // The prefix is the configuration's, and may well be a word that is also a name.
    let id = event.id.as_str();
    let id = id.strip_prefix(fixture.context.options.event_id_prefix.as_str());
    let id = id.unwrap_or_else(|| event.id.as_str()).to_lowercase();
    let mut personal = clue::contacts(&fixture.body);
    personal.extend(clue::names(&fixture.body));
    personal.extend(clue::of_event(event));
    match personal.iter().find(|value| id.contains(value.as_str())) {
        Some(value) => Err(format!("the event id {id} holds {value}")),
        None => Ok(()),
    }
}

/// The platform sends an order again, later and with other bytes: the id stays.
fn derived_ids(source: &Source, fixture: &Fixture, ids: &[&str]) -> Result<(), String> {
    let Some(tree) = Tree::parse(&fixture.body) else {
        return Ok(());
    };
    let mut later = fixture.clone();
    later.context.received_at = Timestamp::from_unix(2_000_000_000);
    for body in [
        mutate::spaced(&tree),
        mutate::reordered(&tree, Order::Turned),
    ] {
        let Ok(Mapped::Events(again)) = map_body(source, &later, &body)? else {
            return Err("the same order, sent again, makes no event".to_owned());
        };
        let again: Vec<&str> = again.iter().map(|event| event.id.as_str()).collect();
        if again != ids {
            let (before, after) = (ids.join(", "), again.join(", "));
            return Err(format!(
                "sent again, it has other ids: {before}, then {after}"
            ));
        }
    }
    Ok(())
}

pub(super) fn money(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let Some(events) = events(source, fixture)? else {
        return Ok(());
    };
    for event in events.iter() {
        one_currency(event)?;
        not_negative(event)?;
        proven(event, &events)?;
    }
    Ok(())
}

/// Looked for in the body that is sent, so that whatever names a currency is seen.
fn one_currency(event: &Event) -> Result<(), String> {
    let body = event.to_json();
    let Some(tree) = Tree::parse(&body) else {
        return Err("the event's body is not JSON".to_owned());
    };
    let spots = mutate::spots(&tree, |value| matches!(value, Tree::Text(_)));
    let named = spots
        .iter()
        .filter(|spot| mutate::key(&tree, spot) == "currency");
    let texts = named.filter_map(|spot| mutate::value_at(&tree, spot)?.as_text());
    let currencies: BTreeSet<&str> = texts.collect();
    if currencies.len() > 1 {
        return Err(format!("several currencies: {currencies:?}"));
    }
    Ok(())
}

fn not_negative(event: &Event) -> Result<(), String> {
    let refund = match &event.kind {
        Kind::ReceivedRefund(refund) => refund.amount,
        _ => None,
    };
    if let Some(amount) = refund
        && (amount.is_zero() || amount.is_negative())
    {
        return Err(format!("a refund of {amount}"));
    }
    let Some(order) = event.kind.order() else {
        return Ok(());
    };
    let totals = [
        ("total_price", Some(order.total_price)),
        ("total_tax", order.total_tax),
        ("total_shipping", order.total_shipping),
        ("total_discount", order.total_discount.map(Discount::amount)),
    ];
    for (name, amount) in totals {
        if let Some(amount) = amount.filter(|amount: &Amount| amount.is_negative()) {
            return Err(format!("{name} is {amount}"));
        }
    }
    Ok(())
}

fn proven(event: &Event, events: &Events) -> Result<(), String> {
    let Some(order) = event.kind.order() else {
        return Ok(());
    };
    let code = match Proof::of(order) {
        Some(proof) if proof.closes() => return Ok(()),
        Some(_) => Code::MoneyGap,
        None => Code::MoneyUnproven,
    };
    if events.notes().iter().any(|note| note.code == code) {
        Ok(())
    } else {
        Err(format!("the sum does not close, and no note says {code}"))
    }
}

pub(super) fn time(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let Some(events) = events(source, fixture)? else {
        return Ok(());
    };
    let told: Vec<Timestamp> = clue::times(&fixture.body);
    for event in events.iter() {
        let received = fixture.context.received_at == Some(event.timestamp);
        let local = || clue::is_local_time(&fixture.body, event.timestamp);
        if !received && !told.contains(&event.timestamp) && !local() {
            let name = event.kind.name();
            return Err(format!(
                "{name} is at {}, which is no time of the payload",
                event.timestamp
            ));
        }
    }
    Ok(())
}
